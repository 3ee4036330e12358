//go:build ci

package stage

import (
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

// promised is the same as allowed, with chance for delivery only.
var promised = []allowance{
	{measure.Delivery, 0.01, 0, true},
	{measure.Duplicates, 0.02, 0, false},
	{measure.DelayP50, 0.002, 0.1, false},
	{measure.DelayP95, 0.002, 0.1, false},
}

// attempts is how often a run is played that the machine was too busy for.
const attempts = 6

// TestTruth: real sockets come to what the simulator says. A point of the scenario live (10,
// 50 and 200 peers, 0 and 5 % loss, the original's way of pushing and stripes, two sets of
// parameters each) takes 18 s, one of live-events 20 s, all of them 12 minutes where the
// machine is quiet. A run that it is too busy for is repeated.
func TestTruth(t *testing.T) {
	for _, scenario := range []string{"live", "live-events"} {
		s, err := scenarios.Load(scenario)
		if err != nil {
			t.Fatal(err)
		}
		points := s.Points()
		if len(points) < 12 {
			t.Fatalf("only %d points", len(points))
		}
		t.Run(scenario, func(t *testing.T) {
			for i := range points {
				p := &points[i]
				t.Run(p.Label(), func(t *testing.T) {
					live := played(t, p)
					require(t, simulated(t, p.Config, 20), []measure.Values{live.Values}, allowed)
				})
			}
		})
	}
}

// played plays a point, with another seed where the machine was too busy for the first.
func played(t *testing.T, p *scenarios.Point) *Result {
	t.Helper()
	why := ""
	for seed := range attempts {
		r, err := Run(t.Context(), p.Config(seed))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %v", seed, &r.Machine)
		if why = r.Machine.Saturated(); why == "" {
			return r
		}
		t.Logf("seed %d: the machine was too busy: %s", seed, why)
	}
	t.Fatalf("nothing was compared: the machine was too busy %d times, at last: %s", attempts, why)
	return nil
}

// TestTruthOfEvents: under virtual time, every point of live-events, and all of live but the
// largest swarms.
func TestTruthOfEvents(t *testing.T) {
	inVirtualTime(t, "live-events", "", 6)
	inVirtualTime(t, "live", "peers=10 ", 6)
	inVirtualTime(t, "live", "peers=50 ", 6)
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
	r := played(t, &s.Points()[0])
	if r.Machine.Lost > 0 {
		t.Errorf("%d datagrams lost inside", r.Machine.Lost)
	}
}
