package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"

	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// deliveryCurves draws delivery against the first axis, a line per value of the second, a
// panel for each combination of the others; of a single point, seed by seed.
func deliveryCurves(in *Input) *Picture {
	if in.Verdict.Found() == 0 {
		return nil
	}
	g := newGrid(in, true)
	p := &Picture{sheet: &sheet{}, height: 210, legend: g.legend(),
		About: "Delivery: due pairs of peer and chunk received by the deadline, of all due pairs. Mean over seeds; the band is its 95 % interval." + g.said(),
		Table: tableOf(in, measure.Delivery, measure.DeliveryWorst, measure.DeliveryP05, measure.Played)}
	p.tell(in, measure.Delivery, "Delivery")
	p.panels = metricPanels(in, g, p.sheet, measure.Delivery, "")
	if len(p.panels) > 1 {
		p.height = 160
	}
	return p
}

// priceCurves draws duplicates and overhead in the same way.
func priceCurves(in *Input) *Picture {
	g := newGrid(in, true)
	p := &Picture{sheet: &sheet{}, height: 160, legend: g.legend(),
		About: "What delivery costs: later copies of a chunk, of all chunk datagrams received; and all bytes sent, by the wire bytes of first copies." + g.said(),
		Table: tableOf(in, measure.Duplicates, measure.Overhead)}
	p.tell(in, measure.Duplicates, "Duplicates")
	if lo, hi, _, _ := bounds(in, measure.Overhead); !math.IsInf(lo, 0) {
		text := fmt.Sprintf("%.3g to %.3g", lo, hi)
		if lo == hi {
			text = fmt.Sprintf("%.3g", lo)
		}
		p.Title += "; a chunk costs " + text + " times its bytes"
	}
	for _, m := range []measure.Metric{measure.Duplicates, measure.Overhead} {
		if lo, _, _, _ := bounds(in, m); !math.IsInf(lo, 0) {
			p.panels = append(p.panels, metricPanels(in, g, p.sheet, m, measure.Definitions[m].Name)...)
		}
	}
	if len(p.panels) == 0 {
		return nil
	}
	return p
}

// bounds finds the points at which the mean of a metric is least and greatest; lo is +∞
// where no point has it.
func bounds(in *Input, m measure.Metric) (lo, hi float64, least, most *results.PointVerdict) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i := range in.Verdict.Points {
		p := &in.Verdict.Points[i]
		all := p.Summaries()
		if x := all[m].Mean; x < lo {
			lo, least = x, p
		}
		if x := all[m].Mean; x > hi {
			hi, most = x, p
		}
	}
	return lo, hi, least, most
}

// extremes is the message of a metric: its value at a single point, or how far it goes; and
// between which points.
func extremes(in *Input, m measure.Metric, what string) (message, where string) {
	unit := measure.Definitions[m].Unit
	lo, hi, least, most := bounds(in, m)
	switch {
	case least == nil:
		return what + ": no value", ""
	case len(in.Verdict.Points) == 1:
		all := least.Summaries()
		if math.IsNaN(all[m].HalfWidth) {
			return fmt.Sprintf("%s: %s, in one run", what, results.Format(lo, unit)), ""
		}
		return fmt.Sprintf("%s: %s ± %s", what, results.Format(lo, unit), results.Format(all[m].HalfWidth, unit)), ""
	case results.Format(lo, unit) == results.Format(hi, unit):
		return fmt.Sprintf("%s: %s at every point", what, results.Format(lo, unit)), ""
	}
	return fmt.Sprintf("%s: from %s to %s", what, results.Format(lo, unit), results.Format(hi, unit)),
		fmt.Sprintf(" Least at %s, most at %s.", label(least), label(most))
}

// tell makes that the picture's message.
func (p *Picture) tell(in *Input, m measure.Metric, what string) {
	title, where := extremes(in, m, what)
	p.Title = title
	p.About += where
}

// metricPanels draws a metric against the first axis.
func metricPanels(in *Input, g *grid, on *sheet, m measure.Metric, title string) (panels []*panel) {
	d := measure.Definitions[m]
	y := metricScale(in, g, m)
	if g.x < 0 {
		return []*panel{seedPanel(in, g, on, m, y, title)}
	}
	x := placesOf(&g.axes[g.x])
	for _, group := range g.panels {
		n := &panel{title: group.title, x: x.scale, y: y}
		if title != "" {
			n.title = d.Name
			if group.title != "" {
				n.title += " · " + group.title
			}
		}
		for k, step := range g.lines() {
			c := &curve{sheet: on, look: lookOf(step)}
			if g.line < 0 {
				c.look = look{ink: inkSoft}
			}
			for _, i := range g.on(group, step) {
				p := &g.points[i]
				all := p.Summaries()
				s := all[m] // NaN, where there is no run, is a gap
				c.xs, c.ys = append(c.xs, x.at[p.Point.Steps[g.x]]), append(c.ys, s.Mean)
				c.lo, c.hi = append(c.lo, s.Mean-s.HalfWidth), append(c.hi, s.Mean+s.HalfWidth)
				c.dots = append(c.dots, g.lookOf(i).ink)
				c.says = append(c.says, fmt.Sprintf("%s\n%s %s ± %s, %s seeds\n%s", label(p), d.Name,
					results.Format(s.Mean, d.Unit), results.Format(s.HalfWidth, d.Unit), seeds(p), in.reproduce(p, -1)))
			}
			if len(g.points) > maxDots {
				c.dots = nil
			}
			if !x.numbers && c.dots != nil { // between words there is nothing
				n.layers = append(n.layers, apart(c, float64(k)-float64(len(g.lines())-1)/2)...)
				continue
			}
			c.sort()
			n.layers = append(n.layers, c)
		}
		n.layers = append(n.layers, gates(on, g.rules(in, group, func(r *scenarios.Rule) bool { return r.Metric == m }), false)...)
		panels = append(panels, n)
	}
	return panels
}

// apart draws the places of a curve as dots with intervals, and no line; side by side with
// those of other curves, of which it is the k-th from their middle.
func apart(c *curve, k float64) (layers []plot.Plotter) {
	for i := range c.xs {
		layers = append(layers, &interval{sheet: c.sheet, at: c.xs[i] + k*0.06, lo: c.lo[i], mid: c.ys[i], hi: c.hi[i], ink: c.dots[i], says: c.says[i]})
	}
	return layers
}

// sort puts the places of a curve in the order of x: values may be swept in any.
func (l *curve) sort() {
	for i := range l.xs { // few: an insertion sort
		for k := i; k > 0 && l.xs[k] < l.xs[k-1]; k-- {
			l.xs[k], l.xs[k-1] = l.xs[k-1], l.xs[k]
			l.ys[k], l.ys[k-1] = l.ys[k-1], l.ys[k]
			l.lo[k], l.lo[k-1] = l.lo[k-1], l.lo[k]
			l.hi[k], l.hi[k-1] = l.hi[k-1], l.hi[k]
			if l.dots != nil {
				l.dots[k], l.dots[k-1] = l.dots[k-1], l.dots[k]
			}
			l.says[k], l.says[k-1] = l.says[k-1], l.says[k]
		}
	}
}

// seedPanel draws the runs of a single point: a dot each, their mean and its interval.
func seedPanel(in *Input, g *grid, on *sheet, m measure.Metric, y scale, title string) *panel {
	d, p := measure.Definitions[m], &g.points[0]
	all := p.Summaries()
	s := all[m]
	last := 1.0
	mean := &curve{sheet: on, look: lookOf(0)}
	dots := &curve{sheet: on, look: look{ink: inkSoft}}
	for _, run := range p.Runs {
		x, v := float64(run.Seed), run.Values[m]
		last = max(last, x)
		dots.xs, dots.ys, dots.dots = append(dots.xs, x, x), append(dots.ys, v, math.NaN()), append(dots.dots, inkSoft, nil) // no line
		dots.says = append(dots.says, fmt.Sprintf("seed %d\n%s %s\n%s", run.Seed, d.Name, results.Format(v, d.Unit), in.reproduce(p, run.Seed)), "")
	}
	mean.xs, mean.ys = []float64{-0.5, last + 0.5}, []float64{s.Mean, s.Mean}
	mean.lo = []float64{s.Mean - s.HalfWidth, s.Mean - s.HalfWidth}
	mean.hi = []float64{s.Mean + s.HalfWidth, s.Mean + s.HalfWidth}
	x := scale{label: "seed", lo: -0.5, hi: last + 0.5, unit: measure.Number}
	n := &panel{title: title, x: x, y: y, layers: []plot.Plotter{mean, dots}}
	n.x.ticks = whole(last)
	n.layers = append(n.layers, gates(on, g.rules(in, g.panels[0], func(r *scenarios.Rule) bool { return r.Metric == m }), false)...)
	return n
}

// whole are ticks at whole numbers from 0.
func whole(last float64) (list []plot.Tick) {
	step := max(1, roundStep(last/8))
	for x := 0.0; x <= last; x += step {
		list = append(list, plot.Tick{Value: x, Label: fmt.Sprintf("%.0f", x)})
	}
	return list
}

// metricScale is the y axis of a metric: wide enough for every band and gate.
func metricScale(in *Input, g *grid, m measure.Metric) scale {
	d := measure.Definitions[m]
	var all []float64
	for i := range g.points {
		summaries := g.points[i].Summaries()
		s := summaries[m]
		all = append(all, s.Mean, s.Mean-s.HalfWidth, s.Mean+s.HalfWidth)
		if g.x < 0 {
			all = append(all, s.Min, s.Max)
		}
	}
	for _, r := range in.Verdict.Scenario.Rules {
		if r.Metric == m && !r.Baseline {
			all = append(all, r.Limit)
		}
	}
	lo, hi := span(all)
	least := 0.02
	if d.Unit != measure.Ratio {
		least = max(0.05*math.Abs(hi), 1e-3)
	}
	s := scale{label: d.Name, unit: d.Unit}
	s.lo, s.hi = around(lo, hi, least, d.Unit)
	return s
}

// gates are the limits of rules as lines.
func gates(on *sheet, rules []*scenarios.Rule, vertical bool) (layers []plot.Plotter) {
	for i, r := range rules {
		layers = append(layers, &guide{sheet: on, at: r.Limit, vertical: vertical, ink: inkGate, name: short(r.Text, 40), row: i, says: "gate: " + r.String()})
	}
	return layers
}
