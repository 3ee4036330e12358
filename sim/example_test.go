package sim_test

import (
	"fmt"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// Fifty peers, each of whom knows ten others and pushes its newest chunk four
// times a chunk period; one datagram in a hundred is lost.
func Example() {
	cfg := sim.Config{
		Seed: 1, Peers: 50, Copies: 3, Overlay: sim.RandomOut, View: 10,
		Peer:   node.Config{Push: 10 * node.Millisecond, Scheduler: node.Latest, Buffer: 16, Window: 64},
		Link:   link.Config{Latency: link.Span{Min: 20 * node.Millisecond, Max: 80 * node.Millisecond}, Loss: link.Loss{Rate: 0.01}},
		Period: 40 * node.Millisecond, ChunkSize: 1128,
		Duration: 20 * node.Second, From: 5 * node.Second, To: 15 * node.Second, Deadline: 5 * node.Second,
	}
	result, err := sim.Run(cfg)
	fmt.Printf("%.3f %v\n", result.Values[measure.Delivery], err)
	// Output: 0.929 <nil>
}
