// Package stage plays a simulator's run on real sockets: the same peers with the same
// parameters, each with a UDP socket of its own on loopback, in real time, the scenario's
// links in user space in front of each socket, and the metrics of package node/measure.
//
//	result, err := stage.Run(ctx, cfg)
//
// Who is where and when is the run's script (sim.Script): whom peers know, when they join,
// leave and come back, the births of chunks, and the draws of every link are the
// simulator's. What is real is everything else: drivers, clocks, datagrams, the kernel.
//
// Births of chunks travel beside the stream: what the source published and what each peer
// received and put out is noted by one clock, and counted when the run is over. So delay,
// hops and delivery are measured as in the simulator. See record.go and tally.go.
//
// A machine that is too busy plays another protocol than the one in the script. It is told
// from what peers were late for: see Machine.
package stage

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"pushcast/net/driver"
	"pushcast/net/udp"
	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/sim"
)

// Result is what a run has shown.
type Result struct {
	Values  measure.Values
	Digest  measure.Digest
	Counts  Counts
	Machine Machine
}

// stage is a run in progress.
type stage struct {
	cfg    sim.Config
	script *sim.Script
	listen listen
	epoch  time.Time
	source *record
	actors []actor // by number; the source is 0

	mu      sync.RWMutex
	numbers map[netip.AddrPort]node.PeerID // who is at an address
}

// actor is a peer with its socket and its stays.
type actor struct {
	local netip.AddrPort
	conn  socket // open for the first stay
	stays []*record
	path  path
}

// settling is how much later than its preparation a run begins: drivers are to wait for it,
// not it for them.
const settling = 100 * time.Millisecond

// Run plays a run to its end, which takes cfg.Duration. Before anything starts it fails
// where Check does, or where sockets are wanting. When ctx ends before, so does the run,
// and the error is that of ctx. However it ends, no goroutine or socket is left.
func Run(ctx context.Context, cfg sim.Config) (*Result, error) {
	return play(ctx, cfg, onLoopback)
}

// socket is what a peer has: a *udp.Conn, or in tests one in a network of the test's own.
type socket interface {
	driver.Conn
	AddrPort() netip.AddrPort
	Close() error
}

// listen opens a socket at an address; port 0 is any.
type listen func(netip.AddrPort) (socket, error)

func onLoopback(at netip.AddrPort) (socket, error) {
	c, err := udp.Listen(at)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func play(ctx context.Context, cfg sim.Config, listen listen) (*Result, error) {
	if err := Check(&cfg); err != nil {
		return nil, err
	}
	script, err := sim.NewScript(cfg)
	if err != nil {
		return nil, err
	}
	s := &stage{cfg: cfg, script: script, listen: listen, numbers: map[netip.AddrPort]node.PeerID{}}
	defer s.close()
	if err := s.cast(); err != nil {
		return nil, err
	}
	began := usage()
	s.epoch = time.Now().Add(settling)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for i := range s.actors {
		all.Go(func() {
			if err := s.act(ctx, i); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("%s: %w", name(i), err))
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return s.tally(usage().since(began)), nil
}

func name(i int) string {
	if i == 0 {
		return "the source"
	}
	return fmt.Sprintf("peer %d", i)
}

// loopback is where everything happens.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// cast opens the sockets of all who are to appear, and the books of their stays.
func (s *stage) cast() error {
	s.actors = make([]actor, s.cfg.Peers+1)
	chunks := s.cfg.Chunks()
	s.source = newRecord(&s.cfg, sim.Session{Until: node.Never}, chunks)
	s.actors[0].stays = []*record{s.source}
	for i := range s.actors {
		a := &s.actors[i]
		a.path = path{stage: s, number: i}
		if i > 0 {
			for stay := range s.script.Sessions(i) {
				a.stays = append(a.stays, newRecord(&s.cfg, stay, chunks))
			}
		}
		if len(a.stays) == 0 {
			continue
		}
		if err := s.open(i, a.stays[0]); err != nil {
			return err
		}
	}
	return nil
}

// open gives an actor a socket for a stay: at its old address, unless it is somebody else
// now.
func (s *stage) open(i int, stay *record) error {
	a := &s.actors[i]
	at := a.local
	if !at.IsValid() || stay.id != a.path.id {
		at = netip.AddrPortFrom(loopback, 0)
	}
	conn, err := s.listen(at)
	switch {
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%s gets no socket: %d peers need about %d file descriptors; raise the limit (ulimit -n), or have fewer peers", name(i), s.cfg.Peers, s.cfg.Peers+spareFiles)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s comes back, and another program has taken its port %d meanwhile: run it again", name(i), at.Port())
	case err != nil:
		return fmt.Errorf("%s gets no socket: %w", name(i), err)
	}
	a.conn, a.path.id, stay.local = conn, stay.id, conn.AddrPort()
	if a.local != stay.local { // others look at an address that stays the same
		a.local = stay.local
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[a.local] = stay.id
	return nil
}

// spareFiles is what a process needs beside the sockets.
const spareFiles = 32

// at gives who is at an address; ok is false for nobody of this run.
func (s *stage) at(addr netip.AddrPort) (id node.PeerID, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok = s.numbers[addr]
	return id, ok
}

func (s *stage) close() {
	for i := range s.actors {
		if c := s.actors[i].conn; c != nil {
			c.Close()
		}
	}
}

// act plays all stays of an actor.
func (s *stage) act(ctx context.Context, i int) error {
	a := &s.actors[i]
	for n, stay := range a.stays {
		if !s.wait(ctx, stay.from) {
			return nil
		}
		if n > 0 {
			if err := s.open(i, stay); err != nil {
				return err
			}
		}
		err := s.stay(ctx, i, stay)
		a.conn.Close()
		a.conn = nil
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// wait waits for an instant of the run; false: the run has ended before.
func (s *stage) wait(ctx context.Context, until node.Time) bool {
	timer := time.NewTimer(time.Until(s.epoch.Add(time.Duration(until))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// stay lets an actor's peer live until it leaves, or the run is over.
func (s *stage) stay(ctx context.Context, i int, r *record) error {
	cfg := s.translate(i, r)
	cfg.Report = func(report *driver.Report) {
		if report.Last {
			r.report = *report
		}
	}
	cfg.ReportEvery = time.Hour
	cfg.Epoch, cfg.Observer, cfg.Path = s.epoch, r, &s.actors[i].path
	d, err := driver.New(s.actors[i].conn, cfg)
	if err != nil {
		return err
	}
	end, why := min(r.until, s.cfg.Duration), driver.ErrCrash
	if cfg.Peer.Goodbye && r.until < s.cfg.Duration {
		why = nil // it leaves in order
	}
	ctx, cancel := context.WithDeadlineCause(ctx, s.epoch.Add(time.Duration(end)), why)
	defer cancel()
	if err := d.Run(ctx); err != nil {
		return err
	}
	r.knows = d.Neighbours()
	return nil
}
