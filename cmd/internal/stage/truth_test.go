package stage

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"gonum.org/v1/gonum/stat"

	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// agreement is one metric of a point in the simulator and where drivers played it: means
// over seeds, and how far apart they may be: always, and with what chance does.
type agreement struct {
	metric        measure.Metric
	said, did     float64
	always, bound float64
}

func (a *agreement) holds() bool { return math.Abs(a.did-a.said) <= a.bound } // NaN does not

// allowance is how far apart the two worlds may be beside what chance does.
type allowance struct {
	metric             measure.Metric
	absolute, relative float64
	chance             bool // three standard errors of the difference are added
}

// allowed is how far apart real sockets and the simulator may be: delivery a percentage
// point, duplicates two, the median and the 95th percentile of the delay 10 % and 2 ms.
// Chance comes on top, but of duplicates: from one seed to the next that percentile varies by up to a
// half, as trees of stripes are good or not.
var allowed = []allowance{
	{measure.Delivery, 0.01, 0, true},
	{measure.Duplicates, 0.02, 0, false},
	{measure.DelayP50, 0.002, 0.1, true},
	{measure.DelayP95, 0.002, 0.1, true},
}

// compare holds what drivers did to what the simulator said. The standard error is reckoned
// from the simulator's seeds, of which there are more.
func compare(said, did []measure.Values, allowed []allowance) (list []agreement) {
	for _, may := range allowed {
		of := func(runs []measure.Values) (xs []float64) {
			for i := range runs {
				xs = append(xs, runs[i][may.metric])
			}
			return xs
		}
		a := agreement{metric: may.metric, said: stat.Mean(of(said), nil), did: stat.Mean(of(did), nil)}
		a.always = may.absolute + may.relative*math.Abs(a.said)
		a.bound = a.always
		if may.chance {
			a.bound += 3 * stat.StdDev(of(said), nil) * math.Sqrt(1/float64(len(said))+1/float64(len(did)))
		}
		list = append(list, a)
	}
	return list
}

// require fails where the two worlds are further apart than is allowed.
func require(t *testing.T, said, did []measure.Values, allowed []allowance) {
	t.Helper()
	for _, a := range compare(said, did, allowed) {
		name := measure.Definitions[a.metric].Name
		t.Logf("%s: simulated %.4f, live %.4f", name, a.said, a.did)
		if !a.holds() {
			t.Errorf("%s: simulated %.4f, live %.4f: further apart than %.4f", name, a.said, a.did, a.bound)
		}
	}
}

// simulated computes some seeds.
func simulated(t *testing.T, config func(seed int) sim.Config, seeds int) (said []measure.Values) {
	t.Helper()
	for seed := range seeds {
		r, err := sim.Run(config(seed))
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, r.Values)
	}
	return said
}

// tight is what drivers are held to under virtual time, where no machine is in the way: what
// is left is chance, and that drivers follow the period.
var tight = []allowance{
	{measure.Delivery, 0.002, 0, true},
	{measure.Duplicates, 0.002, 0, true},
	{measure.Overhead, 0.005, 0, true},
	{measure.DelayP50, 0, 0.02, true},
	{measure.DelayP95, 0, 0.02, true},
	{measure.HopsMean, 0, 0.01, true},
}

// inVirtualTime plays the points of a scenario whose labels contain a word, some seeds each,
// by drivers on a network in memory, and holds them to the simulator.
func inVirtualTime(t *testing.T, scenario, word string, seeds int) {
	s, err := scenarios.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	points, compared := s.Points(), 0
	for i := range points {
		p := &points[i]
		if !strings.Contains(p.Label(), word) {
			continue
		}
		compared++
		t.Run(p.Label(), func(t *testing.T) {
			var did []measure.Values
			for seed := range seeds {
				synctest.Test(t, func(t *testing.T) {
					r, err := run(t.Context(), p.Config(seed), newMemory().listen)
					if err != nil {
						t.Fatal(err)
					}
					if why := r.Machine.Saturated(); why != "" {
						t.Errorf("seed %d: %s", seed, why)
					}
					did = append(did, r.Values)
				})
			}
			require(t, simulated(t, p.Config, 20), did, tight)
		})
	}
	if compared == 0 {
		t.Fatalf("no point of %s is %s", scenario, word)
	}
}

// TestTruthInVirtualTime: ten drivers come to what the simulator says, at 5 % loss, pushing
// as the original and along stripes.
func TestTruthInVirtualTime(t *testing.T) { inVirtualTime(t, "live", "peers=10 loss=5%", 5) }

// TestFurtherApart: runs that are like others agree, and runs that are not are found.
func TestFurtherApart(t *testing.T) {
	runs := func(delivery, delay float64) (list []measure.Values) {
		for i := range 20 {
			var v measure.Values
			by := 0.01 * (float64(i%2) - 0.5)
			v[measure.Delivery], v[measure.Duplicates] = delivery+by, 0.5
			v[measure.DelayP50], v[measure.DelayP95] = delay*(1+by), 2*delay*(1+by)
			list = append(list, v)
		}
		return list
	}
	for _, x := range []struct {
		delivery, delay float64
		agree           bool
	}{
		{0.9, 0.1, true}, {0.91, 0.109, true}, {0.88, 0.1, false}, {0.92, 0.1, false}, {0.9, 0.115, false}, {0.9, 0.085, false}, {0, math.NaN(), false},
	} {
		all := true
		for _, a := range compare(runs(0.9, 0.1), runs(x.delivery, x.delay), allowed) {
			all = all && a.holds()
		}
		if all != x.agree {
			t.Errorf("delivery %v, delay %v beside 0.9 and 0.1: they agree: %v", x.delivery, x.delay, all)
		}
	}
}
