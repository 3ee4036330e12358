package node

import "math"

// Log is the natural logarithm of a positive, normal x, to about 1e-15. It is
// our own because math.Log is allowed to differ in its last bit between
// platforms, and a run must not: every product here is rounded by an explicit
// conversion, which forbids the compiler to fuse it with the addition after it
// (Go specification, "Floating-point operators").
//
// x = m·2ᵉ with m in [√½, √2); ln m = 2·artanh s, s = (m−1)/(m+1), |s| ≤ 0.172,
// by its Taylor series.
func Log(x float64) float64 {
	const (
		ln2     = 0.6931471805599453
		sqrt2   = 1.4142135623730951
		expMask = 0x7ff
	)
	b := math.Float64bits(x)
	e := float64(int(b>>52&expMask) - 1023)
	m := math.Float64frombits(b&^(expMask<<52) | 1023<<52) // in [1, 2)
	if m > sqrt2 {
		m /= 2
		e++
	}
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	sum := 0.0
	for k := 21; k >= 1; k -= 2 {
		sum = float64(sum*s2) + 1/float64(k)
	}
	return float64(e*ln2) + float64(2*float64(s*sum))
}
