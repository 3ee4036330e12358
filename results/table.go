package results

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"pushcast/node/measure"
)

// WriteTable writes one row per metric: the mean over seeds, the half-width of
// its 95 % interval, the least and the greatest seed. Metrics that no seed has
// are shown by a dash; those that only some have say how many.
func WriteTable(w io.Writer, all *[measure.Count]Summary, seeds int) error {
	rows := [][]string{}
	for m, s := range all {
		d := measure.Definitions[m]
		name := d.Name
		if s.N > 0 && s.N < seeds {
			name += fmt.Sprintf(" (%d of %d)", s.N, seeds)
		}
		rows = append(rows, []string{name,
			Format(s.Mean, d.Unit), Format(s.HalfWidth, d.Unit), Format(s.Min, d.Unit), Format(s.Max, d.Unit)})
	}
	return Render(w, []string{"metric", "mean", "± 95 %", "min", "max"}, rows)
}

// Render writes a table whose first column is text and whose others are
// numbers, in ASCII that survives every log.
func Render(w io.Writer, header []string, rows [][]string) error {
	align := []tw.Align{tw.AlignLeft}
	for range header[1:] {
		align = append(align, tw.AlignRight)
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{PerColumn: align},
	}
	table := tablewriter.NewTable(w,
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off},
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
		})))
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return fmt.Errorf("results: table: %w", err)
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("results: table: %w", err)
	}
	return nil
}

// Format writes a value for people: ratios as per cent, times in s or ms, four
// significant digits; a dash for NaN.
func Format(x float64, unit measure.Unit) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "–"
	case unit == measure.Ratio:
		return digits(100*x) + "%"
	case unit == measure.Second && math.Abs(x) < 1:
		return digits(1000*x) + "ms"
	case unit == measure.Second:
		return digits(x) + "s"
	}
	return digits(x)
}

// digits gives four significant digits, and no fewer than the whole part has.
func digits(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	whole := len(strconv.FormatFloat(math.Trunc(math.Abs(x)), 'f', 0, 64))
	if math.Abs(x) < 1 {
		whole = 1
	}
	return strconv.FormatFloat(x, 'f', max(0, 4-whole), 64)
}
