package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// The pictures of distributions: of delays, peers, hops and in-degrees. Each run has one, and
// a line is the mean over the runs of a point, place by place, with its 95 % band: runs are
// what is independent, never what is in them.

// shape is what a picture of distributions needs to know.
type shape struct {
	metrics []measure.Metric // whose rules are lines here
	flat    []measure.Metric // of these, whose rules are level
	says    measure.Metric   // of which the hover tells the mean
	steps   bool
	// deadline draws it, where the points of a panel have one in common.
	deadline bool
	at       func(d *measure.Digest, x float64) float64 // of a run, at a place; NaN: nothing there
	xs       []float64                                  // the places
	x, y     scale
}

// digests lists those of a point's runs.
func digests(p *results.PointVerdict) (list []*measure.Digest) {
	for _, run := range p.Runs {
		if run.Digest != nil {
			list = append(list, run.Digest)
		}
	}
	return list
}

// each calls f for the digest of every run.
func (in *Input) each(f func(d *measure.Digest)) {
	for i := range in.Verdict.Points {
		for _, d := range digests(&in.Verdict.Points[i]) {
			f(d)
		}
	}
}

// draw makes the panels; nil where no run has such a distribution.
func (s *shape) draw(in *Input, p *Picture) *Picture {
	g := newGrid(in, false)
	p.sheet, p.legend, p.height = &sheet{}, g.legend(), 210
	p.About += g.said()
	drawn := 0
	var heights []float64
	for _, group := range g.panels {
		n := &panel{title: group.title, x: s.x, y: s.y}
		for _, step := range g.lines() {
			for _, i := range g.on(group, step) {
				if c := s.curve(in, g, i); c != nil {
					c.sheet = p.sheet
					if g.crowded() {
						c.lo, c.hi = nil, nil
					}
					n.layers = append(n.layers, c)
					heights = append(append(heights, c.ys...), c.hi...)
					drawn++
				}
			}
		}
		n.layers = append(n.layers, s.gates(in, g, group, p.sheet)...)
		p.panels = append(p.panels, n)
	}
	if drawn == 0 {
		return nil
	}
	if s.y.hi == 0 { // as high as the highest line
		_, hi := span(heights)
		for _, n := range p.panels {
			n.y.lo, n.y.hi = around(0, hi, 0.01, measure.Ratio)
		}
	}
	if len(p.panels) > 1 {
		p.height = 160
	}
	return p
}

// gates are the rules on what is drawn that apply to a panel, and its deadline.
func (s *shape) gates(in *Input, g *grid, group group, on *sheet) (layers []plot.Plotter) {
	upright := 0
	for _, vertical := range []bool{false, true} {
		some := gates(on, g.rules(in, group, func(r *scenarios.Rule) bool {
			return slices.Contains(s.metrics, r.Metric) && slices.Contains(s.flat, r.Metric) != vertical
		}), vertical)
		layers, upright = append(layers, some...), len(some)
	}
	if at := deadline(g, group).Seconds(); s.deadline && at > 0 && at < s.x.hi {
		layers = append(layers, &guide{sheet: on, at: at, vertical: true, ink: inkSoft, name: "deadline", row: upright, says: "deadline " + results.Format(at, measure.Second)})
	}
	return layers
}

// curve is the mean distribution of a point's runs.
func (s *shape) curve(in *Input, g *grid, point int) *curve {
	p := &g.points[point]
	list := digests(p)
	if len(list) == 0 {
		return nil
	}
	c := &curve{look: g.lookOf(point), steps: s.steps}
	d := measure.Definitions[s.says]
	all := p.Summaries()
	says := fmt.Sprintf("%s\n%s %s, %s seeds\n%s", label(p), d.Name, results.Format(all[s.says].Mean, d.Unit), seeds(p), in.reproduce(p, -1))
	perRun := make([]float64, len(list))
	some := false
	for i, x := range s.xs {
		for k, d := range list {
			perRun[k] = s.at(d, x)
		}
		of := results.Summarise(perRun)
		some = some || of.N > 0
		c.xs, c.ys = append(c.xs, x), append(c.ys, of.Mean)
		c.lo, c.hi = append(c.lo, max(0, of.Mean-of.HalfWidth)), append(c.hi, min(1, of.Mean+of.HalfWidth))
		text := ""
		if i%max(1, len(s.xs)/4) == 0 {
			text = says
		}
		c.says = append(c.says, text)
	}
	if !some {
		return nil
	}
	return c
}

// deadline is that of all points of a panel; 0 where they have none, or several.
func deadline(g *grid, group group) (all node.Time) {
	for k, i := range group.of {
		at := g.points[i].Point.Config(0).Deadline
		if k > 0 && at != all {
			return 0
		}
		all = at
	}
	return all
}

// delayCurves draws which share of the due chunks came within which delay: what is lost is
// missing at the top.
func delayCurves(in *Input) *Picture {
	lo, hi := math.Inf(1), 0.0
	in.each(func(d *measure.Digest) {
		if n := len(d.Delay.Counts); n > 0 {
			lo, hi = min(lo, d.Delay.Edge(0).Seconds()), max(hi, d.Delay.Edge(n).Seconds())
		}
	})
	if hi == 0 {
		return nil
	}
	s := delayShape(in, lo, hi)
	const n = 100
	for i := range n + 1 {
		part := float64(i) / n
		x := s.x.lo + part*(s.x.hi-s.x.lo)
		if s.x.log {
			x = s.x.lo * math.Pow(s.x.hi/s.x.lo, part)
		}
		s.xs = append(s.xs, min(x, s.x.hi))
	}
	p := &Picture{Table: tableOf(in, measure.DelayMean, measure.DelayP50, measure.DelayP95, measure.DelayP99, measure.DelayMax, measure.Delivery),
		About: "Share of the due chunks that had come after so long: what never comes is missing at the top. Mean over seeds with its 95 % band."}
	p.tell(in, measure.DelayP50, "Median delay")
	if len(in.Verdict.Points) == 1 {
		all := in.Verdict.Points[0].Summaries()
		p.Title = fmt.Sprintf("Half of what comes is there after %s, 95 %% after %s; %s of the due chunks come in time", results.Format(all[measure.DelayP50].Mean, measure.Second),
			results.Format(all[measure.DelayP95].Mean, measure.Second), results.Format(all[measure.Delivery].Mean, measure.Ratio))
	}
	return s.draw(in, p)
}

// delayShape is that of delays from lo to hi seconds, and of the rules on them.
func delayShape(in *Input, lo, hi float64) *shape {
	s := &shape{says: measure.DelayP50, deadline: true,
		metrics: []measure.Metric{measure.DelayMean, measure.DelayP50, measure.DelayP95, measure.DelayP99, measure.DelayMax, measure.Delivery},
		flat:    []measure.Metric{measure.Delivery},
		x:       scale{label: "delay", unit: measure.Second}, y: scale{label: "of the chunks due", hi: 1, unit: measure.Ratio},
		at: received}
	for _, r := range in.Verdict.Scenario.Rules {
		if !r.Baseline && measure.Definitions[r.Metric].Unit == measure.Second && r.Metric <= measure.DelayMax && r.Limit > 0 {
			lo, hi = min(lo, r.Limit), max(hi, 1.05*r.Limit)
		}
	}
	// Three decades are enough: what has come before is where the curve begins.
	if lo = max(lo, 1e-4, hi/1000); hi >= 16*lo {
		s.x.log = true
		s.x.ticks = decades(lo, hi)
	}
	s.x.lo, s.x.hi = lo, max(hi, 1.1*lo)
	return s
}

// received is the share of the due pairs that came within x seconds; inside a bin they are
// taken as even.
func received(d *measure.Digest, x float64) float64 {
	if d.Due == 0 {
		return math.NaN()
	}
	sum := 0.0
	for i, n := range d.Delay.Counts {
		from, to := d.Delay.Edge(i).Seconds(), d.Delay.Edge(i+1).Seconds()
		if x >= to {
			sum += float64(n)
			continue
		}
		if x > from {
			sum += float64(n) * (x - from) / (to - from)
		}
		break
	}
	return sum / float64(d.Due)
}

// decades are 1, 2 and 5 times the powers of ten between two times.
func decades(lo, hi float64) (list []plot.Tick) {
	for power := math.Pow(10, math.Floor(math.Log10(lo))); power <= hi; power *= 10 {
		for _, m := range []float64{1, 2, 5} {
			if x := m * power; x >= lo*(1-1e-9) && x <= hi*(1+1e-9) {
				label := fmt.Sprintf("%.6gs", x)
				if x < 0.9999 {
					label = fmt.Sprintf("%.6gms", 1000*x)
				}
				list = append(list, plot.Tick{Value: x, Label: label})
			}
		}
	}
	return list
}

// peerCurves draws the delivery of every peer, from the worst to the best.
func peerCurves(in *Input) *Picture {
	s := &shape{says: measure.DeliveryWorst, metrics: []measure.Metric{measure.DeliveryWorst, measure.DeliveryP05},
		flat: []measure.Metric{measure.DeliveryWorst, measure.DeliveryP05},
		x:    scale{label: "peers, worst to best", hi: 1, unit: measure.Ratio},
		at: func(d *measure.Digest, x float64) float64 {
			if len(d.Peers) == 0 {
				return math.NaN()
			}
			at := x * float64(len(d.Peers)-1)
			i := min(int(at), len(d.Peers)-1)
			k := min(i+1, len(d.Peers)-1)
			a, b := float64(d.Peers[i]), float64(d.Peers[k])
			return (a + (at-float64(i))*(b-a)) / 10_000
		}}
	least := 1.0
	in.each(func(d *measure.Digest) {
		if len(d.Peers) > 0 {
			least = min(least, float64(d.Peers[0])/10_000)
		}
	})
	for _, r := range in.Verdict.Scenario.Rules {
		if !r.Baseline && (r.Metric == measure.DeliveryWorst || r.Metric == measure.DeliveryP05) {
			least = min(least, r.Limit)
		}
	}
	s.y = scale{label: "delivery of the peer", unit: measure.Ratio}
	s.y.lo, s.y.hi = around(least, 1, 0.02, measure.Ratio)
	for i := range 51 {
		s.xs = append(s.xs, float64(i)/50)
	}
	p := &Picture{Table: tableOf(in, measure.DeliveryWorst, measure.DeliveryP05, measure.Delivery),
		About: "Delivery of every peer that chunks were due to. Mean over seeds of the peer at each place, with its 95 % band."}
	p.tell(in, measure.DeliveryWorst, "The worst peer's delivery")
	return s.draw(in, p)
}

// hopCurves draws how many hops first copies have come.
func hopCurves(in *Input) *Picture {
	most := 0
	in.each(func(d *measure.Digest) { most = max(most, len(d.Hops)-1) })
	if most == 0 {
		return nil
	}
	s := &shape{says: measure.HopsMean, metrics: []measure.Metric{measure.HopsMean, measure.HopsMax},
		x: scale{label: "hops from the source", lo: 0, hi: float64(most) + 0.5, ticks: whole(float64(most))}, y: scale{label: "of what was received", unit: measure.Ratio},
		at: func(d *measure.Digest, x float64) float64 {
			sum, at := uint64(0), uint64(0)
			for h, n := range d.Hops {
				if sum += n; h == int(x) {
					at = n
				}
			}
			if sum == 0 {
				return math.NaN()
			}
			return float64(at) / float64(sum)
		}}
	for h := range most + 1 {
		s.xs = append(s.xs, float64(h))
	}
	p := &Picture{Table: tableOf(in, measure.HopsMean, measure.HopsMax),
		About: "How many hops the first copies of due chunks have come; 63 stands for 63 and more. Mean over seeds with its 95 % band."}
	p.tell(in, measure.HopsMean, "Mean hops from the source")
	return s.draw(in, p)
}

// degreeCurves draws in how many views peers stand.
func degreeCurves(in *Input) *Picture {
	most := uint32(0)
	in.each(func(d *measure.Digest) { most = max(most, d.Degree.Width*uint32(len(d.Degree.Counts))) })
	if most == 0 {
		return nil
	}
	width := float64((most + 47) / 48)
	below := func(d *measure.Digest, x float64) (sum float64) {
		for i, n := range d.Degree.Counts {
			from := float64(i) * float64(d.Degree.Width)
			sum += float64(n) * min(max((x-from)/float64(d.Degree.Width), 0), 1)
		}
		return sum
	}
	s := &shape{says: measure.DegreeSD, metrics: []measure.Metric{measure.DegreeMax}, steps: true,
		x: scale{label: "views that a peer stands in", lo: 0, hi: float64(most) + width, unit: measure.Number}, y: scale{label: "of the peers", unit: measure.Ratio},
		at: func(d *measure.Digest, x float64) float64 {
			all := below(d, math.Inf(1))
			if all == 0 {
				return math.NaN()
			}
			return (below(d, x+width) - below(d, x)) / all
		}}
	for x := 0.0; x <= float64(most); x += width {
		s.xs = append(s.xs, x)
	}
	title := "The overlay is in one piece"
	if lo, hi, _, worst := bounds(in, measure.Components); math.IsInf(lo, 0) {
		title = "In how many views peers stand"
	} else if hi > 1 {
		title = fmt.Sprintf("The overlay is in %.3g parts (%s)", hi, label(worst))
		if len(in.Verdict.Points) == 1 {
			title = fmt.Sprintf("The overlay is in %.3g parts", hi)
		}
	} else if len(in.Verdict.Points) > 1 {
		title += " at every point"
	}
	about := "Peers that are up at the end, by the number of views that they stand in"
	if width > 1 {
		about += fmt.Sprintf(", %.0f numbers together", width)
	}
	return s.draw(in, &Picture{Title: title, About: about + ". Mean over seeds with its 95 % band.",
		Table: tableOf(in, measure.Components, measure.Isolated, measure.DegreeMax, measure.DegreeSD, measure.Clustering, measure.Path)})
}
