// Package report draws what a verdict and its runs say: one HTML page that opens offline,
// prints, and follows the reader's light or dark; and the same pictures as SVG, PNG or PDF
// for a paper. It judges nothing, computes no run, and holds no date: the same verdict
// makes the same bytes.
//
//	in := &report.Input{Verdict: verdict, Model: model.Fingerprint(), Command: command}
//	page, err := report.Page(in)
//	for _, p := range report.Pictures(in) {
//		file, err := p.File(report.PNG)
//		…
//	}
//
// A picture exists only if its data does. Its title is its message; one colour is one thing
// through the whole page; the gate is a line in every picture that it applies to.
//
// # Where things are
//
//   - report.go, page.go, page.html: what goes in, and the page
//   - picture.go, panel.go, layers.go, cells.go, ink.go, ticks.go, pdf.go: how pictures are drawn
//   - grid.go, axis.go: which point of a sweep stands where, in which colour
//   - strip.go, curves.go, heat.go, spread.go, course.go, compare.go, live.go, live_delay.go:
//     the pictures
//   - table.go: the numbers under them
package report
