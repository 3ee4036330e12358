package sim

import (
	"math/bits"
	"slices"

	"pushcast/node"
)

// queue gives events back in their total order: a ring of time buckets, each
// sorted when its turn comes, and a heap for what lies beyond the ring.
//
// Timers are periodic and latencies bounded, so nearly everything falls inside
// the ring; there an event costs one append and its share of a distribution
// sort, whatever the number pending. The order is exactly that of a heap: the
// ring's geometry cannot change a result.
type queue struct {
	ring  [][]event
	mask  int64
	shift uint    // a bucket spans 2^shift ns
	open  int64   // number of the open bucket: instants >> shift
	today []event // the open bucket, sorted from next on
	next  int
	far   heap // beyond the ring
	n     int
	spare []event  // memory of the distribution sort
	ends  []uint32 // its bins
}

// ringBuckets is the number of buckets: enough that a bucket of a large run,
// in which 10⁵ peers tick 25 times a second, still sorts inside the cache.
const ringBuckets = 1024

// roomAtFirst is the number of events for which every bucket has memory from
// the start.
const roomAtFirst = 16

// newQueue makes a queue whose ring spans at least the given time, which
// should be the longest that is common between an event's cause and itself.
func newQueue(span node.Time) *queue {
	shift := uint(bits.Len64(uint64(max(span, 1)) / ringBuckets))
	q := &queue{ring: make([][]event, ringBuckets), mask: ringBuckets - 1, shift: shift}
	// Buckets begin with room for a few events each, of one piece of memory:
	// those of a small run then never grow.
	all := make([]event, ringBuckets*roomAtFirst)
	for i := range q.ring {
		q.ring[i] = all[i*roomAtFirst : i*roomAtFirst : (i+1)*roomAtFirst]
	}
	return q
}

// push adds an event. It may lie at the present instant, not before it.
func (q *queue) push(e event) {
	q.n++
	switch b := int64(e.at) >> q.shift; {
	case b <= q.open:
		q.insert(e)
	case b-q.open <= q.mask:
		slot := &q.ring[b&q.mask]
		*slot = append(*slot, e)
	default:
		q.far.push(e)
	}
}

// insert puts e in its place among what is left of the open bucket, moving
// whichever side is shorter.
func (q *queue) insert(e event) {
	left := q.today[q.next:]
	i, _ := slices.BinarySearchFunc(left, e, compare)
	if q.next > 0 && i <= len(left)/2 {
		q.next--
		copy(q.today[q.next:], left[:i])
		q.today[q.next+i] = e
		return
	}
	q.today = slices.Insert(q.today, q.next+i, e)
}

// until tells whether an event lies before the instant end, and makes it the
// next to be popped.
func (q *queue) until(end node.Time) bool {
	for q.next == len(q.today) {
		if q.n == 0 || node.Time(q.open+1)<<q.shift >= end {
			return false
		}
		q.advance()
	}
	return q.today[q.next].at < end
}

// pop gives the event that until has found.
func (q *queue) pop() event {
	e := q.today[q.next]
	q.next++
	q.n--
	return e
}

// advance opens the next bucket that may hold something.
func (q *queue) advance() {
	q.ring[q.open&q.mask] = q.today[:0]
	q.open++
	if q.n == len(q.far) {
		// The ring is empty: jump to where the heap's first event lies.
		q.open = max(q.open, int64(q.far[0].at)>>q.shift)
	}
	q.today, q.next = q.ring[q.open&q.mask], 0
	for len(q.far) > 0 && int64(q.far[0].at)>>q.shift <= q.open {
		q.today = append(q.today, q.far.pop())
	}
	q.sort()
}

// sort puts the bucket just opened in order: a counting sort on the bits of
// the instant that the bucket leaves open spreads it over about as many bins as
// it has events, an insertion sort finishes.
func (q *queue) sort() {
	n := len(q.today)
	if n > 16 {
		width := min(uint(bits.Len(uint(n))), q.shift, 16)
		drop, binMask := q.shift-width, int64(1)<<width-1
		if need := 1<<width + 1; len(q.ends) < need {
			q.ends = make([]uint32, need)
		}
		ends := q.ends[:1<<width+1]
		clear(ends)
		for i := range q.today {
			ends[int64(q.today[i].at)>>drop&binMask+1]++
		}
		for i := 1; i < len(ends); i++ {
			ends[i] += ends[i-1]
		}
		q.spare = slices.Grow(q.spare[:0], n)[:n]
		for i := range q.today {
			bin := int64(q.today[i].at) >> drop & binMask
			q.spare[ends[bin]] = q.today[i]
			ends[bin]++
		}
		q.today, q.spare = q.spare, q.today
	}
	for i := 1; i < n; i++ {
		if e := q.today[i]; e.before(&q.today[i-1]) {
			j := i
			for ; j > 0 && e.before(&q.today[j-1]); j-- {
				if i-j == maxShift {
					// Too many events of one instant for insertion.
					q.today[j] = e
					slices.SortFunc(q.today, compare)
					return
				}
				q.today[j] = q.today[j-1]
			}
			q.today[j] = e
		}
	}
}

// maxShift is how far the insertion sort carries one event before the bucket
// is given to the general sort.
const maxShift = 256

// each calls f for every pending event, in no order.
func (q *queue) each(f func(*event)) {
	for i := q.next; i < len(q.today); i++ {
		f(&q.today[i])
	}
	for b := range q.ring {
		if int64(b) == q.open&q.mask {
			continue
		}
		for i := range q.ring[b] {
			f(&q.ring[b][i])
		}
	}
	for i := range q.far {
		f(&q.far[i])
	}
}
