package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushcast/node/link"
	"pushcast/node/measure"
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

// TestProcesses: ten peers in processes of their own get the stream as they do in one, and
// everything that was sent is accounted for.
func TestProcesses(t *testing.T) {
	leavesNothing(t, func() {
		r, err := RunProcesses(t.Context(), small(t), Processes{})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(&r.Machine)
		v, n, m := &r.Values, &r.Counts, &r.Machine
		if !(v[measure.Delivery] > 0.5 && v[measure.HopsMax] >= 2 && v[measure.DelayP50] > 0.01 && v[measure.Components] == 1 && v[measure.DegreeMax] == 10) {
			t.Errorf("%v", r.Values)
		}
		if came := n.Useful + n.Duplicates + n.ToSource + n.LinkLost; n.Useful < 200 || came > n.Sends {
			t.Errorf("%+v", n)
		}
		if m.Processes != 11 || m.Memory < 11<<20 || m.CPU <= 0 || m.datagrams == 0 {
			t.Errorf("the machine is %+v", m)
		}
		if left := children(t); len(left) > 0 {
			t.Errorf("processes are left: %v", left)
		}
	})
}

var _ = []any{errors.New, fmt.Sprint, io.EOF, reflect.DeepEqual, syscall.SIGKILL, time.Now, link.Config{}, scenarios.Load, sim.Run}
