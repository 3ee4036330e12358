package sim_test

import (
	"strings"
	"testing"

	"pushcast/sim"
)

// TestWire: a run whose every datagram is written and read is the same run, to
// the last bit.
func TestWire(t *testing.T) {
	for _, m := range mixtures {
		c := m.config()
		c.Wire = true
		if !same(mustRun(t, m.config()), mustRun(t, c)) {
			t.Errorf("%s: by way of datagrams, another result", m.name)
		}
	}
	c := mixtures[1].config()
	c.Wire, c.Overlay, c.Peer.View = true, sim.Newscast, 31
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "view of 30") {
		t.Errorf("a view of 31 in a datagram of format J: %v", err)
	}
}
