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
