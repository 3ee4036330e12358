package measure

import (
	"math/bits"
	"slices"

	"pushcast/node"
)

// Bounds of a digest, so that a run's line stays below 4 KB.
const (
	maxBins    = 96  // of Spread
	maxHops    = 64  // of Digest.Hops
	maxPeers   = 101 // of Digest.Peers
	maxDegrees = 64  // of Degrees.Counts
	maxSteps   = 120 // of Course
)

// Digest is what pictures show of a run, and the metrics do not say: distributions, and
// delivery over time. It is all integers, and the same however the run was computed.
type Digest struct {
	Due    uint64   `json:"due"`   // pairs that are due
	Delay  Spread   `json:"delay"` // received due pairs by their delay, late ones too
	Hops   []uint64 `json:"hops"`  // received due pairs by hops from the source; the last bin holds more, too
	Peers  []uint32 `json:"peers"` // delivery of the peers in 1/10,000, worst to best: all, or 101 quantiles
	Degree Degrees  `json:"degree"`
	Course Course   `json:"course"`
}

// Spread counts spans of time in bins that get wider with them: 2^Fine of equal width to
// an octave, but for the least ones.
type Spread struct {
	Fine   int      `json:"fine"`
	First  int      `json:"first"` // the number of the first bin that counts something
	Counts []uint64 `json:"counts"`
}

// coarse is the bin of a span, where fine+1 leading bits tell bins apart.
func coarse(v node.Time, fine int) int {
	u := uint64(v)
	if e := bits.Len64(u); e > fine+1 {
		drop := e - fine - 1
		return drop<<fine + int(u>>drop)
	}
	return int(u)
}

// Edge is where the i-th bin of Counts begins, and the one before ends.
func (s *Spread) Edge(i int) node.Time {
	i += s.First
	if i < 2<<s.Fine {
		return node.Time(i)
	}
	drop := i>>s.Fine - 1
	return node.Time(uint64(i-drop<<s.Fine) << drop)
}

// Spread gives the histogram in at most 96 bins, as fine as they allow.
func (h *Histogram) Spread() (s Spread) {
	if h.n == 0 {
		return s
	}
	s.Fine = binBits - 1
	for s.Fine > 0 && coarse(h.max, s.Fine)-coarse(h.min, s.Fine) >= maxBins {
		s.Fine--
	}
	s.First = coarse(h.min, s.Fine)
	s.Counts = make([]uint64, coarse(h.max, s.Fine)-s.First+1)
	for i, n := range h.bins {
		if n > 0 {
			v := min(max(middle(i), h.min), h.max)
			s.Counts[coarse(v, s.Fine)-s.First] += n
		}
	}
	return s
}

// Degrees counts the peers that are up at the end by how many views they stand in: bin i
// those with i·Width or more and less than (i+1)·Width.
type Degrees struct {
	Width  uint32   `json:"width"`
	Counts []uint32 `json:"counts"`
}

// Course is delivery over time: of the chunks born in the i-th Step of the run, how many
// times a peer was up from birth to deadline, and how many of these it had the chunk in
// time. It knows no warm-up.
type Course struct {
	Step     node.Time `json:"step"`
	Up       []uint64  `json:"up"`
	Received []uint64  `json:"received"`
}

// CourseOf makes the course of a run of a duration, with a chunk every period, in at most
// 120 steps of as many chunks each.
func CourseOf(moments []Moment, period, duration node.Time) (c Course) {
	if len(moments) == 0 || period <= 0 {
		return c
	}
	step := period
	if periods := (duration + period - 1) / period; periods > maxSteps {
		step = period * ((periods + maxSteps - 1) / maxSteps)
	}
	c.Step = step
	for i := range moments {
		at := int(moments[i].Birth / step)
		for at >= len(c.Up) {
			c.Up, c.Received = append(c.Up, 0), append(c.Received, 0)
		}
		c.Up[at] += uint64(moments[i].Up)
		c.Received[at] += uint64(moments[i].Received)
	}
	return c
}

// Digest makes the digest of a swarm, but for its course.
func (s *Swarm) Digest() (d Digest) {
	var ratios []uint32
	most := uint32(0)
	for i := range s.Receivers {
		r := &s.Receivers[i]
		d.Due += uint64(r.Due)
		if r.Due > 0 {
			ratios = append(ratios, uint32(uint64(r.Received)*10_000/uint64(r.Due)))
		}
		if !r.Gone {
			most = max(most, r.Degree)
		}
	}
	d.Delay = s.Delay.Spread()
	d.Hops = s.Hops.counts(maxHops)
	slices.Sort(ratios)
	d.Peers = ratios
	if n := len(ratios); n > maxPeers {
		d.Peers = make([]uint32, maxPeers)
		for i := range d.Peers {
			d.Peers[i] = ratios[i*(n-1)/(maxPeers-1)]
		}
	}
	if s.Viewed {
		d.Degree.Width = most/maxDegrees + 1
		d.Degree.Counts = make([]uint32, most/d.Degree.Width+1)
		for i := range s.Receivers {
			if r := &s.Receivers[i]; !r.Gone {
				d.Degree.Counts[r.Degree/d.Degree.Width]++
			}
		}
	}
	return d
}

// counts gives how often 0, 1, 2 … was added; the last of at most n counts holds all
// greater numbers, too. They are exact for numbers below 2048.
func (h *Histogram) counts(n int) (list []uint64) {
	for i, c := range h.bins {
		if c == 0 {
			continue
		}
		at := min(i, n-1)
		for at >= len(list) {
			list = append(list, 0)
		}
		list[at] += c
	}
	return list
}

// Sound tells whether a digest keeps its bounds, wherever it was read from.
func (d *Digest) Sound() bool {
	c := &d.Course
	return d.Delay.Fine >= 0 && d.Delay.Fine < binBits && d.Delay.First >= 0 &&
		d.Delay.First <= 64<<d.Delay.Fine-len(d.Delay.Counts) && len(d.Delay.Counts) <= maxBins && len(d.Hops) <= maxHops && len(d.Peers) <= maxPeers &&
		len(d.Degree.Counts) <= maxDegrees && (d.Degree.Width > 0 || len(d.Degree.Counts) == 0) &&
		len(c.Up) <= maxSteps && len(c.Up) == len(c.Received) && (c.Step > 0 || len(c.Up) == 0)
}
