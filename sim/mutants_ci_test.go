//go:build ci

package sim_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMutantsFail shows that TestAsTheOriginal can fail: each of these one-line
// changes of the program makes it. The changed file is laid over the tree for
// the compiler only.
func TestMutantsFail(t *testing.T) {
	for _, mutant := range []struct{ name, file, line, by string }{
		{
			"duplicates refused", "../node/buffer.go",
			"if outcome = Duplicate; !dup {",
			"if outcome = Duplicate; true {",
		}, {
			"gossip every second", "config.go",
			"peer := c.Peer\n",
			"peer := c.Peer; peer.Gossip = node.Second\n",
		}, {
			"source not in the views", "config.go",
			"if !c.SourceInViews {\n\t\tpeer.Hidden",
			"if true {\n\t\tpeer.Hidden",
		}, {
			"source never pushed to", "../node/schedule_random.go",
			"to := p.Neighbour(p.DrawPush(n))",
			"to := p.Neighbour(p.DrawPush(n)); if to == 0 { return NoPeer, 0, false }",
		}, {
			"window 16", "../node/playout.go",
			"w := ChunkID(cfg.Window)",
			"w := ChunkID(2 * cfg.Window)",
		},
	} {
		t.Run(mutant.name, func(t *testing.T) {
			t.Parallel()
			out, err := testMutated(t, mutant.file, mutant.line, mutant.by, "^TestAsTheOriginal$")
			if err == nil {
				t.Fatalf("the mutant passes:\n%s", out)
			}
			if !strings.Contains(out, "--- FAIL: TestAsTheOriginal") {
				t.Fatalf("the mutant does not get as far as to fail: %v\n%s", err, out)
			}
			for _, line := range strings.Split(out, "\n") {
				if strings.Contains(line, "the original") {
					t.Log("fails: " + strings.TrimSpace(line))
					break
				}
			}
		})
	}
}

// testMutated runs a test of this package with one line of one file replaced.
func testMutated(t *testing.T, file, line, by, test string) (output string, err error) {
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
	dir := t.TempDir()
	mutated, overlay := filepath.Join(dir, "mutated.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(mutated, []byte(strings.Replace(string(text), line, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutated}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-overlay", overlay, "-count=1", "-run", test, ".").CombinedOutput()
	return string(out), err
}
