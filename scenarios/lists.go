package scenarios

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// The parts of a scenario that are lists: what is swept, what of it is left out, what
// is expected; and seeds.

// seeds reads a count, or {min, max, until}.
func (r *reader) seeds(n *yaml.Node) (err error) {
	into := &r.into.Seeds
	if n.Kind != yaml.MappingNode {
		into.Max, err = r.count("seeds", n)
		into.Min = into.Max
		return err
	}
	*into = Seeds{}
	err = r.pairs(n, "seeds", func(key, value *yaml.Node) (err error) {
		switch key.Value {
		case "min":
			into.Min, err = r.count("min", value)
		case "max":
			into.Max, err = r.count("max", value)
		case "until":
			var text string
			if text, err = r.plainScalar("until", value); err != nil {
				return err
			}
			if into.Until, err = parsePercent(text); err != nil {
				return r.at(value, "", "until: %s is wrong: %s", quote(text), err)
			}
			if into.Until == 0 {
				return r.at(value, "", "until is never reached at 0%%; remove it, or write what half-width is enough")
			}
		default:
			known := []string{"min", "max", "until"}
			return r.at(key, didYouMean(key.Value, known), "unknown key %s in seeds; it knows %s", quote(key.Value), strings.Join(known, ", "))
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case into.Min == 0 || into.Max == 0:
		return r.at(n, "", "seeds needs min and max, as { min: 10, max: 60 }")
	case into.Min > into.Max:
		return r.at(n, "", "seeds: min is %d, more than max, %d", into.Min, into.Max)
	case into.Min == into.Max:
		return r.at(n, "", "seeds: min and max are both %d; write seeds: %d", into.Min, into.Max)
	}
	return nil
}

func (r *reader) count(name string, n *yaml.Node) (int, error) {
	text, err := r.plainScalar(name, n)
	if err != nil {
		return 0, err
	}
	count, err := parseCount(text, 1, MaxSeeds)
	if err != nil {
		return 0, r.at(n, "", "%s: %s is wrong: %s", name, quote(text), err)
	}
	return count, nil
}

// plainScalar gives the text of a value that stands without quotes.
func (r *reader) plainScalar(name string, n *yaml.Node) (string, error) {
	text, err := r.scalar(name, n)
	if err == nil && isQuoted(n) {
		err = r.at(n, "", "%s: write %s without quotes", name, quote(text))
	}
	return text, err
}

// list reads sweep, exclude or expect.
func (r *reader) list(name string, n *yaml.Node, places map[string]*yaml.Node) error {
	if err := r.plain(n); err != nil {
		return err
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return r.at(n, "", "%s must be a list, lines of the form - %s", name, map[string]string{
			"sweep": "key: [value, value]", "exclude": "{ key: value }", "expect": "delivery >= 95%",
		}[name])
	}
	for _, item := range n.Content {
		if err := r.plain(item); err != nil {
			return err
		}
		var err error
		switch name {
		case "sweep":
			err = r.axis(item, places)
		case "exclude":
			var sel selection
			sel, err = r.selection("exclude", item)
			r.into.exclude = append(r.into.exclude, sel)
		case "expect":
			err = r.rule(item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// axis reads an item of sweep: a key with its values, or several in lockstep.
func (r *reader) axis(n *yaml.Node, places map[string]*yaml.Node) error {
	if len(r.into.axes) == maxAxes {
		return r.at(n, "", "a sweep has at most %d axes", maxAxes)
	}
	var keys []*field
	var steps [][]string
	err := r.pairs(n, "an item of sweep", func(key, list *yaml.Node) error {
		f := fieldNamed(key.Value)
		if f == nil {
			return r.at(key, "", "%s", unknownKey(key.Value))
		}
		if places["sweep."+f.path] != nil {
			return r.at(key, "", "%s is swept twice", f.name())
		}
		places["sweep."+f.path] = key
		if err := r.plain(list); err != nil {
			return err
		}
		if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
			return r.at(list, "", "%s needs a list of values, as [%s]", f.name(), "a, b, c")
		}
		if len(keys) > 0 && len(list.Content) != len(steps) {
			return r.at(list, "", "keys in one item advance in lockstep: %s has %d values, %s %d",
				keys[0].name(), len(steps), f.name(), len(list.Content))
		}
		if len(list.Content) > MaxPoints {
			return r.at(list, "", "a sweep has at most %d points", MaxPoints)
		}
		if len(keys) == 0 {
			steps = make([][]string, len(list.Content))
		}
		keys = append(keys, f)
		for i, item := range list.Content {
			text, err := r.plainScalar(f.name(), item)
			if err != nil {
				return err
			}
			value, err := f.canonical(text)
			if err != nil {
				return r.at(item, "", "%s", err)
			}
			steps[i] = append(steps[i], value)
			if places[f.path] == nil {
				places[f.path] = key // whom to blame, where no section has the key
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return r.at(n, "", "an item of sweep needs a key with its values")
	}
	a := axisOf(keys, steps)
	if i, twice := a.twice(); twice {
		return r.at(n, "", "%s stands twice among the values of %s", quote(a.Step(i)), a.Name())
	}
	r.into.axes = append(r.into.axes, a)
	return nil
}

// selection reads {key: value, …}.
func (r *reader) selection(what string, n *yaml.Node) (sel selection, err error) {
	err = r.pairs(n, what, func(key, value *yaml.Node) error {
		if fieldNamed(key.Value) == nil {
			return r.at(key, "", "%s", unknownKey(key.Value))
		}
		text, err := r.plainScalar(key.Value, value)
		if err != nil {
			return err
		}
		c, err := choose(key.Value, text)
		if err != nil {
			return r.at(value, "", "%s", err)
		}
		sel = append(sel, c)
		return nil
	})
	if err == nil && len(sel) == 0 {
		err = r.at(n, "", "%s picks by no key; write { key: value }", what)
	}
	return sel, err
}

// rule reads an item of expect: a rule, or {that: rule, when: {key: value}}.
func (r *reader) rule(n *yaml.Node) error {
	if len(r.into.Rules) == maxRules {
		return r.at(n, "", "expect has more than %d rules", maxRules)
	}
	that, when := n, (*yaml.Node)(nil)
	if n.Kind == yaml.MappingNode {
		that = nil
		err := r.pairs(n, "a rule", func(key, value *yaml.Node) error {
			switch key.Value {
			case "that":
				that = value
			case "when":
				when = value
			default:
				return r.at(key, "", "unknown key %s in a rule; it knows that, when", quote(key.Value))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if that == nil {
			return r.at(n, "", "the rule is missing; write that: delivery >= 95%%")
		}
	}
	text, err := r.scalar("a rule", that)
	if err != nil {
		return err
	}
	rule, err := parseRule(text)
	if err != nil {
		return r.at(that, "", "%s", err)
	}
	rule.Line = n.Line
	if when != nil {
		if rule.when, err = r.selection("when", when); err != nil {
			return err
		}
		rule.When = rule.when.String()
	}
	for i := range r.into.Rules {
		if r.into.Rules[i].String() == rule.String() {
			return r.at(n, "", "this rule stands here twice; first in line %d", r.into.Rules[i].Line)
		}
	}
	r.into.Rules = append(r.into.Rules, rule)
	return nil
}
