package scenarios

import (
	"fmt"
	"strings"

	"pushcast/node/law"
	"pushcast/sim"
)

// conflict is what keys may not say together, and the key to blame.
type conflict struct {
	path, message string
	idle          bool // the key means nothing here, and does no harm
}

// conflict finds the first contradiction in s.
func (s *settings) conflict() *conflict {
	blame := func(path, format string, args ...any) *conflict {
		return &conflict{path: path, message: fmt.Sprintf(format, args...)}
	}
	idle := func(key, where string) *conflict {
		return &conflict{"swarm." + key, fmt.Sprintf("%s has no effect %s; remove it", key, where), true}
	}
	for _, key := range []string{"gossip", "gossipCheck", "stagger", "maxAge", "rejoin", "retry", "joinWalk", "remember", "recallEvery"} {
		if s.given["swarm."+key] && !s.gossips() {
			return idle(key, "without overlay: newscast or cyclon")
		}
	}
	for _, key := range []string{"dropSilent", "ageReplies"} {
		if s.given["swarm."+key] && s.overlay != sim.Newscast {
			return idle(key, "without overlay: newscast")
		}
	}
	if s.given["swarm.shuffle"] && s.overlay != sim.Cyclon {
		return idle("shuffle", "without overlay: cyclon")
	}
	if s.given["swarm.recallEvery"] && s.remember == 0 {
		return idle("recallEvery", "with remember: 0")
	}
	if s.overlay == sim.FullMesh && s.given["swarm.view"] {
		return idle("view", "with overlay: full")
	}
	if s.given["swarm.ticks"] && !s.pushes() {
		return idle("ticks", "at rate: 0/s")
	}
	if c := s.pacedConflict(); c != nil {
		return c
	}
	if c := s.idleOutside(); c != nil {
		return c
	}
	if c := s.idleTheory(); c != nil {
		return c
	}
	if c := s.hoodConflict(); c != nil {
		return c
	}
	if c := s.idleTold(); c != nil {
		return c
	}
	if c := s.ownConflict(); c != nil {
		return c
	}
	others := s.peers - 1
	if s.sourceInViews {
		others++
	}
	id := s.fec.Period(s.period)
	chunks := (s.duration + id - 1) / id
	if c := s.theoryConflict(); c != nil {
		return c
	}
	if c := s.toldConflict(); c != nil {
		return c
	}
	if c := s.adaptiveConflict(); c != nil {
		return c
	}
	if c := s.fecConflict(); c != nil {
		return c
	}
	switch static := s.static(); {
	case static && s.view > others && s.given["swarm.view"]:
		return blame("swarm.view", "view is %d, and a peer has only %d others to know", s.view, others)
	case s.overlay == sim.Regular && s.view%2 == 1 && others%2 == 0:
		return blame("swarm.view", "view is %d, and the regular graph has %d peers; one of them must be even, or the degrees do not come out", s.view, others+1)
	case static && others < 1:
		return blame("swarm.peers", "one peer has nobody to know; want at least 2, or sourceInViews: true")
	case s.identity == 1 && !s.gossips():
		return blame("churn.identity", "who comes back as somebody else is never heard of without an overlay that gossips")
	case s.leave == 1 && !s.gossips() && s.leaves():
		return blame("churn.leave", "who leaves has nobody to say goodbye to without an overlay that gossips; write leave: crash")
	case s.rate.number > 0 && s.rate.period(s.period) < 1000:
		return blame("swarm.rate", "rate is over a million pushes a second")
	case s.gossipCheck > 0 && s.rate.number == 0 && s.gossips():
		return blame("swarm.gossipCheck", "gossipCheck counts ticks, and there are none at rate: 0/s; write 0")
	case s.overlay == sim.Cyclon && s.shuffle > s.view:
		return blame("swarm.shuffle", "shuffle is %d, and a view has only %d entries to swap", s.shuffle, s.view)
	case chunks > sim.MaxChunks:
		return blame("stream.period", "the run has %d chunks, more than %d: make period longer or duration shorter", chunks, sim.MaxChunks)
	case int64(chunks)*int64(s.peers+1) > sim.MaxPairs:
		return blame("swarm.peers", "%d peers × %d chunks are more pairs than %d", s.peers, chunks, int64(sim.MaxPairs))
	case s.to > s.duration:
		return blame("stream.measure", "measure ends at %s, after the run's duration of %s", formatTime(s.to), formatTime(s.duration))
	case s.deadline > 0 && s.to+s.deadline > s.duration && s.given["stream.measure"]:
		return blame("stream.measure", "the run must go on for a deadline (%s) after measure: end it by %s, or make duration %s",
			formatTime(s.deadline), formatTime(max(0, s.duration-s.deadline)), formatTime(s.to+s.deadline))
	case s.to <= s.from:
		return blame("stream.duration", "a duration of %s leaves nothing to measure with a deadline of %s; make it longer, or set measure",
			formatTime(s.duration), formatTime(s.deadline))
	case s.fec.Repair > 0 && s.firstMeasured() >= s.to:
		return blame("stream.measure", "no data chunk is born in %s, with fec: %s and one chunk every %s", formatSpan(s.from, s.to), s.fec, formatTime(id))
	case s.firstMeasured() >= s.to:
		return blame("stream.measure", "no chunk is born in %s, with one every %s", formatSpan(s.from, s.to), formatTime(s.period))
	}
	return nil
}

// leaves tells whether a receiver ever does.
func (s *settings) leaves() bool {
	leaves := s.lifetime.law.Kind != law.None
	for i := range s.events {
		leaves = leaves || s.events[i].said["leave"] != ""
	}
	return leaves
}

// idleOutside finds a key of network or churn that means nothing here.
func (s *settings) idleOutside() *conflict {
	leaves := s.leaves()
	for _, c := range []struct {
		path  string
		means bool
		where string
	}{
		{"network.latency", s.regions.name == "", "with regions, which say it"},
		{"network.queue", !s.given["network.queue"] || s.queues(), "without upload or download"},
		{"network.checksum", s.corrupt > 0, "without corrupt"},
		{"churn.downtime", leaves, "where nobody leaves"},
		{"churn.leave", leaves, "where nobody leaves"},
		{"churn.identity", s.downtime.law.Kind != law.None, "without downtime: nobody comes back"},
	} {
		if s.given[c.path] && !c.means {
			_, key, _ := strings.Cut(c.path, ".")
			return &conflict{c.path, fmt.Sprintf("%s has no effect %s; remove it", key, c.where), true}
		}
	}
	return s.idleInClasses()
}
