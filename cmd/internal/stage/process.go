package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a process that plays one stay of a peer, as the stage sees it. See message.go
// for what they say.
type process struct {
	number  int
	cmd     *exec.Cmd
	in, out *os.File
	saying  sync.Mutex    // to in
	booted  time.Duration // CPU time that its start has taken
	memory  uint64        // as it says at its end
	reaped  sync.Once
}

// silence is how long at most a process may take to say that it is ready, after its start,
// and to say what it has noted, after its end. A var for tests.
var silence = 30 * time.Second

// dying is how long an ended process may take to be gone before it is killed.
const dying = 5 * time.Second

// start starts a process of an actor.
func (t *apart) start(i int) (p *process, err error) {
	defer func() { err = t.wants(err) }()
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer childIn.Close()
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer childOut.Close()
	argv := []string{self(), Command, strconv.Itoa(i)}
	if t.Via != nil {
		argv = append(t.Via(i), argv...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	if t.Via == nil {
		cmd.Args[0] = os.Args[0] // its name, for who lists processes
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, &aside{name: name(i), to: t.Stderr, turn: &t.talking}
	cmd.Env = append(os.Environ(), parentVariable+"="+strconv.Itoa(os.Getpid()))
	cmd.SysProcAttr, cmd.WaitDelay = attributes(), dying
	if err := cmd.Start(); err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	return &process{number: i, cmd: cmd, in: in, out: out}, nil
}

// wants says what of the machine is wanting where a process cannot be started.
func (t *apart) wants(err error) error {
	switch n := t.cfg.Peers; {
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("gets no process: %d peers in processes need about %d file descriptors; raise the limit (ulimit -n), or have fewer peers", n, filesEach*n+spareFiles)
	case errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("gets no process: %d peers need about %d processes and threads; raise the limit (ulimit -u, or that of the control group), or have fewer peers", n, threadsEach*n)
	case err != nil:
		return fmt.Errorf("gets no process: %w", err)
	}
	return nil
}

// What a process takes.
const (
	filesEach   = 4 // three pipes, and a handle of the process
	threadsEach = 8
)

// say sends a cue.
func (p *process) say(c *cue) error {
	p.saying.Lock()
	defer p.saying.Unlock()
	_ = p.in.SetWriteDeadline(time.Now().Add(silence)) // a pipe has deadlines
	return send(p.in, c)
}

// hear waits for an answer until some time, and gives the cause where none comes.
func (p *process) hear(ctx context.Context, until time.Time, most int) (*answer, error) {
	_ = p.out.SetReadDeadline(until) // a pipe has deadlines
	var a answer
	err := receive(p.out, most, &a)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errors.New("its process does not answer")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		p.end()
		return nil, fmt.Errorf("its process ended before its time: %s", p.cmd.ProcessState)
	case err != nil:
		return nil, fmt.Errorf("what its process answers was not understood: %w", err)
	case a.Failure != "":
		return nil, errors.New(a.Failure)
	}
	return &a, nil
}

// kill ends the process at once.
func (p *process) kill() { _ = p.cmd.Process.Kill() } // or it has ended

// end waits for the process, which ends because nobody speaks to it any more.
func (p *process) end() {
	p.reaped.Do(func() {
		p.in.Close()
		late := time.AfterFunc(dying, p.kill)
		defer late.Stop()
		_ = p.cmd.Wait() // what it says is in the state
		p.out.Close()
	})
}

// used is what the process has used, when it has ended.
func (p *process) used() resources {
	state := p.cmd.ProcessState
	if state == nil { // it could not be waited for
		return resources{Processes: 1}
	}
	return resources{CPU: state.UserTime() + state.SystemTime() - p.booted, Memory: p.memory, Processes: 1}
}

// aside passes on what a process says on standard error: a line each, with who says it,
// and not too much of it.
type aside struct {
	name  string
	to    io.Writer
	turn  *sync.Mutex // one speaks at a time
	line  []byte
	lines int
}

// Bounds of what is passed on.
const (
	mostLines  = 20
	mostLetter = 400
)

// Write takes a piece.
func (a *aside) Write(text []byte) (int, error) {
	for _, c := range text {
		switch {
		case c == '\n':
			a.pass()
		case len(a.line) < mostLetter:
			a.line = append(a.line, c)
		}
	}
	return len(text), nil
}

func (a *aside) pass() {
	line := bytes.TrimSpace(a.line)
	a.line = a.line[:0]
	if a.lines++; a.lines > mostLines || a.to == nil {
		return
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	fmt.Fprintf(a.to, "pushcast: %s: %s\n", a.name, line)
	if a.lines == mostLines {
		fmt.Fprintf(a.to, "pushcast: %s: what else it says is left out\n", a.name)
	}
}
