//go:build ci

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pushcast/scenarios/model"
)

// astray is what no reader should see: texts that are outside of their picture, or on each
// other; words of the page that are wider than it.
const astray = `(() => {
	const wrong = [], slack = 1;
	for (const svg of document.querySelectorAll("svg")) {
		const out = svg.getBoundingClientRect(), seen = [];
		for (const text of svg.querySelectorAll("text")) {
			const b = text.getBoundingClientRect(), what = svg.closest("figure").id + ": " + text.textContent;
			if (b.left < out.left - slack || b.right > out.right + slack || b.top < out.top - slack || b.bottom > out.bottom + slack)
				wrong.push(what + " is outside");
			for (const [c, other] of seen)
				if (b.left < c.right - slack && b.right > c.left + slack && b.top < c.bottom - 3 && b.bottom > c.top + 3)
					wrong.push(what + " is on " + other);
			seen.push([b, text.textContent]);
		}
	}
	if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page is wider than the window");
	return wrong.join("\n");
})()`

// reported runs a scenario and gives the path of its page.
func reported(t *testing.T, scenario string, code int, flags ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results")
	var stderr bytes.Buffer
	if got := run(t.Context(), append([]string{"run", scenario, "-q", "-o", dir}, flags...), nil, io.Discard, &stderr); got != code {
		t.Fatalf("run %s: exit %d, want %d\n%s", scenario, got, code, &stderr)
	}
	return filepath.Join(dir, "report.html")
}

// overlaid simulates a scenario, calls one of its runs at each point one on real sockets, and
// gives the path of the page: real ones would take their time.
func overlaid(t *testing.T, scenario string, set ...string) string {
	t.Helper()
	const simulated = 3
	words := []string{"--seeds", strconv.Itoa(simulated + 1)}
	for _, s := range set {
		words = append(words, "-s", s)
	}
	dir := filepath.Dir(reported(t, scenario, exitFine, words...))
	f := &runFlags{set: set, seeds: simulated, dir: dir}
	all, err := f.loadAll([]string{scenario})
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngine(all[0], f, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := e.store.Writer(model.Fingerprint(), "all")
	points := all[0].Points()
	for i := range points {
		live := *e.find(&points[i], simulated)
		live.World, live.Seed = liveWorld, 0
		if err := w.Add(&live); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	words[1] = strconv.Itoa(simulated)
	var stderr bytes.Buffer
	if code := run(t.Context(), append([]string{"check", scenario, "-o", dir}, words...), nil, io.Discard, &stderr); code != exitFine {
		t.Fatalf("check %s: exit %d\n%s", scenario, code, &stderr)
	}
	return filepath.Join(dir, "report.html")
}

// TestReportPage reads reports in a real browser: nothing is asked of anybody, nothing is on
// the console, every text is inside its picture and legible, in windows wide and narrow, light
// and dark. With SCREENSHOTS set to a folder it leaves pictures there.
func TestReportPage(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "gate.yaml")
	text := `name: gate
about: <script>alert("about")</script><img src=x onerror=alert(1)> & 'words'
stream: { duration: 20s, measure: 5s..14s }
swarm: { peers: 60, view: 12, copies: 4, push: latest, deadline: 2s }
network:
  latency: 20ms..80ms
  classes:
    home: { share: 50%, loss: 1% }
    fibre: { share: 50% }
churn:
  events:
    - { at: 8s, leave: 20% }
    - { at: 11s, loss: 20%, for: 1s }
seeds: 4
sweep:
  - rate: [1x, 1.5x, 2x, 3x, 4x]
  - classes.home.loss: [0%, 5%, 10%]
expect:
  - delivery >= 85%
  - { that: delay.p95 <= 800ms, when: { rate: 4x } }
  - delivery.worst >= 70%
  - degree.max <= 40
  - delivery >= baseline - 0.5%
`
	if err := os.WriteFile(scenario, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	first := filepath.Dir(reported(t, scenario, exitWrong)) // no baseline yet
	if code := run(t.Context(), []string{"accept", scenario, "-o", first}, nil, io.Discard, os.Stderr); code != exitFine {
		t.Fatalf("accept: exit %d", code)
	}
	for name, path := range map[string]string{
		"sweep":  reported(t, "original-tcb", exitFine),
		"gate":   reported(t, scenario, exitNotGood, "-s", "deadline=1s"),
		"single": reported(t, "quickstart", exitFine, "--seeds", "3"),
		"words":  reported(t, "quickstart", exitFine, "--seeds", "2", "-s", "peers=30", "-s", "overlay=random,newscast,cyclon,full", "-s", "push=random,latest"),
		"live":   overlaid(t, "live", "peers=10,50", "duration=8s", "measure=2s..4s"),
		"alive":  overlaid(t, "quickstart", "peers=30", "duration=20s", "measure=5s..12s"),
		"many":   reported(t, "quickstart", exitFine, "--seeds", "2", "-s", "peers=20", "-s", "duration=20s", "-s", "measure=5s..12s", "-s", "rate=1x,1.5x,2x,2.5x,3x,3.5x,4x,5x,6x,8x,10x,12x,16x,20x"),
	} {
		t.Run(name, func(t *testing.T) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() > 1<<20 {
				t.Errorf("%d bytes, want less than 1 MB", info.Size())
			}
			r := read(t, path)
			for _, window := range []struct {
				name  string
				width int64
			}{{"wide", 1400}, {"narrow", 420}} {
				for _, scheme := range []string{"light", "dark"} {
					r.view(window.width, 900, scheme)
					if wrong := ask[string](r, astray); wrong != "" {
						t.Errorf("%s %s:\n%s", window.name, scheme, wrong)
					}
					paper := ask[string](r, `getComputedStyle(document.body).backgroundColor`)
					if bright := paper == "rgb(255, 255, 255)"; bright != (scheme == "light") {
						t.Errorf("the background is %s in %s", paper, scheme)
					}
					r.shoot(name + "-" + window.name + "-" + scheme)
				}
			}
			r.print("dark")
			if paper := ask[string](r, `getComputedStyle(document.body).backgroundColor`); paper != "rgb(255, 255, 255)" {
				t.Errorf("it prints on %s", paper)
			}
			if n := ask[int](r, `document.querySelectorAll("figure svg title").length`); n < 10 {
				t.Errorf("%d values are said on hover", n)
			}
			if name == "gate" {
				if about := ask[string](r, `document.querySelector("header p").textContent`); !strings.HasPrefix(about, `<script>alert("about")</script><img`) {
					t.Errorf("the scenario's words have become %q", about)
				}
			}
			r.done()
		})
	}
}
