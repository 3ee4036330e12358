package driver

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/link"
)

// The real driver under virtual time: peers on an in-memory network whose links
// lose and delay, inside a bubble in which a minute passes in seconds.

// network carries datagrams between its conns. What happens to a datagram is a
// function of its sender and the sender's count, as in the simulator.
type network struct {
	link  link.Model
	conns map[netip.AddrPort]*memConn // read-only once peers run
}

func newNetwork(seed uint64) *network {
	return &network{
		link: link.New(&link.Config{
			Latency: link.Span{Min: 10 * node.Millisecond, Max: 100 * node.Millisecond}, Loss: link.Loss{Rate: 0.01},
		}, seed),
		conns: map[netip.AddrPort]*memConn{},
	}
}

// memConn is one end.
type memConn struct {
	net  *network
	addr netip.AddrPort
	sent uint32
	in   chan packet

	timer    *time.Timer
	mu       sync.Mutex
	deadline time.Time
	moved    chan struct{} // the deadline has
}

func (n *network) listen(i int) *memConn {
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 6666)
	c := &memConn{net: n, addr: addr, in: make(chan packet, 1024), moved: make(chan struct{}, 1)}
	n.conns[addr] = c
	return c
}

func (c *memConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	delay, lost := c.net.link.Quick(node.PeerID(c.addr.Addr().As4()[3]), c.sent)
	c.sent++
	if there := c.net.conns[to]; there != nil && !lost {
		p := packet{from: c.addr, payload: bytes.Clone(b)}
		time.AfterFunc(time.Duration(delay), func() {
			select {
			case there.in <- p:
			default: // its buffer is full
			}
		})
	}
	return len(b), nil
}

func (c *memConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	select {
	case c.moved <- struct{}{}:
	default:
	}
	return nil
}

func (c *memConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		c.mu.Lock()
		left := time.Until(c.deadline)
		if c.deadline.IsZero() {
			left = 1 << 62
		}
		c.mu.Unlock()
		if left <= 0 {
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		}
		if c.timer == nil {
			c.timer = time.NewTimer(left)
		} else {
			c.timer.Reset(left)
		}
		select {
		case p := <-c.in:
			return copy(b, p.payload), p.from, nil
		case <-c.timer.C:
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		case <-c.moved:
		}
	}
}

// outcome is what a peer has come to: all its counters, and what it put out when.
type outcome struct {
	report Report
	output []node.ChunkID
	at     []time.Time
}

// Put keeps the ids.
func (o *outcome) Put(id node.ChunkID, _ []byte) error {
	o.output = append(o.output, id)
	o.at = append(o.at, time.Now())
	return nil
}

func (o *outcome) String() string { return fmt.Sprint(o.report, o.output) }

// drive drives a peer until ctx is done, and looks whether it is in order then.
func drive(ctx context.Context, t testing.TB, conn Conn, cfg Config) {
	d, err := New(conn, cfg)
	if err == nil {
		err = d.Run(ctx)
	}
	if err == nil {
		err = d.peer.Check()
	}
	if err != nil {
		t.Error(err)
	}
}

// film is a source's configuration in these tests: 25 chunks a second.
func film(addr netip.AddrPort) Config {
	cfg := Config{Local: addr, Peer: Dumbstreamer(), Input: media.Text{}, Seed: 1}
	cfg.Peer.Role, cfg.Peer.Period, cfg.Peer.Copies = node.Source, 40*node.Millisecond, 5
	return cfg
}

// watcher is a peer's.
func watcher(addr netip.AddrPort, contact netip.AddrPort) Config {
	cfg := Config{Local: addr, Peer: Dumbstreamer(), Contacts: []netip.AddrPort{contact}, Seed: 1}
	cfg.Peer.Push, cfg.Peer.Buffer, cfg.Peer.Policy = 10*node.Millisecond, 50, node.Top
	cfg.Peer.Window = 32
	return cfg
}

// runSwarm lets a source and n peers run for so long, started at different
// nanoseconds, and tells what they have come to.
func runSwarm(t testing.TB, n int, seed uint64, d time.Duration) []*outcome {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	net := newNetwork(seed)
	outcomes := make([]*outcome, n+1)
	conns := make([]*memConn, n+1)
	for i := range conns {
		conns[i] = net.listen(i + 1)
	}
	var wg sync.WaitGroup
	for i, conn := range conns {
		cfg := film(conns[0].addr)
		o := &outcome{}
		if i > 0 {
			cfg = watcher(conn.addr, conns[0].addr)
			cfg.Output = o
		}
		cfg.Seed = seed<<8 + uint64(i)
		cfg.Report, cfg.ReportEvery = func(r *Report) { o.report = *r }, time.Hour
		outcomes[i] = o
		time.Sleep(time.Duration(1_000_003 + 7919*i)) // virtual: no two start at one nanosecond
		wg.Go(func() { drive(ctx, t, conn, cfg) })
	}
	wg.Wait()
	return outcomes
}

// TestVirtualTime: the same seed gives the same counters of every peer, another
// one others, and the swarm sees the film. A minute each in CI; else less.
func TestVirtualTime(t *testing.T) {
	const peers = 50
	long := 20 * time.Second
	if everything {
		long = time.Minute
	}
	var first []*outcome
	for _, seed := range []uint64{1, 1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			got := runSwarm(t, peers, seed, long)
			if first == nil {
				first = got
				checkFilm(t, got)
				return
			}
			differ := 0
			for i := range got {
				if got[i].String() != first[i].String() {
					if differ++; seed == 1 && differ < 3 {
						t.Errorf("peer %d: in the first run\n%v\nnow\n%v", i, first[i], got[i])
					}
				}
			}
			if seed == 2 && differ < peers {
				t.Errorf("with another seed only %d peers differ", differ)
			}
		})
	}
}

func checkFilm(t *testing.T, swarm []*outcome) {
	var received, due, played uint64
	for i, o := range swarm[1:] {
		r := &o.report
		received += uint64(r.Received)
		due += uint64(r.Due)
		played += uint64(r.Played)
		for k := 1; k < len(o.output); k++ {
			if o.output[k] <= o.output[k-1] {
				t.Fatalf("peer %d puts out %d after %d", i+1, o.output[k], o.output[k-1])
			}
		}
		if r.SkippedTicks+r.Traffic.Refused()+r.Traffic.SendErrors+r.Peer.Restarts > 0 {
			t.Errorf("peer %d: %+v", i+1, r)
		}
	}
	t.Logf("%d peers received %d of %d (%.4f), played %.4f; peer 1: %v", len(swarm)-1, received, due,
		float64(received)/float64(due), float64(played)/float64(due), swarm[1].report.Values)
	if due < 50*250 || float64(received) < 0.7*float64(due) {
		t.Errorf("received %d of %d", received, due)
	}
}

// beginAnew holds every peer to showing a stream that was restarted within five seconds,
// and to not being drawn back.
func beginAnew(t *testing.T, outcomes []outcome, restarted time.Time) {
	t.Helper()
	for i := range outcomes {
		o := &outcomes[i]
		falls, anew := 0, time.Time{}
		for k := 1; k < len(o.output); k++ {
			if o.output[k] <= o.output[k-1] {
				falls, anew = falls+1, o.at[k]
			}
		}
		if took := anew.Sub(restarted); falls != 1 || took > 5*time.Second {
			t.Errorf("peer %d: the output falls back %d times, at last %v after the restart", i, falls, took)
		}
	}
}

// TestRestartedSource: twenty peers as dumbstreamer runs them; the source dies,
// and begins anew at the same address with chunk 0, knowing nobody. Every peer
// puts out new chunks within five seconds, and is not drawn back.
func TestRestartedSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const peers, after = 20, 20 * time.Second
		all, endAll := context.WithCancel(context.Background())
		first, kill := context.WithTimeout(all, after)
		defer kill()
		net := newNetwork(3)
		home := net.listen(1)
		var wg sync.WaitGroup
		begin := func(ctx context.Context, conn Conn, cfg Config) {
			time.Sleep(time.Millisecond + 7*time.Nanosecond)
			wg.Go(func() { drive(ctx, t, conn, cfg) })
		}
		var outcomes [peers]outcome
		var conns [peers]*memConn
		for i := range conns {
			conns[i] = net.listen(i + 2)
		}
		begin(first, home, film(home.addr))
		for i := range outcomes {
			cfg := watcher(conns[i].addr, home.addr)
			cfg.Peer.Policy, cfg.Peer.Buffer, cfg.Peer.Window = node.TopDup, 16, 8
			cfg.Seed, cfg.Output = uint64(i), &outcomes[i]
			begin(all, conns[i], cfg)
		}
		<-first.Done()
		time.Sleep(time.Second / 2)
		restarted := time.Now()
		begin(all, home, film(home.addr))
		time.Sleep(15 * time.Second)
		endAll()
		wg.Wait()
		beginAnew(t, outcomes[:], restarted)
	})
}

// TestDeadNeighbours: with the cures of pushcast peer, whoever dies is in nobody's
// view any more a few gossip periods later; the swarm goes on.
func TestDeadNeighbours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const peers = 12
		all, end := context.WithCancel(context.Background())
		short, die := context.WithTimeout(all, 15*time.Second)
		defer die()
		net := newNetwork(5)
		var conns [peers + 1]*memConn
		for i := range conns {
			conns[i] = net.listen(i + 1)
		}
		var wg sync.WaitGroup
		var drivers [peers + 1]*Driver
		for i, conn := range conns {
			cfg := film(conn.addr)
			if i > 0 {
				cfg = watcher(conn.addr, conns[0].addr)
			}
			cfg.Seed = uint64(i)
			p := &cfg.Peer
			p.Gossip, p.GossipCheck = 2*node.Second, 0
			p.MaxAge, p.DropSilent, p.AgeReplies, p.Rejoin = 30, true, true, true
			d, err := New(conn, cfg)
			if err != nil {
				t.Fatal(err)
			}
			drivers[i] = d
			ctx := all
			if i > peers-3 { // three of them die
				ctx = short
			}
			time.Sleep(time.Millisecond + 7*time.Nanosecond)
			wg.Go(func() {
				if err := d.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(75 * time.Second)
		end()
		wg.Wait()
		for i, d := range drivers[:peers-2] {
			for k := range d.peer.Neighbours() {
				for _, dead := range conns[peers-2:] {
					if d.book.addr(d.peer.Neighbour(k)) == dead.addr {
						t.Errorf("a minute later peer %d still knows %v", i, dead.addr)
					}
				}
			}
			if n := d.peer.Neighbours(); n != peers-3 {
				t.Errorf("peer %d knows %d, there are %d", i, n, peers-3)
			}
		}
	})
}
