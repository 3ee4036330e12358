package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// selection picks points by the values of some keys: what exclude, when and --only
// say.
type selection []choice

type choice struct {
	field *field
	value string // canonical
}

// matches tells whether a point has all these values.
func (sel selection) matches(v *settings) bool {
	for _, c := range sel {
		value := c.field.get(v)
		name, _, _ := strings.Cut(value, "#") // of a file, without the sum of its content
		if value != c.value && name != c.value {
			return false
		}
	}
	return true
}

func (sel selection) String() string {
	var words []string
	for _, c := range sel {
		words = append(words, c.field.name()+"="+c.value)
	}
	return strings.Join(words, " ")
}

// stranger finds a class or an event that is chosen by and that there is not; else it is
// empty.
func (sel selection) stranger(v *settings) string {
	for _, c := range sel {
		section, _, _ := cutLast(c.field.path)
		if name, is := strings.CutPrefix(section, classPrefix); is && !slices.ContainsFunc(v.classes, func(k class) bool { return k.name == name }) {
			return "there is no class " + name
		}
		if number, is := strings.CutPrefix(section, eventPrefix); is {
			if n, err := strconv.Atoi(number); err != nil || n > len(v.events) {
				return "there is no event " + number
			}
		}
	}
	return ""
}

// canonical reads a value of f and gives its canonical form.
func (f *field) canonical(text string) (string, error) {
	scratch := defaults()
	if err := f.set(&scratch, text); err != nil {
		return "", fmt.Errorf("%s: %s is wrong: %w", f.name(), quote(text), err)
	}
	return f.get(&scratch), nil
}

// choose makes a choice of a key and a value.
func choose(key, text string) (choice, error) {
	f := fieldNamed(key)
	if f == nil {
		return choice{}, unknownKey(key)
	}
	value, err := f.canonical(text)
	return choice{f, value}, err
}

// unknownKey is the error of a key, outside of its section, that there is not.
func unknownKey(key string) error {
	if near := didYouMean(key, Keys()); near != "" {
		return fmt.Errorf("unknown key %s; %s", quote(key), near)
	}
	return fmt.Errorf("unknown key %s", quote(key))
}

// Restrict leaves of the scenario the points that have the given values,
// "rate=4x,buffer=16", as the flag --only; seed=3 leaves one seed. On an error s is
// unchanged.
func (s *Scenario) Restrict(only string) error {
	fail := func(message, hint string) error {
		return &Error{File: "--only " + only, Message: message, Hint: hint}
	}
	var sel selection
	seeds := s.only
	for _, word := range strings.Split(only, ",") {
		key, text, found := strings.Cut(strings.TrimSpace(word), "=")
		if !found || key == "" || text == "" {
			return fail("want key=value, several with commas between", "")
		}
		if key == "seed" {
			n, err := seedNumber(text)
			if err != nil {
				return fail("seed: "+err.Error(), "")
			}
			seeds = []int{n}
			continue
		}
		c, err := choose(key, text)
		if err != nil {
			return fail(err.Error(), "")
		}
		sel = append(sel, c)
	}
	if what := sel.stranger(&s.points[0].values); what != "" {
		return fail(what, "")
	}
	var left []Point
	for _, p := range s.points {
		if sel.matches(&p.values) {
			left = append(left, p)
		}
	}
	if len(left) == 0 {
		return fail("no point of "+s.Name+" has these values", s.choices(sel))
	}
	if len(seeds) > 0 && seeds[0] >= s.Seeds.Max {
		return fail(fmt.Sprintf("%s has the seeds 0 to %d", s.Name, s.Seeds.Max-1), "")
	}
	s.points, s.only, s.restricted = left, seeds, true
	return nil
}

// choices tells which values the keys of a selection have.
func (s *Scenario) choices(sel selection) string {
	var lines []string
	for _, c := range sel {
		var values []string
		for i := range s.points {
			if v := c.field.get(&s.points[i].values); !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		lines = append(lines, c.field.name()+" is "+strings.Join(values, ", "))
	}
	return strings.Join(lines, "; ")
}
