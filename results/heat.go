package results

import (
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Heat is a map of one value over two axes: a cell for every pair of their steps.
type Heat struct {
	X, Y         string   // what the axes are called
	XSteps       []string // the columns
	YSteps       []string // the rows
	Cells        [][]Cell // by row, then by column
	Least, Great float64  // the ends of the shades, which several maps may share
}

// mapWidth is how wide a map may be.
const mapWidth = 80

// Cell is one place of a map.
type Cell struct {
	Text  string // empty where there is no point
	Value float64
	Mark  string // one sign behind the text, or none
}

// Shades are how a map shows values beside their digits.
type Shades int

// The shades.
const (
	NoShades Shades = iota // digits alone, for files and pipes
	Blocks                 // from light to full blocks, for terminals without colours
	Colours                // of the background, for terminals
)

// viridis is that scale (van der Walt and Smith, for matplotlib) in the 256 colours of
// terminals: dark to bright, evenly, also to eyes that tell no red from green. The second
// is what can be read on it.
var viridis = [...][2]string{
	{"53", "231"}, {"60", "231"}, {"25", "231"}, {"30", "231"}, {"36", "16"}, {"71", "16"}, {"149", "16"}, {"220", "16"},
}

var blocks = [...]string{" ", "░", "▒", "▓", "█"}

// level puts a value onto n steps; −1 for what is no number.
func (h *Heat) level(x float64, n int) int {
	switch {
	case math.IsNaN(x):
		return -1
	case !(h.Great > h.Least):
		return n - 1
	}
	return max(0, min(n-1, int(float64(n)*(x-h.Least)/(h.Great-h.Least))))
}

// Write draws the map; one that is wider than 80 columns in pieces below each other.
func (h *Heat) Write(w io.Writer, shades Shades) error {
	corner := h.Y + " \\ " + h.X
	left, width := utf8.RuneCountInString(corner), 0
	for _, y := range h.YSteps {
		left = max(left, utf8.RuneCountInString(y))
	}
	for _, x := range h.XSteps {
		width = max(width, utf8.RuneCountInString(x))
	}
	for _, row := range h.Cells {
		for _, c := range row {
			width = max(width, utf8.RuneCountInString(c.Text)+2)
		}
	}
	if shades == Blocks {
		width += 2
	}
	var b strings.Builder
	fit := max(1, (mapWidth-left-2)/(width+2))
	for from := 0; from < len(h.XSteps); from += fit {
		to := min(from+fit, len(h.XSteps))
		if from > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(" " + pad(corner, left) + " ")
		for _, x := range h.XSteps[from:to] {
			b.WriteString(" " + pad(x, width-2) + "   ")
		}
		for y, row := range h.Cells {
			b.WriteString("\n " + pad(h.YSteps[y], left) + " ")
			for _, c := range row[from:to] {
				b.WriteString(h.cell(&c, width, shades))
			}
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") + "\n"
	}
	_, err := io.WriteString(w, strings.Join(lines, ""))
	return err
}

// cell draws one cell: its digits, a space, its mark.
func (h *Heat) cell(c *Cell, width int, shades Shades) string {
	mark := c.Mark
	if mark == "" {
		mark = " "
	}
	text := c.Text
	if text == "" {
		text = "·"
	}
	if shades == Blocks {
		if level := h.level(c.Value, len(blocks)); level >= 0 && c.Text != "" {
			text = blocks[level] + " " + text
		}
	}
	text = " " + pad(text, width-2) + " " + mark + " "
	if level := h.level(c.Value, len(viridis)); shades == Colours && level >= 0 && c.Text != "" {
		text = "\x1b[48;5;" + viridis[level][0] + ";38;5;" + viridis[level][1] + "m" + text + "\x1b[0m"
	}
	return text
}

// pad brings text to the right end of a column.
func pad(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text))) + text
}
