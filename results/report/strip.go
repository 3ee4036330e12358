package report

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"

	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// maxRules bounds the rows of the strip.
const maxRules = 40

// verdictStrip draws a row of cells for every rule, a cell for every point.
func verdictStrip(in *Input) *Picture {
	v := in.Verdict
	if !v.Judged || len(v.Rules) == 0 {
		return nil
	}
	p := &Picture{sheet: &sheet{}, Title: verdictMessage(v),
		About: "Every rule at every point, in the order of the sweep: a tick is proven, a cross is not, hatched cells are undecided or have missing runs.",
		Table: verdictTable(in)}
	rules := min(len(v.Rules), maxRules)
	n := &panel{x: scale{lo: -0.5, hi: float64(min(len(v.Points), maxRows)) - 0.5, bare: true}, y: scale{lo: 0.5 - float64(rules), hi: 0.5, bare: true}}
	all := make([]int, min(len(v.Points), maxRows))
	for i := range all {
		all[i] = i
	}
	n.x.ticks = strip(v, all)
	if axes := v.Scenario.Axes(); len(axes) > 0 {
		n.x.label = short("points, in the order of "+strings.Join(axisNames(axes), ", "), maxText)
	}
	for k := range rules {
		r := &v.Rules[k]
		n.y.ticks = append(n.y.ticks, plot.Tick{Value: -float64(k), Label: short(r.Rule.String(), 34)})
		unit := measure.Definitions[r.Rule.Metric].Unit
		for i := range r.At {
			j := &r.At[i]
			if j.Point >= maxRows {
				break
			}
			point := &v.Points[j.Point]
			c := &cell{sheet: p.sheet, x: float64(j.Point), y: -float64(k), fill: stateInk(j.State).color(), on: inkPaper.color(), state: j.State, sign: true}
			c.says = fmt.Sprintf("%s\n%s: %s\nmean %s, bound %s\n%s", label(point), r.Rule, j.State,
				results.Format(j.Bound.Mean, unit), results.Format(j.Bound.At, unit), in.reproduce(point, -1))
			if len(v.Points) == 1 {
				c.text, c.sign = fmt.Sprintf("%s: %s, bound %s", j.State, results.Format(j.Bound.Mean, unit), results.Format(j.Bound.At, unit)), false
			}
			n.layers = append(n.layers, c)
		}
	}
	p.panels, p.height = []*panel{n}, points(17*rules)+20
	if n.x.label != "" {
		p.height += 16
	}
	return p
}

func stateInk(s results.State) *ink {
	switch s {
	case results.Proven:
		return inkGood
	case results.Undecided, results.Unmeasured:
		return inkOpen
	}
	return inkBad
}

func axisNames(axes []scenarios.Axis) (list []string) {
	for i := range axes {
		list = append(list, axes[i].Name())
	}
	return list
}

// strip are ticks under points side by side: at the first one of every step of the first axis.
func strip(v *results.Verdict, points []int) (list []plot.Tick) {
	axes := v.Scenario.Axes()
	if len(axes) == 0 {
		return []plot.Tick{{Value: 0}}
	}
	last := -1
	for at, i := range points {
		step := v.Points[i].Point.Steps[0]
		if step != last {
			list = append(list, plot.Tick{Value: float64(at), Label: short(axes[0].Step(step), 16)})
		}
		last = step
	}
	return list
}

// verdictMessage counts.
func verdictMessage(v *results.Verdict) string {
	proven, open, only := 0, 0, ""
	for i := range v.Rules {
		if v.Rules[i].Passed() {
			proven++
			continue
		}
		at := 0
		for k := range v.Rules[i].At {
			if v.Rules[i].At[k].State == results.Proven {
				at++
			}
		}
		only = fmt.Sprintf("%s is proven at %d of %s", v.Rules[i].Rule, at, count(len(v.Rules[i].At), "point"))
		open++
	}
	switch {
	case open == 0 && proven == 1:
		return "The rule is proven"
	case open == 0:
		return fmt.Sprintf("All %d rules are proven", proven)
	case open == 1:
		return only
	}
	return fmt.Sprintf("%d of %d rules are not proven", open, open+proven)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func verdictTable(in *Input) (t Table) {
	v := in.Verdict
	t.Header = []string{"rule", "point", "state", "seeds", "mean", "bound", "seeds needed", "to compute it"}
	for i := range v.Rules {
		r := &v.Rules[i]
		unit := measure.Definitions[r.Rule.Metric].Unit
		for k := range r.At {
			j := &r.At[k]
			needed := ""
			if j.Needed > 0 {
				needed = fmt.Sprint(j.Needed)
			}
			p := &v.Points[j.Point]
			t.add([]string{r.Rule.String(), label(p), string(j.State), seeds(p), results.Format(j.Bound.Mean, unit), results.Format(j.Bound.At, unit), needed, in.reproduce(p, -1)})
		}
	}
	return t
}

// badness orders states: what of several counts.
var badness = []results.State{results.Proven, results.Undecided, results.Unmeasured, results.Valueless, results.Baseless, results.Refuted}

// stateOf is the worst state of any rule at a point; empty where none was judged there.
func stateOf(v *results.Verdict, point int) (worst results.State) {
	for i := range v.Rules {
		for k := range v.Rules[i].At {
			j := &v.Rules[i].At[k]
			if j.Point == point && (worst == "" || slices.Index(badness, j.State) > slices.Index(badness, worst)) {
				worst = j.State
			}
		}
	}
	return worst
}
