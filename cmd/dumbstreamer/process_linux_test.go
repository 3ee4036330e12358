package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pushcast/cmd/internal/live"
	"pushcast/cmd/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Main(main)
	testscript.Main(m, map[string]func(){"dumbstreamer": main})
}

// TestScripts runs the program as a person would: testdata/script. The command
// wrong is a dumbstreamer that must say one line, and exit with 2.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wrong": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec("dumbstreamer", args...)
				text := ts.ReadFile("stderr")
				if err == nil || !strings.Contains(err.Error(), "exit status 2") {
					ts.Fatalf("dumbstreamer %v: %v, must be exit status 2", args, err)
				}
				if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "dumbstreamer: ") || ts.ReadFile("stdout") != "" {
					ts.Fatalf("dumbstreamer %v: not one line on stderr, or something on stdout", args)
				}
			},
		},
	})
}

// process is a running dumbstreamer.
type process struct {
	*proctest.Process
	addr string // 127.0.0.1:port, from its first line
}

// start runs dumbstreamer on loopback. It returns when the program has said where it
// listens.
func start(t *testing.T, stdout *os.File, args ...string) *process {
	t.Helper()
	p := spawn(t, stdout, args...)
	p.listens()
	return p
}

// spawn is start, but waits for nothing.
func spawn(t *testing.T, stdout *os.File, args ...string) *process {
	t.Helper()
	cmd := proctest.Command(append([]string{"-I", "lo"}, args...)...)
	cmd.Dir = t.TempDir() // no input.mpg there
	return &process{Process: proctest.Start(t, cmd, stdout)}
}

// listens waits till the program has said where.
func (p *process) listens() { p.addr = p.WaitFor(`address"?[=:]"?(127\.0\.0\.1:\d+)`) }

// joining are the flags of a peer that joins through p.
func (p *process) joining(more ...string) []string {
	_, port, _ := strings.Cut(p.addr, ":")
	return append([]string{"-i", "127.0.0.1", "-p", port}, more...)
}

// chunks cuts a peer's output into chunk ids.
func chunks(t *testing.T, output []byte) (ids []int) {
	t.Helper()
	for text := range bytes.SplitSeq(bytes.TrimSuffix(output, []byte{0}), []byte{0}) {
		if len(text) == 0 {
			continue
		}
		id, err := strconv.Atoi(strings.TrimPrefix(string(text), "Chunk "))
		if err != nil {
			t.Fatalf("the output has %q in it", text)
		}
		ids = append(ids, id)
	}
	return ids
}

func ascending(ids []int) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i] <= ids[i-1] {
			return false
		}
	}
	return true
}

// TestStream: a source and three peers, of buffers that the original has trouble
// with or not; every output ascends, and both signals are an orderly end.
func TestStream(t *testing.T) {
	source := start(t, nil, "-P", "0", "-t", "20", "-c", "200")
	for _, c := range []struct {
		buffer string
		end    os.Signal
	}{{"1", os.Interrupt}, {"8", syscall.SIGTERM}, {"100", os.Interrupt}} {
		peer := start(t, nil, source.joining("-P", "0", "-c", "50", "-b", c.buffer)...)
		first := make([]byte, 300)
		if _, err := io.ReadFull(peer.Out, first); err != nil {
			t.Fatalf("-b %s: %v; it says\n%s", c.buffer, err, peer.Said())
		}
		rest := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(peer.Out)
			rest <- all
		}()
		if err := peer.Cmd.Process.Signal(c.end); err != nil {
			t.Fatal(err)
		}
		ids := chunks(t, append(first, <-rest...))
		if code := peer.Wait(); code != live.Fine {
			t.Errorf("-b %s: exit %d after %v", c.buffer, code, c.end)
		}
		if !ascending(ids) || len(ids) < 20 {
			t.Errorf("-b %s: puts out %v", c.buffer, ids)
		}
		if text := peer.Said(); !strings.Contains(text, "msg=ended") || strings.Contains(text, "ERROR") {
			t.Errorf("-b %s says\n%s", c.buffer, text)
		}
	}
	if code := source.Stop(os.Interrupt); code != live.Fine {
		t.Errorf("source: exit %d", code)
	}
}

// TestClosedPipe: a player that has gone is a normal end, without a word.
func TestClosedPipe(t *testing.T) {
	source := start(t, nil, "-P", "0", "-t", "20", "-c", "200")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	peer := start(t, w, source.joining("-P", "0")...)
	w.Close()
	if _, err := io.ReadFull(r, make([]byte, 20)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if code := peer.Wait(); code != live.Fine {
		t.Errorf("exit %d", code)
	}
	if text := peer.Said(); strings.Contains(text, "dumbstreamer: ") || strings.Contains(text, "ERROR") || strings.Contains(text, "ended") {
		t.Errorf("says\n%s", text)
	}
}

// TestSecondSignal: a peer whose player takes nothing waits for it at the end; a
// second signal ends it at once.
func TestSecondSignal(t *testing.T) {
	source := start(t, nil, "-P", "0", "-t", "20", "-c", "200")
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_NONBLOCK|syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	for { // fill the pipe, so that the first chunk already waits
		if _, err := syscall.Write(ends[1], make([]byte, 4096)); err != nil {
			break
		}
	}
	if err := syscall.SetNonblock(ends[1], false); err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(ends[0]), "r"), os.NewFile(uintptr(ends[1]), "w")
	defer r.Close()
	peer := start(t, w, source.joining("-P", "0", "--log-level", "debug")...)
	w.Close()
	peer.WaitFor("out chunk")
	if err := peer.Cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	peer.WaitFor("stopping")
	if code := peer.Stop(os.Interrupt); code != -1 {
		t.Errorf("exit %d, must be the signal's", code)
	}
}

// TestPortInUse: one line that says what to do, and exit code 1.
func TestPortInUse(t *testing.T) {
	source := start(t, nil, "-P", "0")
	_, port, _ := strings.Cut(source.addr, ":")
	var stderr strings.Builder
	cmd := proctest.Command("-I", "lo", "-P", port)
	cmd.Stderr = &stderr
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != live.Failed || stderr.String() != "dumbstreamer: port "+port+" of 127.0.0.1 is in use: give another one with -P\n" {
		t.Errorf("exit %d: %s", code, &stderr)
	}
}

// TestLog: what the original's debug build showed, as JSON lines.
func TestLog(t *testing.T) {
	source := start(t, nil, "-P", "0", "-t", "20", "-c", "200", "--log-level", "debug", "--log-format", "json")
	peer := start(t, nil, source.joining("-P", "0", "-c", "50", "--log-level", "debug", "--log-format", "json")...)
	go func() { _, _ = io.Copy(io.Discard, peer.Out) }() // until the process ends
	for _, text := range []string{"generate chunk", "send chunk", "sending chunk", "sending reply", "view"} {
		source.WaitFor(`"msg":"` + text + `"`)
	}
	for _, text := range []string{"sending query", "chunk delivered", "out chunk", "sending chunk"} {
		peer.WaitFor(`"msg":"` + text + `"`)
	}
	for _, p := range []*process{source, peer} {
		if code := p.Stop(os.Interrupt); code != live.Fine {
			t.Errorf("exit %d", code)
		}
		for _, line := range p.Lines() {
			if !json.Valid([]byte(line)) {
				t.Errorf("not a JSON line: %s", line)
			}
		}
	}
}
