package measure

import (
	"math/bits"

	"pushcast/node"
)

// Histogram counts spans of time, or any other numbers that are not negative.
// Count, mean, least and greatest are exact; quantiles are exact below 2048 and
// to 0.05 % above (log-linear bins, after Tene's HdrHistogram).
type Histogram struct {
	bins       []uint64
	n          uint64
	sum, carry uint64 // 128 bits
	min, max   node.Time
}

// binBits is the number of leading bits that a bin tells apart.
const binBits = 11

func bin(v node.Time) int {
	u := uint64(v)
	if e := bits.Len64(u); e > binBits {
		drop := e - binBits
		return drop<<(binBits-1) + int(u>>drop)
	}
	return int(u)
}

// middle is the middle of a bin's values.
func middle(i int) node.Time {
	if i < 1<<binBits {
		return node.Time(i)
	}
	drop := i>>(binBits-1) - 1
	low := uint64(i-drop<<(binBits-1)) << drop
	return node.Time(low + 1<<drop/2)
}

// Add counts v; a negative one counts as 0.
func (h *Histogram) Add(v node.Time) {
	v = max(v, 0)
	i := bin(v)
	if i >= len(h.bins) {
		h.bins = append(h.bins, make([]uint64, i+1-len(h.bins)+1<<(binBits-1))...)
	}
	h.bins[i]++
	if h.n == 0 || v < h.min {
		h.min = v
	}
	h.max = max(h.max, v)
	h.n++
	var c uint64
	h.sum, c = bits.Add64(h.sum, uint64(v), 0)
	h.carry += c
}

// Merge adds what another histogram has counted. The order of merging changes nothing.
func (h *Histogram) Merge(g *Histogram) {
	if g.n == 0 {
		return
	}
	if len(g.bins) > len(h.bins) {
		h.bins = append(h.bins, make([]uint64, len(g.bins)-len(h.bins))...)
	}
	for i, c := range g.bins {
		h.bins[i] += c
	}
	if h.n == 0 || g.min < h.min {
		h.min = g.min
	}
	h.max = max(h.max, g.max)
	h.n += g.n
	var c uint64
	h.sum, c = bits.Add64(h.sum, g.sum, 0)
	h.carry += g.carry + c
}

// N is how many values were added.
func (h *Histogram) N() uint64 { return h.n }

// Max is the greatest value, 0 if there is none.
func (h *Histogram) Max() node.Time { return h.max }

// Mean is the mean of the values; NaN if there are none.
func (h *Histogram) Mean() float64 {
	return (float64(h.carry)*(1<<64) + float64(h.sum)) / float64(h.n)
}

// Quantile is the least value that at least a share q of the values do not
// exceed (nearest rank), 0 ≤ q ≤ 1; 0 if there are none.
func (h *Histogram) Quantile(q float64) node.Time {
	if h.n == 0 {
		return 0
	}
	rank := rankOf(q, h.n)
	var seen uint64
	for i, c := range h.bins {
		if seen += c; seen >= rank {
			return min(max(middle(i), h.min), h.max)
		}
	}
	return h.max
}

// rankOf is the nearest rank of quantile q among n values, counted from 1.
func rankOf(q float64, n uint64) uint64 {
	rank := uint64(q * float64(n))
	if float64(rank) < q*float64(n) {
		rank++
	}
	return min(max(rank, 1), n)
}
