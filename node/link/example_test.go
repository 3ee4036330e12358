package link_test

import (
	"fmt"

	"pushcast/node"
	"pushcast/node/link"
)

// What happens to the first datagrams of peer 7 on a line of 1 Mbit/s that loses every
// fifth packet.
func Example() {
	const ms = node.Millisecond
	m := link.New(&link.Config{Latency: link.Span{Min: 20 * ms, Max: 60 * ms}, Loss: link.Loss{Rate: 0.2}, Upload: 1_000_000}, 5)
	var sender, receiver link.Access
	m.Attach(&sender, 7)
	m.Attach(&receiver, 8)
	for n := range uint32(5) {
		switch f := m.Send(&sender, 0, 7, &receiver, n, 1250); f.Outcome {
		case link.Arrives:
			fmt.Printf("datagram %d takes %d ms\n", n, f.Delay/ms)
		case link.Lost:
			fmt.Printf("datagram %d is lost\n", n)
		}
	}
	// Output:
	// datagram 0 takes 34 ms
	// datagram 1 takes 44 ms
	// datagram 2 takes 72 ms
	// datagram 3 is lost
	// datagram 4 takes 77 ms
}
