package sim_test

import (
	"fmt"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// w1 is the workload W1 of the design's performance page: n peers, of whom the
// source is one.
func w1(n int, seed uint64) sim.Config {
	return sim.Config{
		Seed:  seed,
		Peers: n - 1,
		Peer: node.Config{
			Push: 40 * node.Millisecond, Scheduler: node.Random,
			Policy: node.Window, Buffer: 50,
		},
		Copies: 5, Overlay: sim.RandomOut, View: 20, SourceInViews: true,
		Link: link.Config{
			Latency: link.Span{Min: 10 * node.Millisecond, Max: 100 * node.Millisecond},
			Loss:    0.01,
		},
		Period: 40 * node.Millisecond, ChunkSize: 1128,
		Duration: 30 * node.Second, From: 5 * node.Second, To: 25 * node.Second,
	}
}

func TestW1Print(t *testing.T) {
	for _, n := range []int{100, 1000, 10000} {
		r, err := sim.Run(w1(n, 1))
		if err != nil {
			t.Fatal(err)
		}
		v := r.Values
		fmt.Printf("%d: %.4f dup %.3f delay %.3f fp %x %+v\n", n, v[measure.Delivery], v[measure.Duplicates], v[measure.DelayMean], r.Fingerprint, r.Counts)
	}
}
