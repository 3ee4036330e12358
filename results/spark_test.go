package results

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pushcast/node"
	"pushcast/node/measure"
)

func course(percent ...uint64) *Run {
	c := measure.Course{Step: node.Second}
	for _, p := range percent {
		up := uint64(100)
		if p > 100 {
			up, p = 0, 0
		}
		c.Up, c.Received = append(c.Up, up), append(c.Received, p)
	}
	return &Run{Digest: &measure.Digest{Course: c}}
}

// TestSparkline: the lowest is low, the highest high, little differences are little, nothing
// is a gap, and the line fits a terminal.
func TestSparkline(t *testing.T) {
	for want, runs := range map[string][]*Run{
		"":                                 {{}},
		"delivery 0s ▁▅█ 3s, 0% to 100%":   {course(0, 50, 100)},
		"delivery 0s █▇ 2s, 99% to 100%":   {course(100, 99)},
		"delivery 0s █ ▁ 3s, 20% to 80%":   {course(80, 999, 20)},
		"delivery 0s █▁ 2s, 50% to 75%":    {course(50, 0), course(100, 100)},
		"delivery 0s ▁▁ 2s, 0% to 0%":      {course(0, 0)},
		"delivery 0s ███ 3s, 100% to 100%": {course(100, 100, 100), {}},
	} {
		if got := Sparkline(runs); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	long := make([]uint64, 120)
	for i := range long {
		long[i] = uint64(i) * 83 / 100
	}
	got := Sparkline([]*Run{course(long...)})
	if n := utf8.RuneCountInString(got); n > 79 || strings.Count(got, "█") == 0 {
		t.Errorf("%d letters: %s", n, got)
	}
}
