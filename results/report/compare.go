package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"

	"pushcast/node/measure"
	"pushcast/results"
)

// maxCompared bounds the points of a comparison that are drawn: the table has the others.
const maxCompared = 30

// baselineIntervals draws, for every rule that compares with the baseline, the difference at
// every point, with the bound that the verdict is of.
func baselineIntervals(in *Input) *Picture {
	v := in.Verdict
	p := &Picture{sheet: &sheet{}, About: "The difference from the baseline, in pairs of equal seeds where both have them: the mean, and the one-sided 95 % bound."}
	p.Table.Header = []string{"rule", "point", "state", "was", "now", "difference", "bound", "to compute it"}
	worse, most, compared := 0, 0, 0
	for k := range v.Rules {
		r := &v.Rules[k]
		if !r.Rule.Baseline || len(r.At) == 0 || len(p.panels) == maxPanels {
			continue
		}
		unit := measure.Definitions[r.Rule.Metric].Unit
		n := &panel{title: short(r.Rule.String(), 44), x: scale{label: "difference of " + measure.Definitions[r.Rule.Metric].Name, unit: unit}}
		all := []float64{0, r.Rule.Limit}
		rows := 0
		for i := range r.At {
			j := &r.At[i]
			point := &v.Points[j.Point]
			p.Table.add([]string{r.Rule.String(), label(point), string(j.State), results.Format(j.Was, unit), results.Format(j.Now, unit),
				results.Format(j.Bound.Mean, unit), results.Format(j.Bound.At, unit), in.reproduce(point, -1)})
			if j.State != results.Proven {
				worse++
			}
			compared++
			if math.IsNaN(j.Bound.Mean) || rows == maxCompared {
				continue
			}
			l := &interval{sheet: p.sheet, at: -float64(rows), mid: j.Bound.Mean, lo: j.Bound.At, hi: j.Bound.Mean, level: true, ink: stateInk(j.State), arrow: true,
				says: fmt.Sprintf("%s\n%s: %s\nwas %s, now %s, bound of the difference %s\n%s", label(point), r.Rule, j.State,
					results.Format(j.Was, unit), results.Format(j.Now, unit), results.Format(j.Bound.At, unit), in.reproduce(point, -1))}
			if !r.Rule.AtLeast {
				l.lo, l.hi, l.upper = j.Bound.Mean, j.Bound.At, true
			}
			l.arrow = !math.IsNaN(j.Bound.At) && j.Bound.At != j.Bound.Mean
			n.y.ticks = append(n.y.ticks, plot.Tick{Value: -float64(rows), Label: short(values(point), 28)})
			n.layers = append(n.layers, l)
			all = append(all, j.Bound.Mean, j.Bound.At)
			rows++
		}
		if rows == 0 {
			continue
		}
		lo, hi := span(all)
		n.x.lo, n.x.hi = around(lo, hi, 0.001, measure.Number)
		n.y.lo, n.y.hi, n.y.bare = 0.3-float64(rows), 0.7, true
		n.layers = append(n.layers, &guide{sheet: p.sheet, at: 0, vertical: true, ink: inkSoft, says: "as the baseline"},
			&guide{sheet: p.sheet, at: r.Rule.Limit, vertical: true, ink: inkGate, says: "gate: " + r.Rule.String()})
		p.panels = append(p.panels, n)
		most = max(most, rows)
	}
	if len(p.panels) == 0 {
		return nil
	}
	p.height = points(46 + 14*most)
	switch {
	case worse == 0 && compared == 1:
		p.Title = "Not worse than the baseline allows"
	case worse == 0:
		p.Title = fmt.Sprintf("In all %d comparisons not worse than the baseline allows", compared)
	default:
		p.Title = fmt.Sprintf("In %d of %s not shown to be as good as the baseline allows", worse, count(compared, "comparison"))
	}
	return p
}

// liveIntervals lays what real sockets have shown over what the simulator says.
func liveIntervals(in *Input) *Picture {
	simulated, live := in.Verdict, in.Live
	if in.Simulated != nil {
		simulated, live = in.Simulated, in.Verdict
	}
	if live == nil || live.Found() == 0 {
		return nil
	}
	p := &Picture{sheet: &sheet{}, height: 180, About: "The same points simulated, and with real UDP sockets in real time: means over runs with their 95 % intervals."}
	p.legend = legend{"", []entry{{"simulator", look{ink: inkLines[0]}}, {"real sockets", look{ink: inkLines[1]}}}}
	p.Table.Header = []string{"point", "metric", "simulator", "± 95 %", "runs", "real sockets", "± 95 %", "runs", "difference, 95 %"}
	furthest := 0.0
	for _, m := range []measure.Metric{measure.Delivery, measure.DelayP50} {
		d := measure.Definitions[m]
		n := &panel{title: d.Name, x: scale{bare: true}, y: scale{unit: d.Unit}}
		var all []float64
		drawn := 0
		for i := range simulated.Points {
			point, real := &simulated.Points[i], &live.Points[i]
			if len(real.Runs) == 0 || len(point.Runs) == 0 {
				continue
			}
			said, shown := point.Summaries(), real.Summaries()
			a, b := said[m], shown[m]
			p.Table.add([]string{label(point), d.Name, results.Format(a.Mean, d.Unit), results.Format(a.HalfWidth, d.Unit), fmt.Sprint(a.N),
				results.Format(b.Mean, d.Unit), results.Format(b.HalfWidth, d.Unit), fmt.Sprint(b.N), results.DifferenceOf(point, real, m).Text()})
			if x := math.Abs(a.Mean - b.Mean); m == measure.Delivery && x > furthest {
				furthest = x
			}
			if drawn == maxCompared {
				continue
			}
			for side, s := range []results.Summary{a, b} {
				n.layers = append(n.layers, &interval{sheet: p.sheet, at: float64(drawn) + 0.2*float64(side) - 0.1, lo: s.Mean - s.HalfWidth, mid: s.Mean, hi: s.Mean + s.HalfWidth,
					ink: inkLines[side], open: side == 1, says: fmt.Sprintf("%s\n%s: %s %s ± %s", label(point), p.legend.entries[side].name, d.Name, results.Format(s.Mean, d.Unit), results.Format(s.HalfWidth, d.Unit))})
				all = append(all, s.Mean, s.Mean-s.HalfWidth, s.Mean+s.HalfWidth)
			}
			n.x.ticks = append(n.x.ticks, plot.Tick{Value: float64(drawn), Label: short(values(point), 20)})
			drawn++
		}
		if lo, hi := span(all); drawn > 0 && !math.IsInf(lo, 0) {
			n.x.lo, n.x.hi = -0.5, float64(drawn)-0.5
			n.y.lo, n.y.hi = around(lo, hi, 0.02, d.Unit)
			p.panels = append(p.panels, n)
		}
	}
	if len(p.panels) == 0 {
		return nil
	}
	p.Title = fmt.Sprintf("Real sockets deliver what the simulator says, to %s points", results.Format(100*furthest, measure.Number))
	return p
}
