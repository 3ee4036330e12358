package law_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"pushcast/node"
	"pushcast/node/law"
)

const mean = 300 * node.Second

var laws = map[string]struct {
	law law.Law
	cdf func(x float64) float64 // in seconds
	sd  float64                 // 0: infinite
}{
	"uniform":   {law.Law{Kind: law.Uniform, Max: 2 * mean}, distuv.Uniform{Min: 0, Max: 600}.CDF, 600 / math.Sqrt(12)},
	"exp":       {law.Law{Kind: law.Exp, Mean: mean}, distuv.Exponential{Rate: 1. / 300}.CDF, 300},
	"normal":    {law.Law{Kind: law.Normal, Mean: mean, SD: mean / 5}, distuv.Normal{Mu: 300, Sigma: 60}.CDF, 60},
	"lognormal": {law.Law{Kind: law.LogNormal, Mean: mean, SD: mean}, distuv.LogNormal{Mu: math.Log(300) - math.Ln2/2, Sigma: math.Sqrt(math.Ln2)}.CDF, 300},
	"pareto":    {law.Law{Kind: law.Pareto, Mean: mean, Shape: 2.5}, distuv.Pareto{Xm: 180, Alpha: 2.5}.CDF, distuv.Pareto{Xm: 180, Alpha: 2.5}.StdDev()},
	"weibull":   {law.Law{Kind: law.Weibull, Mean: mean, Shape: 0.6}, weibull.CDF, weibull.StdDev()},
	"weibull 3": {law.Law{Kind: law.Weibull, Mean: mean, Shape: 3}, distuv.Weibull{K: 3, Lambda: 300 / math.Gamma(4./3)}.CDF, distuv.Weibull{K: 3, Lambda: 300 / math.Gamma(4./3)}.StdDev()},
}

var weibull = distuv.Weibull{K: 0.6, Lambda: 300 / math.Gamma(1+1/0.6)}

// TestLaws holds every law to its distribution function, by Kolmogorov and Smirnov, and
// to its mean. 200,000 draws: at one in a thousand the statistic exceeds 1.95/√n.
func TestLaws(t *testing.T) {
	const n = 200_000
	for name, c := range laws {
		if err := c.law.Validate(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d := c.law.Ready()
		r := node.Stream(7, 1, 0)
		xs, sum := make([]float64, n), 0.0
		for i := range xs {
			xs[i] = d.Draw(r.Uint64()).Seconds()
			sum += xs[i]
		}
		slices.Sort(xs)
		worst := 0.0
		for i, x := range xs {
			f := c.cdf(x)
			worst = max(worst, math.Abs(f-float64(i)/n), math.Abs(f-float64(i+1)/n))
		}
		t.Logf("%-10s D·√n = %.3f, mean %.2f", name, worst*math.Sqrt(n), sum/n)
		if worst*math.Sqrt(n) > 1.95 {
			t.Errorf("%s: Kolmogorov-Smirnov distance %.5f, at most %.5f", name, worst, 1.95/math.Sqrt(n))
		}
		if se := c.sd / math.Sqrt(n); math.Abs(sum/n-300) > 4*se {
			t.Errorf("%s: mean %.2f, want 300 ± %.2f", name, sum/n, 4*se)
		}
	}
}

// TestSample: a measured distribution gives its values, all alike.
func TestSample(t *testing.T) {
	l := law.Law{Kind: law.Sample, Values: []node.Time{5, 1, 3, 3}}
	d := l.Ready()
	got := map[node.Time]int{}
	r := node.Stream(7, 1, 0)
	for range 40_000 {
		got[d.Draw(r.Uint64())]++
	}
	for v, want := range map[node.Time]float64{1: 10_000, 3: 20_000, 5: 10_000} {
		if math.Abs(float64(got[v])-want) > 4*math.Sqrt(want) {
			t.Errorf("%d: %d times, want %.0f", v, got[v], want)
		}
	}
}

// TestExtremes: no bits make a time that is negative, or beyond the bound.
func TestExtremes(t *testing.T) {
	for name, c := range laws {
		d := c.law.Ready()
		for _, bits := range []uint64{0, 1, 1 << 12, 1<<64 - 1, 1 << 63} {
			if x := d.Draw(bits); x < 0 || x > law.MaxTime {
				t.Errorf("%s: %d of %d", name, x, bits)
			}
		}
	}
}

// TestSameEverywhere: golden draws, equal on every platform.
func TestSameEverywhere(t *testing.T) {
	const want uint64 = 0x53d3f0b0362b9687
	var h uint64
	for _, name := range []string{"uniform", "exp", "normal", "lognormal", "pareto", "weibull", "weibull 3"} {
		l := laws[name].law
		d := l.Ready()
		r := node.Stream(11, 2, 0)
		for range 10_000 {
			h = node.Mix(h ^ uint64(d.Draw(r.Uint64())))
		}
	}
	if h != want {
		t.Errorf("the draws hash to %#x, want %#x", h, want)
	}
}

func TestRefused(t *testing.T) {
	for _, l := range []law.Law{
		{Kind: law.Exp}, {Kind: law.Uniform}, {Kind: law.Exp, Mean: -1}, {Kind: law.Exp, Mean: law.MaxTime + 1}, {Kind: law.Normal, Mean: 5},
		{Kind: law.LogNormal, Mean: 5, SD: 600}, {Kind: law.Pareto, Mean: 5, Shape: 1}, {Kind: law.Weibull, Mean: 5, Shape: 0.01},
		{Kind: law.Weibull, Mean: 5, Shape: math.NaN()}, {Kind: law.Sample}, {Kind: law.Sample, Values: []node.Time{-1}}, {Kind: 99, Mean: 1},
	} {
		if l.Validate() == nil {
			t.Errorf("accepted: %+v", l)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for name, c := range laws {
		b.Run(name, func(b *testing.B) {
			d := c.law.Ready()
			r := node.Stream(7, 1, 0)
			for b.Loop() {
				d.Draw(r.Uint64())
			}
		})
	}
}
