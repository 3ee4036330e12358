package stage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pushcast/net/driver"
	"pushcast/net/udp"
	"pushcast/node"
	"pushcast/scenarios"
	"pushcast/sim"
)

// TestMain: the test binary is the program that plays a peer, when it is told to.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == Command {
		if err := Peer(context.Background(), os.Args[2], os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// children are the processes that this one has started and not reaped, dead or alive.
func children(t *testing.T) (pids []string) {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(lists) == 0 {
		t.Fatal("the kernel does not tell of children", err)
	}
	for _, path := range lists {
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

// peersOf waits until so many peers of this process play, and gives their processes; none
// where the run ends before.
func peersOf(t *testing.T, n int, ended <-chan struct{}) (pids []int) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		pids = pids[:0]
		for _, child := range children(t) {
			pid, _ := strconv.Atoi(child)
			argv, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // or it has ended
			if strings.Contains(string(argv), Command) {
				pids = append(pids, pid)
			}
		}
		if len(pids) == n {
			return pids
		}
		select {
		case <-ended:
			return nil
		case <-look.C:
		}
	}
}

// interfering plays a run in processes, and sends one of them a signal when all are there.
// It gives the error.
func interfering(t *testing.T, c sim.Config, with syscall.Signal) (text string) {
	t.Helper()
	leavesNothing(t, func() {
		ended := make(chan struct{})
		var other sync.WaitGroup
		other.Go(func() {
			pids := peersOf(t, c.Peers+1, ended)
			if len(pids) == 0 {
				t.Error("the run ended before its peers were there")
			} else if err := syscall.Kill(pids[0], with); err != nil {
				t.Error(err)
			}
		})
		_, err := RunProcesses(t.Context(), c, Processes{})
		close(ended)
		other.Wait()
		text = fmt.Sprint(err)
	})
	return text
}

// TestPeerKilled: a peer's process that somebody kills ends the run, which says which, and
// how it died.
func TestPeerKilled(t *testing.T) {
	text := interfering(t, small(t, "duration=60s"), syscall.SIGKILL)
	if !regexp.MustCompile(`^(peer \d+|the source): its process ended before its time: signal: killed$`).MatchString(text) {
		t.Errorf("the error is %s", text)
	}
}

// TestPeerSilent: a peer's process that stands still ends the run, after a bounded time.
func TestPeerSilent(t *testing.T) {
	defer func(was time.Duration) { silence = was }(silence)
	silence = time.Second
	text := interfering(t, small(t, "duration=900ms", "measure=100ms..300ms", "deadline=500ms"), syscall.SIGSTOP)
	if !regexp.MustCompile(`^(peer \d+|the source): its process does not answer$`).MatchString(text) {
		t.Errorf("the error is %s", text)
	}
}

// TestPeerTakenPort: who comes back in a new process finds its port taken: the run fails,
// and says what to do.
func TestPeerTakenPort(t *testing.T) {
	c := small(t, "lifetime=exp mean 500ms", "downtime=exp mean 300ms")
	leavesNothing(t, func() {
		s, err := newStage(c)
		if err != nil {
			t.Fatal(err)
		}
		config, err := encodeConfig(c)
		if err != nil {
			t.Fatal(err)
		}
		// As soon as a peer that will come back has gone, another program takes its port.
		stop, stolen := make(chan struct{}), make(chan struct{})
		steal := func() {
			defer close(stolen)
			look := time.NewTicker(time.Millisecond)
			defer look.Stop()
			for {
				select {
				case <-stop:
					return
				case <-look.C:
				}
				for i := range s.actors {
					a := &s.actors[i]
					if len(a.stays) < 2 || a.stays[1].stay.From-a.stays[0].stay.Until < 100*node.Millisecond {
						continue
					}
					if conn, err := udp.Listen(a.local); err == nil {
						defer conn.Close()
						<-stop
						return
					}
				}
			}
		}
		ap := newApart(s, Processes{}, config)
		ap.begun = func() { go steal() }
		_, err = s.play(t.Context(), ap)
		close(stop)
		<-stolen
		if err == nil || !strings.Contains(err.Error(), "another program has taken its port") {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestWants: what of the machine is wanting is said with what to raise.
func TestWants(t *testing.T) {
	a := &apart{stage: &stage{cfg: sim.Config{Peers: 100}}}
	for errno, want := range map[syscall.Errno]string{
		syscall.EMFILE: "100 peers in processes need about 432 file descriptors; raise the limit (ulimit -n)",
		syscall.EAGAIN: "100 peers need about 800 processes and threads; raise the limit (ulimit -u",
		syscall.ENOMEM: "gets no process: fork/exec: cannot allocate memory",
	} {
		if got := a.wants(&os.SyscallError{Syscall: "fork/exec", Err: errno}).Error(); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%v: %s", errno, got)
		}
	}
}

// TestPartIsWhole: what a process is told of a scenario is all there is to it: every
// ready-made one that runs live comes out as it went in, and no field of a Config is of a
// kind that would be left out on the way.
func TestPartIsWhole(t *testing.T) {
	n := 0
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Points() {
			c := p.Config(1)
			if CheckProcesses(&c) != nil {
				continue
			}
			n++
			told := part{Scheduler: c.Peer.Scheduler.Name()}
			if told.Config, err = encodeConfig(c); err != nil {
				t.Fatal(err)
			}
			got, err := told.config()
			if err != nil || !reflect.DeepEqual(got, c) {
				t.Fatalf("%s %s: %v\n%+v is\n%+v", name, p.Label(), err, c, got)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d points run live", n)
	}
	left := map[string]bool{"Config.Trace": true, "Config.Scheduler": true, "Config.Knowledge": true} // refused, or by name
	var look func(name string, of reflect.Type)
	look = func(name string, of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			look(name, of.Elem())
		case reflect.Func, reflect.Interface, reflect.Chan, reflect.Map:
			if !left[name] {
				t.Errorf("%s is a %s", name, of)
			}
		case reflect.Struct:
			for i := range of.NumField() {
				f := of.Field(i)
				if !f.IsExported() {
					t.Errorf("%s.%s would be left out", of, f.Name)
				}
				look(of.Name()+"."+f.Name, f.Type)
			}
		}
	}
	look("", reflect.TypeFor[sim.Config]())
}

// TestMessages: a message comes out as it went in; one that is too long, torn, or none is an
// error.
func TestMessages(t *testing.T) {
	c := small(t)
	r := newRecord(&c, sim.Session{Until: node.Never})
	for i := range r.Seen {
		r.Seen[i] = sighting{At: node.Never, Played: node.Never - 1, With: node.ChunkID(i), Port: 65535}
	}
	r.Births = make([]node.Time, len(r.Seen))
	for i := range r.Births {
		r.Births[i] = node.Never - node.Time(i)
	}
	for i := range driver.MaxKnown {
		r.Knows = append(r.Knows, netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(i)))
	}
	said := answer{Done: &done{Notes: r.notes, Sent: 7}}
	var b bytes.Buffer
	if err := send(&b, &said); err != nil {
		t.Fatal(err)
	}
	most := mostAnswered(c.Chunks())
	if b.Len() > most {
		t.Errorf("the longest answer is %d bytes, and %d are taken", b.Len(), most)
	}
	text := b.Bytes()
	var heard answer
	if err := receive(bytes.NewReader(text), most, &heard); err != nil || !reflect.DeepEqual(heard, said) {
		t.Errorf("%v: %+v is %+v", err, said, heard)
	}
	for _, wrong := range []struct {
		text []byte
		most int
	}{{text, len(text) - 5}, {text[:len(text)-1], most}, {text[:3], most}, {nil, most}, {[]byte("usage: nothing of the kind"), most}} {
		if err := receive(bytes.NewReader(wrong.text), wrong.most, &heard); err == nil {
			t.Errorf("%.20q is taken for a message", wrong.text)
		}
	}
	for _, spoil := range []func(n *notes){
		func(n *notes) { n.Seen = n.Seen[1:] },
		func(n *notes) { n.Births = append(n.Births, 0) },
		func(n *notes) { n.Seen[1].At, n.Seen[1].With = 0, 1<<20 },
	} {
		n := said.Done.Notes
		n.Seen = slices.Clone(n.Seen)
		if !n.whole(&c) {
			t.Error("whole notes are not")
		}
		if spoil(&n); n.whole(&c) {
			t.Error("spoilt notes are whole")
		}
	}
}

// TestByHand: who starts a peer's command by hand is told what it is.
func TestByHand(t *testing.T) {
	for _, number := range []string{"", "3", "x"} {
		if err := Peer(t.Context(), number, strings.NewReader(""), io.Discard); err != ErrByHand {
			t.Errorf("%q: the error is %v", number, err)
		}
	}
}

// TestAside: what a process says on standard error is passed on by the line, with its name,
// and bounded.
func TestAside(t *testing.T) {
	var b strings.Builder
	a := &aside{name: "peer 3", to: &b, turn: &sync.Mutex{}}
	fmt.Fprint(a, "panic: ")
	fmt.Fprint(a, "no\n", strings.Repeat("x", 10_000), "\n")
	for i := range 1000 {
		fmt.Fprintf(a, "line %d\n", i)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if lines[0] != "pushcast: peer 3: panic: no" || len(lines[1]) > 500 || len(lines) != mostLines+1 || lines[mostLines] != "pushcast: peer 3: what else it says is left out" {
		t.Errorf("%d lines:\n%.2000s", len(lines), b.String())
	}
}
