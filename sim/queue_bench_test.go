package sim

import (
	"fmt"
	"testing"

	"pushcast/node"
)

// BenchmarkHold is the hold model (Jones: An Empirical Comparison of Priority-Queue and
// Event-Set Implementations, CACM 29(4), 1986): of a number of pending events the next is
// taken out, and another put in at up to 100 ms later, plus 10 ms. The calendar, which gives
// a window's events peer by peer and not in their order, is handed out with its sorting.
func BenchmarkHold(b *testing.B) {
	later := func(r *node.Rand) node.Time { return 10*node.Millisecond + r.Span(100*node.Millisecond) }
	for _, n := range []int{1000, 100_000, 1_000_000} {
		pending := make([]event, n)
		r := node.Stream(1, 99, 0)
		for i := range pending {
			pending[i] = event{at: later(&r), cause: uint64(i), to: node.PeerID(r.Below(uint32(n)))}
		}
		b.Run(fmt.Sprintf("kind=heap/pending=%d", n), func(b *testing.B) {
			var h heap
			for _, e := range pending {
				h.push(e)
			}
			for b.Loop() {
				e := h.pop()
				e.at += later(&r)
				h.push(e)
			}
		})
		b.Run(fmt.Sprintf("kind=ring/pending=%d", n), func(b *testing.B) {
			q := newQueue(110 * node.Millisecond)
			for _, e := range pending {
				q.push(e)
			}
			for b.Loop() {
				q.until(node.Never)
				e := q.pop()
				e.at += later(&r)
				q.push(e)
			}
		})
		b.Run(fmt.Sprintf("kind=calendar/pending=%d", n), func(b *testing.B) {
			c := newCalendar(23, 110*node.Millisecond)
			for _, e := range pending {
				c.push(e)
			}
			var s sorter
			var taken []event
			for b.Loop() {
				for len(taken) == 0 {
					c.release()
					k, _ := c.next()
					c.turnTo(k)
					parts, m := c.take(node.Never)
					taken = s.sort(parts, m, 0, uint32(n))
				}
				e := taken[0]
				taken = taken[1:]
				e.at += later(&r)
				c.push(e)
			}
		})
	}
}
