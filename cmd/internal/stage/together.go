package stage

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// together plays all peers in this process.
type together struct {
	*stage
	listen  listen
	sockets []socket // by actor
	paths   []path   // by actor
}

// socket is where an actor's peer listens.
type socket struct {
	home netip.AddrPort // where a new address is taken
	conn conn
}

// loopback is where everything happens; the kernel chooses the port.
var loopback = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// settling of goroutines.
func (t *together) settling() time.Duration { return 100 * time.Millisecond }

// used is nothing.
func (t *together) used() resources { return resources{} }

// cast opens the sockets of all who are to appear.
func (t *together) cast(context.Context) error {
	t.sockets, t.paths = make([]socket, len(t.actors)), make([]path, len(t.actors))
	for i := range t.actors {
		t.sockets[i].home = loopback
		t.paths[i] = path{stage: t.stage, number: i}
		if len(t.actors[i].stays) == 0 {
			continue
		}
		if err := t.open(i, 0); err != nil {
			return fmt.Errorf("%s: %w", name(i), err)
		}
	}
	return nil
}

// open gives an actor a socket for a stay, and tells where.
func (t *together) open(i, n int) error {
	a, r := &t.actors[i], t.actors[i].stays[n]
	at := t.sockets[i].home
	if n > 0 && r.stay.ID == t.paths[i].id {
		at = a.local
	}
	if err := t.sockets[i].open(t.listen, at); err != nil {
		if errors.Is(err, errNoDescriptors) {
			err = fmt.Errorf("%w: %d peers need about %d file descriptors; raise the limit (ulimit -n), or have fewer peers", err, t.cfg.Peers, t.cfg.Peers+spareFiles)
		}
		return err
	}
	t.paths[i].id, r.Local = r.stay.ID, t.sockets[i].conn.AddrPort()
	if a.local != r.Local { // others look at an address that stays the same
		a.local = r.Local
	}
	t.knows(a.local, r.stay.ID)
	return nil
}

// spareFiles is what a process needs beside the sockets.
const spareFiles = 32

var errNoDescriptors = errors.New("gets no socket")

// open opens the socket, at an address that may have been its own before.
func (s *socket) open(by listen, at netip.AddrPort) (err error) {
	s.conn, err = by(at)
	switch {
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return errNoDescriptors
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("it comes back, and another program has taken its port %d meanwhile: run it again", at.Port())
	case err != nil:
		return fmt.Errorf("gets no socket: %w", err)
	}
	return nil
}

// afresh opens the socket anew where it has held an address for a stay that begins late:
// what was sent there before is lost, as everything is that is sent to who is not there.
func (s *socket) afresh(by listen, r *record) error {
	if r.stay.From == 0 {
		return nil
	}
	s.close()
	return s.open(by, r.Local)
}

func (s *socket) close() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

func (t *together) close() {
	for i := range t.sockets {
		t.sockets[i].close()
	}
}

// act plays all stays of an actor.
func (t *together) act(ctx context.Context, i int) error {
	at := &t.sockets[i]
	for n, r := range t.actors[i].stays {
		if !t.wait(ctx, r.stay.From) {
			return nil
		}
		if n > 0 {
			if err := t.open(i, n); err != nil {
				return err
			}
		} else if err := at.afresh(t.listen, r); err != nil {
			return err
		}
		err := t.live(ctx, i, at.conn, &t.paths[i], r)
		at.close()
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}
