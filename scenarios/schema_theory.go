package scenarios

import (
	"fmt"
	"strings"

	"pushcast/node"
	"pushcast/sim"
)

// theory is what a scenario may say that exists in the literature only: knowledge for
// nothing, slots, a source that knows all.
type theory struct {
	knowledge      sim.Knowledge
	slots          bool
	sourceKnowsAll bool
	shape          int
}

// theoryFields are the keys of the literature's world: of swarm, then of network.
var theoryFields = []field{
	knowledgeField(),
	countField("swarm.shape", "5", "overlay gamma: neighbours are drawn by weights of a gamma law of this shape; the less, the more in-degrees differ", 1, sim.MaxShape, func(s *settings) *int { return &s.shape }),
	boolField("swarm.sourceKnowsAll", "false", "static overlays, random, ring, gamma and regular: the source chooses among all receivers, not of a view", func(s *settings) *bool { return &s.sourceKnowsAll }),
	boolField("network.slots", "false", "peers act together, the source first, and what is sent lands at the end of the slot plus the latency; a slot is the time of one push", func(s *settings) *bool { return &s.slots }),
}

// knowledgeField is a choice that has no effect where it is none, so that none is
// not among the named alternatives.
func knowledgeField() field {
	f := nameField("swarm.knowledge", "none", "whence schedulers that ask know what neighbours hold: from nowhere, for nothing and with what is on its way to them, for nothing and only what they hold, or from the maps that they send",
		[]string{"none", "clairvoyant", "landed", "maps"}, func(s *settings) *sim.Knowledge { return &s.knowledge })
	f.choices = f.choices[1:]
	return f
}

// pushField is the scheduler.
func pushField() field {
	return field{"swarm.push", "random", "the scheduler, what is pushed to whom: random, latest, stripes, offer, or a chunk and a peer selection in the order of choosing, as rp/lu; pushcast schedulers lists them",
		func(s *settings, text string) (err error) {
			if s.push, err = node.FindScheduler(text); err != nil && !strings.Contains(text, "/") {
				if c := nearest(text, schedulerNames()); c != "" {
					err = fmt.Errorf("%w; did you mean %q?", err, c)
				}
			}
			return err
		},
		func(s *settings) string { return s.push.Name() }, schedulerNames()}
}

func schedulerNames() (names []string) {
	for _, s := range node.Schedulers() {
		names = append(names, s.Name())
	}
	return names
}

// static tells whether neighbours are lists that never change.
func (s *settings) static() bool {
	return s.overlay == sim.RandomOut || s.overlay == sim.Ring || s.overlay == sim.GammaOut || s.overlay == sim.Regular
}

// asks tells whether the scheduler asks what neighbours hold.
func (s *settings) asks() bool { return node.NeedsKnowledge(s.push) }

// theorise makes of a run what the literature would have.
func (s *settings) theorise(c *sim.Config) {
	if s.asks() && !s.hears() || s.looksAtUploads() {
		c.Knowledge = s.knowledge
	}
	c.Shape, c.Slots, c.SourceKnowsAll = s.shape, s.slots, s.sourceKnowsAll && s.static()
}

// idleTheory finds a key of the literature's world that means nothing here.
func (s *settings) idleTheory() *conflict {
	for _, c := range []struct {
		path  string
		means bool
		where string
	}{
		{"swarm.sourceKnowsAll", s.static(), "without a static overlay: random, ring, gamma or regular"},
		{"swarm.shape", s.overlay == sim.GammaOut, "without overlay: gamma"},
		{"swarm.knowledge", s.asks() || s.looksAtUploads(), "with push: " + s.push.Name() + ", which does not ask"},
	} {
		if s.given[c.path] && !c.means {
			_, key, _ := strings.Cut(c.path, ".")
			return &conflict{c.path, fmt.Sprintf("%s has no effect %s; remove it", key, c.where), true}
		}
	}
	return nil
}

// theoryConflict finds what keys of the literature's world may not say together.
func (s *settings) theoryConflict() *conflict {
	blame := func(path, format string, args ...any) *conflict {
		return &conflict{path: path, message: fmt.Sprintf(format, args...)}
	}
	switch {
	case s.asks() && s.knowledge == sim.NoKnowledge:
		return blame("swarm.push", "push: %s asks what neighbours hold, and nobody tells; write knowledge: maps, or clairvoyant, or landed", s.push.Name())
	case s.asks() && s.buffer > node.MaxUseful:
		return blame("swarm.buffer", "buffer is %d, and push: %s looks at the newest %d chunks only; make it smaller", s.buffer, s.push.Name(), node.MaxUseful)
	case s.slots && s.rate.number == 0:
		return blame("network.slots", "a slot is the time of one push, and there are none at rate: 0/s")
	case s.slots && s.ticks != node.Synchronous:
		return blame("swarm.ticks", "with slots: true all peers act together; write ticks: synchronous, or remove it")
	case s.overlay == sim.GammaOut && s.view > s.peers/2:
		return blame("swarm.view", "view is %d; with overlay: gamma it is at most half of the peers, %d", s.view, s.peers/2)
	}
	return nil
}
