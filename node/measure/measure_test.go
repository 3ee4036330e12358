package measure_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
	"pushcast/node/measure"
)

// TestHistogram: mean, least and greatest are exact, quantiles to 0.05 %.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 3000), rapid.Int64Range(0, 1<<50), rapid.Just(int64(math.MaxInt64))), 1, 200).Draw(t, "values")
		var h measure.Histogram
		var sum float64
		for _, v := range values {
			h.Add(node.Time(v))
			sum += float64(v)
		}
		slices.Sort(values)
		if h.N() != uint64(len(values)) || int64(h.Max()) != values[len(values)-1] {
			t.Fatalf("n %d, max %d of %v", h.N(), h.Max(), values)
		}
		if mean := sum / float64(len(values)); math.Abs(h.Mean()-mean) > 1e-9*mean {
			t.Fatalf("mean %v, must be %v", h.Mean(), mean)
		}
		for _, q := range []float64{0, 0.05, 0.5, 0.95, 0.99, 1} {
			rank := max(int(math.Ceil(q*float64(len(values)))), 1)
			got, want := float64(h.Quantile(q)), float64(values[rank-1])
			if want < 2048 && got != want || math.Abs(got-want) > 0.0005*want {
				t.Fatalf("quantile %v is %v, must be %v", q, got, want)
			}
		}
	})
}

// TestDefinitions of product.md, on a swarm small enough to reckon by hand.
func TestDefinitions(t *testing.T) {
	w := measure.Window{From: 10, To: 20, Deadline: 5, Grace: 3}
	for _, c := range []struct {
		birth, joined node.Time
		due           bool
	}{{9, 0, false}, {10, 0, true}, {19, 0, true}, {20, 0, false}, {12, 10, false}, {13, 10, true}} {
		if w.Due(c.birth, c.joined) != c.due {
			t.Errorf("born at %d, joined at %d: due is %v", c.birth, c.joined, !c.due)
		}
	}
	if !w.InTime(5) || w.InTime(6) || !(&measure.Window{}).InTime(1<<60) {
		t.Error("the deadline itself is in time, what is beyond is not; without one all is")
	}

	var delay, hops measure.Histogram
	for _, d := range []node.Time{1, 2, 3, 4} {
		delay.Add(d * node.Second)
		hops.Add(d)
	}
	s := measure.Swarm{
		Receivers: []measure.Receiver{
			{Due: 10, Received: 9, Played: 8, Degree: 3, Startup: node.Second},
			{Due: 10, Received: 5, Played: 5, Degree: 1, Startup: 3 * node.Second},
			{Gone: true, Degree: 99, Alone: true, Startup: 2 * node.Second},
			{Due: 0, Received: 0, Degree: 2, Alone: true, Startup: 2 * node.Second},
			{Absent: true, Gone: true, Degree: 99, Startup: node.Never},
		},
		Delay: &delay, Hops: &hops, Playing: true, Viewed: true,
		Shape:   &measure.Shape{Clustering: 0.25, Path: 1.5, Components: 2},
		Traffic: measure.Traffic{Arrived: 20, Duplicates: 6, Bytes: 3000, FirstBytes: 1000},
	}
	v := s.Values()
	if !math.IsNaN(v[measure.Recovery]) {
		t.Error("nothing happened, and a recovery of it has a value")
	}
	v[measure.Recovery] = 2 // see TestRecovery
	want := measure.Values{
		measure.Delivery: 0.7, measure.DeliveryWorst: 0.5, measure.DeliveryP05: 0.5, measure.Played: 0.65,
		measure.DelayMean: 2.5, measure.DelayP50: 2, measure.DelayP95: 4, measure.DelayP99: 4, measure.DelayMax: 4,
		measure.HopsMean: 2.5, measure.HopsMax: 4, measure.Duplicates: 0.3, measure.Overhead: 3,
		measure.StartupP95: 3, measure.Recovery: 2, measure.DegreeMax: 3, measure.DegreeSD: math.Sqrt(2.0 / 3), measure.Isolated: 1,
		measure.Clustering: 0.25, measure.Path: 1.5, measure.Components: 2,
	}
	for m, d := range measure.Definitions {
		if !(math.Abs(v[m]-want[m]) <= 0.001*math.Abs(want[m])) { // NaN too
			t.Errorf("%s is %v, must be %v", d.Name, v[m], want[m])
		}
		if found, ok := measure.Named(d.Name); !ok || found != measure.Metric(m) || d.About == "" {
			t.Errorf("%s is not to be found by its name", d.Name)
		}
	}
	s.Playing = false
	if v := s.Values(); !math.IsNaN(v[measure.Played]) || !math.IsNaN(v[measure.StartupP95]) {
		t.Error("nothing is put out, and there are figures of it")
	}
}
