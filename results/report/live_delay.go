package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
)

// twin is a pair of which both worlds have distributions of delays.
type twin struct {
	pair
	digests [2][]*measure.Digest
	curves  [2]*curve
	apart   float64 // how far the curves are from each other at most
}

// quantiles are what is told of every curve.
var quantiles = []measure.Metric{measure.DelayP50, measure.DelayP95, measure.DelayP99, measure.Delivery}

// maxEdges bounds the places of a curve of delays.
const maxEdges = 192

// liveDelays lays the delays of chunks on real sockets over those that the simulator says, a
// panel a point.
func liveDelays(in *Input) *Picture {
	list := in.pairs()
	twins, lo, hi := twinsOf(list)
	if len(twins) == 0 {
		return nil
	}
	p := overlay("Share of the due chunks that had come after so long, simulated and with real UDP sockets: what never comes is missing at the top. " +
		"Lines are means over runs; bands go from the least run to the greatest. Delays follow where median and p95 are the simulator's to 10 % and 2 ms." + met(in, list))
	p.legend.entries[1].look.dashes = []vg.Length{4, 1.5} // where the lines meet both are seen
	p.Title = delaysMessage(list)
	for _, of := range list {
		for _, m := range quantiles {
			p.Table.row(of, m)
		}
	}
	s := delayShape(in, lo, hi)
	for i := range twins {
		twins[i].trace(s)
	}
	p.About += apartness(twins)
	g := &grid{points: in.Verdict.Points}
	for _, t := range furthest(twins, maxPanels) {
		n := &panel{x: s.x, y: s.y}
		if len(g.points) > 1 {
			n.title = values(t.worlds[0])
		}
		for side, c := range t.curves {
			c.sheet, c.look = p.sheet, p.legend.entries[side].look
			t.say(side, p.legend.entries[side].name)
			n.layers = append(n.layers, c)
		}
		n.layers = append(n.layers, s.gates(in, g, group{of: []int{t.at}}, p.sheet)...)
		p.panels = append(p.panels, n)
	}
	if len(p.panels) > 1 {
		p.height = 130
	}
	return p
}

// twinsOf lists those pairs that have distributions, and the least and the greatest delay of
// them in seconds.
func twinsOf(list []pair) (twins []*twin, lo, hi float64) {
	lo = math.Inf(1)
	for _, of := range list {
		t := &twin{pair: of}
		for side, world := range of.worlds {
			for _, d := range digests(world) {
				if d.Due > 0 {
					t.digests[side] = append(t.digests[side], d)
				}
			}
		}
		if len(t.digests[0]) == 0 || len(t.digests[1]) == 0 {
			continue
		}
		for _, d := range slices.Concat(t.digests[0], t.digests[1]) {
			if n := len(d.Delay.Counts); n > 0 {
				lo, hi = min(lo, d.Delay.Edge(0).Seconds()), max(hi, d.Delay.Edge(n).Seconds())
			}
		}
		twins = append(twins, t)
	}
	if hi == 0 { // nothing has come anywhere
		return nil, 0, 0
	}
	return twins, lo, hi
}

// trace makes the curves. They have places where bins of all runs end: there a share is
// counted, in between it would be taken as even, and bins of unlike width would differ where
// delays do not.
func (t *twin) trace(s *shape) {
	inside := slices.DeleteFunc(edges(slices.Concat(t.digests[0], t.digests[1])), func(x float64) bool { return x <= s.x.lo || x >= s.x.hi })
	xs := slices.Concat([]float64{s.x.lo}, inside, []float64{s.x.hi})
	for side, list := range t.digests {
		c := &curve{xs: xs, says: make([]string, len(xs))}
		perRun := make([]float64, len(list))
		for _, x := range xs {
			for k, d := range list {
				perRun[k] = received(d, x)
			}
			of := results.Summarise(perRun)
			c.ys, c.lo, c.hi = append(c.ys, of.Mean), append(c.lo, of.Min), append(c.hi, of.Max)
		}
		if len(list) == 1 {
			c.lo, c.hi = nil, nil
		}
		t.curves[side] = c
	}
	for i, y := range t.curves[0].ys {
		t.apart = max(t.apart, math.Abs(t.curves[1].ys[i]-y))
	}
}

// edges are times, in seconds, at which some bin of every distribution ends: those of the
// widest bins, since the ends of wide bins are ends of narrow ones, too.
func edges(list []*measure.Digest) (xs []float64) {
	bins := measure.Spread{Fine: math.MaxInt}
	lo, hi := node.Time(math.MaxInt64), node.Time(0)
	for _, d := range list {
		if n := len(d.Delay.Counts); n > 0 {
			bins.Fine = min(bins.Fine, d.Delay.Fine)
			lo, hi = min(lo, d.Delay.Edge(0)), max(hi, d.Delay.Edge(n))
		}
	}
	for ; hi > 0; bins.Fine-- {
		xs = xs[:0]
		for i := 0; i < 64<<bins.Fine && len(xs) <= maxEdges; i++ {
			at := bins.Edge(i)
			if at >= lo {
				xs = append(xs, at.Seconds())
			}
			if at >= hi {
				break
			}
		}
		if len(xs) <= maxEdges || bins.Fine == 0 {
			break
		}
	}
	return xs
}

// say has a curve say, at some places that are not those of the other one, what it comes to.
func (t *twin) say(side int, name string) {
	all := t.worlds[side].Summaries()
	c := t.curves[side]
	text := fmt.Sprintf("%s\n%s, mean of %s; difference of real sockets:", label(t.worlds[side]), name, count(len(t.digests[side]), "run"))
	for _, m := range quantiles {
		d := measure.Definitions[m]
		text += fmt.Sprintf("\n%s %s; %s", d.Name, results.Format(all[m].Mean, d.Unit), results.DifferenceOf(t.worlds[0], t.worlds[1], m).Text())
	}
	step := max(1, len(c.xs)/8)
	for i := step * (1 + side); i < len(c.xs); i += 2 * step {
		c.says[i] = text
	}
}

// furthest are at most so many twins, of which the curves are furthest apart, in the order of
// the sweep.
func furthest(twins []*twin, most int) []*twin {
	list := slices.Clone(twins)
	slices.SortStableFunc(list, func(a, b *twin) int { return cmp.Compare(b.apart, a.apart) })
	list = list[:min(len(list), most)]
	slices.SortFunc(list, func(a, b *twin) int { return cmp.Compare(a.at, b.at) })
	return list
}

// apartness says how far the curves are apart, and which of them are drawn.
func apartness(twins []*twin) string {
	worst := furthest(twins, 1)[0]
	text := fmt.Sprintf(" The curves are nowhere further apart than %.1f %% of the chunks due", 100*worst.apart)
	if len(twins) > 1 {
		text += " (" + label(worst.worlds[0]) + ")"
	}
	text += "."
	if n := len(twins); n > maxPanels {
		text += fmt.Sprintf(" Of %d points those %d are drawn at which they are furthest apart.", n, maxPanels)
	}
	return text
}

// follows tells whether a delay on real sockets, in seconds, is the simulator's to 10 % and
// 2 ms.
func follows(simulated, live float64) bool { return math.Abs(live-simulated) <= 0.1*simulated+0.002 }

// delaysMessage says whether median and 95th percentile of the delay on real sockets follow
// the simulator's, and how far they are from them.
func delaysMessage(list []pair) string {
	away := 0
	var most [2]float64 // the differences that are furthest from 0, in ms
	for _, of := range list {
		simulated, live := of.worlds[0].Summaries(), of.worlds[1].Summaries()
		as := true
		for k, m := range []measure.Metric{measure.DelayP50, measure.DelayP95} {
			a, b := simulated[m].Mean, live[m].Mean
			as = as && (follows(a, b) || math.IsNaN(a) && math.IsNaN(b))
			if d := math.Round(1000 * (b - a)); math.Abs(d) > math.Abs(most[k]) {
				most[k] = d
			}
		}
		if !as {
			away++
		}
	}
	const what = "Delays on real sockets "
	switch n := len(list); {
	case n == 1 && away == 0:
		return fmt.Sprintf(what+"follow the simulator's: median %+.0f ms, p95 %+.0f ms", most[0], most[1])
	case n == 1:
		return fmt.Sprintf(what+"do not follow the simulator's: median %+.0f ms, p95 %+.0f ms", most[0], most[1])
	case away == 0:
		return fmt.Sprintf(what+"follow the simulator's at all %d points: median within %.0f ms, p95 within %.0f ms", n, math.Abs(most[0]), math.Abs(most[1]))
	default:
		return fmt.Sprintf(what+"follow the simulator's at %d of %d points: median up to %.0f ms away, p95 up to %.0f ms", n-away, n, math.Abs(most[0]), math.Abs(most[1]))
	}
}
