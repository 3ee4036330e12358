package results

import (
	"fmt"
	"math"
	"strings"

	"pushcast/node/measure"
)

// sparkBlocks are eight heights of a letter.
var sparkBlocks = []rune("▁▂▃▄▅▆▇█")

// sparkWidth is how many letters a line of blocks has at most.
const sparkWidth = 40

// leastSpread is how far apart the lowest and the highest block are at least: what differs by
// less looks even, as it is.
const leastSpread = 0.05

// Sparkline shows delivery over time in one line of at most 80 letters: of all runs together,
// how high it was when, and between which values. It is empty where no run has kept it.
func Sparkline(runs []*Run) string {
	var up, received []uint64
	end := 0.0
	for _, run := range runs {
		if run.Digest == nil {
			continue
		}
		c := &run.Digest.Course
		for len(up) < len(c.Up) {
			up, received = append(up, 0), append(received, 0)
		}
		for i := range c.Up {
			up[i] += c.Up[i]
			received[i] += c.Received[i]
		}
		end = max(end, float64(len(c.Up))*c.Step.Seconds())
	}
	if len(up) == 0 {
		return ""
	}
	values := shares(up, received, min(sparkWidth, len(up)))
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range values {
		if !math.IsNaN(x) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if hi < lo {
		return ""
	}
	floor := max(0, min(lo, hi-leastSpread))
	var b strings.Builder
	for _, x := range values {
		if math.IsNaN(x) { // nobody was up, or no chunk was born
			b.WriteByte(' ')
			continue
		}
		level := 0
		if hi > floor {
			level = int(float64(len(sparkBlocks)-1)*(x-floor)/(hi-floor) + 0.5)
		}
		b.WriteRune(sparkBlocks[level])
	}
	return fmt.Sprintf("delivery 0s %s %s, %s to %s", b.String(), Format(end, measure.Second), Format(lo, measure.Ratio), Format(hi, measure.Ratio))
}

// shares are the deliveries of n stretches of about the same length; NaN: of nothing.
func shares(up, received []uint64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		var u, r uint64
		for k := i * len(up) / n; k < (i+1)*len(up)/n; k++ {
			u, r = u+up[k], r+received[k]
		}
		list[i] = float64(r) / float64(u) // NaN of nothing
	}
	return list
}
