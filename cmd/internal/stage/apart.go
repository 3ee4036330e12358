package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"time"

	"pushcast/node"
	"pushcast/sim"
)

// Processes says how peers are processes.
type Processes struct {
	// Stderr takes what they say on standard error; nil: nobody.
	Stderr io.Writer
	// Via is a command that starts the program of an actor's peer, and becomes it: the
	// source is actor 0. nil: none.
	Via func(actor int) []string
	// Home is where an actor takes its addresses; nil: loopback, at any port. Ports other
	// than 0 must all differ, and nobody then comes back as somebody else.
	Home func(actor int) netip.AddrPort
}

// RunProcesses is Run with a process for each stay of each peer, which begins with it and
// ends with it: the program itself, started with Command. What is there when the run ends,
// however it ends, is ended; if this process is killed, its peers end by themselves.
func RunProcesses(ctx context.Context, cfg sim.Config, how Processes) (*Result, error) {
	if err := CheckProcesses(&cfg); err != nil {
		return nil, err
	}
	s, err := newStage(cfg)
	if err != nil {
		return nil, err
	}
	config, err := encodeConfig(cfg)
	if err != nil {
		return nil, err
	}
	return s.play(ctx, newApart(s, how, config))
}

func newApart(s *stage, how Processes, config []byte) *apart {
	return &apart{Processes: how, stage: s, config: config, gate: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), first: make([]*process, len(s.actors)), told: map[*process]bool{}}
}

// apart plays each stay of each peer in a process.
type apart struct {
	Processes
	*stage
	config  []byte
	first   []*process    // of the first stays, by actor
	gate    chan struct{} // so many start at a time
	talking sync.Mutex    // to Stderr
	begun   func()        // is called when all are cast; for tests, may be nil

	mu    sync.Mutex
	told  map[*process]bool // who is told of newcomers
	spent resources
}

// early is how long before a stay its process is started.
const early = node.Second

// settling of processes: all have to be told where all others are.
func (t *apart) settling() time.Duration {
	return 200*time.Millisecond + time.Duration(len(t.actors))*4*time.Millisecond
}

// used is what all processes have used.
func (t *apart) used() resources { return t.spent }

// cast starts the processes of all first stays.
func (t *apart) cast(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for i := range t.actors {
		if len(t.actors[i].stays) == 0 {
			continue
		}
		all.Go(func() {
			p, err := t.enter(ctx, i, 0, t.partOf(i, 0))
			if err != nil {
				stop(fmt.Errorf("%s: %w", name(i), err))
			}
			t.first[i] = p
		})
	}
	all.Wait()
	if t.begun != nil {
		t.begun()
	}
	return context.Cause(ctx)
}

// close ends what did not come to its end.
func (t *apart) close() {
	for _, p := range t.first {
		if p != nil {
			p.kill()
		}
	}
	for _, p := range t.first {
		if p != nil {
			p.end()
		}
	}
}

// partOf is what the process of a stay is to play.
func (t *apart) partOf(i, n int) part {
	stays := t.actors[i].stays
	p := part{Config: t.config, Scheduler: t.cfg.Peer.Scheduler.Name(), Stay: stays[n].stay, At: loopback}
	if t.Home != nil {
		p.At = t.Home(i)
	}
	if n > 0 && stays[n].stay.ID == stays[n-1].stay.ID {
		p.At, p.Held = stays[n-1].Local, true
	}
	return p
}

// enter starts the process of a stay, and waits until it is ready. A newcomer others are
// told of.
func (t *apart) enter(ctx context.Context, i, n int, does part) (p *process, err error) {
	select {
	case t.gate <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-t.gate }()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if p, err = t.start(i); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, p.kill)()
	defer func() {
		if err != nil {
			p.kill()
			p.end()
			p = nil
		}
	}()
	_ = p.in.SetWriteDeadline(time.Now().Add(silence)) // a pipe has deadlines
	if err = send(p.in, &does); err != nil && !errors.Is(err, syscall.EPIPE) {
		return p, err
	}
	said, err := p.hear(ctx, time.Now().Add(silence), mostAnswered(0))
	if err != nil {
		return p, err
	}
	if said.Ready == nil {
		return p, errors.New("its process does not say that it is ready")
	}
	a := &t.actors[i]
	r := a.stays[n]
	if n == 0 {
		p.booted, a.local = said.Ready.CPU, said.Ready.At
	}
	r.Local = said.Ready.At
	t.arrives(r)
	return p, nil
}

// arrives tells everybody who is where.
func (t *apart) arrives(r *record) {
	t.mu.Lock()
	if _, known := t.at(r.Local); known {
		t.mu.Unlock()
		return
	}
	t.knows(r.Local, r.stay.ID)
	var others []*process
	for p := range t.told {
		others = append(others, p)
	}
	t.mu.Unlock()
	for _, p := range others {
		// Who does not hear it has ended, or does not answer: that is found elsewhere.
		_ = p.say(&cue{Who: []resident{{r.Local, r.stay.ID}}})
	}
}

// begin tells a process to begin.
func (t *apart) begin(p *process, sent uint32) error {
	c := cue{Begin: &begin{Epoch: t.epoch, Sent: sent, Link: t.script.Link(p.number).State()}}
	for i := range t.actors {
		c.Begin.Cast = append(c.Begin.Cast, t.actors[i].local)
	}
	t.mu.Lock()
	for addr, id := range t.numbers {
		c.Who = append(c.Who, resident{addr, id})
	}
	t.told[p] = true
	t.mu.Unlock()
	return p.say(&c)
}

// leaves counts what a process has used that has come to its end.
func (t *apart) leaves(p *process) {
	p.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.told, p)
	t.spent = t.spent.and(p.used())
}

// entrance is a process that is ready, or why not.
type entrance struct {
	*process
	err error
}

// next starts the process of a stay in time.
func (t *apart) next(ctx context.Context, i, n int) <-chan entrance {
	comes, does := make(chan entrance, 1), t.partOf(i, n)
	go func() {
		if !t.wait(ctx, t.actors[i].stays[n].stay.From-early) {
			comes <- entrance{err: ctx.Err()}
			return
		}
		p, err := t.enter(ctx, i, n, does)
		comes <- entrance{p, err}
	}()
	return comes
}

// act has all stays of an actor played, by a process each. The next one is started before
// it is needed, and takes over the link of the one before.
func (t *apart) act(ctx context.Context, i int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stays := t.actors[i].stays
	comes := make(chan entrance, 1)
	comes <- entrance{process: t.first[i]}
	var following <-chan entrance = comes
	sent := uint32(0)
	for n, r := range stays {
		p := <-following
		if p.err != nil {
			return p.err
		}
		if n+1 < len(stays) {
			following = t.next(ctx, i, n+1)
		}
		d, err := t.stay(ctx, p.process, r, sent)
		if err != nil {
			cancel()
			if n+1 < len(stays) {
				if other := <-following; other.process != nil {
					other.kill()
					other.end()
				}
			}
			return err
		}
		sent, r.notes, *t.script.Link(i) = d.Sent, d.Notes, d.Link.Resume()
	}
	return nil
}

// stay has a process play a stay.
func (t *apart) stay(ctx context.Context, p *process, r *record, sent uint32) (*done, error) {
	defer context.AfterFunc(ctx, p.kill)()
	defer t.leaves(p)
	if err := t.begin(p, sent); err != nil && !errors.Is(err, syscall.EPIPE) {
		p.kill()
		return nil, err
	}
	until := t.epoch.Add(time.Duration(r.end)).Add(silence)
	said, err := p.hear(ctx, until, mostAnswered(t.cfg.Chunks()))
	if err == nil && (said.Done == nil || !said.Done.Notes.whole(&t.cfg)) {
		err = errors.New("what its process has noted is not whole")
	}
	if err != nil {
		p.kill()
		return nil, err
	}
	p.memory = said.Done.Memory
	return said.Done, nil
}
