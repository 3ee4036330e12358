package sim_test

import (
	"testing"

	"pushcast/node"
	"pushcast/sim"
)

// TestNobodyOversleeps: whatever is due to a peer happens. Those who join late find gaps
// in their output that were to be given up long ago; a wake-up for an instant that has
// passed must not be lost, or such a peer ticks never again.
func TestNobodyOversleeps(t *testing.T) {
	for _, m := range mixtures {
		c := m.config()
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		for !w.Done() {
			w.Advance(w.Now() + node.Second/10)
			for id := range node.PeerID(c.Peers + 1) {
				if p := w.Peer(id); p.Up() && p.Wakeup() < w.Now() {
					t.Fatalf("%s: at %v peer %d still sleeps, and was to wake at %v", m.name, w.Now(), id, p.Wakeup())
				}
			}
		}
	}
}
