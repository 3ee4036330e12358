package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"pushcast/node/measure"
)

// scale is one axis of a panel.
type scale struct {
	label  string
	lo, hi float64
	log    bool
	unit   measure.Unit
	ticks  []plot.Tick // nil: round values
	bare   bool        // no grid
}

func (s *scale) norm(x float64) float64 {
	if s.log {
		return (math.Log(x) - math.Log(s.lo)) / (math.Log(s.hi) - math.Log(s.lo))
	}
	return (x - s.lo) / (s.hi - s.lo)
}

// panel is one pair of axes of a picture, with what is drawn between them.
type panel struct {
	title  string
	x, y   scale
	layers []plot.Plotter
}

// lines across the panel at the ticks.
type gridLines struct {
	xs, ys []plot.Tick
}

// Plot draws them.
func (g *gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	pen := draw.LineStyle{Color: inkGrid.color(), Width: .6}
	for _, t := range g.xs {
		if x := tx(t.Value); c.ContainsX(x) {
			c.StrokeLine2(pen, x, c.Min.Y, x, c.Max.Y)
		}
	}
	for _, t := range g.ys {
		if y := ty(t.Value); c.ContainsY(y) {
			c.StrokeLine2(pen, c.Min.X, y, c.Max.X, y)
		}
	}
}

// draw draws the panel.
func (n *panel) draw(c draw.Canvas) {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = plain
	size := c.Size()
	p.Title.TextStyle = lettering(sizeLabel, inkText, draw.XCenter, draw.YTop)
	p.Title.Text = fitting(n.title, p.Title.TextStyle, size.X)
	p.Title.Padding = 3
	n.dress(&p.X, &n.x, max(2, int(size.X/60)))
	n.dress(&p.Y, &n.y, max(2, int(size.Y/36)))
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	p.Y.Label.Text = "" // a long one would make the panel low
	p.Y.Label.Text = fitting(n.y.label, p.Y.Label.TextStyle, p.DataCanvas(c).Size().Y)
	data := p.DataCanvas(c)
	p.X.Label.Text = fitting(n.x.label, p.X.Label.TextStyle, data.Size().X)
	xs := sparse(append([]plot.Tick(nil), p.X.Tick.Marker.Ticks(n.x.lo, n.x.hi)...), n.x.norm, data.Size().X, data.Min.X-c.Min.X)
	p.X.Tick.Marker = plot.ConstantTicks(xs)
	lines := &gridLines{}
	for _, t := range xs {
		if !n.x.bare && t.Label != "" {
			lines.xs = append(lines.xs, t)
		}
	}
	if !n.y.bare {
		lines.ys = p.Y.Tick.Marker.Ticks(n.y.lo, n.y.hi)
	}
	p.Add(lines)
	for _, l := range n.layers {
		p.Add(l)
	}
	p.Draw(c)
}

// dress makes an axis as a scale says, with about as many ticks.
func (n *panel) dress(a *plot.Axis, s *scale, about int) {
	a.Min, a.Max = s.lo, s.hi
	a.Label.Text, a.Label.Padding = s.label, 2
	a.Label.TextStyle = lettering(sizeLabel, inkSoft, draw.XCenter, draw.YBottom)
	a.Padding = 0
	a.LineStyle = draw.LineStyle{Color: inkSoft.color(), Width: .6}
	a.Tick.LineStyle = a.LineStyle
	a.Tick.Length = 2.5
	a.Tick.Label = lettering(sizeTick, inkSoft, 0, 0)
	if s.bare {
		a.Tick.Length, a.Tick.Width, a.Width = 1, 0, 0
	}
	if s.log {
		a.Scale = plot.LogScale{}
	}
	list := s.ticks
	if list == nil {
		list = ticks(s.lo, s.hi, about, s.unit)
	}
	a.Tick.Marker = plot.ConstantTicks(list)
}

// span of a list of numbers, NaN left out: (+∞, −∞) of none.
func span(lists ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, list := range lists {
		for _, x := range list {
			if !math.IsNaN(x) && !math.IsInf(x, 0) {
				lo, hi = min(lo, x), max(hi, x)
			}
		}
	}
	return lo, hi
}
