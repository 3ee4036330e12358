package report

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ink is a colour with a name: in files for a paper it is what light says, on the page a
// CSS variable, so that the page can be light or dark.
type ink struct {
	name        string
	light, dark uint32 // 0xRRGGBB
}

// The inks. Those of lines are told apart by eyes that see no red or green (after Okabe and
// Ito: Color Universal Design, 2008), and stand out from both backgrounds; the gate's is
// used for nothing else.
var (
	inkText  = &ink{"text", 0x1b1f24, 0xe8eaed}
	inkSoft  = &ink{"soft", 0x57606a, 0xa3adb8}
	inkGrid  = &ink{"grid", 0xdfe3e8, 0x363d45}
	inkGate  = &ink{"gate", 0xb5179e, 0xff7ae6}
	inkGood  = &ink{"good", 0x12805c, 0x3ecf9b}
	inkBad   = &ink{"bad", 0xc2410d, 0xff8a5c}
	inkOpen  = &ink{"open", 0x6e7781, 0x8b949e}
	inkPaper = &ink{"paper", 0xffffff, 0x14171a}

	inkLines = []*ink{
		{"s0", 0x0072b2, 0x4db2f0}, {"s1", 0xd55e01, 0xff9248}, {"s2", 0x009e74, 0x2fd0a0}, {"s3", 0x9b4f96, 0xd990d3},
		{"s4", 0xb8860c, 0xe8c04a}, {"s5", 0x3fa0d9, 0x9ad6ff}, {"s6", 0x7a5230, 0xc49a76}, {"s7", 0x444c56, 0xc3ccd6},
	}
	inks = append([]*ink{inkText, inkSoft, inkGrid, inkGate, inkGood, inkBad, inkOpen, inkPaper}, inkLines...)
)

// faint is how opaque bands and shades are.
const faint = 0x38

func (i *ink) color() color.NRGBA { return i.alpha(0xff) }

func (i *ink) alpha(a uint8) color.NRGBA {
	return color.NRGBA{uint8(i.light >> 16), uint8(i.light >> 8), uint8(i.light), a}
}

// variables are the inks as CSS.
func variables(dark bool) string {
	var b strings.Builder
	for _, i := range inks {
		x := i.light
		if dark {
			x = i.dark
		}
		fmt.Fprintf(&b, "--%s:#%06x;", i.name, x)
	}
	return b.String()
}

// toVariables turns the colours of an SVG into the page's variables.
var toVariables = func() *strings.Replacer {
	var pairs []string
	for _, i := range inks {
		for _, a := range []uint8{0xff, faint} {
			pairs = append(pairs, svgColor(i.alpha(a)), "var(--"+i.name+")")
		}
	}
	return strings.NewReplacer(pairs...)
}()

// svgColor is how vgsvg writes a colour; of a faint one rounding changes the last bits.
func svgColor(c color.Color) string {
	r, g, b, a := c.RGBA()
	by := 255.0 / float64(a)
	return fmt.Sprintf("#%02X%02X%02X", int(float64(r)*by), int(float64(g)*by), int(float64(b)*by))
}

// look is how a line is told from others: by its colour, beyond eight of them also by dashes.
type look struct {
	ink    *ink
	dashes []vg.Length
}

func lookOf(i int) look {
	dashes := [][]vg.Length{nil, {5, 2}, {1.5, 2}}
	return look{inkLines[i%len(inkLines)], dashes[i/len(inkLines)%len(dashes)]}
}

func (l look) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: l.ink.color(), Width: width, Dashes: l.dashes}
}

// sans is the font of all pictures. Arial and Helvetica are as wide, where it is missing.
var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

const svgFonts = `font-family:'Liberation Sans',Arial,Helvetica,sans-serif`

// The sizes of text, in points.
const (
	sizeTick  = 8.5
	sizeLabel = 9
)

func lettering(size vg.Length, i *ink, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: i.color(), Font: font.From(sans, size), XAlign: x, YAlign: y, Handler: plain}
}

// plain takes text as it is: names may contain what other handlers read as markup.
var plain = text.Plain{Fonts: font.DefaultCache}
