package report

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// courseCurves draws delivery over the time of the chunks' births, with the events of churn.
func courseCurves(in *Input) *Picture {
	g := newGrid(in, false)
	p := &Picture{sheet: &sheet{}, legend: g.legend(), height: 190, Table: courseTable(in),
		About: "Delivery of the chunks born at each time to the peers that were up for them. Mean over seeds with its 95 % band; shaded: what counts for the metrics; ticks: events." + g.said()}
	var values []float64
	end := 0.0
	for _, group := range g.panels {
		n := &panel{title: group.title}
		var marks []plot.Plotter
		seen := map[string]bool{}
		for _, step := range g.lines() {
			for _, i := range g.on(group, step) {
				c := courseOf(in, g, i)
				if c == nil {
					continue
				}
				c.sheet = p.sheet
				if g.crowded() {
					c.lo, c.hi = nil, nil
				}
				config := g.points[i].Point.Config(0)
				if len(marks) == 0 && len(n.layers) == 0 {
					n.layers = append(n.layers, &shade{config.From.Seconds(), config.To.Seconds()})
				}
				end = max(end, config.Duration.Seconds())
				n.layers = append(n.layers, c)
				values = append(append(append(values, c.ys...), c.lo...), c.hi...)
				for _, e := range events(&g.points[i]) {
					if key := fmt.Sprint(e); !seen[key] {
						seen[key] = true
						marks = append(marks, &guide{sheet: p.sheet, at: e.at.Seconds(), vertical: true, ink: inkSoft, name: short(e.what, 24), row: len(marks) % 5,
							says: scenarios.FormatTime(e.at) + ": " + e.what})
					}
				}
			}
		}
		n.layers = append(n.layers, marks...)
		n.layers = append(n.layers, gates(p.sheet, g.rules(in, group, func(r *scenarios.Rule) bool { return r.Metric == measure.Delivery }), false)...)
		p.panels = append(p.panels, n)
	}
	if len(values) == 0 {
		return nil
	}
	for _, r := range in.Verdict.Scenario.Rules {
		if r.Metric == measure.Delivery && !r.Baseline {
			values = append(values, r.Limit)
		}
	}
	lo, hi := span(values)
	for _, n := range p.panels {
		n.x = scale{label: "birth of the chunk", hi: end, unit: measure.Second}
		n.y = scale{label: "delivery", unit: measure.Ratio}
		n.y.lo, n.y.hi = around(lo, hi, 0.05, measure.Ratio)
	}
	if len(p.panels) > 1 {
		p.height = 160
	}
	p.Title = courseMessage(in)
	return p
}

// event is one of churn's.
type event struct {
	at   node.Time
	what string
}

// events lists those of a point, from its parameters: churn.events.1.at, churn.events.1.leave.
func events(p *results.PointVerdict) (list []event) {
	if len(p.Point.Config(0).Churn.Changes) == 0 {
		return nil
	}
	number := ""
	for _, q := range p.Point.Parameters() {
		rest, found := strings.CutPrefix(q.Path, "churn.events.")
		if !found {
			continue
		}
		n, key, _ := strings.Cut(rest, ".")
		if n != number {
			number = n
			list = append(list, event{})
		}
		e := &list[len(list)-1]
		switch key {
		case "at":
			e.at, _ = scenarios.ParseTime(q.Value) // the scenario has been read
		case "for":
			e.what += " for " + q.Value
		default:
			e.what = strings.TrimSpace(key + " " + q.Value + e.what)
		}
	}
	return list
}

// perStep gives of every step of a point's course the summary over runs, and the middle of its
// births; nothing where no run has one.
func perStep(p *results.PointVerdict) (at []float64, of []results.Summary) {
	list := digests(p)
	steps := 0
	for _, d := range list {
		steps = max(steps, len(d.Course.Up))
	}
	for i := range steps {
		var perRun []float64
		middle := 0.0
		for _, d := range list {
			if i < len(d.Course.Up) && d.Course.Up[i] > 0 {
				perRun = append(perRun, float64(d.Course.Received[i])/float64(d.Course.Up[i]))
				middle = (float64(i) + 0.5) * d.Course.Step.Seconds()
			}
		}
		if len(perRun) == 0 { // a pause of the source
			middle = math.NaN()
		}
		at, of = append(at, middle), append(of, results.Summarise(perRun))
	}
	return at, of
}

func courseOf(in *Input, g *grid, point int) *curve {
	p := &g.points[point]
	at, of := perStep(p)
	if len(at) == 0 {
		return nil
	}
	c := &curve{look: g.lookOf(point)}
	for i, s := range of {
		x := at[i]
		if math.IsNaN(x) {
			s.Mean, s.HalfWidth, x = math.NaN(), math.NaN(), 0
		}
		c.xs, c.ys = append(c.xs, x), append(c.ys, s.Mean)
		c.lo, c.hi = append(c.lo, max(0, s.Mean-s.HalfWidth)), append(c.hi, min(1, s.Mean+s.HalfWidth))
		text := ""
		if i%max(1, len(of)/4) == 0 {
			text = fmt.Sprintf("%s\ndelivery %s of chunks born about %s\n%s", label(p), results.Format(s.Mean, measure.Ratio), results.Format(x, measure.Second), in.reproduce(p, -1))
		}
		c.says = append(c.says, text)
	}
	return c
}

// worstOf is the least delivery of any step within what is measured, and when; NaN: none.
func worstOf(p *results.PointVerdict) (x, when float64) {
	at, of := perStep(p)
	config := p.Point.Config(0)
	x = math.NaN()
	for i := range at {
		if at[i] >= config.From.Seconds() && at[i] < config.To.Seconds() && !(of[i].Mean >= x) {
			x, when = of[i].Mean, at[i]
		}
	}
	return x, when
}

func courseMessage(in *Input) string {
	least, when, where := math.NaN(), 0.0, 0
	for i := range in.Verdict.Points {
		if x, at := worstOf(&in.Verdict.Points[i]); !math.IsNaN(x) && !(x >= least) {
			least, when, where = x, at, i
		}
	}
	if math.IsNaN(least) {
		return "Delivery over time"
	}
	text := fmt.Sprintf("Over time, delivery is never below %s (at %s", results.Format(least, measure.Ratio), results.Format(when, measure.Second))
	if p := &in.Verdict.Points[where]; len(in.Verdict.Points) > 1 {
		text += ", " + label(p)
	}
	return text + ")"
}

func courseTable(in *Input) (t Table) {
	t.Header = []string{"point", "seeds", "least delivery", "at", "recovery", "events", "to compute it"}
	for i := range in.Verdict.Points {
		if t.full() {
			continue
		}
		p := &in.Verdict.Points[i]
		x, when := worstOf(p)
		at := "–"
		if !math.IsNaN(x) {
			at = results.Format(when, measure.Second)
		}
		var words []string
		for _, e := range events(p) {
			words = append(words, scenarios.FormatTime(e.at)+" "+e.what)
		}
		all := p.Summaries()
		t.add([]string{label(p), seeds(p), results.Format(x, measure.Ratio), at, results.Format(all[measure.Recovery].Mean, measure.Second), strings.Join(words, "; "), in.reproduce(p, -1)})
	}
	return t
}
