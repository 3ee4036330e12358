package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"pushcast/results"
)

// Input is what a report is made of.
type Input struct {
	Verdict *results.Verdict
	// Live are the same points on real sockets, in real time; nil where there are none.
	Live *results.Verdict
	// Simulated are the same points in the simulator, where Verdict is of real sockets.
	Simulated *results.Verdict
	// Model is the model's fingerprint, Version the program's: both stand at the page's foot.
	Model, Version string
	// Damaged are lines of run files that were left out, Shards the shards of which there
	// are files: what the page says of missing runs.
	Damaged, Shards []string
	// Command is a command line that asks about the same results: a verb as run or check,
	// and further words.
	Command func(verb string, more ...string) string
}

// Bounds of what is drawn and listed, so that a page stays small enough to mail. Whoever
// wants all of it reads points.csv.
const (
	maxPanels = 12
	maxLines  = 12
	maxBands  = 6    // lines with bands, where they may cross
	maxRows   = 400  // of a table, and of the strip's cells in a row
	maxHits   = 1500 // places of a picture that say something on hover
	maxDots   = 1500 // dots on the lines of a picture
	maxText   = 80   // letters of a name
)

// names and draughtsmen of the pictures, in the order of the page.
var draughts = []struct {
	name, about string
	draw        func(*Input) *Picture
}{
	{"verdict", "every rule at every point", verdictStrip},
	{"delivery", "delivery against the first axis, with its 95 % band", deliveryCurves},
	{"map", "where it works: delivery over the first two axes", heatMap},
	{"delay", "chunk delays, normalised by the chunks due", delayCurves},
	{"peers", "delivery of every peer, worst to best", peerCurves},
	{"time", "delivery over time, with the events of churn", courseCurves},
	{"hops", "hops from the source", hopCurves},
	{"price", "duplicates and overhead", priceCurves},
	{"overlay", "in how many views peers stand", degreeCurves},
	{"baseline", "differences from the baseline", baselineIntervals},
	{"live", "the simulator against real sockets", liveIntervals},
	{"live-delay", "chunk delays in the simulator and on real sockets", liveDelays},
}

// Names lists the names of all pictures there can be.
func Names() (names []string) {
	for _, d := range draughts {
		names = append(names, d.name)
	}
	return names
}

// About says what the picture of a name shows; empty where there is none of this name.
func About(name string) string {
	for _, d := range draughts {
		if d.name == name {
			return d.about
		}
	}
	return ""
}

// Pictures draws those pictures whose data exists, in the order of the page.
func Pictures(in *Input) (list []*Picture) {
	for _, d := range draughts {
		if p := d.draw(in); p != nil {
			p.Name = d.name
			list = append(list, p)
		}
	}
	return list
}

// hash tells one scenario from another: its points, seeds and rules.
func (in *Input) hash() string {
	s := in.Verdict.Scenario
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %s\n", s.Name, s.About, s.Seeds)
	for i := range in.Verdict.Points {
		fmt.Fprintf(h, "%q\n", in.Verdict.Points[i].Point.Parameters())
	}
	for i := range s.Rules {
		fmt.Fprintf(h, "%q\n", s.Rules[i].String())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// undigested counts the runs that were kept before runs had a digest.
func (in *Input) undigested() (n int) {
	for i := range in.Verdict.Points {
		for _, run := range in.Verdict.Points[i].Runs {
			if run.Digest == nil {
				n++
			}
		}
	}
	return n
}

// reproduce is the command that computes a point, or one of its seeds.
func (in *Input) reproduce(p *results.PointVerdict, seed int) string {
	only := p.Point.Only()
	if seed >= 0 {
		if only != "" {
			only += ","
		}
		only += fmt.Sprintf("seed=%d", seed)
	}
	if only == "" {
		return in.Command("run")
	}
	return in.Command("run", "--only", only)
}

// label names a point, also where it is the only one.
func label(p *results.PointVerdict) string {
	if text := p.Point.Label(); text != "" {
		return text
	}
	return "the only point"
}

// values are a point's, without the keys.
func values(p *results.PointVerdict) string {
	words := make([]string, len(p.Point.Coords))
	for i, c := range p.Point.Coords {
		words[i] = c.Value
	}
	return strings.Join(words, ", ")
}

// short cuts a name that somebody has made too long for a picture.
func short(text string, most int) string {
	if list := []rune(text); len(list) > most {
		return string(list[:most-1]) + "…"
	}
	return text
}
