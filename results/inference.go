package results

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// What can be said of a mean from one value a seed. Seeds are independent, and a
// run's ratio over hundreds of chunks is near normal (theory.md 6.1), so Student's
// distribution applies; chunks and peers of one run are never counted as values.

// Confidence is that of every interval and verdict: 1 − α.
const Confidence = 0.95

// Bound is where the mean lies with Confidence, seen from one side: below At for an
// upper bound, above it for a lower one. From less than two values nothing follows,
// and At is NaN.
type Bound struct {
	N        int
	Mean, At float64
}

// Lower gives the one-sided lower bound of a mean at the level alpha, the chance of
// being wrong; 1−Confidence for a single look.
func Lower(perSeed []float64, alpha float64) Bound { return bound(perSeed, alpha, -1) }

// Upper gives the one-sided upper bound.
func Upper(perSeed []float64, alpha float64) Bound { return bound(perSeed, alpha, 1) }

func bound(perSeed []float64, alpha, side float64) Bound {
	b := Bound{N: len(perSeed), Mean: math.NaN(), At: math.NaN()}
	if b.N == 0 {
		return b
	}
	b.Mean = stat.Mean(perSeed, nil)
	if b.N > 1 { // NaN among the values makes NaN of both, and proves nothing
		b.At = b.Mean + side*student(1-alpha, b.N-1)*stat.StdDev(perSeed, nil)/math.Sqrt(float64(b.N))
	}
	return b
}

// Paired gives the differences a − b of equal seeds, which are what a comparison is
// judged by: what both runs have in common, their luck, is not in them. The slices
// must have equal lengths.
func Paired(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

// LowerOfDifference gives the one-sided lower bound of mean(a) − mean(b) where the
// seeds are not the same: Welch's, whose degrees of freedom are Satterthwaite's
// (Welch: The Generalization of Student's Problem, Biometrika 34, 1947). Where
// neither side varies the bound is the difference itself.
func LowerOfDifference(a, b []float64, alpha float64) Bound {
	d := Bound{N: min(len(a), len(b)), Mean: math.NaN(), At: math.NaN()}
	if d.N == 0 {
		return d
	}
	d.Mean = stat.Mean(a, nil) - stat.Mean(b, nil)
	if d.N < 2 {
		return d
	}
	na, nb := float64(len(a)), float64(len(b))
	va, vb := stat.Variance(a, nil)/na, stat.Variance(b, nil)/nb
	if va+vb == 0 {
		d.At = d.Mean
		return d
	}
	degrees := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	d.At = d.Mean - studentReal(1-alpha, degrees)*math.Sqrt(va+vb)
	return d
}

// Looks are the numbers of seeds at which a verdict may be reached: least, twice
// that, and so on, and most. Each look has its share of the chance of being wrong, so
// that all of them together keep it (Bonferroni).
func Looks(least, most int) (at []int) {
	for n := max(least, 1); n < most; n *= 2 {
		at = append(at, n)
	}
	return append(at, most)
}

// AlphaOf is the chance of being wrong that one of so many looks has.
func AlphaOf(looks int) float64 { return (1 - Confidence) / float64(looks) }

// Needed is how many seeds a one-sided bound would need to reach a limit, if further
// seeds are like these: the smallest n with t·sd/√n ≤ |mean − limit|. 0 if no number
// will do, because the mean is at the limit, or if nothing is known, from fewer than
// two values. On which side of the limit the mean is, is the caller's to look at.
func Needed(perSeed []float64, limit, alpha float64) int {
	if len(perSeed) < 2 {
		return 0
	}
	gap, sd := math.Abs(stat.Mean(perSeed, nil)-limit), stat.StdDev(perSeed, nil)
	if !(gap > 0) || math.IsNaN(sd) {
		return 0
	}
	enough := func(n int) bool { return student(1-alpha, n-1)*sd/math.Sqrt(float64(n)) <= gap }
	hi := 2
	for !enough(hi) {
		if hi *= 2; hi > maxNeeded {
			return 0
		}
	}
	lo := hi / 2 // not enough, or 1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; mid > 1 && enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// maxNeeded bounds the answer of Needed: nobody runs more.
const maxNeeded = 1 << 24
