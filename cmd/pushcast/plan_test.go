package main

import (
	"testing"
	"time"

	"pushcast/scenarios"
	"pushcast/sim"
)

// TestWork: what is estimated to happen in a run is between half and twice what happens,
// for every ready-made scenario; so points of a sweep weigh about what they cost.
func TestWork(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		c := s.Config(0)
		c.Peers = min(c.Peers, 200) // the estimate is per peer, and ten thousand take long
		r, err := sim.Run(c)
		if err != nil {
			t.Fatal(err)
		}
		if ratio := work(&c) / float64(r.Counts.Events); ratio < 0.5 || ratio > 2 {
			t.Errorf("%s: estimated are %.2f of the events", name, ratio)
		}
	}
}

// TestRough: an estimate says no more digits than it has.
func TestRough(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1s", 3400 * time.Millisecond: "3s", 97 * time.Second: "1m40s",
		47 * time.Minute: "50m0s", 30*time.Hour + 20*time.Minute: "30 h",
	} {
		if got := rough(d); got != want {
			t.Errorf("%s is shown as %s, want %s", d, got, want)
		}
	}
}
