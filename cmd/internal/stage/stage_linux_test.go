package stage

import (
	"context"
	"errors"
	"net/netip"
	"os"
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
// before.
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
}

// TestRun: ten real peers get the stream from each other, and everything that was sent is
// accounted for.
func TestRun(t *testing.T) {
	leavesNothing(t, func() {
		r, err := Run(t.Context(), small(t))
		if err != nil {
			t.Fatal(err)
		}
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
	})
}

// TestInterrupted: a context that ends, as on Ctrl-C, ends the run at once.
func TestInterrupted(t *testing.T) {
	c := small(t, "duration=60s", "measure=10s..50s")
	leavesNothing(t, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := Run(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}

// TestKilled: half of the peers are killed; those who stay go on, and in nobody's account
// is what a dead peer did not get.
func TestKilled(t *testing.T) {
	c := small(t)
	c.Churn.Changes = []sim.Change{{Kind: sim.Leave, At: c.Duration / 4, Share: 0.5}}
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts.Left != 5 {
		t.Errorf("%d left", r.Counts.Left)
	}
	if r.Values[measure.Delivery] < 0.5 {
		t.Errorf("delivery is %v", r.Values[measure.Delivery])
	}
}

// TestTakenPort: who comes back finds its port taken: the run fails, and says what to do.
func TestTakenPort(t *testing.T) {
	c := small(t, "lifetime=exp mean 500ms", "downtime=exp mean 100ms")
	leavesNothing(t, func() {
		var thief *udp.Conn
		listen := func(at netip.AddrPort) (socket, error) {
			if at.Port() != 0 && thief == nil {
				var err error
				if thief, err = udp.Listen(at); err != nil {
					t.Error(err)
				}
			}
			return onLoopback(at)
		}
		_, err := play(t.Context(), c, once(listen))
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
	return func(at netip.AddrPort) (socket, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		return open(at)
	}
}

// TestNoDescriptors: sockets run out before anything starts, and the message says how many
// it takes.
func TestNoDescriptors(t *testing.T) {
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	few := was
	few.Cur = 16
	c := small(t, "peers=50")
	leavesNothing(t, func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
			t.Fatal(err)
		}
		_, err := Run(t.Context(), c)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
		if err == nil || !strings.Contains(err.Error(), "50 peers need about 82 file descriptors; raise the limit (ulimit -n)") {
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
