// Package stage plays a simulator's run on real sockets: the same peers with the same
// parameters, each with a UDP socket of its own on loopback, in real time, the scenario's
// links in user space in front of each socket, and the metrics of package node/measure.
//
//	result, err := stage.Run(ctx, cfg)
//	result, err := stage.RunProcesses(ctx, cfg, stage.Processes{}) // each peer a process
//
// Who is where and when is the run's script (sim.Script): whom peers know, when they join,
// leave and come back, the births of chunks, and the draws of every link are the
// simulator's. What is real is everything else: drivers, clocks, datagrams, the kernel.
//
// Births of chunks travel beside the stream: what the source published and what each peer
// received and put out is noted by one clock, and counted when the run is over. So delay,
// hops and delivery are measured as in the simulator. See record.go and tally.go.
//
// Who plays the peers is a troupe: all together in this process (together.go), or each in a
// process for each of its stays (apart.go, process.go; peer.go is the other side, message.go
// what they say to each other). What a peer does is the same in both: stage.live.
//
// A machine that is too busy plays another protocol than the one in the script. It is told
// from what peers were late for: see Machine.
package stage

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
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

// stage is a run in progress, as who manages it sees it, or who plays one part in it.
type stage struct {
	cfg    sim.Config
	script *sim.Script
	epoch  time.Time
	actors []actor // by number; the source is 0

	mu      sync.RWMutex
	numbers map[netip.AddrPort]node.PeerID // who is at an address
}

// actor is a peer, who may come and go.
type actor struct {
	local netip.AddrPort // of the present stay, or the last one
	stays []*record
}

// troupe is who plays the peers: this process, or one process for each.
type troupe interface {
	// cast has everybody ready who is to appear at all: at an address that others can be
	// told of.
	cast(ctx context.Context) error
	// act plays all stays of an actor. It returns when the run is over for it, or ctx ends.
	act(ctx context.Context, i int) error
	// used is what it has used, beyond what this process has.
	used() resources
	// settling is how much later than its casting a run begins: peers are to wait for it,
	// not it for them.
	settling() time.Duration
	// close ends everything that it began.
	close()
}

// Run plays a run to its end, which takes cfg.Duration, in this process. Before anything
// starts it fails where Check does, or where sockets are wanting. When ctx ends before, so
// does the run, and the error is that of ctx. However it ends, no goroutine or socket is
// left.
func Run(ctx context.Context, cfg sim.Config) (*Result, error) {
	return run(ctx, cfg, onLoopback)
}

// conn is an open socket: a *udp.Conn, or in tests one in a network of the test's own.
type conn interface {
	driver.Conn
	AddrPort() netip.AddrPort
	Close() error
}

// listen opens a socket at an address; port 0 is any.
type listen func(netip.AddrPort) (conn, error)

// onLoopback is a listen.
func onLoopback(at netip.AddrPort) (conn, error) {
	c, err := udp.Listen(at)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func run(ctx context.Context, cfg sim.Config, by listen) (*Result, error) {
	if err := Check(&cfg); err != nil {
		return nil, err
	}
	s, err := newStage(cfg)
	if err != nil {
		return nil, err
	}
	return s.play(ctx, &together{stage: s, listen: by})
}

// newStage writes the script of a run.
func newStage(cfg sim.Config) (*stage, error) {
	script, err := sim.NewScript(cfg)
	if err != nil {
		return nil, err
	}
	return &stage{cfg: cfg, script: script, actors: make([]actor, cfg.Peers+1), numbers: map[netip.AddrPort]node.PeerID{}}, nil
}

// book opens the books of all stays.
func (s *stage) book() {
	s.actors[0].stays = []*record{newRecord(&s.cfg, sim.Session{Until: node.Never, Seed: s.cfg.Seed})}
	for i := 1; i <= s.cfg.Peers; i++ {
		for stay := range s.script.Sessions(i) {
			s.actors[i].stays = append(s.actors[i].stays, newRecord(&s.cfg, stay))
		}
	}
}

// play has a troupe play the run.
func (s *stage) play(ctx context.Context, t troupe) (*Result, error) {
	defer t.close()
	s.book()
	if err := t.cast(ctx); err != nil {
		return nil, err
	}
	began := usage()
	s.epoch = time.Now().Add(t.settling())
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for i := range s.actors {
		all.Go(func() {
			if err := t.act(ctx, i); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("%s: %w", name(i), err))
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return s.tally(usage().since(began).and(t.used())), nil
}

func name(i int) string {
	if i == 0 {
		return "the source"
	}
	return fmt.Sprintf("peer %d", i)
}

// knows notes who is at an address from now on.
func (s *stage) knows(addr netip.AddrPort, id node.PeerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[addr] = id
}

// at gives who is at an address; ok is false for nobody of this run.
func (s *stage) at(addr netip.AddrPort) (id node.PeerID, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, ok = s.numbers[addr]
	return id, ok
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

// live lets an actor's peer live on a socket until it leaves, or the run is over.
func (s *stage) live(ctx context.Context, i int, conn driver.Conn, way *path, r *record) error {
	cfg := s.translate(i, r)
	cfg.Report = func(report *driver.Report) {
		if report.Last {
			r.Report = *report
		}
	}
	cfg.ReportEvery = time.Hour
	cfg.Epoch, cfg.Observer, cfg.Path, cfg.RunOut = s.epoch, r, way, s.runOut(i, r)
	d, err := driver.New(conn, cfg)
	if err != nil {
		return err
	}
	why := driver.ErrCrash
	if cfg.Peer.Goodbye && r.stay.Until < s.cfg.Duration {
		why = nil // it leaves in order
	}
	ctx, cancel := context.WithDeadlineCause(ctx, s.epoch.Add(time.Duration(r.end)), why)
	defer cancel()
	r.Began = node.Time(time.Since(s.epoch))
	if err := d.Run(ctx); err != nil {
		return err
	}
	r.Knows = d.Neighbours()
	return nil
}

// runOut is for how long what a peer has sent may still leave when its stay is over: to the
// run's end, or until it comes back and needs its address.
func (s *stage) runOut(i int, r *record) node.Time {
	until := s.cfg.Duration
	if i > 0 {
		for stay := range s.script.Sessions(i) {
			if stay.From >= r.end {
				until = min(until, stay.From)
				break
			}
		}
	}
	if until <= r.end {
		return -1
	}
	return min(until-r.end, driver.DefaultRunOut)
}
