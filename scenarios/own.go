package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"pushcast/node"
	"pushcast/sim"
)

// A scenario has keys of its own: those of the classes that it names, as
// network.classes.home.upload, and those of its events, as churn.events.2.share, counted
// from 1. They are swept, set and excluded by path like any other.

// class is what a scenario says of a class of peers; what it does not say is the
// network's.
type class struct {
	name  string
	said  map[string]string // canonical, by key
	share float64
	nat   node.Time
}

// sourceClass is the class of the source alone.
const sourceClass = "source"

// classKeys are the keys of a class, in canonical order, with the field of the same
// meaning for all; nil where a class alone has it.
var classKeys = []struct{ key, field, about string }{
	{"share", "", "of the receivers; those of all classes make 100%"},
	{"upload", "network.upload", ""},
	{"download", "network.download", ""},
	{"queue", "network.queue", ""},
	{"loss", "network.loss", ""},
	{"latency", "network.latency", ""},
	{"access", "network.access", ""},
	{"jitter", "network.jitter", ""},
	{"rate", "swarm.rate", ""},
	{"nat", "", "datagrams come in only from those to whom the peer has sent in the last…: 60s; or none"},
}

// ClassKeys lists what may be said of a class of peers, by bare names.
func ClassKeys() (keys []Key) {
	for _, k := range classKeys {
		if base := fieldAt(k.field); base != nil {
			keys = append(keys, Key{Path: k.key, About: base.about, Choices: base.choices})
		} else {
			keys = append(keys, Key{Path: k.key, About: k.about})
		}
	}
	return keys
}

// Sections of own keys.
const (
	classPrefix = "network.classes."
	eventPrefix = "churn.events."
)

var ownFields sync.Map // path → *field, so that a path has one field

// ownField makes the field of an own key; nil where the path is none.
func ownField(path string) *field {
	if f, found := ownFields.Load(path); found {
		return f.(*field)
	}
	var f *field
	if rest, found := strings.CutPrefix(path, classPrefix); found {
		if name, key, found := cutLast(rest); found && isClassName(name) {
			f = classField(name, key)
		}
	} else if rest, found := strings.CutPrefix(path, eventPrefix); found {
		if number, key, found := cutLast(rest); found {
			if n, err := parseCount(number, 1, sim.MaxChanges); err == nil {
				f = eventField(n, key)
			}
		}
	}
	if f == nil {
		return nil
	}
	actual, _ := ownFields.LoadOrStore(path, f)
	return actual.(*field)
}

// cutLast cuts a path at its last dot.
func cutLast(path string) (head, last string, found bool) {
	at := strings.LastIndexByte(path, '.')
	if at < 0 {
		return "", "", false
	}
	return path[:at], path[at+1:], true
}

func isClassName(name string) bool {
	return isName(name) && !strings.Contains(name, ".") && len(name) <= 32 && name[0] >= 'A'
}

// ownPath completes what stands for the path of an own key: classes.home.upload.
func ownPath(name string) string {
	for _, prefix := range []string{classPrefix, eventPrefix} {
		_, short, _ := strings.Cut(prefix, ".")
		if strings.HasPrefix(name, short) {
			return prefix[:len(prefix)-len(short)] + name
		}
	}
	return name
}

// classField is a key of a class.
func classField(name, key string) *field {
	i := slices.IndexFunc(classKeys, func(k struct{ key, field, about string }) bool { return k.key == key })
	if i < 0 {
		return nil
	}
	base := fieldAt(classKeys[i].field)
	return &field{
		path: classPrefix + name + "." + key,
		set: func(s *settings, text string) error {
			c := s.class(name)
			switch key {
			case "share":
				p, err := parsePercent(text)
				if err == nil && p == 0 {
					err = errors.New("must be more than 0%")
				}
				c.share, c.said[key] = p, formatPercent(p)
				return err
			case "nat":
				c.nat, c.said[key] = 0, "none"
				if text == "none" {
					return nil
				}
				t, err := parseTime(text)
				if err == nil && t == 0 {
					err = errors.New("must be more than 0s, or none")
				}
				c.nat, c.said[key] = t, formatTime(t)
				return bounded(err, t)
			}
			scratch := defaults()
			if err := base.set(&scratch, text); err != nil {
				return err
			}
			c.said[key] = base.get(&scratch)
			return nil
		},
		get: func(s *settings) string {
			for i := range s.classes {
				if text, said := s.classes[i].said[key]; said && s.classes[i].name == name {
					return text
				}
			}
			if base != nil {
				return base.get(s)
			}
			return "none"
		},
	}
}

// class finds a class, or makes it.
func (s *settings) class(name string) *class {
	for i := range s.classes {
		if s.classes[i].name == name {
			return &s.classes[i]
		}
	}
	s.classes = append(s.classes, class{name: name, said: map[string]string{}})
	return &s.classes[len(s.classes)-1]
}

// own lists the scenario's own fields, in canonical order.
func (s *settings) own() (list []*field) {
	for i := range s.classes {
		for _, k := range classKeys {
			if _, said := s.classes[i].said[k.key]; said {
				list = append(list, ownField(classPrefix+s.classes[i].name+"."+k.key))
			}
		}
	}
	for i := range s.events {
		for _, k := range eventKeys {
			if _, said := s.events[i].said[k.key]; said {
				list = append(list, ownField(eventPrefix+strconv.Itoa(i+1)+"."+k.key))
			}
		}
	}
	return list
}

// clone makes a copy that shares nothing that is changed.
func (s *settings) clone() settings {
	c := *s
	c.given = maps.Clone(s.given)
	c.classes, c.events = slices.Clone(s.classes), slices.Clone(s.events)
	for i := range c.classes {
		c.classes[i].said = maps.Clone(c.classes[i].said)
	}
	for i := range c.events {
		c.events[i].said = maps.Clone(c.events[i].said)
	}
	return c
}

// as is what holds for a class: what it says, and else what holds for all.
func (s *settings) as(c *class) settings {
	v := *s
	for _, k := range classKeys {
		if text, said := c.said[k.key]; said && k.field != "" {
			if err := fieldAt(k.field).set(&v, text); err != nil {
				panic(fmt.Sprintf("scenarios: %s of class %s: %v", k.key, c.name, err)) // it was read before
			}
		}
	}
	return v
}

// populate puts the classes into a run.
func (s *settings) populate(c *sim.Config) {
	for i := range s.classes {
		k := &s.classes[i]
		v := s.as(k)
		l := v.link()
		if k.name == sourceClass {
			c.SourceLink = &l
			continue
		}
		c.Classes = append(c.Classes, sim.Class{Share: k.share, Link: l, Push: v.rate.period(s.period), Adaptive: v.rate.adaptive, NAT: k.nat})
	}
}

// receiverClass is the index of a class among those of receivers; -1 where there is none.
func (s *settings) receiverClass(name string) int {
	at := 0
	for i := range s.classes {
		switch s.classes[i].name {
		case sourceClass:
		case name:
			return at
		default:
			at++
		}
	}
	return -1
}

// ownConflict finds what classes and events may not say.
func (s *settings) ownConflict() *conflict {
	blame := func(path, format string, args ...any) *conflict {
		return &conflict{path: path, message: fmt.Sprintf(format, args...)}
	}
	sum, others := 0.0, 0
	for i := range s.classes {
		k := &s.classes[i]
		place := classPrefix + k.name
		if k.name == sourceClass {
			for _, key := range []string{"share", "nat", "rate"} {
				if k.said[key] != "" {
					return blame(place+"."+key, "the class source is the source alone: %s is not for it", key)
				}
			}
			continue
		}
		if others++; k.share == 0 {
			return blame(place, "class %s has no share; write share: 20%%", k.name)
		}
		if v := s.as(k); v.rate.number > 0 && v.rate.period(s.period) < node.Microsecond {
			return blame(place+".rate", "class %s: rate is over a million pushes a second", k.name)
		}
		sum += k.share
	}
	if others > 0 && (sum < 1-1e-9 || sum > 1+1e-9) {
		return blame("network.classes", "the shares of the classes make %s, not 100%%", formatPercent(min(1, sum)))
	}
	for i := range s.events {
		if c := s.eventConflict(i); c != nil {
			return c
		}
	}
	changes := s.changes()
	for i, a := range changes {
		for k, b := range changes {
			if i != k && a.Kind == sim.Pause && b.Kind == sim.Pause && a.At <= b.At && b.At <= a.At+a.For {
				return blame(eventPrefix+strconv.Itoa(k+1), "events %d and %d: two pauses of the source must not meet", i+1, k+1)
			}
		}
	}
	return nil
}
