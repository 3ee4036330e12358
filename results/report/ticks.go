package report

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"pushcast/node/measure"
)

// ticks are round values from lo to hi, about n of them, worded in a unit.
func ticks(lo, hi float64, n int, unit measure.Unit) (list []plot.Tick) {
	if !(hi > lo) {
		return []plot.Tick{{Value: lo, Label: wording(lo, 1, unit)}}
	}
	step := roundStep((hi - lo) / float64(n))
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step; i++ {
		x := i * step
		list = append(list, plot.Tick{Value: x, Label: wording(x, step, unit)})
	}
	return list
}

// roundStep is 1, 2 or 5 times a power of ten, and not below x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// wording is a tick's label, with as many digits as its step needs.
func wording(x, step float64, unit measure.Unit) string {
	digits := func(x, step float64) string {
		if x == 0 {
			return "0"
		}
		places := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
		return strconv.FormatFloat(x, 'f', min(places, 9), 64)
	}
	switch {
	case unit == measure.Ratio:
		return digits(100*x, 100*step) + "%"
	case unit == measure.Second && step < 0.1 && x < 1 && x != 0:
		return digits(1000*x, 1000*step) + "ms"
	case unit == measure.Second:
		return digits(x, step) + "s"
	}
	return digits(x, step)
}

// around widens a range of values to round ends, at least as far apart as least, and of a
// ratio not beyond 0 and 1.
func around(lo, hi, least float64, unit measure.Unit) (float64, float64) {
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return 0, 1
	}
	if gap := least - (hi - lo); gap > 0 {
		lo, hi = lo-gap/2, hi+gap/2
	}
	step := roundStep((hi - lo) / 5)
	lo, hi = step*math.Floor(lo/step+1e-9), step*math.Ceil(hi/step-1e-9)
	if unit == measure.Ratio {
		if hi > 1 {
			lo, hi = max(0, lo-(hi-1)), 1
		}
		lo = max(0, lo)
	}
	return lo, hi
}

// sparse takes the labels off ticks that would touch the one before, on an axis from lo to hi
// of a length, and shortens those that would begin further before the axis than there is room.
func sparse(list []plot.Tick, norm func(float64) float64, length, room vg.Length) []plot.Tick {
	style := lettering(sizeTick, inkSoft, 0, 0)
	last := vg.Length(math.Inf(-1))
	for i := range list {
		at := vg.Length(norm(list[i].Value)) * length
		list[i].Label = fitting(list[i].Label, style, 2*(at+room))
		half := style.Width(list[i].Label) / 2
		if at-half < last+4 {
			list[i].Label = ""
			continue
		}
		last = at + half
	}
	return list
}

// fitting cuts a text to a width.
func fitting(words string, style text.Style, width vg.Length) string {
	for n := len([]rune(words)); n > 1 && style.Width(words) > width; n-- {
		words = short(words, n-1)
	}
	return words
}
