package law

import (
	"math"

	"pushcast/node"
)

// Functions of real numbers that give the same last bit everywhere, which package math
// does not promise. They are good to about 1e-14, relative.

func sqrt(x float64) float64 { return math.Sqrt(x) } // exact, by IEEE 754

// log is the natural logarithm of a positive x.
func log(x float64) float64 { return node.Log(x) }

// exp is eˣ: x = k·ln 2 + r with |r| ≤ ln 2/2, and e^r by its Taylor series. It
// saturates where e^x leaves the range of times.
func exp(x float64) float64 {
	const ln2 = 0.6931471805599453
	switch {
	case x > 80:
		x = 80
	case x < -700:
		return 0
	}
	k := math.Floor(x/ln2 + 0.5)
	r := x - float64(k*ln2)
	sum := 1.0
	for n := 18; n >= 1; n-- {
		sum = 1 + float64(float64(sum*r)/float64(n))
	}
	return sum * math.Float64frombits(uint64(int64(k)+1023)<<52)
}

// gamma is Γ(x) for 1 ≤ x ≤ 11, by Lanczos' approximation with g = 7 and nine terms
// (Godfrey 2001), good to 1e-15.
func gamma(x float64) float64 {
	terms := [...]float64{
		676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
		12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
	}
	x--
	sum := 0.99999999999980993
	for i, c := range terms {
		sum += c / (x + float64(i) + 1)
	}
	t := x + 7.5
	const sqrt2pi = 2.5066282746310002
	return float64(float64(sqrt2pi*exp(float64((x+0.5)*log(t))-t)) * sum)
}

// quantile is that of the standard normal law at 0 < p < 1: algorithm AS 241, routine
// PPND16 (Wichura: The Percentage Points of the Normal Distribution, Applied Statistics
// 37(3), 1988), good to 1e-16.
func quantile(p float64) float64 {
	q := p - 0.5
	if q >= -0.425 && q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q * (horner(r, 2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
			45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608) /
			horner(r, 5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
				5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1)))
	}
	r := p
	if q > 0 {
		r = 1 - p
	}
	r = sqrt(-log(r))
	var x float64
	if r <= 5 {
		r -= 1.6
		x = horner(r, 7.7454501427834140764e-4, .0227238449892691845833, .24178072517745061177, 1.27045825245236838258,
			3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734) /
			horner(r, 1.05075007164441684324e-9, 5.475938084995344946e-4, .0151986665636164571966, .14810397642748007459,
				.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1)
	} else {
		r -= 5
		x = horner(r, 2.01033439929228813265e-7, 2.71155556874348757815e-5, .0012426609473880784386, .026532189526576123093,
			.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772) /
			horner(r, 2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
				.0148753612908506148525, .13692988092273580531, .59983220655588793769, 1)
	}
	if q < 0 {
		return -x
	}
	return x
}

// horner evaluates a polynomial, its highest coefficient first.
func horner(x float64, coefficients ...float64) float64 {
	sum := 0.0
	for _, c := range coefficients {
		sum = float64(sum*x) + c
	}
	return sum
}
