package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushcast/sim"
)

// Bounds of a sweep.
const (
	MaxPoints = 10_000
	MaxRuns   = 1_000_000 // points × seeds
	maxAxes   = 16
)

// Axis is one item of a sweep: a key and its values, or several keys that advance
// in lockstep.
type Axis struct {
	Keys   []string   // by their last names
	Values [][]string // of every step, a value of every key; canonical

	fields []*field
}

// Name is what the axis is called: its keys.
func (a *Axis) Name() string { return strings.Join(a.Keys, ", ") }

// Step is what a step of the axis is called: its values.
func (a *Axis) Step(i int) string { return strings.Join(a.Values[i], ", ") }

// Point is one combination of the values of a sweep. A scenario without a sweep has
// one point.
type Point struct {
	Steps  []int   // by axis: which of its values
	Coords []Coord // the swept keys with their values, in the order of the axes

	values settings
}

// Coord is a swept key with its value.
type Coord struct{ Key, Value string }

// Label names a point among the others: "rate=4x buffer=16"; empty where it is the
// only one.
func (p *Point) Label() string {
	words := make([]string, len(p.Coords))
	for i, c := range p.Coords {
		words[i] = c.Key + "=" + c.Value
	}
	return strings.Join(words, " ")
}

// Only is the point as the flag --only takes it.
func (p *Point) Only() string {
	words := make([]string, len(p.Coords))
	for i, c := range p.Coords {
		words[i] = c.Key + "=" + c.Value
	}
	return strings.Join(words, ",")
}

// Config is the run with seed number seed, from 0. Seed i is the same random
// number at every point of every scenario, so that runs compare in pairs.
func (p *Point) Config(seed int) sim.Config { return p.values.config(uint64(seed)) }

// Parameters lists every key with its value, in the order of the schema. Equal
// points have equal parameters, in whatever units they were written. Keys that have
// no effect at this point are left out.
func (p *Point) Parameters() []Parameter {
	var list []Parameter
	for i := range fields {
		f := &fields[i]
		if p.values.has(f.path) {
			list = append(list, Parameter{f.path, f.get(&p.values)})
		}
	}
	for _, f := range p.values.own() {
		list = append(list, Parameter{f.path, f.get(&p.values)})
	}
	return list
}

// trouble is why a sweep cannot be expanded, and the key to blame, if there is one.
type trouble struct{ path, message string }

// expand makes the points of the sweep: the first axis is the outermost loop.
func (s *Scenario) expand() *trouble {
	s.points = nil
	total := 1
	for i := range s.axes {
		if total *= len(s.axes[i].Values); total > MaxPoints {
			return &trouble{"sweep", fmt.Sprintf("the sweep has over %d points; sweep fewer values", MaxPoints)}
		}
	}
	excluded := make([]bool, len(s.exclude))
	idle := map[string]*conflict{}
	busy := map[string]bool{}
	for n := range total {
		p := s.pointAt(n, total)
		if s.excludes(&p, excluded) {
			continue
		}
		idleHere, c := p.values.conflicts()
		if t := p.values.load(); t != nil {
			return t
		}
		if c == nil {
			c = p.values.nobody()
		}
		if c == nil {
			cfg := p.Config(0)
			if err := cfg.Validate(); err != nil {
				c = &conflict{message: err.Error()}
			}
		}
		if c != nil {
			message := c.message
			if len(p.Coords) > 0 {
				message = "at " + p.Label() + ": " + message
			}
			return &trouble{c.path, message}
		}
		for key := range p.values.given {
			if what := idleHere[key]; what != nil {
				idle[key] = what
			} else {
				busy[key] = true
			}
		}
		s.points = append(s.points, p)
	}
	// A key that means something at one point at least is not in vain; and where -s has
	// changed what a file says, the file's other keys may have lost their meaning.
	for _, path := range slices.Sorted(maps.Keys(idle)) {
		if c := idle[path]; c != nil && !busy[path] && (len(s.overridden) == 0 || s.overridden[path]) {
			return &trouble{path, c.message}
		}
	}
	anyPoint := s.pointAt(0, total)
	for i := range s.exclude {
		if what := s.exclude[i].stranger(&anyPoint.values); what != "" {
			return &trouble{"exclude", "exclude: " + what}
		}
	}
	for i, used := range excluded {
		if !used && len(s.overridden) == 0 {
			return &trouble{"exclude", fmt.Sprintf("exclude: no point of the sweep has %s", s.exclude[i])}
		}
	}
	switch {
	case len(s.points) == 0:
		return &trouble{"exclude", "exclude leaves no point of the sweep"}
	case len(s.points)*s.Seeds.Max > MaxRuns:
		return &trouble{"sweep", fmt.Sprintf("%d points × %d seeds are over %d runs", len(s.points), s.Seeds.Max, MaxRuns)}
	}
	return nil
}

// pointAt makes the n-th of all combinations.
func (s *Scenario) pointAt(n, total int) Point {
	p := Point{values: s.values.clone()}
	for i := range s.axes {
		a := &s.axes[i]
		total /= len(a.Values)
		step := n / total
		n %= total
		p.Steps = append(p.Steps, step)
		for k, f := range a.fields {
			if err := f.set(&p.values, a.Values[step][k]); err != nil {
				panic(err) // cannot be: it was read before
			}
			p.values.given[f.path] = true
			p.Coords = append(p.Coords, Coord{a.Keys[k], a.Values[step][k]})
		}
	}
	p.values.reset()
	p.values.fillIn()
	return p
}

// excludes tells whether a point is left out, and notes by what.
func (s *Scenario) excludes(p *Point, by []bool) (out bool) {
	for i, sel := range s.exclude {
		if sel.matches(&p.values) {
			out, by[i] = true, true
		}
	}
	return out
}

// conflicts finds the keys that mean nothing here, and the first contradiction.
func (s *settings) conflicts() (idle map[string]*conflict, c *conflict) {
	probe := *s
	probe.given = maps.Clone(s.given)
	idle = map[string]*conflict{}
	for c = probe.conflict(); c != nil && c.idle && probe.given[c.path]; c = probe.conflict() {
		idle[c.path] = c
		delete(probe.given, c.path)
	}
	return idle, c
}

// axisOf makes an axis of keys and, for every step, their values.
func axisOf(keys []*field, values [][]string) Axis {
	a := Axis{fields: keys, Values: values}
	for _, f := range keys {
		a.Keys = append(a.Keys, f.name())
	}
	return a
}

// twice finds a step of the axis that stands there twice.
func (a *Axis) twice() (int, bool) {
	seen := map[string]bool{}
	for i := range a.Values {
		step := strings.Join(a.Values[i], "\n")
		if seen[step] {
			return i, true
		}
		seen[step] = true
	}
	return 0, false
}
