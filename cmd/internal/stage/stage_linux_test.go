package stage

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushcast/net/udp"
	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// small is a run of ten peers in two seconds, changed by settings.
func small(t *testing.T, set ...string) sim.Config {
	t.Helper()
	s, err := scenarios.Load("quickstart")
	if err == nil {
		err = s.Set(append([]string{"peers=10", "overlay=full", "latency=10ms", "jitter=5ms", "duration=2s", "measure=300ms..1s", "deadline=1s", "grace=0s"}, set...)...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.Config(0)
}

// leavesNothing holds what runs in it to as many goroutines and open files afterwards as
// before, and to no process.
func leavesNothing(t *testing.T, run func()) {
	t.Helper()
	files := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	run() // the first time makes the runtime's own
	runtime.GC()
	goroutines, open := runtime.NumGoroutine(), files()
	run()
	// What wakes a read at a context's end may still be on its way out.
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines before, %d after", goroutines, n)
	}
	if n := files(); n > open {
		t.Errorf("%d open files before, %d after", open, n)
	}
	if left := children(t); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

// ways are the two in which a run is played: what is said of one holds for the other.
var ways = map[string]func(context.Context, sim.Config) (*Result, error){
	"together": Run,
	"apart": func(ctx context.Context, c sim.Config) (*Result, error) {
		return RunProcesses(ctx, c, Processes{Stderr: os.Stderr})
	},
}

// inBothWays tests each way, beside others.
func inBothWays(t *testing.T, test func(t *testing.T, run func(context.Context, sim.Config) (*Result, error))) {
	for name, run := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, run)
		})
	}
}

// leaveNothing tests each way, one after the other, and that it leaves nothing behind.
func leaveNothing(t *testing.T, test func(t *testing.T, run func(context.Context, sim.Config) (*Result, error))) {
	for name, run := range ways {
		t.Run(name, func(t *testing.T) { leavesNothing(t, func() { test(t, run) }) })
	}
}

// TestRun: ten real peers get the stream from each other, and everything that was sent is
// accounted for.
func TestRun(t *testing.T) {
	t.Parallel()
	inBothWays(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
		r, err := run(t.Context(), small(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Log(&r.Machine)
		v, n := &r.Values, &r.Counts
		if !(v[measure.Delivery] > 0.5 && v[measure.HopsMax] >= 2 && v[measure.DelayP50] > 0.01 && v[measure.Components] == 1 && v[measure.DegreeMax] == 10) {
			t.Errorf("%v", r.Values)
		}
		if came := n.Useful + n.Duplicates + n.ToSource + n.LinkLost; n.Useful < 200 || came > n.Sends {
			t.Errorf("%+v", n)
		}
		if r.Digest.Due == 0 || !r.Digest.Sound() || len(r.Digest.Course.Up) == 0 {
			t.Errorf("%+v", r.Digest)
		}
		if m := &r.Machine; m.CPU <= 0 || m.Memory < 1<<20 || m.datagrams < n.Useful || m.Tardy <= 0 {
			t.Errorf("the machine is %+v", m)
		}
	})
}

// TestInterrupted: a context that ends, as on Ctrl-C, ends the run at once.
func TestInterrupted(t *testing.T) {
	c := small(t, "duration=60s", "measure=10s..50s")
	leaveNothing(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := run(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}

// TestNothingLeft: a run that has come to its end leaves nothing behind.
func TestNothingLeft(t *testing.T) {
	c := small(t, "duration=500ms", "measure=100ms..200ms", "deadline=300ms")
	leaveNothing(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
		if _, err := run(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
}

// TestLeave: half of the peers leave, without a word or with one; those who stay go on, and
// in nobody's account is what a peer that is gone did not get.
func TestLeave(t *testing.T) {
	t.Parallel()
	for _, goodbye := range []bool{false, true} {
		inBothWays(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
			c := small(t, "overlay=newscast")
			c.Churn.Goodbye = goodbye
			c.Churn.Changes = []sim.Change{{Kind: sim.Leave, At: c.Duration / 4, Share: 0.5}}
			r, err := run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if r.Counts.Left != 5 {
				t.Errorf("%d left", r.Counts.Left)
			}
			if r.Values[measure.Delivery] < 0.3 {
				t.Errorf("delivery is %v", r.Values[measure.Delivery])
			}
		})
	}
}

// TestComeBack: peers come and go, under old addresses or new ones, as often as in the
// simulator, and get of the stream what a busy machine lets them.
func TestComeBack(t *testing.T) {
	t.Parallel()
	for _, identity := range []string{"same", "new"} {
		inBothWays(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
			c := small(t, "overlay=newscast", "lifetime=exp mean 500ms", "downtime=exp mean 100ms", "identity="+identity, "loss=10% in bursts of 3", "upload=2Mbit")
			simulated, err := sim.Run(c)
			if err != nil {
				t.Fatal(err)
			}
			r, err := run(t.Context(), c)
			// Other tests open sockets, too, and may take a port that was left.
			for n := 0; n < 5 && err != nil && strings.Contains(err.Error(), "another program has taken its port"); n++ {
				r, err = run(t.Context(), c)
			}
			if err != nil {
				t.Fatal(err)
			}
			n := &r.Counts
			if n.Left < 10 || n.Left != simulated.Counts.Left || n.Useful == 0 || n.LinkLost == 0 {
				t.Errorf("%+v; simulated, %+v", n, simulated.Counts)
			}
		})
	}
}

// TestLate: who joins late gets nothing of what was sent to its address before.
func TestLate(t *testing.T) {
	t.Parallel()
	c := small(t)
	c.Join = sim.Join{From: node.Second}
	inBothWays(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
		r, err := run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		// 25 chunks a second, and a second in which somebody is there; 26 is what the source
		// pushes last before it.
		if n := r.Counts.Useful; n == 0 || n > 10*(25+2) {
			t.Errorf("%d first copies", n)
		}
	})
}

// TestTakenPort: who comes back finds its port taken: the run fails, and says what to do.
func TestTakenPort(t *testing.T) {
	c := small(t, "lifetime=exp mean 500ms", "downtime=exp mean 100ms")
	leavesNothing(t, func() {
		var thief *udp.Conn
		listen := func(at netip.AddrPort) (conn, error) {
			if at.Port() != 0 && thief == nil {
				var err error
				if thief, err = udp.Listen(at); err != nil {
					t.Error(err)
				}
			}
			return onLoopback(at)
		}
		_, err := run(t.Context(), c, once(listen))
		if err == nil || !strings.Contains(err.Error(), "another program has taken its port") {
			t.Errorf("the error is %v", err)
		}
		if thief != nil {
			thief.Close()
		}
	})
}

// once lets one caller at a time in.
func once(open listen) listen {
	turn := make(chan struct{}, 1)
	return func(at netip.AddrPort) (conn, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		return open(at)
	}
}

// TestNoDescriptors: they run out before anything starts, and the message says how many it
// takes; what was opened or started is ended.
func TestNoDescriptors(t *testing.T) {
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	few := was
	few.Cur = 24
	c := small(t, "peers=50")
	leaveNothing(t, func(t *testing.T, run func(context.Context, sim.Config) (*Result, error)) {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
			t.Fatal(err)
		}
		_, err := run(t.Context(), c)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
		if err == nil || !regexp.MustCompile(`50 peers (in processes )?need about (82|232) file descriptors; raise the limit \(ulimit -n\)`).MatchString(err.Error()) {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestRefused: what exists in the simulator only is refused before anything starts.
func TestRefused(t *testing.T) {
	for _, x := range []struct{ set, want string }{
		{"peers=2000", "2000 peers, and at most 1000 have real sockets"},
		{"push=rp/lu knowledge=clairvoyant", "knowledge that nobody tells"},
		{"download=10Mbit", "a download rate exists in the simulator only"},
		{"push=offer", "the scheduler offer"},
		{"duration=20h measure=1h..2h peers=500", "over 10000000 pairs"},
	} {
		c := small(t, strings.Fields(x.set)...)
		if err := Check(&c); err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is %v, must say %q", x.set, err, x.want)
		}
	}
}

// TestSaturated: a machine that is late for what is due, or leaves it out, is told from one
// that does not.
func TestSaturated(t *testing.T) {
	var idle, busy Machine
	for i := range 1000 {
		idle.Late.add(100 * node.Microsecond)
		late := 100 * node.Microsecond
		if i%10 == 0 {
			late = 20 * node.Millisecond
		}
		busy.Late.add(late)
	}
	if why := idle.Saturated(); why != "" {
		t.Errorf("idle: %s", why)
	}
	if why := busy.Saturated(); !strings.Contains(why, "10.0%") {
		t.Errorf("busy: %q", why)
	}
	halted := idle
	halted.Skipped = 5
	if why := halted.Saturated(); why != "" {
		t.Errorf("five ticks of a thousand left out: %s", why)
	}
	halted.Skipped = 200 // its peers stood still, and went on as if nothing had been due
	if why := halted.Saturated(); !strings.Contains(why, "16.7%") {
		t.Errorf("two hundred ticks left out: %q", why)
	}
	idle.Lost, idle.datagrams = 3, 1000
	if idle.Saturated() == "" {
		t.Error("three datagrams of a thousand lost, and nobody says so")
	}
}
