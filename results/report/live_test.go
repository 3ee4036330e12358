package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
)

// onSockets is what real sockets are said to have shown of a sweep: at some points, every run
// changed.
func onSockets(t *testing.T, text string, at func(point int) bool, change func(point int, r *results.Run)) *results.Verdict {
	t.Helper()
	v := invented{missing: func(point, _ int) bool { return !at(point) }}.input(t, text).Verdict
	for i := range v.Points {
		for _, r := range v.Points[i].Runs {
			r.World = results.Live
			if change != nil {
				change(i, r)
			}
		}
	}
	return v
}

func everywhere(int) bool { return true }

// TestLive: what real sockets have shown lies over what the simulator says, where both have
// runs.
func TestLive(t *testing.T) {
	in := invented{}.input(t, swept)
	if picture(in, "live") != nil || picture(in, "live-delay") != nil {
		t.Error("there is a picture of live runs, and there are none")
	}
	in.Live = onSockets(t, swept, func(point int) bool { return point == 2 }, nil)
	live, delay := picture(in, "live"), picture(in, "live-delay")
	if len(live.Table.Rows) != 2 || len(live.panels) != 2 || len(delay.Table.Rows) != 4 || len(delay.panels) != 1 {
		t.Errorf("%d and %d rows, %d and %d panels", len(live.Table.Rows), len(delay.Table.Rows), len(live.panels), len(delay.panels))
	}
	if !strings.Contains(live.svg(true), "real sockets: delivery ") || !strings.Contains(delay.svg(true), "\nreal sockets, mean of 2 runs; difference of real sockets:\ndelay.p50 ") {
		t.Error("nothing is said on hover")
	}
	for _, p := range []*Picture{live, delay} {
		if want := "Both have runs at 1 of 12 points."; !strings.Contains(p.About, want) {
			t.Errorf("%s does not say %q: %s", p.Name, want, p.About)
		}
	}
}

// TestLiveFromTheOtherSide: the picture of a live run's report is that of the simulated one's.
func TestLiveFromTheOtherSide(t *testing.T) {
	shift := func(_ int, r *results.Run) { r.Values[measure.DelayP50] += 0.01 }
	here := invented{}.input(t, swept)
	here.Live = onSockets(t, swept, everywhere, shift)
	there := invented{}.input(t, swept)
	there.Verdict, there.Simulated = here.Live, here.Verdict
	for _, name := range []string{"live", "live-delay"} {
		a, b := picture(here, name), picture(there, name)
		if a.Title != b.Title || a.About != b.About || a.svg(true) != b.svg(true) || fmt.Sprint(a.Table) != fmt.Sprint(b.Table) {
			t.Errorf("%s is another picture in the report of live runs", name)
		}
	}
}

// TestLiveDelaysMessage: the title says whether delays follow, and how far they are away.
func TestLiveDelaysMessage(t *testing.T) {
	later := func(by float64, at ...int) func(int, *results.Run) {
		return func(point int, r *results.Run) {
			if slices.Contains(at, point) {
				r.Values[measure.DelayP50] += by
				r.Values[measure.DelayP95] -= by / 2
			}
		}
	}
	for _, c := range []struct {
		text   string
		change func(int, *results.Run)
		want   string
	}{
		{single, nil, "follow the simulator's: median +0 ms, p95 +0 ms"},
		{single, later(0.004, 0), "follow the simulator's: median +4 ms, p95 -2 ms"},
		{single, later(0.5, 0), "do not follow the simulator's: median +500 ms, p95 -250 ms"},
		{single, later(math.NaN(), 0), "do not follow the simulator's: median +0 ms, p95 +0 ms"},
		{swept, later(0.02, 3), "follow the simulator's at all 12 points: median within 20 ms, p95 within 10 ms"},
		{swept, later(-0.5, 3, 4), "follow the simulator's at 10 of 12 points: median up to 500 ms away, p95 up to 250 ms"},
	} {
		in := invented{}.input(t, c.text)
		in.Live = onSockets(t, c.text, everywhere, c.change)
		if got := picture(in, "live-delay").Title; got != "Delays on real sockets "+c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestLiveDelaysAreOfTheDue: a chunk that is lost on real sockets is missing at the top of
// their curve, and the caption says how far apart the curves are.
func TestLiveDelaysAreOfTheDue(t *testing.T) {
	in := invented{}.input(t, single)
	in.Live = onSockets(t, single, everywhere, func(_ int, r *results.Run) { r.Digest.Due *= 2 })
	p := picture(in, "live-delay")
	simulated, live := p.panels[0].layers[0].(*curve), p.panels[0].layers[1].(*curve)
	last := len(simulated.ys) - 1
	if a, b := simulated.ys[last], live.ys[last]; math.Abs(a-2*b) > 1e-12 || a < 0.4 {
		t.Errorf("of as many that came of half as many due, the curves end at %v and %v", a, b)
	}
	if want := fmt.Sprintf("nowhere further apart than %.1f %% of the chunks due.", 50*simulated.ys[last]); !strings.Contains(p.About, want) {
		t.Errorf("it does not say %q: %s", want, p.About)
	}
}

// TestLiveDelaysWithoutDistributions: runs that were kept without them are told in the table
// only, and where no run has one there is no picture.
func TestLiveDelaysWithoutDistributions(t *testing.T) {
	in := invented{bare: true}.input(t, swept)
	in.Live = onSockets(t, swept, everywhere, nil)
	if picture(in, "live") == nil || picture(in, "live-delay") != nil {
		t.Error("of simulated runs without distributions there is a picture of delays")
	}
	in = invented{}.input(t, swept)
	in.Live = onSockets(t, swept, everywhere, func(point int, r *results.Run) {
		if point%2 == 0 {
			r.Digest = nil
		}
	})
	if p := picture(in, "live-delay"); len(p.panels) != 6 || len(p.Table.Rows) != 48 {
		t.Errorf("%d panels and %d rows, want 6 and 48", len(p.panels), len(p.Table.Rows))
	}
}

// TestLiveDelaysOfManyPoints: those points are drawn at which the curves are furthest apart,
// in the order of the sweep, and the caption says so.
func TestLiveDelaysOfManyPoints(t *testing.T) {
	many := "name: many\nseeds: 2\nsweep:\n  - peers: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]\n"
	in := invented{}.input(t, many)
	in.Live = onSockets(t, many, everywhere, func(point int, r *results.Run) {
		if point > 3 {
			r.Digest.Delay.Counts[0] /= 2
		}
	})
	p := picture(in, "live-delay")
	if len(p.panels) != maxPanels || p.panels[0].title != "9" || p.panels[11].title != "20" {
		t.Errorf("%d panels, from %s on", len(p.panels), p.panels[0].title)
	}
	if want := "Of 16 points those 12 are drawn at which they are furthest apart."; !strings.Contains(p.About, want) {
		t.Errorf("it does not say %q: %s", want, p.About)
	}
}

// TestDelaysFromZero: chunks that come at once have their place, too, where delays are drawn
// by their logarithm.
func TestDelaysFromZero(t *testing.T) {
	atOnce := func(_ int, r *results.Run) {
		r.Digest.Delay = measure.Spread{Counts: slices.Repeat([]uint64{100}, 40)}
	}
	in := invented{}.input(t, swept)
	in.Live = onSockets(t, swept, everywhere, atOnce)
	p := picture(in, "live-delay")
	live := p.panels[0].layers[1].(*curve)
	if !p.panels[0].x.log || live.xs[0] != p.panels[0].x.lo || !slices.IsSorted(live.xs) || live.ys[0] == 0 {
		t.Errorf("the curve begins at %v with %v", live.xs[0], live.ys[0])
	}
	for i := range in.Verdict.Points {
		for _, r := range in.Verdict.Points[i].Runs {
			atOnce(i, r)
		}
	}
	pageOf(t, in) // all pictures, of either world
}

// TestUnmatched: a page of live runs says if there is nothing to compare them with.
func TestUnmatched(t *testing.T) {
	alone := invented{}.input(t, swept)
	alone.Verdict = onSockets(t, swept, everywhere, nil)
	const none = "These runs are of real sockets; there are none of the simulator to compare them with."
	if !strings.Contains(pageOf(t, alone), none) {
		t.Error("nothing is said of live runs on their own")
	}
	half := invented{missing: func(point, _ int) bool { return point == 2 }}.input(t, swept)
	half.Live = onSockets(t, swept, func(point int) bool { return point == 2 }, nil)
	if page := pageOf(t, half); !strings.Contains(page, "have runs at no point in common") || strings.Contains(page, "figure id=\"live") {
		t.Error("nothing is said of runs at other points than the live ones")
	}
	both := invented{}.input(t, swept)
	both.Live = onSockets(t, swept, everywhere, nil)
	if page := pageOf(t, both); strings.Contains(page, "no point in common") || strings.Contains(page, none) {
		t.Error("runs of both worlds are said not to be compared")
	}
}

// TestEdges: at the ends of bins that all distributions know, each of them gives the share
// that its values give.
func TestEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []*measure.Digest
		var all [][]int64
		for range rapid.IntRange(1, 3).Draw(t, "runs") {
			values := rapid.SliceOfN(rapid.Int64Range(1, 1<<rapid.IntRange(1, 40).Draw(t, "bits")), 1, 50).Draw(t, "values")
			var h measure.Histogram
			for _, v := range values {
				h.Add(node.Time(v))
			}
			list, all = append(list, &measure.Digest{Due: uint64(len(values)), Delay: h.Spread()}), append(all, values)
		}
		xs := edges(list)
		if len(xs) == 0 || len(xs) > maxEdges || !slices.IsSorted(xs) {
			t.Fatalf("%d edges", len(xs))
		}
		for _, x := range xs {
			for i, d := range list {
				below := 0
				for _, v := range all[i] {
					if float64(v) < math.Round(x*1e9) {
						below++
					}
				}
				if want := float64(below) / float64(len(all[i])); math.Abs(received(d, x)-want) > 1e-9 {
					t.Fatalf("run %d, below %v s: %v, want %v", i, x, received(d, x), want)
				}
			}
		}
	})
}
