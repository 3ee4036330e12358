package scenarios

import (
	"fmt"

	"pushcast/sim"
)

// What the classes of peers make of the keys that hold for all.

// users are the settings that some peer lives by, the source's at the end, and which of
// them say a key themselves.
func (s *settings) users() (all []settings, says []func(key string) bool) {
	silent := func(string) bool { return false }
	source, ofSource := *s, silent
	for i := range s.classes {
		k := &s.classes[i]
		says1 := func(key string) bool { return k.said[key] != "" }
		if k.name == sourceClass {
			source, ofSource = s.as(k), says1
			continue
		}
		all, says = append(all, s.as(k)), append(says, says1)
	}
	if len(all) == 0 {
		all, says = append(all, *s), append(says, silent)
	}
	return append(all, source), append(says, ofSource)
}

// limited tells whether something can wait for the link.
func (s *settings) limited() bool { return s.upload != (bitrate{}) || s.download != (bitrate{}) }

// queues tells whether the queue that holds for all is somebody's.
func (s *settings) queues() bool {
	all, says := s.users()
	for i := range all {
		if all[i].limited() && !says[i]("queue") {
			return true
		}
	}
	return false
}

// pushes tells whether a receiver does.
func (s *settings) pushes() bool {
	all, _ := s.users()
	for _, v := range all[:len(all)-1] {
		if v.rate.number > 0 {
			return true
		}
	}
	return false
}

// idleInClasses finds a key of a class that means nothing there, or a key for all that
// nobody lives by.
func (s *settings) idleInClasses() *conflict {
	if len(s.classes) == 0 {
		return nil
	}
	for i := range s.classes {
		k := &s.classes[i]
		v := s.as(k)
		for _, c := range []struct {
			key   string
			means bool
			where string
		}{
			{"queue", v.limited(), "without upload or download"},
			{"latency", s.regions.name == "", "with regions, which say it"},
		} {
			if path := classPrefix + k.name + "." + c.key; s.given[path] && !c.means {
				return &conflict{path, fmt.Sprintf("class %s: %s has no effect %s; remove it", k.name, c.key, c.where), true}
			}
		}
	}
	all, says := s.users()
	for _, k := range classKeys {
		if !s.given[k.field] {
			continue
		}
		lives := false
		for i := range all {
			isSource := i == len(all)-1
			lives = lives || !says[i](k.key) && (!isSource || k.key != "rate" || s.slots || s.gossips() && s.gossipCheck > 0)
		}
		if !lives {
			where := "where every class says it, the source's too"
			if k.key == "rate" {
				where = "where every class says it, and the source never pushes"
			}
			return &conflict{k.field, fmt.Sprintf("%s has no effect %s; remove it", k.key, where), true}
		}
	}
	return nil
}

// nobody finds what is about receivers of whom there are none: a join after the end, a
// class or an event with a share that is nobody, leaving before the first join.
func (s *settings) nobody() *conflict {
	if len(s.classes) == 0 && len(s.events) == 0 && s.join.From == 0 {
		return nil
	}
	c := s.config(0)
	sizes := c.Members()
	for i := range s.classes {
		if at := s.receiverClass(s.classes[i].name); at >= 0 && sizes[at] == 0 {
			return &conflict{path: classPrefix + s.classes[i].name + ".share", message: fmt.Sprintf("class %s: %s of %d peers is nobody", s.classes[i].name, formatPercent(s.classes[i].share), s.peers)}
		}
	}
	first := s.join.From
	for i := range c.Churn.Changes {
		if ch := &c.Churn.Changes[i]; ch.Kind == sim.Arrive {
			first = min(first, ch.At)
		}
	}
	if first >= s.duration {
		return &conflict{path: "churn.join", message: fmt.Sprintf("nobody joins: the first would at %s, and the duration is %s", formatTime(first), formatTime(s.duration))}
	}
	for i := range c.Churn.Changes {
		ch := &c.Churn.Changes[i]
		place := fmt.Sprintf("%s%d", eventPrefix, i+1)
		switch {
		case ch.Kind <= sim.Partition && ch.Share > 0 && c.Struck(ch) == 0:
			return &conflict{path: place, message: fmt.Sprintf("event %d: %s of %d peers is nobody", i+1, formatPercent(ch.Share), s.peers)}
		case ch.Kind == sim.Leave && ch.At <= first:
			return &conflict{path: place + ".at", message: fmt.Sprintf("event %d: nobody is there to leave at %s: the first join at %s", i+1, formatTime(ch.At), formatTime(first))}
		}
	}
	return nil
}
