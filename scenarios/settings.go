package scenarios

import (
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// settings are the values of a scenario's keys.
type settings struct {
	period, duration node.Time
	chunk            int64
	from, to         node.Time

	peers         int
	overlay       sim.Overlay
	view          int
	copies        int
	rate          rate
	buffer        int
	push          node.Scheduler
	policy        node.Policy
	ticks         node.Ticks
	window        int
	deadline      node.Time // 0: none
	grace         node.Time
	sourceInViews bool
	rng           node.Generator

	gossip      node.Time
	gossipCheck int
	stagger     bool
	shuffle     int
	maxAge      int
	dropSilent  bool
	ageReplies  bool
	rejoin      bool
	joinRetry   node.Time
	remember    int
	recallEvery int

	latency link.Span
	jitter  node.Time
	loss    float64

	join sim.Join

	// given tells which keys were written; the others have their default.
	given map[string]bool
}

// fillIn gives the keys that were not written, and whose default depends on
// others, their value.
func (s *settings) fillIn() {
	if !s.given["stream.measure"] {
		s.from = s.duration / 6
		s.to = max(s.duration*5/6, 1)
		if s.deadline > 0 {
			s.to = min(s.to, s.duration-s.deadline)
		}
	}
	if !s.given["swarm.view"] && !s.gossips() {
		// A small swarm has fewer to know than the default.
		others := s.peers - 1
		if s.sourceInViews {
			others++
		}
		s.view = min(s.view, max(others, 1))
	}
	if !s.given["swarm.grace"] {
		s.grace = s.deadline
	}
	if !s.given["swarm.maxAge"] {
		s.maxAge = 0 // Cyclon's entries grow old by design
		if s.overlay == sim.Newscast {
			s.maxAge = 5
		}
	}
	if !s.given["swarm.shuffle"] {
		s.shuffle = min(8, s.view)
	}
}

// gossips tells whether views are exchanged.
func (s *settings) gossips() bool { return s.overlay == sim.Newscast || s.overlay == sim.Cyclon }

// membership says how views are exchanged.
func (s *settings) membership(c *node.Config) {
	c.View, c.Gossip, c.GossipCheck, c.Stagger = s.view, s.gossip, s.gossipCheck, s.stagger
	c.MaxAge, c.Rejoin, c.JoinRetry = s.maxAge, s.rejoin, s.joinRetry
	if s.overlay == sim.Cyclon {
		c.Shuffle = s.shuffle
	} else {
		c.DropSilent, c.AgeReplies = s.dropSilent, s.ageReplies
	}
	if s.remember > 0 {
		c.Remember, c.RecallEvery = s.remember, s.recallEvery
	}
	c.Goodbye = true // who leaves without one does not call Leave
}

// config is the run of one seed.
func (s *settings) config(seed uint64) sim.Config {
	peer := node.Config{
		Push:      s.rate.period(s.period),
		Ticks:     s.ticks,
		Scheduler: s.push,
		Policy:    s.policy,
		Buffer:    s.buffer,
		Window:    s.window,
		Deadline:  s.deadline,
		RNG:       s.rng,
	}
	if s.gossips() {
		s.membership(&peer)
	}
	return sim.Config{
		Seed:          seed,
		Peers:         s.peers,
		Peer:          peer,
		Copies:        s.copies,
		Overlay:       s.overlay,
		View:          s.view,
		SourceInViews: s.sourceInViews,
		Join:          s.join,
		Link:          link.Config{Latency: s.latency, Jitter: s.jitter, Loss: s.loss},
		Period:        s.period,
		ChunkSize:     uint32(s.chunk),
		Duration:      s.duration,
		From:          s.from,
		To:            s.to,
		Deadline:      s.deadline,
		Grace:         s.grace,
	}
}
