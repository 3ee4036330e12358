package sim

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
)

// TestBirths holds the births of streams with pauses to a walk from birth to birth.
func TestBirths(t *testing.T) {
	const ms = node.Millisecond
	pause := func(at, lasts node.Time) Change { return Change{Kind: Pause, At: at, For: lasts} }
	for name, pauses := range map[string][]Change{
		"none":                       nil,
		"long":                       {pause(100*ms, 500*ms)},
		"from the beginning":         {pause(0, 70*ms)},
		"between two births":         {pause(81*ms, 2*ms)},
		"two between two births":     {pause(81*ms, 2*ms), pause(90*ms, 3*ms)},
		"over one birth":             {pause(81*ms, 45*ms)},
		"in any order, one for ever": {pause(700*ms, MaxTime), pause(81*ms, 45*ms), pause(200*ms, 90*ms)},
	} {
		const period = 40 * ms
		b := newBirths(period, pauses)
		var births []node.Time
		for next := node.Time(0); next < 1200*ms; next += period {
			for again := true; again; {
				again = false
				for _, p := range pauses {
					if next >= p.At && next < p.At+p.For {
						next, again = p.At+p.For, true
					}
				}
			}
			if next < 1200*ms {
				births = append(births, next)
			}
		}
		for c, want := range births {
			if got := b.at(node.ChunkID(c)); got != want {
				t.Errorf("%s: chunk %d is born at %d, want %d", name, c, got, want)
			}
		}
		n := 0
		for at := node.Time(0); at <= 1200*ms; at += ms {
			for n < len(births) && births[n] < at {
				n++
			}
			if got := b.before(at); int(got) != n {
				t.Fatalf("%s: %d chunks are born before %d, want %d", name, got, at, n)
			}
		}
		if len(births) > 1200/40 {
			t.Errorf("%s: %d births, more than without a pause", name, len(births))
		}
	}
	// More chunks than a number has room for: a stay of years, seen by a stream.
	b := newBirths(node.Microsecond, nil)
	if n := b.before(1<<32*node.Microsecond + 5); n < 1<<30 {
		t.Errorf("%d chunks of 1 µs are born in more than an hour", n)
	}
}

// TestFarTimes: what comes later than any run is long never comes.
func TestFarTimes(t *testing.T) {
	c := randomConfig(1)
	c.Peers, c.Join = 2000, Join{Every: MaxTime}
	c.Classes, c.SourceLink, c.Churn = nil, nil, Churn{}
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(c.Duration)
	if w.Online() != 1 {
		t.Errorf("receivers join a year after each other, and %d are up", w.Online())
	}
}

// TestWhoNeverJoins: receivers for whom the run is too short have no degree and no
// startup, and hide nobody else's.
func TestWhoNeverJoins(t *testing.T) {
	const ms = node.Millisecond
	c := Config{
		Peers: 16, Overlay: Ring, View: 3, Copies: 3, SourceKnowsAll: true,
		Join:   Join{Every: 250 * ms}, // four of them before the end
		Period: 10 * ms, Duration: 1000 * ms, To: 1000 * ms,
		Peer: node.Config{Push: 5 * ms, Scheduler: node.Random, Buffer: 8, Window: 8},
	}
	r, err := Run(c)
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Values[measure.StartupP95]; !(s < 1) {
		t.Errorf("the four have started after %v s", s)
	}
	// Their in-degrees from each other are 0, 1, 2, 3: each knows the next three.
	if sd := r.Values[measure.DegreeSD]; math.Abs(sd-math.Sqrt(1.25)) > 1e-9 {
		t.Errorf("the standard deviation of their in-degrees is %v, want √1.25", sd)
	}
}
