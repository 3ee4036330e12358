package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"pushcast/node"
	"pushcast/node/measure"
)

// Rule is one line of expect: what must be proven of a metric, at every point that
// it applies to.
type Rule struct {
	Text string // as it is written: delivery >= 95%
	When string // the points that it is about, as buffer=16; empty: all
	Line int    // in the scenario's file

	Metric measure.Metric
	// AtLeast: the metric must be Limit or more; else Limit or less.
	AtLeast bool
	// Baseline: the metric is compared with the baseline's, to which Limit is added.
	Baseline bool
	// Limit is in the metric's unit, ratios from 0 to 1. With Baseline it may be
	// negative.
	Limit float64

	when selection
}

// Applies tells whether the rule is about a point.
func (r *Rule) Applies(p *Point) bool { return r.when.matches(&p.values) }

func (r *Rule) String() string {
	if r.When != "" {
		return r.Text + " when " + r.When
	}
	return r.Text
}

// maxRules bounds the rules of a scenario.
const maxRules = 1000

// parseRule reads "delivery >= 95%", or "delivery >= baseline - 0.5%".
func parseRule(text string) (Rule, error) {
	r := Rule{Text: strings.Join(strings.Fields(text), " ")}
	at := strings.IndexAny(text, "<>=!")
	if at < 0 {
		return r, errors.New("want a rule, as delivery >= 95%")
	}
	name, rest := strings.TrimSpace(text[:at]), text[at:]
	var right string
	switch {
	case strings.HasPrefix(rest, ">="):
		r.AtLeast, right = true, rest[2:]
	case strings.HasPrefix(rest, "<="):
		right = rest[2:]
	default:
		return r, errors.New("a rule says >= or <=, which is what can be proven")
	}
	var err error
	if r.Metric, err = ParseMetric(name); err != nil {
		return r, err
	}
	unit := measure.Definitions[r.Metric].Unit
	right = strings.TrimSpace(right)
	margin, isBaseline := strings.CutPrefix(right, "baseline")
	if !isBaseline {
		r.Limit, err = parseValue(right, unit)
		return r, err
	}
	r.Baseline = true
	if margin = strings.TrimSpace(margin); margin == "" {
		return r, nil
	}
	sign := 1.0
	switch margin[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return r, errors.New("after baseline comes + or - and a margin, as baseline - 0.5%")
	}
	limit, err := parseValue(strings.TrimSpace(margin[1:]), unit)
	r.Limit = sign * limit
	return r, err
}

// ParseMetric finds a metric by its name; the error suggests one.
func ParseMetric(name string) (measure.Metric, error) {
	if m, known := measure.Named(name); known {
		return m, nil
	}
	var names []string
	for _, d := range measure.Definitions {
		names = append(names, d.Name)
	}
	if near := didYouMean(name, names); near != "" {
		return 0, fmt.Errorf("unknown metric %s; %s", quote(name), near)
	}
	return 0, fmt.Errorf("unknown metric %s; there are %s", quote(name), strings.Join(names, ", "))
}

// parseValue reads a value of a metric: ratios as per cent, times with their unit.
func parseValue(text string, unit measure.Unit) (float64, error) {
	switch unit {
	case measure.Ratio:
		if r, ok := exact(text); ok {
			x, _ := r.Float64()
			return 0, fmt.Errorf("a share needs its unit: write %s, or %s%%", formatPercent(min(x, 1)), text)
		}
		return parsePercent(text)
	case measure.Second:
		t, err := parseTime(text)
		return float64(t) / float64(node.Second), err
	}
	r, ok := exact(text)
	if !ok {
		return 0, fmt.Errorf("%s is wrong: want a plain number, as 4.5", quote(text))
	}
	x, _ := r.Float64()
	return x, nil
}

// lacks tells why a metric has no value at a point, or is empty.
func (s *settings) lacks(m measure.Metric) string {
	if s.window == 0 && (m == measure.Played || m == measure.StartupP95) {
		return fmt.Sprintf("%s has no value at window: 0, where nothing is put out", measure.Definitions[m].Name)
	}
	if m == measure.Recovery && len(s.events) == 0 {
		return "recovery has no value without churn.events to recover from"
	}
	return ""
}

// checkRules tells the first rule that is about no point, or about a metric that has
// no value there.
func (s *Scenario) checkRules() (line int, err error) {
	for i := range s.Rules {
		r, about := &s.Rules[i], 0
		if what := r.when.stranger(&s.points[0].values); what != "" {
			return r.Line, fmt.Errorf("%q is about no point: %s", r.Text, what)
		}
		for k := range s.points {
			p := &s.points[k]
			if !r.Applies(p) {
				continue
			}
			about++
			if why := p.values.lacks(r.Metric); why != "" {
				return r.Line, errors.New(why)
			}
		}
		if about == 0 {
			return r.Line, fmt.Errorf("%q is about no point: none has %s", r.Text, r.When)
		}
	}
	return 0, nil
}
