package scenarios

import (
	"pushcast/node"
	"pushcast/sim"
)

// What push: stripes means for other keys, and what it shares with push: offer, whose
// peers have no ticks either.

// paced tells whether peers push as their upload allows, and have no ticks.
func (s *settings) paced() bool { return s.push == node.Stripes || s.trades() }

// fillInPaced gives the buffer its defaults.
func (s *settings) fillInPaced() {
	paced := s.paced()
	if !s.given["swarm.policy"] {
		s.policy = node.Top
		if paced {
			s.policy = node.Window
		}
	}
	if !s.given["swarm.buffer"] {
		s.buffer = 16
		if paced {
			s.buffer = 192
		}
	}
}

// stripe says how peers push along stripes.
func (s *settings) stripe(c *node.Config) {
	c.Push, c.Adaptive, c.Ticks = 0, false, node.RandomPhase
	c.Stripes, c.Report, c.Repair = s.stripes, s.report, s.repair
	if s.repair {
		c.Patience = s.patience
	}
}

// pacedConflict finds what stripes and offers leave nothing to say about.
func (s *settings) pacedConflict() *conflict {
	idle := func(key, where string) *conflict {
		return &conflict{"swarm." + key, key + " has no effect " + where + "; remove it", true}
	}
	if s.push != node.Stripes {
		for _, key := range []string{"stripes", "report"} {
			if s.given["swarm."+key] {
				return idle(key, "without push: stripes")
			}
		}
	} else if s.given["swarm.copies"] {
		return idle("copies", "with push: stripes, whose peers push as their upload allows")
	}
	if !s.paced() {
		return nil
	}
	push := "push: " + s.push.Name()
	for _, key := range []string{"rate", "ticks"} {
		if s.given["swarm."+key] {
			return idle(key, "with "+push+", whose peers push as their upload allows")
		}
	}
	if s.given["swarm.rng"] && !s.gossips() {
		return idle("rng", "with "+push+", without overlay: newscast or cyclon")
	}
	switch {
	case s.slots:
		return &conflict{path: "network.slots", message: "a slot is the time of one push, and " + push + " pushes when chunks come; remove one of them"}
	case s.policy != node.Window:
		return &conflict{path: "swarm.policy", message: push + " needs policy: window"}
	case s.buffer < node.MinMeshBuffer || s.buffer > node.MaxMeshBuffer:
		return &conflict{path: "swarm.buffer", message: push + " needs a buffer of 16 to 1024 chunks"}
	case s.gossipCheck > 0 && s.gossips():
		return &conflict{path: "swarm.gossipCheck", message: "gossipCheck counts ticks, and " + push + " has none; write 0"}
	}
	for i := range s.classes {
		if s.classes[i].said["rate"] != "" {
			return &conflict{path: classPrefix + s.classes[i].name + ".rate", message: "rate has no effect with " + push + "; remove it"}
		}
	}
	return nil
}

// pushless takes the ticks from the classes of a run that has none.
func (s *settings) pushless(c *sim.Config) {
	if !s.paced() {
		return
	}
	if s.push == node.Stripes {
		c.Copies = 0
	}
	for i := range c.Classes {
		c.Classes[i].Push, c.Classes[i].Adaptive = 0, false
	}
}
