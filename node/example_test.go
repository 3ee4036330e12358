package node_test

import (
	"fmt"

	"pushcast/node"
)

// A peer is driven by hand: time and messages go in, effects come out.
func Example() {
	cfg := node.Config{
		Push: 250 * node.Millisecond, Ticks: node.Immediate, Scheduler: node.Random,
		Buffer: 8, Window: 8,
	}
	if err := cfg.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	var p node.Peer
	var out node.Outbox
	p.Init(&cfg, 1, 42, 0)
	p.Bootstrap(0, []node.PeerID{2}, &out)
	out.Reset()

	p.Handle(10*node.Millisecond, &node.Message{Kind: node.Chunk, From: 2, Chunk: 0, Size: 1128}, nil, &out)
	fmt.Println(out.Outcome, "keep", out.Accepted, "put out", out.Played)
	out.Reset()

	p.Tick(p.Wakeup(), &out)
	for _, m := range out.Sends {
		fmt.Println("push", m.Kind, m.Chunk, "to peer", m.To)
	}
	// Output:
	// accepted keep [0] put out [0]
	// push chunk 0 to peer 2
}
