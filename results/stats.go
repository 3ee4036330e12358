package results

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"pushcast/node/measure"
)

// Summary is one metric over seeds.
type Summary struct {
	N         int     // seeds that have a value
	Mean      float64 // NaN where N is 0
	HalfWidth float64 // of the two-sided 95 % interval of the mean; NaN below 2 seeds
	Min, Max  float64
}

// Summarise makes the Summary of one value a seed; NaN is a seed without one.
// The interval is Student's, and takes seeds as independent and their values as
// normal.
func Summarise(perSeed []float64) Summary {
	var xs []float64
	s := Summary{Mean: math.NaN(), HalfWidth: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	for _, x := range perSeed {
		if math.IsNaN(x) {
			continue
		}
		if len(xs) == 0 || x < s.Min {
			s.Min = x
		}
		if len(xs) == 0 || x > s.Max {
			s.Max = x
		}
		xs = append(xs, x)
	}
	s.N = len(xs)
	if s.N == 0 {
		return s
	}
	s.Mean = stat.Mean(xs, nil)
	if s.N > 1 {
		s.HalfWidth = student(0.975, s.N-1) * stat.StdDev(xs, nil) / math.Sqrt(float64(s.N))
	}
	return s
}

// student is the quantile p of Student's distribution.
func student(p float64, degrees int) float64 { return studentReal(p, float64(degrees)) }

// students are the quantiles that were asked for: there are few, and each takes some
// microseconds to find.
var students sync.Map

func studentReal(p, degrees float64) float64 {
	key := [2]float64{p, degrees}
	if x, known := students.Load(key); known {
		return x.(float64)
	}
	x := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}.Quantile(p)
	if degrees == math.Trunc(degrees) { // Welch's are seldom the same
		students.Store(key, x)
	}
	return x
}

// SummariseAll makes the Summary of every metric over runs.
func SummariseAll(runs []measure.Values) (all [measure.Count]Summary) {
	perSeed := make([]float64, len(runs))
	for m := range all {
		for i := range runs {
			perSeed[i] = runs[i][m]
		}
		all[m] = Summarise(perSeed)
	}
	return all
}
