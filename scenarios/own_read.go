package scenarios

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"pushcast/sim"
)

// classes reads network.classes: a mapping of names to what is said of each.
func (r *reader) classes(n *yaml.Node, places map[string]*yaml.Node) error {
	places["network.classes"] = n
	return r.pairs(n, "classes", func(name, said *yaml.Node) error {
		switch {
		case !isClassName(name.Value):
			return r.at(name, "", "%s is no name of a class; want letters, digits and dashes, the first a letter", quote(name.Value))
		case len(r.into.values.classes) == sim.MaxClasses:
			return r.at(name, "", "there are more than %d classes", sim.MaxClasses)
		}
		r.into.values.class(name.Value)
		places[classPrefix+name.Value] = name
		var known []string
		for _, k := range classKeys {
			known = append(known, k.key)
		}
		return r.pairs(said, "a class", func(key, value *yaml.Node) error {
			return r.own(classPrefix+name.Value, known, key, value, places)
		})
	})
}

// events reads churn.events: a list of what happens when.
func (r *reader) events(n *yaml.Node, places map[string]*yaml.Node) error {
	if err := r.plain(n); err != nil {
		return err
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return r.at(n, "", "events must be a list, lines of the form - { at: 30s, leave: 50%% }")
	}
	if len(n.Content) > sim.MaxChanges {
		return r.at(n, "", "there are more than %d events", sim.MaxChanges)
	}
	var known []string
	for _, k := range eventKeys {
		known = append(known, k.key)
	}
	for i, item := range n.Content {
		path := eventPrefix + strconv.Itoa(i+1)
		places[path] = item
		err := r.pairs(item, "an event", func(key, value *yaml.Node) error {
			return r.own(path, known, key, value, places)
		})
		if err != nil {
			return err
		}
		if len(r.into.values.events) <= i {
			return r.at(item, "", "an event says what happens, and when: { at: 30s, leave: 50%% }")
		}
	}
	return nil
}

// own reads one key of a class or an event.
func (r *reader) own(section string, known []string, key, value *yaml.Node, places map[string]*yaml.Node) error {
	f := ownField(section + "." + key.Value)
	if f == nil {
		return r.at(key, didYouMean(key.Value, known), "unknown key %s in %s; it knows %s", quote(key.Value), section, strings.Join(known, ", "))
	}
	return r.set(f, key.Value, value, places)
}
