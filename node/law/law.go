// Package law holds the probability laws of times: of jitter, of lifetimes and
// downtimes. It is pure and makes no random numbers of its own: a Law turns 64 random
// bits into a time, by inversion of its distribution function, so that a draw is a
// function of whatever its bits are a function of.
//
//	l := law.Law{Kind: law.Weibull, Mean: 300 * node.Second, Shape: 0.6}
//	err := l.Validate()
//	t := l.Draw(bits)
//
// The same bits give the same time on every machine: package math is used for nothing
// whose last bit may differ, and every floating product is rounded by a conversion.
package law

import (
	"errors"
	"fmt"
	mathbits "math/bits"

	"pushcast/node"
)

// Kind names a law.
type Kind uint8

// The laws.
const (
	// None is always 0.
	None Kind = iota
	// Uniform is between 0 and Max, both ends included.
	Uniform
	// Exp is exponential.
	Exp
	// Normal has the standard deviation SD; what falls below 0 is 0.
	Normal
	// LogNormal is the exponential of a normal law; its mean is Mean, its standard
	// deviation SD.
	LogNormal
	// Pareto has the tail exponent Shape > 1: P(X > x) = (least/x)^Shape, with the least
	// value Mean·(Shape−1)/Shape.
	Pareto
	// Weibull has the exponent Shape: P(X > x) = exp(−(x/scale)^Shape), with the scale
	// Mean/Γ(1+1/Shape). Below 1 it has a heavy tail, as measured sessions do
	// (Stutzbach, Rejaie: Understanding Churn in Peer-to-Peer Networks, IMC 2006).
	Weibull
	// Sample draws one of Values, each equally likely: a measured distribution.
	Sample
)

// Names of the laws, by Kind, as scenarios write them.
var Names = [...]string{"none", "uniform", "exp", "normal", "lognormal", "pareto", "weibull", "sample"}

// Law is a distribution of times. The zero value is always 0.
type Law struct {
	Kind Kind
	Mean node.Time // but of None, Uniform and Sample; positive
	Max  node.Time // of Uniform; positive
	// SD is the standard deviation of Normal and LogNormal, at most 100 means.
	SD node.Time
	// Shape is the exponent of Pareto (above 1, at most 100) and Weibull (0.1 … 100).
	Shape float64
	// Values are those of a Sample, 1 … MaxValues.
	Values []node.Time
}

// Bounds of a Law. No draw is longer than MaxTime, so that sums of draws do not
// overflow.
const (
	MaxTime   = 10 * 365 * 86400 * node.Second
	MaxValues = 1 << 20
)

// Validate tells the first thing that is wrong with l.
func (l *Law) Validate() error {
	if l.Kind == None {
		return nil
	}
	if l.Kind == Sample {
		if len(l.Values) < 1 || len(l.Values) > MaxValues {
			return fmt.Errorf("law: a sample has 1 to %d values", MaxValues)
		}
		for _, v := range l.Values {
			if v < 0 || v > MaxTime {
				return errors.New("law: a value of a sample must be 0 to 10 years")
			}
		}
		return nil
	}
	if l.Kind == Uniform {
		if l.Max <= 0 || l.Max > MaxTime {
			return errors.New("law: Max must be positive, at most 10 years")
		}
		return nil
	}
	switch {
	case l.Kind > Sample:
		return fmt.Errorf("law: no Kind %d", l.Kind)
	case l.Mean <= 0 || l.Mean > MaxTime:
		return errors.New("law: Mean must be positive, at most 10 years")
	case (l.Kind == Normal || l.Kind == LogNormal) && (l.SD <= 0 || l.SD/100 > l.Mean):
		return errors.New("law: SD must be positive, at most 100 means")
	case l.Kind == Pareto && !(l.Shape > 1 && l.Shape <= 100):
		return errors.New("law: Shape of a Pareto law must be above 1, which has a mean, at most 100")
	case l.Kind == Weibull && !(l.Shape >= 0.1 && l.Shape <= 100):
		return errors.New("law: Shape of a Weibull law must be 0.1 to 100")
	}
	return nil
}

// Typical is a time that most draws do not exceed.
func (l *Law) Typical() node.Time {
	switch l.Kind {
	case None:
		return 0
	case Uniform:
		return l.Max
	case Sample:
		t := node.Time(0)
		for _, v := range l.Values {
			t = max(t, v)
		}
		return t
	}
	return l.Mean + 4*max(l.SD, l.Mean/2)
}

// Average is the mean of the draws; of Normal, before what falls below 0 is made 0.
func (l *Law) Average() node.Time {
	switch l.Kind {
	case Uniform:
		return l.Max / 2
	case Sample:
		sum := 0.0
		for _, v := range l.Values {
			sum += float64(v)
		}
		return node.Time(sum / float64(len(l.Values)))
	}
	return l.Mean
}

// Drawer is a Law made ready to be drawn from.
type Drawer struct {
	kind   Kind
	a, b   float64 // see Ready
	span   uint64  // of Uniform: the number of its values
	values []node.Time
}

// Ready prepares a valid law.
func (l *Law) Ready() Drawer {
	d := Drawer{kind: l.Kind, values: l.Values}
	mean := float64(l.Mean)
	switch l.Kind {
	case Uniform:
		d.span = uint64(l.Max) + 1
	case Exp:
		d.a = mean
	case Normal:
		d.a, d.b = mean, float64(l.SD)
	case LogNormal:
		// Of a normal law with mean a and standard deviation b.
		cv := float64(l.SD) / mean
		variance := log(1 + float64(cv*cv))
		d.a, d.b = log(mean)-float64(variance/2), sqrt(variance)
	case Pareto:
		d.a, d.b = mean*(l.Shape-1)/l.Shape, -1/l.Shape
	case Weibull:
		d.a, d.b = mean/gamma(1+1/l.Shape), 1/l.Shape
	}
	return d
}

// None tells whether every draw is 0.
func (d *Drawer) None() bool { return d.kind == None }

// Draw makes a time of 64 uniformly random bits.
func (d *Drawer) Draw(bits uint64) node.Time {
	if d.kind == Uniform {
		hi, _ := mathbits.Mul64(bits, d.span)
		return node.Time(hi)
	}
	// In (0, 1), of 52 bits: neither end occurs.
	u := (float64(bits>>12) + 0.5) / (1 << 52)
	var x float64
	switch d.kind {
	case None:
		return 0
	case Sample:
		return d.values[int(float64(u*float64(len(d.values))))]
	case Exp:
		x = float64(-log(u) * d.a)
	case Normal:
		x = d.a + float64(d.b*quantile(u))
	case LogNormal:
		x = exp(d.a + float64(d.b*quantile(u)))
	case Pareto:
		x = float64(d.a * exp(float64(d.b*log(u))))
	case Weibull:
		x = float64(d.a * exp(float64(d.b*log(-log(u)))))
	}
	return node.Time(min(max(x, 0)+0.5, float64(MaxTime)))
}
