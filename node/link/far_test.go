package link_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/link"
)

// TestQueueWithoutBound: what waits for a link at one bit a second without a bound waits
// ever longer, to no end that a time could not hold.
func TestQueueWithoutBound(t *testing.T) {
	m := link.New(&link.Config{Upload: 1, Download: 1}, 1)
	var a, b link.Access
	before := node.Time(0)
	for n := range uint32(30_000) {
		f := m.Send(&a, node.Time(n), 1, &b, n, 65_535)
		if f.Outcome != link.Arrives || node.Time(n)+f.Delay < before {
			t.Fatalf("datagram %d: %+v, after one that arrives at %d", n, f, before)
		}
		before = node.Time(n) + f.Delay
		if at, ok := m.Receive(&b, node.Time(n), 65_535); !ok || at < node.Time(n) {
			t.Fatalf("datagram %d comes down at %d, %v", n, at, ok)
		}
	}
}
