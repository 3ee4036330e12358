package report

import (
	"image/color"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// undated has PDF files carry a date of their own choosing, once, and no order of maps.
var undated = sync.OnceFunc(func() {
	fpdf.SetDefaultCreationDate(time.Unix(0, 0).UTC())
	fpdf.SetDefaultModificationDate(time.Unix(0, 0).UTC())
	fpdf.SetDefaultCatalogSort(true)
})

// pdfCanvas gives vgpdf text and colours as it takes them.
type pdfCanvas struct{ *vgpdf.Canvas }

// FillString writes a text in the code page of the file's fonts, Windows-1252; what that
// lacks is a full stop there.
func (c pdfCanvas) FillString(f font.Face, at vg.Point, text string) {
	c.Canvas.FillString(f, at, codePage()(text))
}

// SetColor sets a colour; vgpdf would make a faint one darker by as much.
func (c pdfCanvas) SetColor(clr color.Color) {
	if clr != nil {
		clr = straight(color.NRGBAModel.Convert(clr).(color.NRGBA))
	}
	c.Canvas.SetColor(clr)
}

var codePage = sync.OnceValue(func() func(string) string {
	return fpdf.New("", "", "", "").UnicodeTranslatorFromDescriptor("cp1252")
})

// straight is a colour that is not multiplied by how opaque it is.
type straight color.NRGBA

// RGBA breaks the contract of color.Color, as vgpdf does.
func (c straight) RGBA() (r, g, b, a uint32) {
	return uint32(c.R) * 0x101, uint32(c.G) * 0x101, uint32(c.B) * 0x101, uint32(c.A) * 0x101
}
