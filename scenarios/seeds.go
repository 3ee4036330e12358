package scenarios

import (
	"fmt"
	"strconv"

	"pushcast/node"
)

// MaxSeeds bounds the seeds of a scenario.
const MaxSeeds = 10_000

// Seeds says how often each point of a scenario is run: with the seeds 0 … n−1, the
// same at every point. Where Min is less than Max, n is found by looking at Min,
// 2·Min, 4·Min … and Max runs.
type Seeds struct {
	Min, Max int
	// Until, where above 0, is the half-width of delivery's two-sided 95 % interval
	// at which no more seeds are run, whatever the rules say. At 0 a point is run until its
	// rules are decided.
	Until float64
}

// Exactly is n seeds, whatever they show.
func Exactly(n int) Seeds { return Seeds{Min: n, Max: n} }

// Looks are the numbers of seeds at which a verdict may be reached.
func (s Seeds) Looks() (at []int) {
	for n := max(s.Min, 1); n < s.Max; n *= 2 {
		at = append(at, n)
	}
	return append(at, s.Max)
}

// String is the form of a scenario file.
func (s Seeds) String() string {
	if s.Min == s.Max {
		return strconv.Itoa(s.Max)
	}
	text := fmt.Sprintf("{ min: %d, max: %d", s.Min, s.Max)
	if s.Until > 0 {
		text += ", until: " + formatPercent(s.Until)
	}
	return text + " }"
}

// seedNumber reads a seed's number.
func seedNumber(text string) (int, error) { return parseCount(text, 0, MaxSeeds-1) }

// ParseTime reads a time as a scenario has it: 40ms, 1.5s.
func ParseTime(text string) (node.Time, error) { return parseTime(text) }

// ParseShare reads a share as a scenario has it, 70%: 0 … 1.
func ParseShare(text string) (float64, error) { return parsePercent(text) }

// FormatTime is what ParseTime undoes.
func FormatTime(t node.Time) string { return formatTime(t) }
