//go:build ci

package stage

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// TestTruth: at every point of the scenario live (10, 50 and 200 peers, 0 and 5 % loss, two
// sets of parameters each for the original's scheduler and for latest) real sockets come to
// what the simulator says: delivery within a percentage point and three standard errors,
// duplicates within two points, median and 95th percentile of the delay within 10 % and
// 2 ms. Six minutes where the machine is quiet; a run that it is too busy for is repeated.
func TestTruth(t *testing.T) {
	s, err := scenarios.Load("live")
	if err != nil {
		t.Fatal(err)
	}
	const seeds, attempts = 20, 5
	points := s.Points()
	if len(points) < 12 {
		t.Fatalf("only %d points", len(points))
	}
	for i := range points {
		p := &points[i]
		t.Run(p.Label(), func(t *testing.T) {
			said := simulated(t, p.Config, seeds)
			var live *Result
			for seed := 0; live == nil || live.Machine.Saturated() != ""; seed++ {
				if seed == attempts {
					t.Fatalf("the machine is too busy: %s", live.Machine.Saturated())
				}
				if live, err = Run(t.Context(), p.Config(seed)); err != nil {
					t.Fatal(err)
				}
			}
			t.Log(&live.Machine)
			agree(t, said, live)
		})
	}
}

// simulated gives what the simulator says: the metrics of each seed.
func simulated(t *testing.T, config func(seed int) sim.Config, seeds int) (said [measure.Count][]float64) {
	t.Helper()
	for seed := range seeds {
		r, err := sim.Run(config(seed))
		if err != nil {
			t.Fatal(err)
		}
		for m, x := range r.Values {
			said[m] = append(said[m], x)
		}
	}
	return said
}

// agree holds a live run to what the simulator says, within the bounds of TestTruth.
func agree(t *testing.T, said [measure.Count][]float64, live *Result) {
	t.Helper()
	within := func(m measure.Metric, by float64) {
		want, got := stat.Mean(said[m], nil), live.Values[m]
		t.Logf("%s: simulated %.4f, live %.4f", measure.Definitions[m].Name, want, got)
		if !(math.Abs(got-want) <= by) {
			t.Errorf("%s: simulated %.4f, live %.4f: further apart than %.4f", measure.Definitions[m].Name, want, got, by)
		}
	}
	within(measure.Delivery, 0.01+3*stat.StdDev(said[measure.Delivery], nil)*math.Sqrt(1+1/float64(len(said[measure.Delivery]))))
	within(measure.Duplicates, 0.02)
	within(measure.DelayP50, 0.1*stat.Mean(said[measure.DelayP50], nil)+0.002)
	within(measure.DelayP95, 0.1*stat.Mean(said[measure.DelayP95], nil)+0.002)
}

// TestTwoHundred: two hundred peers at 25 chunks a second for a minute, and no datagram is
// lost inside the machine.
func TestTwoHundred(t *testing.T) {
	s, err := scenarios.Load("quickstart")
	if err == nil {
		err = s.Set("peers=200", "duration=60s", "measure=20s..50s")
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), s.Config(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(&r.Machine)
	if r.Machine.Lost > 0 {
		t.Errorf("%d datagrams lost inside", r.Machine.Lost)
	}
}
