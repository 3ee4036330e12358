package sim_test

import (
	"encoding/json"
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/sim"
)

// TestDigestIsTheMetrics: the distributions come to what the metrics of the run say, and
// counting delivery over time changes no result.
func TestDigestIsTheMetrics(t *testing.T) {
	c := blind(50, 2, 3, 0.1, 7)
	c.Overlay, c.View, c.Deadline = sim.RandomOut, 8, 5*node.Second
	plain, err := sim.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Series = true
	w, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(c.Duration)
	result, d := w.Result(), w.Digest()
	if result.Fingerprint != plain.Fingerprint || result.Counts != plain.Counts {
		t.Error("counting delivery over time has changed the run")
	}
	if !d.Sound() {
		t.Fatalf("not sound: %+v", d)
	}
	received, hops, most := uint64(0), uint64(0), 0
	for h, n := range d.Hops {
		received, hops = received+n, hops+uint64(h)*n
		if n > 0 {
			most = h
		}
	}
	delays := uint64(0)
	for _, n := range d.Delay.Counts {
		delays += n
	}
	v := &result.Values
	for what, pair := range map[string][2]float64{
		"delays":         {float64(delays), float64(received)},
		"hops.mean":      {float64(hops) / float64(received), v[measure.HopsMean]},
		"hops.max":       {float64(most), v[measure.HopsMax]},
		"delivery.worst": {float64(d.Peers[0]) / 10_000, math.Floor(v[measure.DeliveryWorst]*10_000) / 10_000},
		"peers":          {float64(len(d.Peers)), float64(min(c.Peers, 101))},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	if first := d.Delay.Edge(0); first.Seconds() > v[measure.DelayP50] || d.Delay.Edge(len(d.Delay.Counts)).Seconds() < v[measure.DelayMax] {
		t.Errorf("delays from %v on are not those of the run", first)
	}
	if len(d.Course.Up) == 0 || d.Course.Step%c.Period != 0 {
		t.Errorf("course %+v", d.Course)
	}
	text, err := json.Marshal(&d)
	if err != nil || len(text) > 4096 {
		t.Errorf("%d bytes: %v", len(text), err)
	}
}
