package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushcast/cmd/internal/proctest"
)

// crashing is a sweep of 24 points × 10 seeds whose runs take some milliseconds.
const crashing = `name: c
stream: { duration: 9s, measure: 1s..6s }
swarm: { peers: 40, view: 6, deadline: 1s }
seeds: 10
sweep:
  - rate: [1x, 2x, 3x, 4x]
  - buffer: [4, 8, 16]
  - loss: [0%, 5%]
`

// kept reads the run files of a folder: the content of every whole line, but for the
// time that the run took, and how often it stands there.
func kept(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "runs-*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	content := map[string]int{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for _, line := range lines[:len(lines)-1] { // the last is empty, or torn
			var run map[string]any
			if err := json.Unmarshal([]byte(line), &run); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			delete(run, "seconds")
			delete(run, "sum")
			text, err := json.Marshal(run)
			if err != nil {
				t.Fatal(err)
			}
			content[string(text)]++
		}
	}
	return content
}

// sameAsWhole finishes the sweep in a folder and holds it to an uninterrupted one: no
// run lost, torn, or there twice, and the same table.
func sameAsWhole(t *testing.T, scenario, dir string) {
	t.Helper()
	whole := t.TempDir()
	var tables []string
	for _, d := range []string{whole, dir} {
		cmd := proctest.Command("run", scenario, "-q", "-o", d)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("run: %v", err)
		}
		tables = append(tables, string(out))
	}
	if tables[0] != tables[1] {
		t.Errorf("the table is\n%swant\n%s", tables[1], tables[0])
	}
	want, got := kept(t, whole), kept(t, dir)
	if len(want) != 240 || len(got) != 240 {
		t.Errorf("%d runs, %d of the whole sweep; want 240", len(got), len(want))
	}
	for run, n := range got {
		if n != 1 || want[run] != 1 {
			t.Fatalf("a run stands there %d times, in the whole sweep %d times: %.300s", n, want[run], run)
		}
	}
}

func crashScenario(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(crashing), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// atWork runs cmd, and sends it a signal some time after its file of runs is there: it is
// at work then, however long it took to start.
func atWork(t *testing.T, cmd *exec.Cmd, dir string, after time.Duration, signal syscall.Signal) {
	t.Helper()
	files := func() int {
		f, _ := filepath.Glob(filepath.Join(dir, "runs-*.jsonl"))
		return len(f)
	}
	before := files()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		for files() == before {
			select {
			case <-ended:
				return
			case <-look.C:
			}
		}
		time.AfterFunc(after, func() { _ = cmd.Process.Signal(signal) }) // or it has ended
	}()
	_ = cmd.Wait() // the exit code says the rest
	close(ended)
}

// TestKilled: kill -9 a hundred times at random moments, and the sweep is what it would
// have been.
func TestKilled(t *testing.T) {
	scenario, dir := crashScenario(t), filepath.Join(t.TempDir(), "results")
	r := rand.New(rand.NewPCG(1, 1))
	killed, torn := 0, 0
	for range 100 {
		cmd := proctest.Command("run", scenario, "-q", "-o", dir)
		atWork(t, cmd, dir, time.Duration(r.IntN(8000))*time.Microsecond, syscall.SIGKILL)
		if cmd.ProcessState.ExitCode() == -1 {
			killed++
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "runs-*.jsonl"))
	for _, path := range files {
		if text, _ := os.ReadFile(path); len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
			torn++
		}
	}
	t.Logf("%d of 100 were killed, with %d runs there in %d files, %d of them torn", killed, len(kept(t, dir)), len(files), torn)
	if killed < 50 {
		t.Errorf("only %d were killed before they had finished", killed)
	}
	sameAsWhole(t, scenario, dir)
}

// TestInterrupted: SIGINT keeps what is finished, says 130, and the same command goes on.
func TestInterrupted(t *testing.T) {
	scenario, dir := crashScenario(t), filepath.Join(t.TempDir(), "results")
	for range 3 {
		cmd := proctest.Command("run", scenario, "-q", "-o", dir)
		atWork(t, cmd, dir, 0, syscall.SIGINT)
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted && code != exitFine {
			t.Errorf("exit %d, want %d", code, exitInterrupted)
		}
	}
	sameAsWhole(t, scenario, dir)
}

// TestFullDisk: a file that may not grow is a full disk: exit 1, one line that says so,
// and what was finished before is kept.
func TestFullDisk(t *testing.T) {
	scenario, dir := crashScenario(t), filepath.Join(t.TempDir(), "results")
	for _, blocks := range []string{"0", "16", "100"} { // of 512 or 1024 bytes
		cmd := proctest.Command("run", scenario, "-q", "-o", dir)
		limited := exec.Command("sh", append([]string{"-c", "ulimit -f " + blocks + `; exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)...)
		limited.Env = cmd.Env
		var stderr bytes.Buffer
		limited.Stderr = &stderr
		_ = limited.Run() // what it says is in the exit code
		if code := limited.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "file too large") ||
			strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s blocks: exit %d, %s", blocks, code, stderr.String())
		}
	}
	if n := len(kept(t, dir)); n == 0 {
		t.Error("nothing of what was finished is kept")
	}
	sameAsWhole(t, scenario, dir)

	// Where only the table has no room, all runs are kept.
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	dir = filepath.Join(t.TempDir(), "results")
	cmd := proctest.Command("run", scenario, "-q", "-o", dir)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = full, &stderr
	_ = cmd.Run() // what it says is in the exit code
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || stderr.String() != "pushcast: write /dev/stdout: no space left on device\n" {
		t.Errorf("no room for the table: exit %d, %s", code, stderr.String())
	}
	if n := len(kept(t, dir)); n != 240 {
		t.Errorf("no room for the table: %d runs are kept", n)
	}
	sameAsWhole(t, scenario, dir)
}
