package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"

	"pushcast/node/measure"
	"pushcast/results"
)

// heatMap draws delivery over the first two axes, a panel for each combination of the
// others: proven cells have a border, undecided ones are hatched.
func heatMap(in *Input) *Picture {
	axes := in.Verdict.Scenario.Axes()
	if len(axes) < 2 || in.Verdict.Found() == 0 {
		return nil
	}
	v := in.Verdict
	g := &grid{points: v.Points, axes: axes, x: 0, line: -1}
	g.group(func(a int) bool { return a > 1 })
	p := &Picture{sheet: &sheet{}, Table: tableOf(in, measure.Delivery),
		About: "Delivery, mean over seeds, over " + axes[0].Name() + " and " + axes[1].Name() + "." + g.said()}
	least, most, _, _ := bounds(in, measure.Delivery)
	p.legend.title = "delivery"
	if most > least {
		for i := range 5 {
			x := least + float64(i)/4*(most-least)
			p.legend.entries = append(p.legend.entries, entry{percent(x), look{ink: viridis(float64(i) / 4)}})
		}
	}
	proven := 0
	rows, columns := len(axes[1].Values), len(axes[0].Values)
	for _, group := range g.panels {
		n := &panel{title: group.title, x: words(&axes[0].Keys, columns, axes[0].Step), y: words(&axes[1].Keys, rows, axes[1].Step)}
		for _, i := range group.of {
			point := &v.Points[i]
			all := point.Summaries()
			s := all[measure.Delivery]
			level := 1.0
			if most > least {
				level = (s.Mean - least) / (most - least)
			}
			c := &cell{sheet: p.sheet, x: float64(point.Point.Steps[0]), y: float64(point.Point.Steps[1]), state: stateOf(v, i)}
			if c.state == results.Proven {
				proven++
				c.border = true
			}
			c.on = inkSoft.color()
			if !math.IsNaN(s.Mean) {
				c.fill, c.text = viridis(level).color(), percent(s.Mean)
				c.on = color.NRGBA{0xfe, 0xfe, 0xfe, 0xff} // on any page: no ink
				if level > 0.55 {
					c.on = color.NRGBA{0x10, 0x10, 0x10, 0xff}
				}
			}
			c.says = fmt.Sprintf("%s\ndelivery %s ± %s, %s seeds", label(point), results.Format(s.Mean, measure.Ratio), results.Format(s.HalfWidth, measure.Ratio), seeds(point))
			if c.state != "" {
				c.says += "\nrules: " + string(c.state)
			}
			c.says += "\n" + in.reproduce(point, -1)
			n.layers = append(n.layers, c)
		}
		p.panels = append(p.panels, n)
	}
	if v.Judged {
		p.Title = fmt.Sprintf("It works at %d of %s", proven, count(len(v.Points), "point"))
		p.About += " Points at which every rule is proven have a border, undecided ones are hatched."
	} else {
		p.Title, _ = extremes(in, measure.Delivery, "Where it works: delivery")
	}
	p.height = min(max(points(34+18*rows), 96), 420)
	if len(p.panels) > 1 {
		p.height += 14
	}
	return p
}

// percent is a ratio to three digits, for cells.
func percent(x float64) string {
	if x >= 0.9995 {
		return "100%"
	}
	return fmt.Sprintf("%.1f%%", 100*x)
}

// words is an axis of steps beside each other.
func words(keys *[]string, n int, step func(int) string) scale {
	s := scale{lo: -0.5, hi: float64(n) - 0.5, bare: true}
	for i, k := range *keys {
		if i > 0 {
			s.label += ", "
		}
		s.label += k
	}
	s.label = short(s.label, 40)
	for i := range n {
		s.ticks = append(s.ticks, plot.Tick{Value: float64(i), Label: short(step(i), 18)})
	}
	return s
}

// viridis is that scale (van der Walt and Smith, for matplotlib), from 0 to 1: dark to bright,
// evenly, also to eyes that tell no red from green.
func viridis(x float64) *ink {
	steps := [...]uint32{0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725}
	at := min(max(x, 0), 1) * float64(len(steps)-1)
	i := min(int(at), len(steps)-2)
	part := at - float64(i)
	mix := func(shift int) uint32 {
		a, b := float64(steps[i]>>shift&0xff), float64(steps[i+1]>>shift&0xff)
		return uint32(a+part*(b-a)) << shift
	}
	c := mix(16) | mix(8) | mix(0)
	return &ink{light: c, dark: c}
}
