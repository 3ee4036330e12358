package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushcast/cmd/internal/proctest"
)

// liveSweep is a sweep of live runs of a second each, with six peers.
const liveSweep = `name: c
stream: { duration: 1s, measure: 100ms..600ms }
swarm: { peers: 6, overlay: full, deadline: 400ms, grace: 0s }
network: { latency: 10ms }
seeds: 50
sweep:
  - rate: [2x, 4x]
`

// liveWays are those in which live runs are played: peers in one process, or each in one.
var liveWays = map[string][]string{"in one process": nil, "in processes": {"--processes"}}

// liveCommand plays the sweep, into a folder.
func liveCommand(t *testing.T, dir string, more ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(liveSweep), 0o600); err != nil {
		t.Fatal(err)
	}
	return proctest.Command(append([]string{"run", path, "-q", "--live", "-o", dir}, more...)...)
}

// peerProcesses are those that the process of a stage has started, and that are not gone:
// they are known by their environment, whoever their parent is now.
func peerProcesses(t *testing.T, parent int) (pids []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	mark := fmt.Sprintf("\x00PUSHCAST_STAGE=%d\x00", parent)
	for _, path := range all {
		text, err := os.ReadFile(path) // of the dead, and of others, nothing can be read
		if err == nil && bytes.Contains(append([]byte{0}, text...), []byte(mark)) {
			pid := 0
			if _, err := fmt.Sscanf(path, "/proc/%d/", &pid); err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually looks again and again until something is so.
func eventually(is func() bool) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !is() {
		<-look.C
	}
}

// running starts a live sweep, and waits until it is in the midst of it: one run is kept,
// and peers are there again, where they are processes.
func running(t *testing.T, dir string, more ...string) *proctest.Process {
	t.Helper()
	p := proctest.Start(t, liveCommand(t, dir, more...), nil)
	eventually(func() bool { return len(kept(t, dir)) > 0 || p.Ended() })
	if len(more) > 0 {
		eventually(func() bool { return len(peerProcesses(t, p.Cmd.Process.Pid)) == 7 || p.Ended() })
	}
	return p
}

// ended holds a sweep to what it left behind: a line at last, what was finished, and no
// process; so no socket either, which die with their processes.
func ended(t *testing.T, p *proctest.Process, dir string, code, want int, says string) {
	t.Helper()
	if code != want || !strings.Contains(p.Last(), says) || strings.Count(p.Said(), "\n") > 0 {
		t.Errorf("exit %d, want %d: %s", code, want, p.Said())
	}
	if left := peerProcesses(t, p.Cmd.Process.Pid); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	if n := len(kept(t, dir)); n == 0 || n >= 100 {
		t.Errorf("%d runs are kept", n)
	}
}

// TestLiveInterrupted: SIGINT in the midst of a live sweep keeps what is finished, says 130,
// and leaves nothing running. A Ctrl-C goes to the whole group: peers are in groups of their
// own.
func TestLiveInterrupted(t *testing.T) {
	for name, more := range liveWays {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "results")
			p := running(t, dir, more...)
			for _, pid := range peerProcesses(t, p.Cmd.Process.Pid) {
				if group, err := syscall.Getpgid(pid); err == nil && group != pid {
					t.Errorf("peer %d is in group %d", pid, group)
				}
			}
			code := p.Stop(os.Interrupt)
			ended(t, p, dir, code, exitInterrupted, "interrupted; ")
		})
	}
}

// TestLivePeerKilled: a peer's process is killed by somebody: exit 1, one line that says
// which and how, what was finished is kept, and all others are gone.
func TestLivePeerKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	p := running(t, dir, "--processes")
	for _, pid := range peerProcesses(t, p.Cmd.Process.Pid)[:1] {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	ended(t, p, dir, p.Wait(), exitFailed, ": its process ended before its time: signal: killed")
}

// TestLiveStageKilled: who manages the run is killed; its peers end by themselves.
func TestLiveStageKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	p := running(t, dir, "--processes")
	if code := p.Stop(syscall.SIGKILL); code != -1 {
		t.Errorf("exit %d", code)
	}
	eventually(func() bool { return len(peerProcesses(t, p.Cmd.Process.Pid)) == 0 })
}

// TestLiveNoDescriptors: file descriptors run out: exit 1 and one line that says how many it
// takes, before anything has begun.
func TestLiveNoDescriptors(t *testing.T) {
	for name, more := range liveWays {
		cmd := liveCommand(t, t.TempDir(), append([]string{"-s", "peers=40"}, more...)...)
		limited := exec.Command("sh", append([]string{"-c", `ulimit -n 30; exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)...)
		limited.Env = cmd.Env
		var stderr bytes.Buffer
		limited.Stderr = &stderr
		_ = limited.Run() // what it says is in the exit code
		if code := limited.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "file descriptors; raise the limit (ulimit -n)") ||
			strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: exit %d, %s", name, code, stderr.String())
		}
		if left := peerProcesses(t, limited.Process.Pid); len(left) > 0 {
			t.Errorf("%s: processes are left: %v", name, left)
		}
	}
}
