package report

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// invented are runs that nobody has computed: their numbers follow from point and seed.
type invented struct {
	bare    bool // without digests
	missing func(point, seed int) bool
}

func (by invented) input(t testing.TB, text string) *Input {
	t.Helper()
	s, err := scenarios.Parse("invented.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int{}
	for i := range s.Points() {
		of[s.Points()[i].Label()] = i
	}
	v := results.Judge(s, func(p *scenarios.Point, seed int) *results.Run {
		i := of[p.Label()]
		if by.missing != nil && by.missing(i, seed) {
			return nil
		}
		return by.run(i, seed)
	}, nil)
	return &Input{Verdict: v, Model: "0123456789abcdef", Version: "test",
		Command: func(verb string, more ...string) string {
			return strings.Join(append([]string{"pushcast", verb, "invented.yaml"}, more...), " ")
		}}
}

func (by invented) run(point, seed int) *results.Run {
	r := &results.Run{Identity: results.Identity{World: "sim", Seed: seed}, Values: measure.None()}
	x := 1 - 0.5/float64(point+1) - 0.01*float64(seed%3)
	for m := range r.Values {
		switch measure.Definitions[m].Unit {
		case measure.Ratio:
			r.Values[m] = x
		case measure.Second:
			r.Values[m] = 0.2 + x
		default:
			r.Values[m] = 1
		}
	}
	if by.bare {
		return r
	}
	n := uint64(10_000 * x)
	r.Digest = &measure.Digest{Due: 10_000,
		Delay:  measure.Spread{Fine: 1, First: 54, Counts: []uint64{n / 4, n / 4, n - 2*(n/4)}},
		Hops:   []uint64{0, n / 2, n - n/2},
		Peers:  []uint32{uint32(9000 * x), uint32(10_000 * x)},
		Degree: measure.Degrees{Width: 1, Counts: []uint32{0, 5, 7, 2}},
		Course: measure.Course{Step: node.Second, Up: []uint64{100, 100, 0, 100}, Received: []uint64{uint64(100 * x), 90, 0, 80}}}
	return r
}

const (
	single = "name: single\nseeds: 3\n"
	swept  = `name: swept
about: <img src=x onerror=alert(1)> "quoted" & 'quoted'
seeds: 2
sweep:
  - rate: [1x, 2x, 4x]
  - buffer: [4, 8]
  - push: [random, latest]
expect:
  - delivery >= 70%
  - { that: delay.p95 <= 2s, when: { buffer: 8 } }
`
)

func names(in *Input) (list []string) {
	for _, p := range Pictures(in) {
		list = append(list, p.Name)
	}
	return list
}

// picture gives the one of a name; nil where there is none.
func picture(in *Input, name string) *Picture {
	for _, p := range Pictures(in) {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func pageOf(t testing.TB, in *Input) string {
	t.Helper()
	page, err := Page(in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Page(in)
	if err != nil || !bytes.Equal(page, again) {
		t.Fatalf("the second page is another one: %v", err)
	}
	return string(page)
}

// TestPicturesExistOnlyWithTheirData: of one point, of a sweep, of runs without digests, of
// no run.
func TestPicturesExistOnlyWithTheirData(t *testing.T) {
	spread := []string{"delay", "peers", "time", "hops", "price", "overlay"}
	for _, c := range []struct {
		what string
		in   *Input
		want []string
	}{
		{"a point", invented{}.input(t, single), append([]string{"delivery"}, spread...)},
		{"a sweep", invented{}.input(t, swept), append([]string{"verdict", "delivery", "map"}, spread...)},
		{"no digests", invented{bare: true}.input(t, swept), []string{"verdict", "delivery", "map", "price"}},
		{"no run", invented{missing: func(int, int) bool { return true }}.input(t, swept), []string{"verdict"}},
	} {
		if got := names(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
		for _, p := range Pictures(c.in) {
			if About(p.Name) == "" || p.Title == "" || p.About == "" || len(p.Table.Rows) == 0 {
				t.Errorf("%s, %s: title %q, about %q, %d rows", c.what, p.Name, p.Title, p.About, len(p.Table.Rows))
			}
		}
	}
}

// TestPageSaysWhatIsMissing: of a whole sweep nothing; of one with holes where they are; of
// runs without digests that they have none; of seeds that make no difference that they do not.
func TestPageSaysWhatIsMissing(t *testing.T) {
	whole := pageOf(t, invented{}.input(t, swept))
	if strings.Contains(whole, "missing:") || strings.Contains(whole, `class="missing"`) {
		t.Error("a whole sweep misses something")
	}
	in := invented{missing: func(point, seed int) bool { return point == 3 && seed == 1 }}.input(t, swept)
	in.Shards, in.Damaged = []string{"1of2"}, []string{"runs.jsonl:7: damaged line left out"}
	holed := pageOf(t, in)
	for _, want := range []string{">incomplete<", "1 of 24 runs are missing", "rate=1x buffer=8 push=latest: 1 of 2 runs", "shards 1of2.", "runs.jsonl:7: damaged", "<code>pushcast run invented.yaml</code>"} {
		if !strings.Contains(holed, want) {
			t.Errorf("a sweep with a hole does not say %q", want)
		}
	}
	if bare := pageOf(t, invented{bare: true}.input(t, single)); !strings.Contains(bare, "3 of 3 runs were kept before runs had distributions") || !strings.Contains(bare, "--fresh") {
		t.Error("runs without digests are not said to be")
	}
	same := invented{}.input(t, single)
	for _, run := range same.Verdict.Points[0].Runs {
		run.Values = same.Verdict.Points[0].Runs[0].Values
	}
	if !strings.Contains(pageOf(t, same), "All seeds of every point have shown the same values") {
		t.Error("equal seeds are not said to be")
	}
}

// TestPageNeedsNothingElse: no script, no address, no word of a scenario that becomes markup.
func TestPageNeedsNothingElse(t *testing.T) {
	page := pageOf(t, invented{}.input(t, swept))
	for _, wrong := range []string{"<script", "<img", "<link", `<[^>]*[ \t\n](src|href|on[a-z]+)=`, `url\(`, "@import", "xlink"} {
		if found := regexp.MustCompile(wrong).FindString(page); found != "" {
			t.Errorf("the page contains %s", found)
		}
	}
	if !strings.Contains(page, "&lt;img src") {
		t.Error("the scenario's own words are not there")
	}
	for _, i := range inks {
		if strings.Contains(page, "fill:"+svgColor(i.color())) || strings.Contains(page, "stroke:"+svgColor(i.color())) {
			t.Errorf("%s is not a variable of the page", i.name)
		}
	}
}

// TestLargeSweep: a page of 1,000 points can still be mailed, and says what it leaves out.
func TestLargeSweep(t *testing.T) {
	var rates, buffers, copies []string
	for i := range 10 {
		rates, buffers, copies = append(rates, fmt.Sprintf("%dx", i+1)), append(buffers, fmt.Sprint(i+4)), append(copies, fmt.Sprint(i+1))
	}
	in := invented{}.input(t, fmt.Sprintf("name: large\nseeds: 2\nsweep:\n  - rate: [%s]\n  - buffer: [%s]\n  - copies: [%s]\nexpect: [delivery >= 90%%]\n",
		strings.Join(rates, ", "), strings.Join(buffers, ", "), strings.Join(copies, ", ")))
	page := pageOf(t, in)
	if len(page) > 3<<20 {
		t.Errorf("%d bytes", len(page))
	}
	for _, want := range []string{"Of 100 panels the first 12 are drawn.", "600 further rows are left out"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

// TestGolden: a picture of each kind, to the byte.
func TestGolden(t *testing.T) {
	for _, p := range Pictures(invented{}.input(t, swept)) {
		if p.Name != "delivery" && p.Name != "map" && p.Name != "verdict" {
			continue
		}
		got, err := p.File(SVG)
		if err != nil {
			t.Fatal(err)
		}
		path := "testdata/" + p.Name + ".svg"
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what it was (%v): look at it, then go test ./results/report -update", path, err)
		}
	}
}

// TestReceived: the curve of delays rises from 0 to what was received of what was due.
func TestReceived(t *testing.T) {
	d := invented{}.run(3, 0).Digest
	total := uint64(0)
	for _, n := range d.Delay.Counts {
		total += n
	}
	last := 0.0
	for x := 0.0; x < 3; x += 0.01 {
		now := received(d, x)
		if now < last {
			t.Fatalf("falls from %v to %v at %v s", last, now, x)
		}
		last = now
	}
	if want := float64(total) / float64(d.Due); math.Abs(last-want) > 1e-12 || received(d, 0) != 0 {
		t.Errorf("ends at %v, want %v", last, want)
	}
	if !math.IsNaN(received(&measure.Digest{}, 1)) {
		t.Error("of nothing due there is a share")
	}
}

// TestSimplified: no point that was left out is further than a sixth of a point from the
// line, and the ends stay.
func TestSimplified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ys := rapid.SliceOfN(rapid.Float64Range(0, 5), 1, 40).Draw(t, "ys")
		var line []vg.Point
		for i, y := range ys {
			line = append(line, vg.Point{X: vg.Length(i), Y: vg.Length(y)})
		}
		short := simplified(line)
		if short[0] != line[0] || short[len(short)-1] != line[len(line)-1] {
			t.Fatal("the ends have moved")
		}
		at := 0
		for _, p := range line {
			for short[min(at+1, len(short)-1)].X < p.X {
				at++
			}
			a, b := short[at], short[min(at+1, len(short)-1)]
			if p == a || p == b {
				continue
			}
			y := a.Y + (b.Y-a.Y)*(p.X-a.X)/(b.X-a.X)
			slope := float64((b.Y - a.Y) / (b.X - a.X))
			if away := math.Abs(float64(p.Y-y)) / math.Sqrt(1+slope*slope); away > 1.0/6+1e-9 {
				t.Fatalf("%v is %v away", p, away)
			}
		}
	})
}

// TestAxis: what is numbers of one kind stands where they are, all else side by side.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		values string
		want   []float64 // nil: side by side
		log    bool
	}{
		{"1x 1.5x 6x", []float64{1, 1.5, 6}, false},
		{"100ms 500ms 1s 1m0s", []float64{0.1, 0.5, 1, 60}, true},
		{"100 10000", []float64{100, 10000}, true},
		{"0% 5%", []float64{0, 5}, false},
		{"500kbit 5Mbit", []float64{5e5, 5e6}, false},
		{"4x 10/s", nil, false},
		{"none 5Mbit", nil, false},
		{"random latest", nil, false},
		{"10ms..20ms 30ms", nil, false},
	} {
		a := &scenarios.Axis{Keys: []string{"key"}}
		for _, v := range strings.Fields(c.values) {
			a.Values = append(a.Values, []string{v})
		}
		p := placesOf(a)
		want := c.want
		if want == nil {
			for i := range a.Values {
				want = append(want, float64(i))
			}
		}
		if !slices.Equal(p.at, want) || p.numbers != (c.want != nil) || p.scale.log != c.log {
			t.Errorf("%s: %v, numbers %v, log %v", c.values, p.at, p.numbers, p.scale.log)
		}
	}
}

// TestTicks: round values, worded in their unit, that cover the range.
func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		unit   measure.Unit
		want   string
	}{
		{0, 1, 5, measure.Ratio, "0% 20% 40% 60% 80% 100%"},
		{0.94, 0.96, 4, measure.Ratio, "94.0% 94.5% 95.0% 95.5% 96.0%"},
		{0, 0.2, 4, measure.Second, "0s 50ms 100ms 150ms 200ms"},
		{0, 60, 3, measure.Second, "0s 20s 40s 60s"},
		{-0.01, 0.01, 4, measure.Ratio, "-1.0% -0.5% 0% 0.5% 1.0%"},
		{5, 5, 4, measure.Number, "5"},
	} {
		var words []string
		for _, tick := range ticks(c.lo, c.hi, c.n, c.unit) {
			words = append(words, tick.Label)
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}
