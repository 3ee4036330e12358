package report

import (
	"fmt"
	"strings"

	"pushcast/results"
	"pushcast/scenarios"
)

// grid says which point of a sweep stands where in a picture: one axis is told apart by
// colour, those that are left make panels. It is the same in all pictures, so that a colour
// is one thing.
type grid struct {
	points []results.PointVerdict
	axes   []scenarios.Axis
	x      int // the axis along x; −1: none
	line   int // the axis whose steps are lines; −1: all is one
	panels []group
	left   int // panels that there is no room for
}

// group is the points of one panel.
type group struct {
	title string
	of    []int // in grid.points
}

// newGrid makes the grid of a picture that draws metrics against the first axis, or, along
// being false, one that draws something else for every point.
func newGrid(in *Input, along bool) *grid {
	g := &grid{points: in.Verdict.Points, axes: in.Verdict.Scenario.Axes(), x: -1, line: -1}
	switch n := len(g.axes); {
	case along && n > 1:
		g.x, g.line = 0, 1
	case along && n == 1:
		g.x = 0
	case n > 1:
		g.line = 1
	case n == 1:
		g.line = 0
	}
	g.group(func(a int) bool { return a != g.x && a != g.line })
	return g
}

// group makes the panels of the combinations of axes that apart is true of.
func (g *grid) group(apart func(axis int) bool) {
	place := map[string]int{}
	for i := range g.points {
		var words []string
		for a := range g.axes {
			if !apart(a) {
				continue
			}
			word := g.axes[a].Step(g.points[i].Point.Steps[a])
			if len(g.axes[a].Keys) == 1 { // the names of several would leave no room for their values
				word = g.axes[a].Name() + " " + word
			}
			words = append(words, word)
		}
		title := strings.Join(words, ", ")
		at, known := place[title]
		if !known {
			at = len(g.panels)
			place[title] = at
			g.panels = append(g.panels, group{title: title})
		}
		g.panels[at].of = append(g.panels[at].of, i)
	}
	if g.left = len(g.panels) - maxPanels; g.left > 0 {
		g.panels = g.panels[:maxPanels]
	}
}

// lines lists the steps that are drawn as lines: all, or so many of them, first and last
// among them.
func (g *grid) lines() (steps []int) {
	if g.line < 0 {
		return []int{0}
	}
	n := len(g.axes[g.line].Values)
	for i := range min(n, maxLines) {
		if n > maxLines {
			i = i * (n - 1) / (maxLines - 1)
		}
		steps = append(steps, i)
	}
	return steps
}

// on lists the points of a panel that are on a line, in the order of the sweep.
func (g *grid) on(panel group, step int) (list []int) {
	for _, i := range panel.of {
		if g.line < 0 || g.points[i].Point.Steps[g.line] == step {
			list = append(list, i)
		}
	}
	return list
}

// lookOf is how a point is drawn, in all pictures.
func (g *grid) lookOf(point int) look {
	steps := g.points[point].Point.Steps
	switch len(g.axes) {
	case 0:
		return lookOf(0)
	case 1:
		return lookOf(steps[0])
	}
	return lookOf(steps[1])
}

// legend names the lines.
func (g *grid) legend() (l legend) {
	axis := g.line
	if axis < 0 {
		return l
	}
	l.title = short(g.axes[axis].Name(), 30)
	for _, step := range g.lines() {
		l.entries = append(l.entries, entry{short(g.axes[axis].Step(step), 30), lookOf(step)})
	}
	return l
}

// crowded tells whether there are so many lines that bands around them would hide them.
func (g *grid) crowded() bool { return len(g.lines()) > maxBands }

// said is what the caption has to say of what is not drawn.
func (g *grid) said() string {
	var words []string
	if g.left > 0 {
		words = append(words, fmt.Sprintf(" Of %d panels the first %d are drawn.", len(g.panels)+g.left, len(g.panels)))
	}
	if g.line >= 0 {
		if n := len(g.axes[g.line].Values); n > maxLines {
			words = append(words, fmt.Sprintf(" Of %d values of %s %d are drawn.", n, g.axes[g.line].Name(), maxLines))
		}
	}
	if g.x < 0 && g.crowded() {
		words = append(words, " So many lines have no bands.")
	}
	return strings.Join(words, "")
}

// rules lists the rules on a metric, without those that compare with the baseline, that
// apply to a point of a panel.
func (g *grid) rules(in *Input, panel group, of func(r *scenarios.Rule) bool) (list []*scenarios.Rule) {
	rules := in.Verdict.Scenario.Rules
	for k := range rules {
		r := &rules[k]
		if r.Baseline || !of(r) {
			continue
		}
		for _, i := range panel.of {
			if r.Applies(g.points[i].Point) {
				list = append(list, r)
				break
			}
		}
	}
	return list
}
