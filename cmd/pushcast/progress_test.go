package main

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/node"
)

// told collects what is told.
type told struct {
	mu   sync.Mutex
	text string
}

func (t *told) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text += string(b)
	return len(b), nil
}

// new gives what was told since the last time.
func (t *told) new() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.text
	t.text = ""
	return text
}

// TestProgressLines: lines at growing intervals, at least one a minute, whether or not
// a run finishes meanwhile; none after the end, and none at all for -q.
func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b told
		p := newProgress(&b, "slow", 10, false)
		told := func(after time.Duration) string {
			time.Sleep(after) // virtual time: nothing waits
			synctest.Wait()
			return b.new()
		}
		for _, step := range []struct {
			after    time.Duration
			finished int
			want     string
		}{
			{1900 * time.Millisecond, 0, ""},
			{200 * time.Millisecond, 0, "slow: 0 of 10 runs, 2s so far\n"},
			{4 * time.Second, 0, "slow: 0 of 10 runs, 6s so far\n"},
			{8 * time.Second, 2, "slow: 2 of 10 runs, 8.6/min, 56s left\n"},
			{16 * time.Second, 0, "slow: 2 of 10 runs, 4.0/min, 2m0s left\n"},
			{32 * time.Second, 0, "slow: 2 of 10 runs, 1.9/min, 4m8s left\n"},
			{time.Minute, 5, "slow: 7 of 10 runs, 3.4/min, 52s left\n"},
			{time.Minute, 0, "slow: 7 of 10 runs, 2.3/min, 1m18s left\n"},
		} {
			for range step.finished {
				p.done()
			}
			if got := told(step.after); got != step.want {
				t.Errorf("after %s more: %q, want %q", step.after, got, step.want)
			}
		}
		for range 60 {
			if n := strings.Count(told(time.Minute), "\n"); n != 1 {
				t.Errorf("%d lines in a minute", n)
			}
		}
		p.end()
		if got := told(time.Hour); got != "" {
			t.Errorf("after the end: %q", got)
		}
		silent := newProgress(&b, "silent", 10, true)
		if got := told(time.Hour); got != "" {
			t.Errorf("with -q: %q", got)
		}
		silent.end()
		if p.n() != 7 {
			t.Errorf("%d are finished", p.n())
		}
	})
}

// TestProgressOfOneRun: of a run that is computed alone its simulated time, its speed and
// the memory are told; of several at a time not, as there is no one time to tell.
func TestProgressOfOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, alone := range []bool{true, false} {
			var b told
			p := newProgress(&b, "large", 1, false)
			p.alone = alone
			p.reaches(node.Second, 30*node.Second, 1_000_000)
			time.Sleep(time.Second) // virtual time
			p.reaches(2*node.Second, 30*node.Second, 3_000_000)
			time.Sleep(time.Second)
			synctest.Wait()
			want := regexp.MustCompile(`^large: 0 of 1 runs, 2s so far; at 2\.0 of 30\.0 s, 1\.50 M events/s, \d+ MB\n$`)
			if text := b.new(); want.MatchString(text) != alone {
				t.Errorf("alone is %v, and it is told %q", alone, text)
			}
			p.end()
		}
	})
}
