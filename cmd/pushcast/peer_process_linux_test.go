package main

import (
	"os"
	"strings"
	"testing"

	"pushcast/cmd/internal/proctest"
)

// realPeer is a running pushcast peer.
type realPeer struct {
	*proctest.Process
	addr string // where it listens
	page string // its URL, with --http
}

// startPeer runs pushcast peer on loopback and any port, until the test ends. It
// returns when the program has said where it listens.
func startPeer(t *testing.T, args ...string) *realPeer {
	t.Helper()
	cmd := proctest.Command(append([]string{"peer", "--interface", "lo", "--port", "0"}, args...)...)
	p := &realPeer{Process: proctest.Start(t, cmd, nil)}
	p.addr = p.WaitFor(`address=(\S+)`)
	if strings.Contains(strings.Join(args, " "), "--http") {
		p.page = p.WaitFor(`url=(\S+)`)
	}
	return p
}

// stop interrupts the peer, and gives the exit code.
func (p *realPeer) stop() int { return p.Stop(os.Interrupt) }
