package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A layer is what is drawn into a panel. Where it says something on hover, it tells the
// sheet.

// curve is a line, with a band around it and dots on it, each if it is there. NaN is a gap.
type curve struct {
	sheet  *sheet
	xs, ys []float64
	lo, hi []float64 // the band; nil: none
	look   look
	dots   []*ink   // the colour of each dot; nil: no dots
	steps  bool     // level from each x to the next
	says   []string // of every place, on hover; nil: nothing
}

// Plot draws it.
func (l *curve) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	at := func(x, y float64) vg.Point { return vg.Point{X: tx(x), Y: ty(y)} }
	line := func(ys []float64, from, to int) (line []vg.Point) {
		for i := from; i < to; i++ {
			if l.steps && i > from {
				line = append(line, at(l.xs[i], ys[i-1]))
			}
			line = append(line, at(l.xs[i], ys[i]))
		}
		return line
	}
	for from, to := range l.stretches(l.lo) {
		widest := points(0)
		for i := from; i < to; i++ {
			widest = max(widest, ty(l.hi[i])-ty(l.lo[i]))
		}
		if widest < 0.5 { // the line is as wide
			continue
		}
		polygon, below := simplified(line(l.hi, from, to)), simplified(line(l.lo, from, to))
		slices.Reverse(below)
		if polygon = append(polygon, below...); len(polygon) > 2 {
			c.FillPolygon(l.look.ink.alpha(faint), c.ClipPolygonXY(polygon))
		}
	}
	for from, to := range l.stretches(l.ys) {
		if line := simplified(line(l.ys, from, to)); len(line) > 1 {
			c.StrokeLines(l.look.line(1.4), c.ClipLinesXY(line)...)
		}
	}
	for i := range l.xs {
		if math.IsNaN(l.ys[i]) {
			continue
		}
		here := at(l.xs[i], l.ys[i])
		if l.dots != nil && c.Contains(here) {
			c.DrawGlyph(draw.GlyphStyle{Color: l.dots[i].color(), Radius: 2.2, Shape: draw.CircleGlyph{}}, here)
		}
		if l.says != nil && l.says[i] != "" && c.Contains(here) {
			l.sheet.says(here, 6, l.says[i])
		}
	}
}

// simplified leaves out points that are less than a sixth of a point of paper away from the
// line without them (Douglas and Peucker: Algorithms for the reduction of the number of
// points required to represent a digitized line, 1973).
func simplified(line []vg.Point) []vg.Point {
	if len(line) < 3 {
		return line
	}
	a, b := line[0], line[len(line)-1]
	span := b.Sub(a)
	length := math.Hypot(span.X.Points(), span.Y.Points())
	far, at := 0.0, 0
	for i := 1; i < len(line)-1; i++ {
		d := line[i].Sub(a)
		away := math.Hypot(d.X.Points(), d.Y.Points())
		if length > 0 {
			away = math.Abs(span.X.Points()*d.Y.Points()-span.Y.Points()*d.X.Points()) / length
		}
		if away > far {
			far, at = away, i
		}
	}
	if far < 1.0/6 {
		return []vg.Point{a, b}
	}
	left := simplified(line[:at+1])
	return append(slices.Clone(left[:len(left)-1]), simplified(line[at:])...)
}

// stretches yields the runs of numbers in a list.
func (l *curve) stretches(list []float64) func(yield func(from, to int) bool) {
	return func(yield func(int, int) bool) {
		from := 0
		for i := 0; i <= len(list); i++ {
			if i < len(list) && !math.IsNaN(list[i]) {
				continue
			}
			if i > from && !yield(from, i) {
				return
			}
			from = i + 1
		}
	}
}

// guide is a straight line across the panel, with its name at an end: the gate, or an event.
type guide struct {
	sheet    *sheet
	at       float64
	vertical bool
	ink      *ink
	name     string
	row      int // of the names of vertical ones, from the bottom: they must not lie on each other
	says     string
}

// Plot draws it.
func (g *guide) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	from, to := vg.Point{X: c.Min.X, Y: ty(g.at)}, vg.Point{X: c.Max.X, Y: ty(g.at)}
	if g.vertical {
		from, to = vg.Point{X: tx(g.at), Y: c.Min.Y}, vg.Point{X: tx(g.at), Y: c.Max.Y}
	}
	if !c.Contains(from) || !c.Contains(to) {
		return
	}
	c.StrokeLines(draw.LineStyle{Color: g.ink.color(), Width: 1, Dashes: []vg.Length{4, 2}}, []vg.Point{from, to})
	g.sheet.bar(from, to, 3, g.says)
	if g.name == "" {
		return
	}
	style := lettering(sizeTick, g.ink, draw.XLeft, draw.YBottom)
	place := vg.Point{X: c.Min.X + 2, Y: to.Y + 1}
	if g.vertical {
		style.XAlign = draw.XRight
		place = vg.Point{X: to.X - 2, Y: c.Min.Y + 2 + points(g.row)*(sizeTick+1)}
		if place.X-style.Width(g.name) < c.Min.X {
			style.XAlign, place.X = draw.XLeft, to.X+2
		}
	} else if room := style.Height(g.name); place.Y+room > c.Max.Y {
		place.Y = to.Y - room
	}
	if style.Width(g.name) <= c.Max.X-c.Min.X {
		c.FillText(style, place, g.name)
	}
}

// shade is a stretch of the x axis.
type shade struct{ from, to float64 }

// Plot draws it.
func (s *shade) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	from, to := max(tx(s.from), c.Min.X), min(tx(s.to), c.Max.X)
	if from < to {
		fill(c, inkGrid.alpha(faint), vg.Rectangle{Min: vg.Point{X: from, Y: c.Min.Y}, Max: vg.Point{X: to, Y: c.Max.Y}})
	}
}

// interval is a range of values at a place, level or upright, with its middle.
type interval struct {
	sheet        *sheet
	at           float64
	lo, mid, hi  float64
	level        bool
	ink          *ink
	open         bool // the middle is a ring
	says         string
	arrow, upper bool // the range goes on to that side
}

// Plot draws it.
func (l *interval) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	place := func(v float64) vg.Point {
		if l.level {
			return vg.Point{X: min(max(tx(v), c.Min.X), c.Max.X), Y: ty(l.at)}
		}
		return vg.Point{X: tx(l.at), Y: min(max(ty(v), c.Min.Y), c.Max.Y)}
	}
	if math.IsNaN(l.mid) {
		return
	}
	if !math.IsNaN(l.lo) && !math.IsNaN(l.hi) {
		c.StrokeLines(draw.LineStyle{Color: l.ink.color(), Width: 1.6}, []vg.Point{place(l.lo), place(l.hi)})
		if l.arrow {
			end, back := place(l.lo), vg.Length(4)
			if l.upper {
				end, back = place(l.hi), -4
			}
			c.StrokeLines(draw.LineStyle{Color: l.ink.color(), Width: 1.6},
				[]vg.Point{{X: end.X + back, Y: end.Y + 2.5}, end, {X: end.X + back, Y: end.Y - 2.5}})
		}
	}
	c.DrawGlyph(draw.GlyphStyle{Color: l.ink.color(), Radius: 2.8, Shape: draw.CircleGlyph{}}, place(l.mid))
	if l.open {
		c.DrawGlyph(draw.GlyphStyle{Color: inkPaper.color(), Radius: 1.5, Shape: draw.CircleGlyph{}}, place(l.mid))
	}
	l.sheet.says(place(l.mid), 7, l.says)
}

func fill(c draw.Canvas, clr interface{ RGBA() (r, g, b, a uint32) }, r vg.Rectangle) {
	c.SetColor(clr)
	c.Fill(r.Path())
}
