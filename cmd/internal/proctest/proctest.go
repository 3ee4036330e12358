// Package proctest runs a command as a real process in tests: the test binary
// itself, told by an environment variable to be the program. Nothing sleeps: one
// waits for what the program says.
package proctest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// asProgram, set in the environment, makes the test binary the program.
const asProgram = "PUSHCAST_TEST_AS_PROGRAM"

// Main runs the program if this process is to be it: TestMain calls it first.
func Main(program func()) {
	if os.Getenv(asProgram) != "" {
		program()
		os.Exit(0)
	}
}

// Command is the program with arguments, not started yet.
func Command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// Process is a running program.
type Process struct {
	Cmd *exec.Cmd
	// Out is its standard output, if Start was not given another one.
	Out io.Reader

	t     *testing.T
	mu    sync.Mutex
	lines []string // of stderr
	news  sync.Cond
	ended bool
}

// Start starts a command, which ends with the test at the latest. Where stdout is
// nil, it is Out.
func Start(t *testing.T, cmd *exec.Cmd, stdout *os.File) *Process {
	t.Helper()
	p := &Process{t: t, Cmd: cmd}
	p.news.L = &p.mu
	if stdout != nil {
		cmd.Stdout = stdout
	} else {
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		p.Out = out
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	go p.listen(stderr)
	return p
}

func (p *Process) listen(stderr io.Reader) {
	for s := bufio.NewScanner(stderr); s.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, s.Text())
		p.news.Broadcast()
		p.mu.Unlock()
	}
	p.mu.Lock()
	p.ended = true
	p.news.Broadcast()
	p.mu.Unlock()
}

// WaitFor waits until a line of standard error matches, and gives the match, or its
// first group. If the program ends without, the test fails.
func (p *Process) WaitFor(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	p.mu.Lock()
	defer p.mu.Unlock()
	for seen := 0; ; {
		for ; seen < len(p.lines); seen++ {
			if m := re.FindStringSubmatch(p.lines[seen]); m != nil {
				return m[len(m)-1]
			}
		}
		if p.ended {
			p.t.Fatalf("never said %q, but\n%s", pattern, strings.Join(p.lines, "\n"))
		}
		p.news.Wait()
	}
}

// Ended tells whether standard error has come to its end: so has the program, as a rule.
func (p *Process) Ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// Lines is standard error so far.
func (p *Process) Lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// Said is the same as one text.
func (p *Process) Said() string { return strings.Join(p.Lines(), "\n") }

// Last is the last line that was said.
func (p *Process) Last() string {
	lines := p.Lines()
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(s); err != nil {
		p.t.Error(err)
	}
}

// Stop sends a signal, and gives the exit code; -1 for the death by a signal.
func (p *Process) Stop(s os.Signal) int {
	p.t.Helper()
	p.Signal(s)
	return p.Wait()
}

// Wait gives the exit code, when standard error has been read to its end.
func (p *Process) Wait() int {
	p.mu.Lock()
	for !p.ended {
		p.news.Wait()
	}
	p.mu.Unlock()
	_ = p.Cmd.Wait() // what it says is in the code
	return p.Cmd.ProcessState.ExitCode()
}
