package report

import (
	"bytes"
	"compress/zlib"
	"image/color"
	"io"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/vgpdf"
)

var pdfStream = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)

// contentOf is what a PDF file draws, in its own words.
func contentOf(t *testing.T, file []byte) string {
	t.Helper()
	var all strings.Builder
	for _, found := range pdfStream.FindAllSubmatch(file, -1) {
		if r, err := zlib.NewReader(bytes.NewReader(found[1])); err == nil {
			text, _ := io.ReadAll(r) // of a font, whatever can be read
			all.Write(text)
		}
	}
	return all.String()
}

// TestPDFText: letters that are no ASCII are those of the file's code page, and what that
// lacks is a full stop, not other letters.
func TestPDFText(t *testing.T) {
	in := invented{}.input(t, swept)
	p := picture(in, "delivery")
	p.legend.title = "a…b ± c–d → e"
	file, err := p.File(PDF)
	if err != nil {
		t.Fatal(err)
	}
	if want := "(a\x85b \xb1 c\x96d . e)"; !strings.Contains(contentOf(t, file), want) {
		t.Errorf("the legend is not titled %q", want)
	}
}

// TestPDFColor: a faint colour is faint, and not darker as well.
func TestPDFColor(t *testing.T) {
	var b bytes.Buffer
	c := pdfCanvas{vgpdf.New(10, 10)}
	c.SetColor(color.NRGBA{0xff, 0, 0, 0x33})
	if _, err := c.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if text := contentOf(t, b.Bytes()); !strings.Contains(text, "1.000 0.000 0.000 rg") {
		t.Errorf("red has become\n%s", text)
	}
	if !regexp.MustCompile(`/ca 0\.200?`).Match(b.Bytes()) {
		t.Error("it is not faint")
	}
}
