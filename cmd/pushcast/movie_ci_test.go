//go:build ci

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestMoviePage watches an animation in a real browser: it plays, stops, and says at its end
// what the run's own trace says; nothing is asked of anybody, nothing is on the console.
func TestMoviePage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "movie.html")
	for _, args := range [][]string{
		{"trace", "quickstart", "--seed", "3", "--html", "--from", "20s", "--to", "21.9s", "-o", path},
		{"trace", "quickstart", "--only", "seed=3", "--chunk", "500", "--from", "20s", "--to", "21.9s", "-o", filepath.Join(dir, "trace.txt")},
	} {
		if code := run(t.Context(), args, nil, io.Discard, os.Stderr); code != exitFine {
			t.Fatalf("%v: exit %d", args, code)
		}
	}
	trace, err := os.ReadFile(filepath.Join(dir, "trace.txt"))
	if err != nil {
		t.Fatal(err)
	}
	has := len(regexp.MustCompile(`(?m)^ *2[01]\.\d+  first `).FindAll(trace, -1))
	if has < 50 {
		t.Fatalf("the trace has %d first copies", has)
	}

	r := read(t, path)
	const said = `document.querySelector("#said").textContent`
	const drawn = `(() => { const c = document.querySelector("#swarm"), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; })()`
	r.until(said + `.startsWith("chunk 500, ")`)
	at := ask[string](r, said)
	r.until(said + ` !== ` + fmt.Sprintf("%q", at)) // it plays
	if n := ask[int](r, drawn); n < 1000 {
		t.Errorf("%d dots are drawn", n)
	}
	for _, window := range []struct {
		name  string
		width int64
	}{{"wide", 1400}, {"narrow", 420}} {
		for _, scheme := range []string{"light", "dark"} {
			r.view(window.width, 900, scheme)
			// 0.6 s after the chunk's birth.
			ask[bool](r, `(() => { const time = document.querySelector("#time"); time.value = Math.round(1000 * 600000 / run.length); time.oninput();
				document.querySelector("#layout").value = "`+map[string]string{"light": "ring", "dark": "delay"}[scheme]+`"; draw(); return true; })()`)
			if wider := ask[bool](r, `document.documentElement.scrollWidth > innerWidth`); wider {
				t.Errorf("%s: the page is wider than the window", window.name)
			}
			r.shoot("movie-" + window.name + "-" + scheme)
		}
	}
	if text := ask[string](r, `document.querySelector("#play").textContent`); text != "play" {
		t.Errorf("after the slider has moved the button says %q", text)
	}
	ask[bool](r, `(() => { now = run.length; draw(); return true; })()`)
	if want := fmt.Sprintf(": %d of 100 peers have it", has); !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(ask[string](r, said)) {
		t.Errorf("at the end the page says %q, the trace %q", ask[string](r, said), want)
	}
	ask[bool](r, `(() => { const chunk = document.querySelector("#chunk"); chunk.value = ""; chunk.onchange(); now = 500000; draw(); return true; })()`)
	if text := ask[string](r, said); !regexp.MustCompile(`^[1-9]\d+ pushes are underway$`).MatchString(text) {
		t.Errorf("of all chunks the page says %q", text)
	}
	r.shoot("movie-all")
	r.done()
}
