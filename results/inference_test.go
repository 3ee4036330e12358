package results

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestBounds: figures from a table of Student's distribution.
func TestBounds(t *testing.T) {
	xs := []float64{0.951, 0.948, 0.955, 0.950, 0.946} // mean 0.95, sd 0.003391
	lower, upper := Lower(xs, 0.05), Upper(xs, 0.05)
	const half = 2.13185 * 0.00339116 / 2.2360680 // t(0.95, 4)
	if math.Abs(lower.At-(0.95-half)) > 1e-6 || math.Abs(upper.At-(0.95+half)) > 1e-6 || lower.N != 5 {
		t.Errorf("%+v %+v, half-width %v", lower, upper, half)
	}
	for _, xs := range [][]float64{nil, {0.9}, {0.9, math.NaN(), 0.9}} {
		if b := Lower(xs, 0.05); !math.IsNaN(b.At) {
			t.Errorf("from %v follows %v", xs, b.At)
		}
	}
	if b := Lower([]float64{1, 1, 1}, 0.05); b.At != 1 {
		t.Errorf("what does not vary is bounded by %v", b.At)
	}
}

// TestCoverage: a bound is wrong in five of a hundred cases, whatever its kind.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	normal := func(n int, mean, sd float64) []float64 {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = mean + sd*r.NormFloat64()
		}
		return xs
	}
	for name, wrong := range map[string]func() bool{
		"lower":  func() bool { return Lower(normal(10, 3, 2), 0.05).At > 3 },
		"upper":  func() bool { return Upper(normal(4, 3, 2), 0.05).At < 3 },
		"paired": func() bool { return Lower(Paired(normal(8, 3, 2), normal(8, 1, 1)), 0.05).At > 2 },
		"Welch":  func() bool { return LowerOfDifference(normal(12, 3, 2), normal(6, 1, 0.5), 0.05).At > 2 },
	} {
		const trials = 20_000
		n := 0
		for range trials {
			if wrong() {
				n++
			}
		}
		if share := float64(n) / trials; share < 0.045 || share > 0.055 {
			t.Errorf("%s: wrong in %.4f of the cases", name, share)
		}
	}
}

// TestLooks: planned looks keep five per cent together, however many there are.
func TestLooks(t *testing.T) {
	for _, c := range []struct {
		least, most int
		want        string
	}{{10, 10, "[10]"}, {10, 60, "[10 20 40 60]"}, {5, 40, "[5 10 20 40]"}, {2, 3, "[2 3]"}} {
		if got := fmt.Sprint(Looks(c.least, c.most)); got != c.want {
			t.Errorf("%d to %d: %s", c.least, c.most, got)
		}
	}
	r := rand.New(rand.NewPCG(2, 2))
	looks := Looks(5, 40)
	const trials = 10_000
	proved := 0
	for range trials {
		xs := make([]float64, 40)
		for i := range xs {
			xs[i] = r.NormFloat64() // the true mean is at the limit: nothing is to be proved
		}
		for _, n := range looks {
			if Lower(xs[:n], AlphaOf(len(looks))).At >= 0 {
				proved++
				break
			}
		}
	}
	if share := float64(proved) / trials; share > 0.05 || share < 0.02 {
		t.Errorf("proved what is not so in %.4f of the cases", share)
	}
}

// TestNeeded: with so many seeds that look alike the bound reaches the limit, and
// with one less it does not.
func TestNeeded(t *testing.T) {
	xs := []float64{0.951, 0.948, 0.955, 0.950, 0.946}
	for _, limit := range []float64{0.93, 0.945, 0.949, 0.9495, 0.9499, 0.96} {
		n := Needed(xs, limit, 0.05)
		half := func(n int) float64 { return student(0.95, n-1) * 0.003391164992 / math.Sqrt(float64(n)) }
		gap := math.Abs(0.95 - limit)
		if n < 2 || half(n) > gap+1e-9 || n > 2 && half(n-1) <= gap-1e-9 {
			t.Errorf("limit %v: %d seeds", limit, n)
		}
	}
	for _, c := range []struct {
		xs    []float64
		limit float64
	}{{xs[:1], 0.9}, {nil, 0.9}, {[]float64{1, 1}, 1}, {[]float64{1, math.NaN()}, 0}} {
		if n := Needed(c.xs, c.limit, 0.05); n != 0 {
			t.Errorf("%v: %d seeds", c.xs, n)
		}
	}
}
