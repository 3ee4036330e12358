package results

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

func parse(t testing.TB, text string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("x.yaml", []byte("name: x\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deliveries finds runs whose delivery is given, by their seed.
func deliveries(xs []float64) Find {
	runs := make([]*Run, len(xs))
	for i, x := range xs {
		runs[i] = someRun(i)
		runs[i].Values[measure.Delivery] = x
	}
	return func(_ *scenarios.Point, seed int) *Run {
		if seed >= len(runs) {
			return nil
		}
		return runs[seed]
	}
}

func normal(r *rand.Rand, n int, mean, sd float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = mean + sd*r.NormFloat64()
	}
	return xs
}

// TestVerdicts: what is judged of what, and the exit code.
func TestVerdicts(t *testing.T) {
	good := []float64{0.96, 0.961, 0.959, 0.96, 0.96}
	nan := slices.Clone(good)
	nan[2] = math.NaN()
	for name, c := range map[string]struct {
		rule  string
		runs  []float64
		state State
		exit  int
	}{
		"proven":                {"delivery >= 95%", good, Proven, 0},
		"refuted":               {"delivery >= 97%", good, Refuted, 99},
		"at the limit":          {"delivery >= 96%", good, Undecided, 99},
		"at most":               {"delivery <= 97%", good, Proven, 0},
		"too much":              {"delivery <= 95%", good, Refuted, 99},
		"no value in a run":     {"delivery >= 95%", nan, Valueless, 99},
		"no value in any":       {"delay.p95 <= 2s", good, Valueless, 99},
		"a run is missing":      {"delivery >= 95%", good[:4], Unmeasured, 3},
		"no run is there":       {"delivery >= 95%", nil, Unmeasured, 3},
		"no baseline":           {"delivery >= baseline - 1%", good, Baseless, 2},
		"no baseline, no runs":  {"delivery >= baseline - 1%", nil, Baseless, 2},
		"does not vary, enough": {"delivery >= 95%", []float64{0.95, 0.95, 0.95, 0.95, 0.95}, Proven, 0},
	} {
		v := Judge(parse(t, "seeds: 5\nexpect:\n  - "+c.rule+"\n"), deliveries(c.runs), nil)
		if j := v.Rules[0].At[0]; j.State != c.state || v.Exit() != c.exit {
			t.Errorf("%s: %s, exit %d; want %s, %d", name, j.State, v.Exit(), c.state, c.exit)
		}
	}
	one := Judge(parse(t, "seeds: 1\nexpect:\n  - delivery >= 1%\n"), deliveries(good), nil)
	if one.Exit() != 99 || one.Rules[0].At[0].State != Undecided {
		t.Error("one seed has decided something")
	}
}

// TestLooks: a point is decided by the first look that decides, whether or not there
// are more runs; an undecided one wants more, to the last look.
func TestPlannedLooks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	s := parse(t, "seeds: { min: 5, max: 40 }\nexpect:\n  - delivery >= 95%\n")
	clear, close := normal(r, 40, 0.97, 0.001), normal(r, 40, 0.95, 0.001)
	if v := Judge(s, deliveries(clear), nil); len(v.Points[0].Runs) != 5 || v.Missing() != 0 || v.Exit() != 0 {
		t.Errorf("a clear case: %d runs, exit %d", len(v.Points[0].Runs), v.Exit())
	}
	if v := Judge(s, deliveries(close[:5]), nil); v.Missing() != 5 || v.Exit() != 3 {
		t.Errorf("a close case: %d more runs wanted, exit %d", v.Missing(), v.Exit())
	}
	if v := Judge(s, deliveries(close), nil); len(v.Points[0].Runs) != 40 || v.Exit() != 99 {
		t.Errorf("a close case, all runs: %d, exit %d", len(v.Points[0].Runs), v.Exit())
	}
	until := parse(t, "seeds: { min: 5, max: 40, until: 0.05% }\nexpect:\n  - delivery >= 95%\n")
	if v := Judge(until, deliveries(clear), nil); len(v.Points[0].Runs) <= 5 {
		t.Error("until has looked at the verdict")
	}
}

// TestJustMisses: a rule that the truth just misses passes in 5 % of the cases, with
// planned looks; of 400, three standard deviations more are 8 %.
func TestJustMisses(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	s := parse(t, "seeds: { min: 5, max: 40 }\nexpect:\n  - delivery >= 95%\n")
	passed := 0
	for range 400 {
		if Judge(s, deliveries(normal(r, 40, 0.95-1e-9, 0.003)), nil).Exit() == 0 {
			passed++
		}
	}
	t.Logf("%d of 400 pass", passed)
	if passed > 32 {
		t.Errorf("%d of 400 pass", passed)
	}
}

// accepted is a baseline as it is read from its file.
func accepted(t testing.TB, s *scenarios.Scenario, xs []float64) *Baseline {
	t.Helper()
	text, err := NewBaseline(Judge(s, deliveries(xs), nil), testModel).Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseBaseline(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRegression: two points less are caught with ten seeds, in pairs and with seeds of
// its own; nothing less is no alarm, and says so.
func TestRegression(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	s := parse(t, "seeds: 10\nexpect:\n  - delivery >= baseline - 0.5%\n")
	was := normal(r, 10, 0.98, 0.0014)
	base := accepted(t, s, was)
	v := Judge(s, deliveries(was), base)
	if j := v.Rules[0].At[0]; v.Exit() != 0 || !j.Identical {
		t.Errorf("the same runs: exit %d, %+v", v.Exit(), j)
	}
	less := normal(r, 10, 0.96, 0.0014)
	if v := Judge(s, deliveries(less), base); v.Exit() != 99 {
		t.Errorf("two points less: exit %d", v.Exit())
	}
	for i := range base.Points[0].Seeds {
		base.Points[0].Seeds[i] += 1000
	}
	if v := Judge(s, deliveries(less), base); v.Exit() != 99 {
		t.Errorf("two points less, with seeds of its own: exit %d", v.Exit())
	}
	if v := Judge(s, deliveries(normal(r, 10, 0.98, 0.0014)), base); v.Exit() != 0 {
		t.Errorf("nothing less, with seeds of its own: exit %d", v.Exit())
	}
}

// TestFalseAlarms: at the margin and the spread of scenarios/ci.yaml, ten fresh seeds
// against ten others.
func TestFalseAlarms(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	s := parse(t, "seeds: 10\nexpect:\n  - delivery >= baseline - 0.31%\n") // its margin is 0.5%
	alarms := 0
	const trials = 2000
	for range trials {
		base := NewBaseline(Judge(s, deliveries(normal(r, 10, 0.98, 0.00137)), nil), testModel)
		for i := range base.Points[0].Seeds {
			base.Points[0].Seeds[i] += 1000
		}
		if Judge(s, deliveries(normal(r, 10, 0.98, 0.00137)), base).Exit() != 0 {
			alarms++
		}
	}
	t.Logf("%d false alarms of %d", alarms, trials)
	if alarms > 10 { // 0.2 % are 4; three standard deviations more
		t.Errorf("%d false alarms of %d", alarms, trials)
	}
}

// TestBaselineLacks: a baseline whose checksum is right, and which lacks a metric, is
// refused; one whose metric has no value proves nothing.
func TestBaselineLacks(t *testing.T) {
	s := parse(t, "seeds: 3\nexpect:\n  - delay.p95 <= baseline + 1s\n")
	runs := []float64{0.9, 0.91, 0.92} // of which delay.p95 has no value
	base := NewBaseline(Judge(s, deliveries(runs), nil), testModel)
	if v := Judge(s, deliveries(runs), base); v.Exit() != ExitFailed || v.Rules[0].At[0].State != Valueless {
		t.Errorf("without a value: exit %d, %s", v.Exit(), v.Rules[0].At[0].State)
	}
	text, err := base.Encode()
	if err != nil {
		t.Fatal(err)
	}
	less := regexp.MustCompile(`\s*"delay.p95": null,`).ReplaceAll(text, nil)
	sum := regexp.MustCompile(`"sum": "[0-9a-f]{64}"`)
	right := sha256.Sum256(sum.ReplaceAll(less, []byte(`"sum": ""`)))
	less = sum.ReplaceAll(less, fmt.Appendf(nil, `"sum": "%x"`, right))
	// A program that has learned a metric reads the baselines of before; the rule about it
	// fails.
	old, err := ParseBaseline(less)
	if err != nil {
		t.Fatalf("without a metric: %v", err)
	}
	if v := Judge(s, deliveries(runs), old); v.Exit() != ExitFailed || v.Rules[0].At[0].State != Valueless {
		t.Errorf("without a metric: exit %d, %s", v.Exit(), v.Rules[0].At[0].State)
	}
	for name, edit := range map[string]func(b *Baseline){
		"no seeds":            func(b *Baseline) { b.Points[0].Seeds = nil },
		"fewer metrics":       func(b *Baseline) { b.Points[0].Metrics = b.Points[0].Metrics[1:] },
		"fewer fingerprints":  func(b *Baseline) { b.Points[0].Fingerprints = nil },
		"damaged checkpoints": func(b *Baseline) { b.Points[0].Checkpoints = "AAA" },
	} {
		b := NewBaseline(Judge(s, deliveries(runs), nil), testModel)
		edit(b)
		text, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseBaseline(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestBaselineDamaged: no byte of a baseline can be another, and none be missing.
func TestBaselineDamaged(t *testing.T) {
	s := parse(t, "seeds: 2\n")
	text, err := NewBaseline(Judge(s, deliveries([]float64{0.9, 0.91}), nil), testModel).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		damaged := slices.Clone(text)
		damaged[i] ^= 1
		if _, err := ParseBaseline(damaged); err == nil {
			t.Fatalf("byte %d changed: accepted", i)
		}
		if _, err := ParseBaseline(text[:i]); err == nil {
			t.Fatalf("cut off at %d: accepted", i)
		}
	}
	if _, err := ParseBaseline(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))); err != nil {
		t.Errorf("with the line ends of Windows: %v", err)
	}
	if _, err := ParseBaseline([]byte(strings.Repeat("[", 1<<20))); err == nil {
		t.Error("brackets are accepted")
	}
}
