package sim

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
)

// TestQueueIsAHeap: whatever is pushed when, the queue gives the events back
// exactly as a heap does, and as sorting does.
func TestQueueIsAHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := node.Time(rapid.Int64Range(0, int64(20*node.Second)).Draw(t, "span"))
		q := newQueue(span)
		var oracle heap
		var now node.Time
		key := uint64(0)
		// How far ahead an event lies: at once, soon, at the ring's end, beyond.
		ahead := rapid.OneOf(
			rapid.Just(int64(0)),
			rapid.Int64Range(0, 1000),
			rapid.Int64Range(0, 3*int64(span)+2),
			rapid.Int64Range(0, int64(node.Second)*100),
		)
		for range rapid.IntRange(1, 60).Draw(t, "rounds") {
			gap := ahead.Draw(t, "gap")
			burst := rapid.IntRange(0, 40).Draw(t, "burst")
			if rapid.IntRange(0, 50).Draw(t, "flood") == 0 {
				burst = 700 // of one instant: past what insertion sorts
			}
			for range burst {
				key += 0x9e3779b97f4a7c15
				e := event{at: now + node.Time(gap), cause: key, to: node.PeerID(key >> 40)}
				q.push(e)
				oracle.push(e)
				if rapid.Bool().Draw(t, "move") {
					gap = ahead.Draw(t, "gap")
				}
			}
			end := now + node.Time(ahead.Draw(t, "until"))
			for q.until(end) {
				got, want := q.pop(), oracle.pop()
				if got != want {
					t.Fatalf("the queue gives %+v, the heap %+v", got, want)
				}
				now = got.at
				if rapid.IntRange(0, 3).Draw(t, "causes") == 0 {
					key += 0x9e3779b97f4a7c15
					e := event{at: now + node.Time(ahead.Draw(t, "later")), cause: key}
					q.push(e)
					oracle.push(e)
				}
				if len(oracle) > 4000 {
					break
				}
			}
			if len(oracle) > 0 && oracle[0].at < end && len(oracle) <= 4000 {
				t.Fatalf("the queue is done before %d, the heap has %+v", end, oracle[0])
			}
		}
		pending := 0
		q.each(func(*event) { pending++ })
		if pending != len(oracle) || q.n != pending {
			t.Fatalf("each sees %d events, the queue counts %d, the heap has %d", pending, q.n, len(oracle))
		}
	})
}

// TestHeapSorts holds the oracle to the library's sort.
func TestHeapSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOf(rapid.Int64Range(0, 20)).Draw(t, "instants")
		var h heap
		var want []event
		for i, a := range at {
			e := event{at: node.Time(a), cause: uint64(len(at)-i) * 7 % 11}
			e.cause = e.cause<<32 | uint64(i)
			h.push(e)
			want = append(want, e)
		}
		slices.SortFunc(want, compare)
		for _, e := range want {
			if got := h.pop(); got != e {
				t.Fatalf("popped %+v, want %+v", got, e)
			}
		}
	})
}
