package main

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

// realPeer is a running pushcast peer.
type realPeer struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  io.Reader
	addr string // where it listens
	page string // its URL, with --http

	mu    sync.Mutex
	lines []string
	news  sync.Cond
	ended bool
}

// startPeer runs pushcast peer on loopback and any port, until the test ends. It
// returns when the program has said where it listens.
func startPeer(t *testing.T, args ...string) *realPeer {
	t.Helper()
	p := &realPeer{t: t, cmd: exec.Command(os.Args[0], append([]string{"peer", "--interface", "lo", "--port", "0"}, args...)...)}
	p.news.L = &p.mu
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go p.listen(stderr)
	p.addr = regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(p.waitFor(`address=`))[1]
	if strings.Contains(strings.Join(args, " "), "--http") {
		p.page = regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(p.waitFor(`url=`))[1]
	}
	return p
}

func (p *realPeer) listen(stderr io.Reader) {
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

// waitFor gives the first line of stderr that matches.
func (p *realPeer) waitFor(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	p.mu.Lock()
	defer p.mu.Unlock()
	for seen := 0; ; {
		for ; seen < len(p.lines); seen++ {
			if re.MatchString(p.lines[seen]) {
				return p.lines[seen]
			}
		}
		if p.ended {
			p.t.Fatalf("never said %q, but\n%s", pattern, strings.Join(p.lines, "\n"))
		}
		p.news.Wait()
	}
}

// stop interrupts the peer, and gives the exit code.
func (p *realPeer) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Error(err)
	}
	return p.wait()
}

// wait gives the exit code, when stderr has been read to its end.
func (p *realPeer) wait() int {
	p.mu.Lock()
	for !p.ended {
		p.news.Wait()
	}
	p.mu.Unlock()
	_ = p.cmd.Wait() // what it says is in the code
	return p.cmd.ProcessState.ExitCode()
}
