package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Set changes what a file says, as the flag -s does: "key=value", the key by its last
// name, or its path where that is not unique. A key that was swept is no longer;
// "key=value,value" makes an axis of it, in the place of the one that it had, or as the
// last. All assignments count together. On an error s is unchanged.
func (s *Scenario) Set(assignments ...string) error {
	next := *s
	next.values = s.values.clone()
	next.overridden = maps.Clone(s.overridden)
	if next.overridden == nil {
		next.overridden = map[string]bool{}
	}
	next.axes = slices.Clone(s.axes)
	if s.restricted {
		panic("scenarios: Set after Restrict")
	}
	for _, assignment := range assignments {
		if message, hint := next.assign(assignment); message != "" {
			return &Error{File: "-s " + assignment, Message: message, Hint: hint}
		}
	}
	if len(assignments) == 0 {
		return nil
	}
	place := "-s " + strings.Join(assignments, " -s ")
	if t := next.expand(); t != nil {
		return &Error{File: place, Message: t.message}
	}
	if line, err := next.checkRules(); err != nil {
		return &Error{File: place, Message: fmt.Sprintf("line %d of %s: %s", line, s.File, err)}
	}
	*s = next
	return nil
}

// assign notes one assignment, without looking at the others.
func (s *Scenario) assign(assignment string) (message, hint string) {
	key, text, found := strings.Cut(assignment, "=")
	if !found || key == "" || text == "" {
		return "want key=value, or key=value,value for a sweep", ""
	}
	f := fieldNamed(key)
	if f == nil {
		return "unknown key " + quote(key), didYouMean(key, Keys())
	}
	var steps [][]string
	for _, word := range strings.Split(text, ",") {
		scratch := defaults()
		if err := f.set(&scratch, strings.TrimSpace(word)); err != nil {
			return fmt.Sprintf("%s is wrong: %s", quote(word), err), ""
		}
		steps = append(steps, []string{f.get(&scratch)})
	}
	made := axisOf([]*field{f}, steps)
	if i, twice := made.twice(); twice {
		return fmt.Sprintf("%s stands here twice", quote(made.Step(i))), ""
	}
	at := slices.IndexFunc(s.axes, func(a Axis) bool { return slices.Contains(a.fields, f) })
	switch {
	case at >= 0 && len(s.axes[at].fields) > 1:
		return fmt.Sprintf("%s advances in lockstep with %s; choose a step of them with --only", f.name(), s.axes[at].Name()), ""
	case len(steps) == 1:
		if err := f.set(&s.values, steps[0][0]); err != nil {
			panic(err) // cannot be: it was read before
		}
		s.values.given[f.path] = true
		if at >= 0 {
			s.axes = slices.Delete(s.axes, at, at+1)
		}
	case at >= 0:
		s.axes[at] = made
	case len(s.axes) == maxAxes:
		return fmt.Sprintf("a sweep has at most %d axes", maxAxes), ""
	default:
		s.axes = append(s.axes, made)
	}
	s.overridden[f.path] = true
	return "", ""
}

// SetSeeds changes how many seeds are run, as the flag --seeds does.
func (s *Scenario) SetSeeds(n int) error {
	if n < 1 || n > MaxSeeds {
		return fmt.Errorf("--seeds is %d, must be 1 to %d", n, MaxSeeds)
	}
	if len(s.points)*n > MaxRuns {
		return fmt.Errorf("--seeds %d: %d points × %d seeds are over %d runs", n, len(s.points), n, MaxRuns)
	}
	s.Seeds = Exactly(n)
	return nil
}
