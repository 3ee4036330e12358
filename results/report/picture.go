package report

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Picture is one of a report's pictures.
type Picture struct {
	Name  string // as the flag --picture takes it
	Title string // its message
	About string // what is drawn, for the caption
	Table Table  // the numbers behind it

	panels []*panel
	legend legend
	height points // of a panel
	sheet  *sheet
}

// legend names the colours.
type legend struct {
	title   string
	entries []entry
}

type entry struct {
	name string
	look look
}

// sheet collects what says its value on hover, while a picture is drawn.
type sheet struct{ hits []hit }

type hit struct {
	box  vg.Rectangle
	text string
}

func (s *sheet) says(at vg.Point, r points, text string) {
	s.bar(at, at, r, text)
}

func (s *sheet) bar(from, to vg.Point, r points, text string) {
	if text != "" {
		s.hits = append(s.hits, hit{vg.Rectangle{Min: vg.Point{X: min(from.X, to.X) - r, Y: min(from.Y, to.Y) - r},
			Max: vg.Point{X: max(from.X, to.X) + r, Y: max(from.Y, to.Y) + r}}, text})
	}
}

// points is a length on paper.
type points = vg.Length

// The measures of a picture, in points.
const (
	pageWidth    = 420
	legendHeight = 15
	margin       = 4
)

// columns is how many panels stand beside each other.
func (p *Picture) columns() int { return min(2, len(p.panels)) }

func (p *Picture) size() (w, h points) {
	rows := (len(p.panels) + p.columns() - 1) / p.columns()
	return pageWidth, 2*margin + p.legend.height() + points(rows)*p.height
}

// draw draws the whole picture.
func (p *Picture) draw(to vg.Canvas) {
	w, h := p.size()
	p.sheet.hits = nil
	c := draw.NewCanvas(to, w, h)
	c = draw.Crop(c, margin, -margin, margin, -margin)
	p.legend.draw(c)
	c = draw.Crop(c, 0, 0, 0, -p.legend.height())
	columns := p.columns()
	rows := (len(p.panels) + columns - 1) / columns
	tiles := draw.Tiles{Cols: columns, Rows: rows, PadX: 8, PadY: 6}
	for i, n := range p.panels {
		n.draw(tiles.At(c, i%columns, i/columns))
	}
}

// places gives where the entries stand: each one's row and left edge.
func (l *legend) places() (rows []int, lefts []points) {
	style := lettering(sizeLabel, inkSoft, draw.XLeft, draw.YCenter)
	x, row := points(0), 0
	if l.title != "" {
		x = style.Width(l.title) + 8
	}
	for _, e := range l.entries {
		width := 20 + style.Width(e.name) + 10
		if x+width > pageWidth-2*margin && x > 0 {
			x, row = 0, row+1
		}
		rows, lefts = append(rows, row), append(lefts, x)
		x += width
	}
	return rows, lefts
}

// height is what the legend takes, with a gap below it.
func (l *legend) height() points {
	if len(l.entries) == 0 {
		return 0
	}
	rows, _ := l.places()
	return points(rows[len(rows)-1]+1)*legendHeight + 4
}

func (l *legend) draw(c draw.Canvas) {
	if len(l.entries) == 0 {
		return
	}
	style := lettering(sizeLabel, inkSoft, draw.XLeft, draw.YCenter)
	y := func(row int) points { return c.Max.Y - (points(row)+.5)*legendHeight }
	c.FillText(style, vg.Point{X: c.Min.X, Y: y(0)}, l.title)
	style.Color = inkText.color()
	rows, lefts := l.places()
	for i, e := range l.entries {
		x := c.Min.X + lefts[i]
		c.StrokeLine2(e.look.line(2.2), x, y(rows[i]), x+16, y(rows[i]))
		c.FillText(style, vg.Point{X: x + 20, Y: y(rows[i])}, e.name)
	}
}

// Format is what a picture's file is written as.
type Format string

// The formats.
const (
	SVG Format = "svg"
	PNG Format = "png" // 300 dots an inch
	PDF Format = "pdf"
)

// Formats lists the formats.
var Formats = []Format{SVG, PNG, PDF}

// File gives the picture as a file for a paper, on white. The same picture gives the same
// bytes.
func (p *Picture) File(as Format) ([]byte, error) {
	w, h := p.size()
	var b bytes.Buffer
	var err error
	paper := func(c vg.Canvas) {
		whole := vg.Rectangle{Max: vg.Point{X: w, Y: h}}
		c.SetColor(inkPaper.color())
		c.Fill(whole.Path())
	}
	switch as {
	case SVG:
		return []byte(p.svg(false)), nil
	case PNG:
		c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(300))
		paper(c)
		p.draw(c)
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
	case PDF:
		undated()
		c := pdfCanvas{vgpdf.New(w, h)}
		paper(c)
		p.draw(c)
		_, err = c.WriteTo(&b)
	default:
		err = fmt.Errorf("no format %q", as)
	}
	if err != nil {
		return nil, fmt.Errorf("report: %s: %w", p.Name, err)
	}
	return b.Bytes(), nil
}

// svg gives the picture as SVG: for the page, in its colours, and with what is said on
// hover; or as a file.
func (p *Picture) svg(inPage bool) string {
	w, h := p.size()
	c := vgsvg.New(w, h)
	if !inPage {
		whole := vg.Rectangle{Max: vg.Point{X: w, Y: h}}
		c.SetColor(inkPaper.color())
		c.Fill(whole.Path())
	}
	p.draw(c)
	var b bytes.Buffer
	_, _ = c.WriteTo(&b) // a buffer takes everything
	text := b.String()
	_, body, _ := strings.Cut(text[strings.Index(text, "<svg"):], ">")
	// vgsvg repeats the font at every text, which inherits it here.
	body = pathData.ReplaceAllStringFunc(fontOf.Replace(body), func(d string) string {
		return coordinate.ReplaceAllStringFunc(d, func(x string) string {
			v, _ := strconv.ParseFloat(x, 64) // the expression has made sure
			return tenth(points(v))
		})
	})
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" style="%s"`, w.Points(), h.Points(), svgFonts)
	if !inPage {
		return "<?xml version=\"1.0\"?>\n" + head + fmt.Sprintf(` width="%gpt" height="%gpt">`, w.Points(), h.Points()) + body
	}
	var hits strings.Builder
	for i, at := range p.sheet.hits {
		if at.text == "" || i >= maxHits {
			continue
		}
		fmt.Fprintf(&hits, `<rect x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`+"\n", tenth(at.box.Min.X), tenth(h-at.box.Max.Y),
			tenth(at.box.Size().X), tenth(at.box.Size().Y), html.EscapeString(at.text))
	}
	body = strings.TrimSuffix(strings.TrimSpace(body), "</svg>")
	return head + ` aria-label="` + html.EscapeString(p.Title) + `">` + toVariables.Replace(body) +
		"<g class=\"hits\">\n" + hits.String() + "</g></svg>"
}

// A tenth of a point is enough, and half the bytes.
var (
	pathData   = regexp.MustCompile(`d="[^"]*"`)
	coordinate = regexp.MustCompile(`[0-9]+\.[0-9]+`)
)

var fontOf = strings.NewReplacer(
	"\n\tstyle=\"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", ` style="`)

func tenth(x points) string {
	return fmt.Sprintf("%g", math.Round(x.Points()*10)/10)
}
