package results_test

import (
	"math"
	"strings"
	"testing"

	"pushcast/results"
)

// TestHeat: one map, as a file has it, as a terminal without colours, and with them.
func TestHeat(t *testing.T) {
	h := results.Heat{
		X: "rate", XSteps: []string{"1x", "2x", "3x"}, Y: "buffer", YSteps: []string{"8", "128"},
		Cells: [][]results.Cell{
			{{Text: "50%", Value: 0.5, Mark: "✗"}, {Text: "75%", Value: 0.75, Mark: "?"}, {Text: "100%", Value: 1, Mark: "✓"}},
			{{Text: "–", Value: math.NaN()}, {}, {Text: "99.9%", Value: 0.999, Mark: "✓"}},
		},
		Least: 0.5, Great: 1,
	}
	for shades, want := range map[results.Shades]string{
		results.NoShades: `
 buffer \ rate     1x       2x       3x
             8    50% ✗    75% ?   100% ✓
           128      –        ·    99.9% ✓
`,
		results.Blocks: `
 buffer \ rate       1x         2x         3x
             8      50% ✗    ▒ 75% ?   █ 100% ✓
           128        –          ·    █ 99.9% ✓
`,
		results.Colours: "\n" + ` buffer \ rate     1x       2x       3x` + "\n" +
			`             8 ` + "\x1b[48;5;53;38;5;231m   50% ✗ \x1b[0m\x1b[48;5;36;38;5;16m   75% ? \x1b[0m\x1b[48;5;220;38;5;16m  100% ✓ \x1b[0m\n" +
			`           128      –        ·   ` + "\x1b[48;5;220;38;5;16m 99.9% ✓ \x1b[0m\n",
	} {
		var b strings.Builder
		if err := h.Write(&b, shades); err != nil {
			t.Fatal(err)
		}
		if got := "\n" + b.String(); got != want {
			t.Errorf("shades %d:%swant%s%q", shades, got, want, got)
		}
	}
	flat := results.Heat{X: "x", XSteps: []string{"1"}, Y: "y", YSteps: []string{"1"}, Cells: [][]results.Cell{{{Text: "3", Value: 3}}}, Least: 3, Great: 3}
	var b strings.Builder
	if err := flat.Write(&b, results.Blocks); err != nil || !strings.Contains(b.String(), "█ 3") {
		t.Errorf("one value: %v\n%s", err, b.String())
	}
}
