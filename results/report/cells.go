package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"pushcast/results"
)

// cell is one field of a map or of the strip: around (x, y), as wide as one step.
type cell struct {
	sheet  *sheet
	x, y   float64
	fill   color.Color
	text   string      // written where it fits
	on     color.Color // the colour of the text and of the sign
	state  results.State
	sign   bool // draw the state's sign
	border bool // proven cells have one
	says   string
}

// Plot draws it.
func (l *cell) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	box := vg.Rectangle{Min: vg.Point{X: tx(l.x - 0.5), Y: ty(l.y - 0.5)}, Max: vg.Point{X: tx(l.x + 0.5), Y: ty(l.y + 0.5)}}
	gap := min(1, box.Size().X/8)
	box.Min.X, box.Min.Y, box.Max.X, box.Max.Y = box.Min.X+gap, box.Min.Y+gap, box.Max.X-gap, box.Max.Y-gap
	if l.fill != nil {
		fill(c, l.fill, box)
	}
	if l.state == results.Undecided || l.state == results.Unmeasured {
		hatch(c, box, l.on)
	}
	if l.border {
		c.SetLineStyle(draw.LineStyle{Color: inkText.color(), Width: 1.8})
		inner := vg.Rectangle{Min: vg.Point{X: box.Min.X + .9, Y: box.Min.Y + .9}, Max: vg.Point{X: box.Max.X - .9, Y: box.Max.Y - .9}}
		c.Stroke(inner.Path())
	}
	middle := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	style := lettering(sizeTick, inkText, draw.XCenter, draw.YCenter)
	style.Color = l.on
	if l.text != "" && style.Width(l.text) <= box.Size().X-3 {
		c.FillText(style, middle, l.text)
	}
	if size := min(box.Size().X, box.Size().Y) * 0.3; l.sign && size > 0.8 {
		sign(c, l.state, middle, min(size, 4), l.on)
	}
	l.sheet.hits = append(l.sheet.hits, hit{box, l.says})
}

// hatch draws slanting lines into a box.
func hatch(c draw.Canvas, box vg.Rectangle, clr color.Color) {
	w, h := box.Size().X, box.Size().Y
	var lines [][]vg.Point
	for d := vg.Length(4); d < w+h; d += 4 { // from (d, 0) up to the left, to (0, d)
		from, to := vg.Point{X: min(d, w), Y: max(0, d-w)}, vg.Point{X: max(0, d-h), Y: min(d, h)}
		lines = append(lines, []vg.Point{box.Min.Add(from), box.Min.Add(to)})
	}
	if len(lines) > 400 {
		return
	}
	r, g, b, _ := clr.RGBA()
	c.StrokeLines(draw.LineStyle{Color: color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}, Width: .5}, lines...)
}

// sign draws what the terminal writes as a tick, a cross or a question mark, as lines: not
// every font has them.
func sign(c draw.Canvas, s results.State, at vg.Point, r vg.Length, clr color.Color) {
	pen := draw.LineStyle{Color: clr, Width: max(.8, r/2.6)}
	point := func(x, y vg.Length) vg.Point { return vg.Point{X: at.X + x*r, Y: at.Y + y*r} }
	switch s {
	case results.Proven:
		c.StrokeLines(pen, []vg.Point{point(-.9, -.1), point(-.2, -.8), point(1, .8)})
	case results.Undecided:
		style := lettering(r*3, inkText, draw.XCenter, draw.YCenter)
		style.Color = clr
		c.FillText(style, at, "?")
	case results.Unmeasured:
		for x := vg.Length(-1); x <= 1; x++ {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: clr, Radius: r / 4, Shape: draw.CircleGlyph{}}, point(x*.9, 0))
		}
	default:
		c.StrokeLines(pen, []vg.Point{point(-.8, -.8), point(.8, .8)}, []vg.Point{point(-.8, .8), point(.8, -.8)})
	}
}
