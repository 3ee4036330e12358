package driver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/wire"
)

// Driver drives one peer. See Run.
type Driver struct {
	cfg   Config
	conn  Conn
	mail  mail
	peer  node.Peer
	out   node.Outbox
	book  *book
	store *store
	meter *meter

	epoch    time.Time
	source   source
	reportAt node.Time
	armed    node.Time // the read deadline that is set
	silent   bool      // shutting down: nothing is sent any more
	striped  bool      // pushes along stripes
	strange  bool      // who pushes otherwise has been warned of
	// stopping and woken are set by others, who then end the read.
	stopping, woken atomic.Bool

	link       *degraded // Link only
	repair     repair    // Peer.FEC only
	headers    int       // before every datagram, in bytes
	descriptor int32     // stands in the entries of views
	traffic    Traffic
	log        *slog.Logger
	debug      bool
	warned     bool // of an error on sending
	// failures counts errors on reading since the last datagram.
	failures int
	write    []byte // the datagram of the chunk that is published
	view     []byte // the datagram of a view
	rebuilt  []byte // that of a chunk that is recovered
	entries  []node.Entry
	// attributes is the length of the attributes behind the payload of the chunk
	// that is being handled.
	attributes int
}

// maxDatagram is more than any datagram has: what fills it is too long.
const maxDatagram = 1 << 16

// New makes a driver of a peer on a socket, which stays the caller's to close.
// The error names what is wrong with cfg.
func New(conn Conn, cfg Config) (*Driver, error) {
	if cfg.Peer.Sampler != node.Static {
		cfg.Peer.Hidden = node.NoPeer
	}
	striped := cfg.Peer.Scheduler == node.Stripes
	if striped {
		cfg.Peer.Follow = true
	}
	if striped || cfg.Peer.Adaptive {
		cfg.Peer.Headers = cfg.Format.Headers()
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Output == nil {
		cfg.Output = media.Nowhere{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &Driver{
		cfg: cfg, conn: conn, book: newBook(cfg.Local), store: newStore(), meter: newMeter(&cfg),
		source: source{at: node.Never}, reportAt: node.Never, armed: -1,
		log: cfg.Log, debug: cfg.Log.Enabled(context.Background(), slog.LevelDebug),
		mail: newMail(conn), write: make([]byte, 0, 2048),
		headers: cfg.Format.Headers(), striped: striped, descriptor: wire.Descriptor,
	}
	if striped {
		d.descriptor = wire.StripesDescriptor
	}
	var err error
	if d.repair, err = newRepair(&cfg); err != nil {
		return nil, err
	}
	if cfg.Path != nil || !cfg.Link.IsPerfect() {
		d.link = newDegraded(&cfg)
	}
	return d, nil
}

// ErrCrash as the cause of its context's end ends a peer at once, as if it were killed:
// without a word, and without putting out what waits. What it has sent is on its way.
var ErrCrash = errors.New("driver: the peer crashes")

// Run joins, and drives the peer until ctx is done: then it says goodbye
// (node.Config.Goodbye), takes in what has arrived already, puts out what waits, and
// returns nil; but see ErrCrash. It also returns nil
// when a Source's Input has ended. Errors are those of Input, Output and of a
// socket that can no longer be read.
func (d *Driver) Run(ctx context.Context) (err error) {
	stop := context.AfterFunc(ctx, func() {
		d.stopping.Store(true)
		d.wake()
	})
	defer stop()
	if d.cfg.Input != nil {
		d.cfg.Input.Wake(d.wake)
	}
	if d.epoch = d.cfg.Epoch; d.epoch.IsZero() {
		d.epoch = time.Now()
	}
	defer func() {
		d.flush()
		d.report(d.now(), true)
		if err == nil {
			d.runOut()
		}
	}()
	if err := d.start(d.now()); err != nil {
		return err
	}
	for {
		now := d.now()
		if err := d.tick(now); err != nil {
			return err
		}
		if d.source.ended && d.linger(now) {
			return d.leave(now)
		}
		overdue, err := d.arm(now)
		if err != nil {
			return err
		}
		if d.stopping.Load() {
			if errors.Is(context.Cause(ctx), ErrCrash) {
				return nil
			}
			return d.drain()
		}
		if d.woken.Swap(false) {
			if d.cfg.Input != nil { // else the end has woken it, just after it was looked for
				d.source.wake(now)
			}
			d.armed = -1
			continue
		}
		if err := d.takeIn(overdue); err != nil {
			return err
		}
	}
}

// turn is how many things that are overdue are done before the other side has its
// turn: pushes, chunks of a source, and datagrams that lie in the socket. A peer that
// is asked for more pushes than it can send must not become deaf.
const turn = 256

// takeIn waits for a datagram until the next tick; when ticks are overdue already, it
// takes a turn of those that are there. Those that came with one that is taken in are
// taken in, too.
func (d *Driver) takeIn(overdue bool) error {
	d.flush()
	for n := 0; n == 0 || n < turn && (overdue || d.mail.waiting() > 0); n++ {
		datagram, from, err := d.mail.receive()
		switch {
		case err == nil:
			d.failures = 0
			if err := d.receive(d.now(), datagram, from); err != nil {
				return err
			}
		case errors.Is(err, os.ErrDeadlineExceeded):
			d.armed = -1 // somebody may have moved it
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			// An echo of something sent before (ICMP), or want of memory: the socket
			// lives. But not when there is nothing else any more.
			d.traffic.ReadErrors++
			if d.failures++; d.failures == 1000 {
				return fmt.Errorf("reading from the socket: %w", err)
			}
		}
	}
	return nil
}

// wake ends the read that is under way, from any goroutine. Who wakes first says
// why, so that a deadline that Run sets meanwhile does no harm.
func (d *Driver) wake() {
	d.woken.Store(true)
	d.conn.SetReadDeadline(time.Unix(1, 0))
}

// Neighbours are the addresses of whom the peer pushes to; once Run has returned, of whom
// it did at the end.
func (d *Driver) Neighbours() (all []netip.AddrPort) {
	for k := range d.peer.Neighbours() {
		all = append(all, d.book.addr(d.peer.Neighbour(k)))
	}
	return all
}

func (d *Driver) now() node.Time { return node.Time(time.Since(d.epoch)) }

// start makes the peer, and joins.
func (d *Driver) start(now node.Time) error {
	contacts := make([]node.PeerID, len(d.cfg.Contacts))
	for i, a := range d.cfg.Contacts {
		contacts[i] = d.book.enter(a, &d.peer) // an empty book has room
		if d.cfg.Peer.Sampler == node.Static { // no view will say how it pushes
			d.book.reads[contacts[i]] = d.striped
		}
	}
	if d.cfg.Hide && len(contacts) > 0 {
		d.cfg.Peer.Hidden = contacts[0]
	}
	d.peer.Init(&d.cfg.Peer, self, d.cfg.Seed, now)
	d.peer.Bootstrap(now, contacts, &d.out)
	if d.cfg.Peer.Role == node.Source {
		d.source.begin(now)
	}
	if d.cfg.Report != nil {
		d.reportAt = now + node.Time(d.cfg.ReportEvery)
	}
	return d.perform(now, nil)
}

// wakeup is when tick has something to do.
func (d *Driver) wakeup() node.Time {
	return min(d.peer.Wakeup(), d.source.at, d.reportAt, d.link.due())
}

// tick does all that is due: first leaves out what is too late to be made up
// for, then does the rest in order.
func (d *Driver) tick(now node.Time) error {
	if now < d.wakeup() {
		return nil
	}
	for d.link.due() <= now {
		d.late(now - d.link.due())
		d.transmit(d.link.take())
	}
	d.peer.SkipTicks(now - MakeUp)
	for n := 0; n < turn && d.peer.Wakeup() <= now; n++ {
		d.late(now - d.peer.Wakeup())
		d.logPush()
		d.peer.Tick(now, &d.out)
		if err := d.perform(now, nil); err != nil {
			return err
		}
	}
	if err := d.publishDue(now); err != nil {
		return err
	}
	if now >= d.reportAt {
		d.report(now, false)
		d.reportAt = now + node.Time(d.cfg.ReportEvery)
	}
	return nil
}

func (d *Driver) late(by node.Time) {
	if d.cfg.Observer != nil {
		d.cfg.Observer.Late(by)
	}
}

// atLeast is how long a read waits when ticks are overdue: a deadline that has passed
// would not even take in what is there.
const atLeast = 100 * node.Microsecond

// arm sets the read deadline to the next tick, if it is another one, and tells
// whether that is due already.
func (d *Driver) arm(now node.Time) (overdue bool, err error) {
	next := d.wakeup()
	if next <= now {
		next, overdue = d.now()+atLeast, true // pushing has taken its time since now
	}
	if next == d.armed {
		return overdue, nil
	}
	d.armed = next
	if next == node.Never {
		return overdue, d.conn.SetReadDeadline(time.Time{})
	}
	return overdue, d.conn.SetReadDeadline(d.epoch.Add(time.Duration(next)))
}

// Bounds of drain.
const (
	drainFor       = 20 * time.Millisecond
	drainDatagrams = 1000
)

// leave says goodbye, and nothing after it.
func (d *Driver) leave(now node.Time) error {
	d.peer.Leave(now, &d.out)
	err := d.perform(now, nil)
	d.silent = true
	return err
}

// drain says goodbye, takes in what lies in the socket, answers nothing, and puts
// out what waits in the window.
func (d *Driver) drain() error {
	if err := d.leave(d.now()); err != nil {
		return err
	}
	d.flush()
	d.conn.SetReadDeadline(time.Now().Add(drainFor))
	for range drainDatagrams {
		datagram, from, err := d.mail.receive()
		if err != nil {
			break
		}
		if err := d.receive(d.now(), datagram, from); err != nil {
			return err
		}
	}
	now := d.now()
	d.peer.Flush(now, &d.out)
	return d.perform(now, nil)
}

// perform does what the peer wants done. datagram is that of the chunk which
// the call was about, if it was about one.
func (d *Driver) perform(now node.Time, datagram []byte) error {
	for _, c := range d.out.Accepted {
		d.store.put(c, datagram, headerOf, len(datagram)-d.attributes)
	}
	d.recover(now)
	for _, c := range d.out.Played {
		datagram, payload := d.store.get(c)
		if datagram == nil {
			continue // it could not be recovered
		}
		d.meter.put(now, c)
		if d.cfg.Observer != nil {
			d.cfg.Observer.Played(now, c)
		}
		d.logOut(c)
		if err := d.cfg.Output.Put(d.contentID(c), payload); err != nil {
			return err
		}
	}
	if !d.silent {
		for i := range d.out.Sends {
			d.send(now, &d.out.Sends[i])
		}
	}
	for _, c := range d.out.Dropped {
		d.store.drop(c)
	}
	d.out.Reset()
	return nil
}
