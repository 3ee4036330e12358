package report

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"gonum.org/v1/plot"

	"pushcast/scenarios"
)

// places are the steps of an axis as numbers to draw by.
type places struct {
	at      []float64 // of every step
	numbers bool      // they are the values; else 0, 1, 2 …
	scale   scale
}

// placesOf puts the steps of an axis onto a scale: at their values where these are numbers
// of one kind, else beside each other.
func placesOf(a *scenarios.Axis) places {
	p := places{scale: scale{label: a.Name()}}
	if len(a.Keys) == 1 {
		p.at, p.numbers = quantities(a)
	}
	if !p.numbers {
		p.at = make([]float64, len(a.Values))
		for i := range p.at {
			p.at[i] = float64(i)
		}
	}
	lo, hi := span(p.at)
	switch {
	case p.numbers && lo > 0 && hi >= 16*lo:
		p.scale.log = true
		edge := math.Pow(hi/lo, 0.04)
		p.scale.lo, p.scale.hi = lo/edge, hi*edge
	case p.numbers && hi > lo:
		edge := 0.04 * (hi - lo)
		p.scale.lo, p.scale.hi = lo-edge, hi+edge
	default:
		p.scale.lo, p.scale.hi = lo-0.5, hi+0.5
	}
	for i, x := range p.at {
		p.scale.ticks = append(p.scale.ticks, plot.Tick{Value: x, Label: short(a.Step(i), 24)})
	}
	return p
}

// quantity is a number and its unit, as scenarios write them.
var quantity = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)([A-Za-z/%]*)$`)

// prefixes are those of bits and bytes.
var prefixes = map[string]float64{
	"bit": 1, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20,
}

// quantities reads the values of an axis of one key as numbers; ok is false where one is
// none, or they do not compare.
func quantities(a *scenarios.Axis) (list []float64, ok bool) {
	kind := ""
	for i := range a.Values {
		text := a.Values[i][0]
		x, of := 0.0, ""
		if parts := quantity.FindStringSubmatch(text); parts != nil {
			x, _ = strconv.ParseFloat(parts[1], 64) // the expression has made sure
			of = parts[2]
			if by, known := prefixes[of]; known {
				x, of = x*by, of[len(of)-1:]
			}
		}
		if d, err := time.ParseDuration(text); err == nil && text != "0" {
			x, of = d.Seconds(), "time"
		} else if !quantity.MatchString(text) {
			return nil, false
		}
		if i > 0 && of != kind {
			return nil, false
		}
		kind = of
		list = append(list, x)
	}
	lo, hi := span(list)
	return list, hi > lo || len(list) == 1
}
