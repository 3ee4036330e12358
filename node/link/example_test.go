package link_test

import (
	"fmt"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// What happens to a datagram depends on the seed, its sender, and how many the
// sender has sent before; on nothing else.
func Example() {
	cfg := link.Config{Latency: link.Span{Min: 50 * node.Millisecond, Max: 50 * node.Millisecond}, Loss: 0.2}
	if err := cfg.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	m := link.New(&cfg, 1)
	lost := 0
	for n := range uint32(1000) {
		if _, gone := m.Send(7, n); gone {
			lost++
		}
	}
	delay, _ := m.Send(7, 0)
	fmt.Println(time.Duration(delay), lost > 150 && lost < 250)
	// Output: 50ms true
}
