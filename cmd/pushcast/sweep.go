package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"pushcast/node/measure"
	"pushcast/results"
)

// What of a sweep is shown where --metric says nothing.
var (
	inTable = []measure.Metric{measure.Delivery, measure.DeliveryWorst, measure.DelayP50, measure.DelayP95, measure.Duplicates, measure.Overhead}
	inMap   = []measure.Metric{measure.Delivery}
)

// maxPanels is how many maps stand below each other before a table is easier to read.
const maxPanels = 12

// shadesOf tells what a map may use there.
func shadesOf(w io.Writer) results.Shades {
	switch {
	case !isTerminal(w):
		return results.NoShades
	case os.Getenv("NO_COLOR") != "": // https://no-color.org
		return results.Blocks
	}
	return results.Colours
}

// writeSweep shows the points of a sweep: of one axis as a table, of two as a map, of
// more as a map for each combination of the others.
func (e *engine) writeSweep(w io.Writer, v *results.Verdict, shades results.Shades) error {
	axes, panels := v.Scenario.Axes(), 1
	for i := 2; i < len(axes); i++ {
		panels *= len(axes[i].Values)
	}
	asTable := len(axes) < 2 || panels > maxPanels
	if !asTable {
		for i, m := range chosen(e.flags.shown, inMap) {
			if i > 0 {
				fmt.Fprintln(w)
			}
			if err := writeMaps(w, v, m, shades); err != nil {
				return err
			}
		}
	}
	if !asTable && e.flags.verbose {
		fmt.Fprintln(w)
	}
	if asTable || e.flags.verbose {
		if err := writePoints(w, v, e.flags.shown); err != nil {
			return err
		}
	}
	if e.flags.verbose {
		return writeSeedsOf(w, v)
	}
	return nil
}

// spreadText says what the numbers of a map are, and how sure; NaN is that nowhere are two
// seeds to tell.
func spreadText(widest float64, unit measure.Unit) string {
	switch {
	case math.IsNaN(widest):
		return "of one seed, which says nothing of luck"
	case widest == 0:
		return "mean over seeds, which all show the same: luck makes no difference here"
	}
	return fmt.Sprintf("mean over seeds, ± %s at most", results.Format(widest, unit))
}

func chosen(said, otherwise []measure.Metric) []measure.Metric {
	if len(said) > 0 {
		return said
	}
	return otherwise
}

// writeMaps draws a metric over the first two axes, a map for each combination of the
// others; all have the same shades.
func writeMaps(w io.Writer, v *results.Verdict, m measure.Metric, shades results.Shades) error {
	axes := v.Scenario.Axes()
	x, y := 0, 1
	if len(axes[0].Values) > maxColumns && len(axes[1].Values) < len(axes[0].Values) {
		x, y = y, x
	}
	d := measure.Definitions[m]
	var names []string
	maps := map[string]*results.Heat{}
	least, great, widest := math.Inf(1), math.Inf(-1), math.NaN()
	for i := range v.Points {
		p := &v.Points[i]
		var panel []string
		for a := 2; a < len(axes); a++ {
			panel = append(panel, axes[a].Name()+" = "+axes[a].Step(p.Point.Steps[a]))
		}
		name := strings.Join(panel, ", ")
		h := maps[name]
		if h == nil {
			names = append(names, name)
			h = emptyMap(v, x, y)
			maps[name] = h
		}
		all := p.Summaries()
		s := all[m]
		h.Cells[p.Point.Steps[y]][p.Point.Steps[x]] = results.Cell{Text: results.Format(s.Mean, d.Unit), Value: s.Mean, Mark: pointMark(v, i)}
		if !math.IsNaN(s.Mean) {
			least, great = min(least, s.Mean), max(great, s.Mean)
		}
		if !(s.HalfWidth <= widest) && !math.IsNaN(s.HalfWidth) { // widest is NaN at first
			widest = s.HalfWidth
		}
	}
	fmt.Fprintf(w, "%s: %s", d.Name, spreadText(widest, d.Unit))
	if v.Judged {
		fmt.Fprintf(w, "\nevery rule %s proven, one %s not, %s undecided", mark(results.Proven), mark(results.Refuted), mark(results.Undecided))
	}
	fmt.Fprintln(w)
	for _, name := range names {
		if name != "" {
			fmt.Fprintf(w, "\n%s\n", name)
		}
		h := maps[name]
		h.Least, h.Great = least, great
		if err := h.Write(w, shades); err != nil {
			return err
		}
	}
	return nil
}

// maxColumns is how many values stand beside each other before they are put below each
// other, if that is shorter.
const maxColumns = 10

func emptyMap(v *results.Verdict, x, y int) *results.Heat {
	axes := v.Scenario.Axes()
	h := &results.Heat{X: axes[x].Name(), Y: axes[y].Name()}
	for i := range axes[x].Values {
		h.XSteps = append(h.XSteps, axes[x].Step(i))
	}
	for i := range axes[y].Values {
		h.YSteps = append(h.YSteps, axes[y].Step(i))
		h.Cells = append(h.Cells, make([]results.Cell, len(h.XSteps)))
	}
	return h
}

// pointMark says what became of the rules at a point, in one sign: the worst of them.
func pointMark(v *results.Verdict, point int) string {
	found := ""
	for i := range v.Rules {
		for k := range v.Rules[i].At {
			j := &v.Rules[i].At[k]
			if j.Point != point {
				continue
			}
			if m := mark(j.State); found == "" || found == mark(results.Proven) || m == mark(results.Refuted) {
				found = m
			}
		}
	}
	return found
}

// coordsOf are the columns that say which point it is.
func coordsOf(v *results.Verdict) (header []string) {
	for _, a := range v.Scenario.Axes() {
		header = append(header, a.Keys...)
	}
	return header
}

// writePoints writes a row per point: the swept keys, how many seeds, the metrics.
// What was not wished for is left out where it would be too wide.
func writePoints(w io.Writer, v *results.Verdict, shownByWish []measure.Metric) error {
	shown := chosen(shownByWish, inTable)
	header := append(coordsOf(v), "seeds")
	if v.Judged {
		header = append(header, "")
	}
	for i, m := range shown {
		header = append(header, measure.Definitions[m].Name)
		if i == 0 {
			header = append(header, "± 95 %")
		}
	}
	var rows [][]string
	for i := range v.Points {
		p := &v.Points[i]
		all := p.Summaries()
		row := append(values(p), fmt.Sprint(len(p.Runs)))
		if v.Judged {
			row = append(row, pointMark(v, i))
		}
		for k, m := range shown {
			unit := measure.Definitions[m].Unit
			row = append(row, results.Format(all[m].Mean, unit))
			if k == 0 {
				row = append(row, results.Format(all[m].HalfWidth, unit))
			}
		}
		rows = append(rows, row)
	}
	if len(shownByWish) == 0 {
		header, rows = narrowed(header, rows, len(header)-len(shown), 0)
	}
	return results.Render(w, header, rows)
}

func values(p *results.PointVerdict) (list []string) {
	for _, c := range p.Point.Coords {
		list = append(list, c.Value)
	}
	return list
}

// writeSeedsOf writes a row per run.
func writeSeedsOf(w io.Writer, v *results.Verdict) error {
	var rows [][]string
	for i := range v.Points {
		for _, run := range v.Points[i].Runs {
			rows = append(rows, append(values(&v.Points[i]), seedRow(run)...))
		}
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	axes := coordsOf(v)
	header, rows := narrowed(append(axes, seedHeader()...), rows, len(axes)+2, 1)
	return results.Render(w, header, rows)
}
