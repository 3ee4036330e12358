package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"time"

	"pushcast/net/driver"
)

// Command is the argument by which a program is told to play one peer, before the peer's
// number: it calls Peer then. It is for RunProcesses, and no people.
const Command = "stage-peer"

// parentVariable tells a process which one has started it.
const parentVariable = "PUSHCAST_STAGE"

// ErrByHand is the answer to who starts Command by hand.
var ErrByHand = errors.New(Command + " is how run --live --processes starts its peers, and does nothing by hand; see pushcast run --help")

// Peer plays one stay of a peer for the process that has started this one with Command and
// number, over in and out: standard input and output. When in ends, so does the peer, at
// once. What goes wrong the other side is told, and hears; the error says so again.
func Peer(ctx context.Context, number string, in io.Reader, out io.Writer) error {
	i, err := strconv.Atoi(number)
	if err != nil || os.Getenv(parentVariable) != strconv.Itoa(os.Getppid()) {
		return ErrByHand
	}
	signal.Ignore(os.Interrupt) // the stage hears it, and ends its peers
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := player{in: in, cues: make(chan *begin, 1), ended: func() { stop(driver.ErrCrash) }}
	noted, err := p.play(ctx, i, out)
	if err != nil {
		why := err.Error()
		// Where nobody listens any more there is nobody to tell.
		_ = send(out, &answer{Failure: why[:min(len(why), mostFailure)]})
		return err
	}
	return send(out, &answer{Done: noted})
}

// player is a process that plays one stay of a peer.
type player struct {
	*stage
	in     io.Reader
	cues   chan *begin
	ended  func() // of in
	socket socket
}

// play does as it is told.
func (p *player) play(ctx context.Context, i int, out io.Writer) (*done, error) {
	var told part
	if err := receive(p.in, mostSaid, &told); err != nil {
		return nil, fmt.Errorf("what to play was not understood: %w", err)
	}
	cfg, err := told.config()
	if err != nil {
		return nil, fmt.Errorf("what to play was not understood: %w", err)
	}
	if p.stage, err = newStage(cfg); err != nil {
		return nil, err
	}
	if i < 0 || i >= len(p.actors) {
		return nil, fmt.Errorf("there is no peer %d", i)
	}
	r := newRecord(&cfg, told.Stay)
	defer p.socket.close()
	r.Local = told.At
	if !told.Held {
		if err := p.open(r); err != nil {
			return nil, err
		}
	}
	if err := send(out, &answer{Ready: &ready{At: r.Local, CPU: processorTime()}}); err != nil {
		return nil, err
	}
	go p.listen()
	var b *begin
	select {
	case b = <-p.cues:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if len(b.Cast) != len(p.actors) {
		return nil, fmt.Errorf("a cast of %d, and the script has %d", len(b.Cast), len(p.actors))
	}
	for k, at := range b.Cast {
		p.actors[k].local = at
	}
	p.actors[i].local = r.Local
	*p.script.Link(i) = b.Link.Resume()
	// Once: from here on the clock is a monotonic one, which is the same for all.
	p.epoch = time.Now().Add(time.Until(b.Epoch))
	if !p.wait(ctx, r.stay.From) {
		return nil, ctx.Err()
	}
	if told.Held {
		err = p.open(r)
	} else {
		err = p.socket.afresh(onLoopback, r)
	}
	if err != nil {
		return nil, err
	}
	way := &path{stage: p.stage, number: i, id: r.stay.ID, sent: b.Sent}
	if err := p.live(ctx, i, p.socket.conn, way, r); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &done{Notes: r.notes, Sent: way.sent, Link: p.script.Link(i).State(), Memory: usage().Memory}, nil
}

// open opens the socket of the stay.
func (p *player) open(r *record) error {
	if err := p.socket.open(onLoopback, r.Local); err != nil {
		return err
	}
	r.Local = p.socket.conn.AddrPort()
	return nil
}

// listen takes in what the stage says, to the end.
func (p *player) listen() {
	defer p.ended()
	for {
		var c cue
		if receive(p.in, mostSaid, &c) != nil {
			return
		}
		for _, who := range c.Who {
			p.knows(who.At, who.ID)
		}
		if c.Begin == nil {
			continue
		}
		select {
		case p.cues <- c.Begin:
		default: // it has begun
		}
	}
}
