//go:build ci

package model_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are one-line changes of the program.
var mutants = []struct {
	name, file, line, by string
	keeps                bool // the same is computed, otherwise written: results are kept
}{
	{name: "peer: the newest chunk where it was a random one", file: "../../node/schedule_random.go",
		line: "return to, p.ChunkAt(p.DrawPush(held)), true",
		by:   "return to, p.Newest(), true"},
	{name: "peer: never to the first neighbour", file: "../../node/schedule_latest.go",
		line: "return p.Neighbour(p.DrawPush(n)), p.Newest(), true",
		by:   "return p.Neighbour(max(1, p.DrawPush(n)) % n), p.Newest(), true"},
	{name: "metric: worst is the second worst", file: "../../node/measure/swarm.go",
		line: "v[DeliveryWorst] = ratios[0]",
		by:   "v[DeliveryWorst] = ratios[min(1, len(ratios)-1)]"},
	{name: "metric: the median delay is a percentile higher", file: "../../node/measure/swarm.go",
		line: "v[DelayP50] = s.Delay.Quantile(0.50).Seconds()",
		by:   "v[DelayP50] = s.Delay.Quantile(0.51).Seconds()"},
	{name: "refactor of the peer", file: "../../node/schedule_random.go",
		line: "to := p.Neighbour(p.DrawPush(n))",
		by:   "at := p.DrawPush(n); to := p.Neighbour(at)", keeps: true},
	{name: "refactor of a metric", file: "../../node/measure/swarm.go",
		line: "v[Delivery] = float64(received) / float64(due)",
		by:   "share := float64(received); share /= float64(due); v[Delivery] = share", keeps: true},
}

// TestCacheDropped: a one-line change of what peers do, or of what a metric means, makes
// all runs due that were kept; a refactor makes none due. Told by the built program.
func TestCacheDropped(t *testing.T) {
	dir := t.TempDir()
	scenario := filepath.Join(dir, "kept.yaml")
	if err := os.WriteFile(scenario, []byte("name: kept\nstream: { duration: 4s, measure: 1s..3s }\nswarm: { peers: 12, view: 4, deadline: 1s }\nseeds: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pushcast := func(program string, flags ...string) string {
		cmd := exec.Command(program, append([]string{"run", scenario, "-q", "-o", filepath.Join(dir, "results")}, flags...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
		return string(out)
	}
	pushcast(build(t, dir, "as it is", nil))
	for _, m := range mutants {
		program := build(t, dir, strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return '-'
		}, m.name), replaced(t, m.file, m.line, m.by))
		want := "3 runs, 0 cached, 3 due"
		if m.keeps {
			want = "3 runs, 3 cached, 0 due"
		}
		plan := pushcast(program, "--dry-run")
		t.Logf("%s: %s", m.name, strings.TrimSpace(plan))
		if !strings.Contains(plan, want) {
			t.Errorf("%s: the plan is %swant %s", m.name, plan, want)
		}
	}
}

// build builds the program, with files laid over the tree for the compiler only.
func build(t *testing.T, dir, name string, over map[string]string) string {
	t.Helper()
	text, err := json.Marshal(map[string]map[string]string{"Replace": over})
	if err != nil {
		t.Fatal(err)
	}
	overlay, program := filepath.Join(dir, name+".json"), filepath.Join(dir, name)
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program, "pushcast/cmd/pushcast").CombinedOutput(); err != nil {
		t.Fatalf("%s does not build: %v\n%s", name, err, out)
	}
	return program
}

// replaced gives a file with one line changed, to be laid over the one at its path.
func replaced(t *testing.T, file, line, by string) map[string]string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), line); n != 1 {
		t.Fatalf("%s has %d times %q, want once: bring the mutant up to date", file, n, line)
	}
	mutated := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(mutated, []byte(strings.Replace(string(text), line, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{path: mutated}
}
