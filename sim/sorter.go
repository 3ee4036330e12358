package sim

import (
	"math/bits"
	"slices"
)

// sorter puts the events of a window into the order in which they are worked through:
// peer by peer, each peer's in their own order. What one peer does in a window no other
// can notice in it; and peers that lie next to each other in memory come one after another.
type sorter struct {
	ends []uint32
	a, b []event
}

// Bounds of a digit, in bits.
const (
	leastDigit = 6
	mostDigit  = 14 // of which the counts fit the nearest cache
)

// sort gives the n events of some parts by slot, and those of a slot in their order: a radix
// sort by slots, from the lowest digit on, and an insertion sort. The slots are first …
// first+size−1. The result is valid until the next call.
func (s *sorter) sort(parts [][]event, n int, first, size uint32) []event {
	s.a = slices.Grow(s.a[:0], n)[:n]
	width := bits.Len32(size - 1)
	digit := min(max(bits.Len(uint(n))+2, leastDigit), mostDigit)
	passes := max((width+digit-1)/digit, 1)
	digit = (width + passes - 1) / passes
	if passes > 1 {
		s.b = slices.Grow(s.b[:0], n)[:n]
	}
	if need := 1<<digit + 1; len(s.ends) < need {
		s.ends = make([]uint32, need)
	}
	for pass := range passes {
		s.distribute(parts, s.a, first, uint(pass*digit), uint(digit))
		parts = append(parts[:0], s.a)
		s.a, s.b = s.b, s.a
	}
	s.a, s.b = s.b, s.a
	settle(s.a)
	return s.a
}

// settle puts the events of each slot, which lie together, into their order.
func settle(list []event) {
	for n := 1; n < len(list); n++ {
		if list[n].to != list[n-1].to || !list[n].before(&list[n-1]) {
			continue
		}
		e, i := list[n], n
		for ; i > 0 && list[i-1].to == e.to && e.before(&list[i-1]); i-- {
			list[i] = list[i-1]
		}
		list[i] = e
		if n-i >= maxShift { // a hub's
			first, end := n, n
			for first > 0 && list[first-1].to == e.to {
				first--
			}
			for end < len(list) && list[end].to == e.to {
				end++
			}
			slices.SortFunc(list[first:end], compare)
			n = end
		}
	}
}

// distribute is a pass.
func (s *sorter) distribute(parts [][]event, into []event, first uint32, shift, digit uint) {
	ends := s.ends[:1<<digit+1]
	mask := uint32(1)<<digit - 1
	clear(ends)
	for _, part := range parts {
		for i := range part {
			ends[(slot(part[i].to)-first)>>shift&mask+1]++
		}
	}
	sum := uint32(0)
	for i := range ends {
		sum += ends[i]
		ends[i] = sum
	}
	for _, part := range parts {
		for i := range part {
			e := &part[i]
			at := &ends[(slot(e.to)-first)>>shift&mask]
			into[*at] = *e
			*at++
		}
	}
}
