package report

import (
	"fmt"
	"math"
	"strings"

	"pushcast/node/measure"
	"pushcast/results"
)

// The pictures of two worlds: what real sockets have shown lies over what the simulator says,
// wherever both have runs of a point.

// pair is a point of which both worlds have runs.
type pair struct {
	at     int                      // among the scenario's points
	worlds [2]*results.PointVerdict // the simulator's and that of real sockets
}

// pairs lists them in the order of the sweep.
func (in *Input) pairs() (list []pair) {
	simulated, live := in.Verdict, in.Live
	if in.Simulated != nil {
		simulated, live = in.Simulated, in.Verdict
	}
	if live == nil {
		return nil
	}
	for i := range simulated.Points {
		if a, b := &simulated.Points[i], &live.Points[i]; len(a.Runs) > 0 && len(b.Runs) > 0 {
			list = append(list, pair{i, [2]*results.PointVerdict{a, b}})
		}
	}
	return list
}

// unmatched says that there are live runs, and nothing simulated to lay beside them; empty
// where there is.
func (in *Input) unmatched() string {
	live := in.Live
	for i := range in.Verdict.Points {
		if runs := in.Verdict.Points[i].Runs; len(runs) > 0 && runs[0].World == results.Live {
			live = in.Verdict
		}
	}
	switch {
	case live == nil || live.Found() == 0 || len(in.pairs()) > 0:
		return ""
	case live == in.Verdict && (in.Simulated == nil || in.Simulated.Found() == 0):
		return "These runs are of real sockets; there are none of the simulator to compare them with."
	}
	return "Real sockets and the simulator have runs at no point in common, so they are not compared."
}

// overlay begins a picture of two worlds.
func overlay(about string) *Picture {
	p := &Picture{sheet: &sheet{}, height: 180, About: about}
	p.legend = legend{"", []entry{{"simulator", look{ink: inkLines[0]}}, {"real sockets", look{ink: inkLines[1]}}}}
	p.Table.Header = []string{"point", "metric", "simulator", "± 95 %", "runs", "real sockets", "± 95 %", "runs", "difference, 95 %"}
	return p
}

// row puts the two worlds' values of a metric, and their difference, into the table.
func (t *Table) row(of pair, m measure.Metric) {
	if t.full() {
		return
	}
	d := measure.Definitions[m]
	cells := []string{label(of.worlds[0]), d.Name}
	for _, world := range of.worlds {
		all := world.Summaries()
		cells = append(cells, results.Format(all[m].Mean, d.Unit), results.Format(all[m].HalfWidth, d.Unit), fmt.Sprint(all[m].N))
	}
	t.add(append(cells, results.DifferenceOf(of.worlds[0], of.worlds[1], m).Text()))
}

// met says in which order points stand, and where both worlds have runs, if not everywhere.
func met(in *Input, list []pair) (text string) {
	if axes := in.Verdict.Scenario.Axes(); len(axes) > 0 {
		text = " Points are named by, and in the order of, " + strings.Join(axisNames(axes), ", ") + "."
	}
	if all := len(in.Verdict.Points); len(list) < all {
		text += fmt.Sprintf(" Both have runs at %d of %d points.", len(list), all)
	}
	return text
}

// liveIntervals lays what real sockets have shown over what the simulator says.
func liveIntervals(in *Input) *Picture {
	list := in.pairs()
	p := overlay("The same points simulated, and with real UDP sockets in real time: means over runs with their 95 % intervals." + met(in, list))
	if n := len(list); n > maxCompared {
		p.About += fmt.Sprintf(" The first %d of %d are drawn.", maxCompared, n)
	}
	var places []int
	for _, of := range list[:min(len(list), maxCompared)] {
		places = append(places, of.at)
	}
	along := scale{ticks: strip(in.Verdict, places), lo: -0.5, hi: float64(len(places)) - 0.5, bare: true}
	switch axes := in.Verdict.Scenario.Axes(); len(axes) {
	case 0:
	case 1:
		along.label = axes[0].Name()
	default:
		along.label = "points"
	}
	furthest := math.NaN()
	for _, m := range []measure.Metric{measure.Delivery, measure.DelayP50} {
		d := measure.Definitions[m]
		n := &panel{title: d.Name, x: along, y: scale{unit: d.Unit}}
		var all []float64
		for k, of := range list {
			p.Table.row(of, m)
			if x := math.Abs(results.DifferenceOf(of.worlds[0], of.worlds[1], m).Mean); m == measure.Delivery && !(x <= furthest) {
				furthest = x
			}
			if k >= maxCompared {
				continue
			}
			for side, world := range of.worlds {
				summaries := world.Summaries()
				s := summaries[m]
				n.layers = append(n.layers, &interval{sheet: p.sheet, at: float64(k) + 0.2*float64(side) - 0.1, lo: s.Mean - s.HalfWidth, mid: s.Mean, hi: s.Mean + s.HalfWidth,
					ink: inkLines[side], open: side == 1, says: fmt.Sprintf("%s\n%s: %s %s ± %s", label(world), p.legend.entries[side].name, d.Name, results.Format(s.Mean, d.Unit), results.Format(s.HalfWidth, d.Unit))})
				all = append(all, s.Mean, s.Mean-s.HalfWidth, s.Mean+s.HalfWidth)
			}
		}
		if lo, hi := span(all); !math.IsInf(lo, 0) {
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
