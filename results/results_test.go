package results_test

import (
	"math"
	"strings"
	"testing"

	"pushcast/node/measure"
	"pushcast/results"
)

// TestSummarise compares with Student's table: the two-sided 95 % quantile is
// 12.706 for 1 degree of freedom, 2.262 for 9, 2.045 for 29.
func TestSummarise(t *testing.T) {
	for n, quantile := range map[int]float64{2: 12.706, 10: 2.262, 30: 2.045} {
		xs := make([]float64, n)
		var mean, squares float64
		for i := range xs {
			xs[i] = float64(i * i)
			mean += xs[i] / float64(n)
		}
		for _, x := range xs {
			squares += (x - mean) * (x - mean)
		}
		want := quantile * math.Sqrt(squares/float64(n-1)/float64(n))
		s := results.Summarise(xs)
		if s.N != n || math.Abs(s.Mean-mean) > 1e-9 || math.Abs(s.HalfWidth-want) > 0.0005*want || s.Min != 0 || s.Max != xs[n-1] {
			t.Errorf("%d seeds: %+v, half-width must be %.4f", n, s, want)
		}
	}
	nan := math.NaN()
	if s := results.Summarise([]float64{nan, 3, nan}); s.N != 1 || s.Mean != 3 || !math.IsNaN(s.HalfWidth) {
		t.Errorf("one seed has a value: %+v", s)
	}
	if s := results.Summarise([]float64{nan}); s.N != 0 || !math.IsNaN(s.Mean) || !math.IsNaN(s.Min) {
		t.Errorf("no seed has a value: %+v", s)
	}
	if s := results.Summarise([]float64{0.5, 0.5, 0.5}); s.HalfWidth != 0 {
		t.Errorf("equal seeds: %+v", s)
	}
}

// TestFormat: four digits, units that people read.
func TestFormat(t *testing.T) {
	for _, c := range []struct {
		x    float64
		unit measure.Unit
		want string
	}{
		{0.94987, measure.Ratio, "94.99%"}, {1, measure.Ratio, "100%"}, {0, measure.Ratio, "0%"}, {0.00012, measure.Ratio, "0.012%"},
		{0.0421, measure.Second, "42.10ms"}, {1.446, measure.Second, "1.446s"}, {12345, measure.Second, "12345s"},
		{6.1416, measure.Factor, "6.142"}, {123456.7, measure.Number, "123457"}, {3, measure.Number, "3"},
		{math.NaN(), measure.Ratio, "–"}, {math.Inf(1), measure.Second, "–"},
	} {
		if got := results.Format(c.x, c.unit); got != c.want {
			t.Errorf("%v (%s) is shown as %s, want %s", c.x, c.unit, got, c.want)
		}
	}
}

// TestTable: columns in line, a dash for what does not exist, the number of
// seeds for what only some have.
func TestTable(t *testing.T) {
	one, two := measure.None(), measure.None()
	one[measure.Delivery], two[measure.Delivery] = 0.9, 0.8
	one[measure.DelayMean] = 0.25
	all := results.SummariseAll([]measure.Values{one, two})
	var b strings.Builder
	if err := results.WriteTable(&b, &all, 2); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		" delivery ", "85.00%", "63.53%", "80%", "90%", " delay.mean (1 of 2) ", "250ms", " played ", "–",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, b.String())
		}
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for _, line := range lines {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	if len(lines) != 2+int(measure.Count) {
		t.Errorf("%d lines, want a header, a rule and %d metrics:\n%s", len(lines), measure.Count, b.String())
	}
}
