package results

import (
	"math"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/scenarios"
)

// Verdict is what the runs of a scenario say about its rules.
type Verdict struct {
	Scenario *scenarios.Scenario
	Points   []PointVerdict
	Rules    []RuleVerdict // of every rule, in the order of the file
	// Judged is false where only some of the seeds were asked for.
	Judged bool
}

// PointVerdict is what is known of one point.
type PointVerdict struct {
	Point *scenarios.Point
	// Runs are those that count, in the order of their seeds. Where a point was decided
	// by its first seeds, they are all, however many there are.
	Runs []*Run
	// Missing are the seeds whose runs are wanted and not there.
	Missing []int
	Alpha   float64 // the chance of being wrong of each of its rules, at this look
}

// RuleVerdict is what became of one rule at the points that it is about.
type RuleVerdict struct {
	Rule *scenarios.Rule
	At   []Judgement
}

// State is what became of a rule at a point.
type State string

// The states. Only the first is a pass.
const (
	Proven     State = "proven"
	Refuted    State = "refuted"     // the contrary is proven
	Undecided  State = "undecided"   // neither is
	Valueless  State = "no value"    // the metric does not exist in some run
	Unmeasured State = "missing"     // runs are missing
	Baseless   State = "no baseline" // there is none to compare with
)

// Judgement is one rule at one point.
type Judgement struct {
	Point int // in Verdict.Points
	State State
	Bound Bound // of the metric, or of its difference from the baseline
	// Needed is how many seeds would decide it, if they are like these; 0: unknown.
	Needed int

	// Of a comparison with the baseline:
	Was, Now  float64
	Identical bool     // run by run, to the fingerprint
	Changed   []string // parameters that are not the baseline's
	From, To  node.Time
	Differs   bool // the first difference is known: between From and To, in seed Seed
	Seed      int
}

// Find gives a run of a point, nil where it is missing.
type Find func(p *scenarios.Point, seed int) *Run

// Judge looks at what there is. Where a point's seeds are found by looking, the looks
// are gone through in their order, and the first one that decides counts: so whoever
// has all seeds comes to the same verdict as whoever stopped in time. baseline may be
// nil.
func Judge(s *scenarios.Scenario, find Find, baseline *Baseline) *Verdict {
	_, someSeeds := s.Restricted()
	v := &Verdict{Scenario: s, Judged: !someSeeds && len(s.Rules) > 0}
	for i := range s.Rules {
		v.Rules = append(v.Rules, RuleVerdict{Rule: &s.Rules[i]})
	}
	points := s.Points()
	for i := range points {
		v.Points = append(v.Points, PointVerdict{Point: &points[i]})
		judged := v.look(i, find, baseline)
		for k := range judged {
			if judged[k] != nil {
				v.Rules[k].At = append(v.Rules[k].At, *judged[k])
			}
		}
	}
	return v
}

// look goes through the looks at one point, and gives its judgement of every rule.
func (v *Verdict) look(i int, find Find, baseline *Baseline) (judged []*Judgement) {
	s, p := v.Scenario, &v.Points[i]
	looks := s.Seeds.Looks()
	p.Alpha = AlphaOf(len(looks))
	for _, n := range looks {
		if !v.Judged && s.Seeds.Until == 0 {
			n = s.Seeds.Max // nothing is looked for
		}
		p.Runs = p.Runs[:0]
		for _, seed := range s.SeedsOf(n) {
			if run := find(p.Point, seed); run != nil {
				p.Runs = append(p.Runs, run)
			} else {
				p.Missing = append(p.Missing, seed)
			}
		}
		judged = v.judgeAll(i, baseline)
		if len(p.Missing) > 0 || v.enough(p, judged) {
			return judged
		}
	}
	return judged
}

// enough tells whether a point needs no further look.
func (v *Verdict) enough(p *PointVerdict, judged []*Judgement) bool {
	if until := v.Scenario.Seeds.Until; until > 0 {
		all := p.Summaries()
		return all[measure.Delivery].HalfWidth <= until // NaN is not enough
	}
	for _, j := range judged {
		if j != nil && j.State == Undecided {
			return false
		}
	}
	return true
}

// judgeAll judges every rule at one point; nil for those that are not about it.
func (v *Verdict) judgeAll(i int, baseline *Baseline) []*Judgement {
	judged := make([]*Judgement, len(v.Rules))
	if !v.Judged {
		return judged
	}
	p := &v.Points[i]
	for k := range v.Rules {
		if rule := v.Rules[k].Rule; rule.Applies(p.Point) {
			j := judge(rule, p, baseline)
			j.Point = i
			judged[k] = &j
		}
	}
	return judged
}

// judge judges one rule by the runs of one point.
func judge(rule *scenarios.Rule, p *PointVerdict, baseline *Baseline) Judgement {
	j := Judgement{State: Unmeasured, Bound: Bound{Mean: math.NaN(), At: math.NaN()}, Was: math.NaN(), Now: math.NaN()}
	now := make([]float64, len(p.Runs))
	for i, run := range p.Runs {
		now[i] = run.Values[rule.Metric]
	}
	if !rule.Baseline {
		if len(p.Missing) == 0 {
			j.decide(rule, now, oneSided(now, p.Alpha))
		}
		return j
	}
	base := baseline.at(p.Point.Label())
	if base == nil {
		j.State = Baseless
		return j
	}
	if len(p.Missing) > 0 {
		return j
	}
	common, was, identical := base.match(p.Runs, rule.Metric)
	j.Identical = identical
	j.Changed = base.changed(p.Point.Parameters())
	var differences []float64
	var at func(side float64) Bound
	switch {
	case len(common) > 1 || len(common) == len(now):
		differences = Paired(common, was)
		at = oneSided(differences, p.Alpha)
		now = common
	default: // seeds of its own: no pairs
		was = base.values(rule.Metric)
		differences = []float64{}
		at = func(side float64) Bound {
			if side < 0 {
				return LowerOfDifference(now, was, p.Alpha)
			}
			b := LowerOfDifference(was, now, p.Alpha)
			b.Mean, b.At = -b.Mean, -b.At
			return b
		}
	}
	j.Now, j.Was = mean(now), mean(was)
	j.decide(rule, differences, at)
	if !identical && len(p.Runs) > 0 {
		if i, n, ok := base.firstDifference(p.Runs[0]); ok {
			duration := p.Point.Config(0).Duration
			j.Differs, j.Seed = true, p.Runs[0].Seed
			j.From, j.To = Checkpoint(duration, i, n), Checkpoint(duration, i+1, n)
		}
	}
	return j
}

// Checkpoint is the instant of the i-th of n checkpoints of a run, from 0, which is its
// beginning, to n, its end.
func Checkpoint(duration node.Time, i, n int) node.Time {
	if i == n {
		return duration
	}
	return duration / node.Time(n) * node.Time(i)
}

// oneSided gives a sample's bounds: the lower one for side −1, the upper for 1.
func oneSided(xs []float64, alpha float64) func(side float64) Bound {
	return func(side float64) Bound { return bound(xs, alpha, side) }
}

// slack forgives what floating point does to a value that is the limit itself.
const slack = 1e-12

// decide says whether the bound keeps the rule.
func (j *Judgement) decide(rule *scenarios.Rule, xs []float64, at func(side float64) Bound) {
	lower, upper := at(-1), at(1)
	holds, fails := lower.At >= rule.Limit-slack, upper.At < rule.Limit-slack
	j.Bound = lower
	if !rule.AtLeast {
		holds, fails = upper.At <= rule.Limit+slack, lower.At > rule.Limit+slack
		j.Bound = upper
	}
	switch {
	case holds: // NaN holds nothing
		j.State = Proven
	case fails:
		j.State = Refuted
	case math.IsNaN(j.Bound.Mean):
		j.State = Valueless
	default:
		j.State = Undecided
		j.Needed = Needed(xs, rule.Limit, 1-Confidence)
	}
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// Passed tells whether a rule is proven at every point that it is about.
func (r *RuleVerdict) Passed() bool {
	for i := range r.At {
		if r.At[i].State != Proven {
			return false
		}
	}
	return len(r.At) > 0
}

// Exit codes of a verdict.
const (
	ExitProven     = 0
	ExitBaseless   = 2
	ExitIncomplete = 3
	ExitFailed     = 99
)

// Missing counts the runs that are wanted and not there.
func (v *Verdict) Missing() (n int) {
	for i := range v.Points {
		n += len(v.Points[i].Missing)
	}
	return n
}

// Found counts the runs that are there.
func (v *Verdict) Found() (n int) {
	for i := range v.Points {
		n += len(v.Points[i].Runs)
	}
	return n
}

// Exit is the exit code: what is wrong with the question comes before what is missing,
// and that before what is not good enough.
func (v *Verdict) Exit() int {
	code := ExitProven
	for i := range v.Rules {
		r := &v.Rules[i]
		for k := range r.At {
			if r.At[k].State == Baseless {
				return ExitBaseless
			}
		}
		// A point that --only has left out says nothing about the rules of others.
		points, _ := v.Scenario.Restricted()
		if aside := points && len(r.At) == 0; v.Judged && !r.Passed() && !aside {
			code = ExitFailed
		}
	}
	if v.Missing() > 0 {
		code = ExitIncomplete
	}
	return code
}

// Summaries summarises every metric over the seeds of a point.
func (p *PointVerdict) Summaries() (all [measure.Count]Summary) {
	perSeed := make([]float64, len(p.Runs))
	for m := range all {
		for i, run := range p.Runs {
			perSeed[i] = run.Values[m]
		}
		all[m] = Summarise(perSeed)
	}
	return all
}
