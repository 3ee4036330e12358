package results

import (
	"fmt"
	"math"

	"pushcast/node/measure"
)

// Difference is that of one metric between two worlds: the mean on real sockets less that
// of the simulator, with its two-sided 95 % interval. A seed's live run has nothing in
// common with its simulated one but the draws of its links, so the means are compared, not
// pairs (Welch's interval, as LowerOfDifference).
type Difference struct {
	Metric       measure.Metric
	Mean, Lo, Hi float64 // Lo and Hi are NaN where there are less than two runs on a side
}

// DifferenceOf compares a point's runs in two worlds.
func DifferenceOf(simulated, live *PointVerdict, m measure.Metric) Difference {
	a, b := finite(live, m), finite(simulated, m)
	low, high := LowerOfDifference(a, b, (1-Confidence)/2), LowerOfDifference(b, a, (1-Confidence)/2)
	return Difference{m, low.Mean, low.At, -high.At}
}

func finite(p *PointVerdict, m measure.Metric) (list []float64) {
	for _, r := range p.Runs {
		if x := r.Values[m]; !math.IsNaN(x) {
			list = append(list, x)
		}
	}
	return list
}

// Text is the difference with its interval.
func (d Difference) Text() string {
	unit := measure.Definitions[d.Metric].Unit
	if math.IsNaN(d.Mean) {
		return "-"
	}
	if math.IsNaN(d.Lo) {
		return Format(d.Mean, unit)
	}
	return fmt.Sprintf("%s [%s, %s]", Format(d.Mean, unit), Format(d.Lo, unit), Format(d.Hi, unit))
}
