package main

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pushcast/cmd/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Main(main)
	testscript.Main(m, map[string]func(){"pushcast": main})
}

var update = flag.Bool("update", false, "write the golden outputs of scripts anew")

// TestScripts runs the real program as a person would: testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			here, err := os.Getwd()
			env.Setenv("SCENARIOS", here+"/../../scenarios")
			return err
		},
	})
}

// TestInterrupt: SIGINT ends the runs; those that are finished are printed, and
// the exit code and the page say so.
func TestInterrupt(t *testing.T) {
	for format, want := range map[string]string{
		"--json": `"interrupted":true`,
		"-v":     " of 10000 seeds, interrupted",
	} {
		cmd := proctest.Command("run", "quickstart", "-s", "peers=20", "--seeds", "10000", format)
		var stdout bytes.Buffer
		cmd.Stdout, cmd.Dir = &stdout, t.TempDir()
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "quickstart: ") {
			t.Errorf("%s: the first line of progress is %q", format, lines.Text())
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		last := ""
		for lines.Scan() {
			last = lines.Text()
		}
		_ = cmd.Wait() // what it says is in the exit code
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Errorf("%s: exit %d, want %d", format, code, exitInterrupted)
		}
		if !strings.Contains(stdout.String(), want) || !strings.Contains(stdout.String(), "delivery") {
			t.Errorf("%s prints\n%.2000s", format, stdout.String())
		}
		page, err := os.ReadFile(filepath.Join(cmd.Dir, "results", "quickstart", "report.html"))
		if err != nil || !bytes.Contains(page, []byte(">incomplete<")) || !bytes.Contains(page, []byte("of 10000 runs are missing")) {
			t.Errorf("%s: the page does not say that runs are missing: %v\n%.2000s", format, err, page)
		}
		if !strings.Contains(last, "of 10000 seeds of quickstart are finished") {
			t.Errorf("%s says at last %q", format, last)
		}
	}
}
