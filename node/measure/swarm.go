package measure

import (
	"math"
	"slices"

	"pushcast/node"
)

// Window says which pairs of a peer and a chunk are due: the chunk was born in
// From ≤ birth < To, at least Grace after the peer joined, and the peer was up
// from then to birth + Deadline. Where Deadline is 0, a pair waits for its
// chunk till the end.
type Window struct {
	From, To        node.Time
	Deadline, Grace node.Time
}

// Due tells whether a chunk born at birth is due to a peer that joined at
// joined and stays.
func (w *Window) Due(birth, joined node.Time) bool {
	return birth >= w.From && birth < w.To && birth-joined >= w.Grace
}

// InTime tells whether a chunk that took delay is not missed.
func (w *Window) InTime(delay node.Time) bool { return w.Deadline == 0 || delay <= w.Deadline }

// Receiver is what is counted of one receiving peer.
type Receiver struct {
	Due      uint32 // pairs due
	Received uint32 // due pairs received in time
	Played   uint32 // due pairs put out in time
	Degree   uint32 // views that it stands in
	Alone    bool   // it has an empty view, or stands in nobody's
	Gone     bool   // it is not up at the end: no degree is counted of it
	Absent   bool   // it has never joined: it has no startup
	// Startup is the time from joining to the first chunk put out; Never where
	// none was.
	Startup node.Time
}

// Traffic is what is counted of the datagrams of all peers.
type Traffic struct {
	Arrived    uint64 // chunk datagrams that receivers took in
	Duplicates uint64 // of these, later copies
	Bytes      uint64 // sent by anybody, all kinds, headers of UDP and IP included
	FirstBytes uint64 // in the first copies
}

// Swarm is everything that the metrics of a swarm are computed from.
type Swarm struct {
	Receivers []Receiver
	Delay     *Histogram // of received due pairs
	Hops      *Histogram // of received due pairs
	Traffic   Traffic
	Playing   bool // peers put chunks out: played and startup exist
	Viewed    bool // it is known who stands in whose view: degrees exist
	// Shape is what the overlay looks like as a graph; nil where it is not known.
	Shape *Shape
}

// Shape is what an overlay looks like: see Graph.
type Shape struct {
	Clustering, Path float64
	Components       int
}

// Values computes the metrics. Those for which nothing was counted are NaN.
func (s *Swarm) Values() Values {
	v := None()
	s.delivery(&v)
	if s.Delay.N() > 0 {
		v[DelayMean] = s.Delay.Mean() / float64(node.Second)
		v[DelayP50] = s.Delay.Quantile(0.50).Seconds()
		v[DelayP95] = s.Delay.Quantile(0.95).Seconds()
		v[DelayP99] = s.Delay.Quantile(0.99).Seconds()
		v[DelayMax] = s.Delay.Max().Seconds()
	}
	if s.Hops.N() > 0 {
		v[HopsMean] = s.Hops.Mean()
		v[HopsMax] = float64(s.Hops.Max())
	}
	if t := s.Traffic; t.Arrived > 0 {
		v[Duplicates] = float64(t.Duplicates) / float64(t.Arrived)
		if t.FirstBytes > 0 {
			v[Overhead] = float64(t.Bytes) / float64(t.FirstBytes)
		}
	}
	s.startup(&v)
	s.degrees(&v)
	if s.Shape != nil {
		v[Clustering], v[Path], v[Components] = s.Shape.Clustering, s.Shape.Path, float64(s.Shape.Components)
	}
	return v
}

func (s *Swarm) delivery(v *Values) {
	var due, received, played uint64
	ratios := make([]float64, 0, len(s.Receivers))
	for i := range s.Receivers {
		r := &s.Receivers[i]
		if r.Due == 0 {
			continue
		}
		due += uint64(r.Due)
		received += uint64(r.Received)
		played += uint64(r.Played)
		ratios = append(ratios, float64(r.Received)/float64(r.Due))
	}
	if due == 0 {
		return
	}
	v[Delivery] = float64(received) / float64(due)
	if s.Playing {
		v[Played] = float64(played) / float64(due)
	}
	slices.Sort(ratios)
	v[DeliveryWorst] = ratios[0]
	v[DeliveryP05] = ratios[rankOf(0.05, uint64(len(ratios)))-1]
}

func (s *Swarm) startup(v *Values) {
	times := make([]node.Time, 0, len(s.Receivers))
	for i := range s.Receivers {
		if !s.Receivers[i].Absent {
			times = append(times, s.Receivers[i].Startup)
		}
	}
	if !s.Playing || len(times) == 0 {
		return
	}
	slices.Sort(times)
	if t := times[rankOf(0.95, uint64(len(times)))-1]; t != node.Never {
		v[StartupP95] = t.Seconds()
	}
}

func (s *Swarm) degrees(v *Values) {
	if !s.Viewed {
		return
	}
	var sum, squares, most, alone, up uint64
	for i := range s.Receivers {
		r := &s.Receivers[i]
		if r.Gone {
			continue
		}
		up++
		d := uint64(r.Degree)
		sum += d
		squares += d * d
		most = max(most, d)
		if r.Alone {
			alone++
		}
	}
	if up == 0 {
		return
	}
	n := float64(up)
	mean := float64(sum) / n
	v[DegreeMax] = float64(most)
	v[DegreeSD] = math.Sqrt(max(0, float64(squares)/n-float64(mean*mean)))
	v[Isolated] = float64(alone)
}
