package report

import (
	"strconv"

	"pushcast/node/measure"
	"pushcast/results"
)

// Table is the numbers behind a picture.
type Table struct {
	Header []string
	Rows   [][]string
	Left   int // rows that there is no room for
}

// tableOf has a row per point: its coordinates, how many seeds, and of each metric the mean,
// of the first one its half-width, too; then the command that computes the point.
func tableOf(in *Input, metrics ...measure.Metric) (t Table) {
	v := in.Verdict
	for _, a := range v.Scenario.Axes() {
		t.Header = append(t.Header, a.Keys...)
	}
	t.Header = append(t.Header, "seeds")
	for i, m := range metrics {
		t.Header = append(t.Header, measure.Definitions[m].Name)
		if i == 0 {
			t.Header = append(t.Header, "± 95 %")
		}
	}
	t.Header = append(t.Header, "to compute it")
	for i := range v.Points {
		if t.full() {
			continue
		}
		p := &v.Points[i]
		var row []string
		for _, c := range p.Point.Coords {
			row = append(row, c.Value)
		}
		row = append(row, seeds(p))
		all := p.Summaries()
		for k, m := range metrics {
			unit := measure.Definitions[m].Unit
			row = append(row, results.Format(all[m].Mean, unit))
			if k == 0 {
				row = append(row, results.Format(all[m].HalfWidth, unit))
			}
		}
		t.add(append(row, in.reproduce(p, -1)))
	}
	return t
}

// seeds says how many there are, and of how many.
func seeds(p *results.PointVerdict) string {
	if len(p.Missing) > 0 {
		return strconv.Itoa(len(p.Runs)) + " of " + strconv.Itoa(len(p.Runs)+len(p.Missing))
	}
	return strconv.Itoa(len(p.Runs))
}

// full tells whether there is no room for a further row, and counts it if so.
func (t *Table) full() bool {
	if len(t.Rows) < maxRows {
		return false
	}
	t.Left++
	return true
}

func (t *Table) add(row []string) {
	if !t.full() {
		t.Rows = append(t.Rows, row)
	}
}
