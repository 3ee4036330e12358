package scenarios

import (
	"os"
	"strings"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
	"pushcast/node/wire"
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
	stripes       int
	report        node.Time
	repair        bool
	patience      node.Time
	policy        node.Policy
	ticks         node.Ticks
	window        int
	deadline      node.Time // 0: none
	grace         node.Time
	sourceInViews bool
	rng           node.Generator
	told
	theory
	hood
	fec node.Code

	gossip      node.Time
	gossipCheck int
	stagger     bool
	shuffle     int
	maxAge      int
	dropSilent  bool
	ageReplies  bool
	rejoin      bool
	retry       node.Time
	joinWalk    int
	remember    int
	recallEvery int

	latency          link.Span
	regions          fileValue
	table            *link.Regions // of regions, when it is read
	access           link.Span
	jitter           law.Law
	loss             link.Loss
	duplicate        float64
	reorder          float64
	reorderBy        node.Time
	corrupt          float64
	checksum         bool
	upload, download bitrate
	queue            link.Queue
	mtu              int64
	classes          []class

	join               sim.Join
	lifetime, downtime lawValue
	leave              leaving
	identity           identity
	events             []event

	// dir is the scenario's folder, to which names of files are relative; read what was
	// read from them, by name.
	dir  string
	read map[string][]byte

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
		if s.overlay == sim.GammaOut {
			others = s.peers / 2
		}
		s.view = min(s.view, max(others, 1))
	}
	if s.slots && !s.given["swarm.ticks"] {
		s.ticks = node.Synchronous
	}
	s.fillInPaced()
	s.fillInTold()
	if !s.given["swarm.grace"] {
		s.grace = s.deadline
	}
	if !s.given["swarm.maxAge"] {
		s.maxAge = 0 // Cyclon's entries grow old by design
		if s.overlay == sim.Newscast {
			s.maxAge = 5
		}
	}
	if !s.given["swarm.retry"] {
		s.retry = min(s.gossip/4, 500*node.Millisecond)
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
	c.MaxAge, c.Rejoin, c.Retry, c.JoinWalk = s.maxAge, s.rejoin, s.retry, s.joinWalk
	if s.overlay == sim.Cyclon {
		c.Shuffle = s.shuffle
	} else {
		c.DropSilent, c.AgeReplies = s.dropSilent, s.ageReplies
	}
	if s.remember > 0 {
		c.Remember, c.RecallEvery = s.remember, s.recallEvery
	}
	c.Neighbourhood = s.neighbourhood()
	c.Goodbye = true // who leaves without one does not call Leave
}

// config is the run of one seed.
func (s *settings) config(seed uint64) sim.Config {
	peer := node.Config{
		Push:      s.rate.period(s.period),
		Adaptive:  s.rate.adaptive,
		Ticks:     s.ticks,
		Scheduler: s.push,
		Policy:    s.policy,
		Buffer:    s.buffer,
		Window:    s.window,
		Deadline:  s.deadline,
		RNG:       s.rng,
		FEC:       s.fec,
	}
	if s.push == node.Stripes {
		s.stripe(&peer)
	}
	s.tell(&peer)
	if s.gossips() {
		s.membership(&peer)
	}
	c := sim.Config{
		Seed:          seed,
		Peers:         s.peers,
		Peer:          peer,
		Copies:        s.copies,
		Overlay:       s.overlay,
		View:          s.view,
		SourceInViews: s.sourceInViews,
		Join:          s.join,
		Link:          s.link(),
		Churn: sim.Churn{
			Lifetime: s.lifetime.law, Downtime: s.downtime.law,
			Goodbye: s.leave == 1, NewIdentity: s.identity == 1, Changes: s.changes(),
		},
		Series:    len(s.events) > 0 || s.lifetime.law.Kind != law.None,
		Period:    s.fec.Period(s.period),
		ChunkSize: uint32(s.chunk),
		Duration:  s.duration,
		From:      s.from,
		To:        s.to,
		Deadline:  s.deadline,
		Grace:     s.grace,
	}
	s.theorise(&c)
	s.populate(&c)
	s.pushless(&c)
	return c
}

// largest is the size of the largest packet that a datagram could want to be.
func (s *settings) largest() int64 {
	view := int64(0)
	if s.gossips() {
		view = int64(wire.Size(&node.Message{Kind: node.Query, Count: uint16(s.view + 1)}))
	}
	chunk := s.chunk
	if s.fec.Repair > 0 {
		chunk += node.RepairHeader
	}
	return max(view, int64(wire.Size(&node.Message{Kind: s.carrier(), Size: uint32(chunk)})))
}

// carrier is the kind of message in which chunks travel.
func (s *settings) carrier() node.Kind {
	switch {
	case s.push == node.Stripes:
		return node.Push
	case s.trades(), s.hears() && s.ride:
		return node.Carry
	}
	return node.Chunk
}

// load reads the files that the settings name.
func (s *settings) load() *trouble {
	if s.regions.name != "" {
		src, err := s.data(&s.regions, readyRegions)
		if err == nil {
			s.table, err = readRegions(s.regions.name, src)
		}
		if err != nil {
			return &trouble{"network.regions", "regions: " + err.Error()}
		}
	}
	for _, stay := range []struct {
		path string
		v    *lawValue
	}{{"churn.lifetime", &s.lifetime}, {"churn.downtime", &s.downtime}} {
		path, v := stay.path, stay.v
		if v.file.name == "" {
			continue
		}
		src, err := s.data(&v.file, func(string) ([]byte, error) { return nil, os.ErrNotExist })
		if err == nil {
			v.law.Values, err = readSample(v.file.name, src)
		}
		if err != nil {
			return &trouble{path, strings.TrimPrefix(path, "churn.") + ": " + err.Error()}
		}
	}
	return nil
}

// data reads a file once for all points of a sweep.
func (s *settings) data(v *fileValue, readyMade func(string) ([]byte, error)) ([]byte, error) {
	return v.open(func() ([]byte, error) {
		if src, done := s.read[v.name]; done {
			return src, nil
		}
		src, err := readyMade(v.name)
		if err != nil {
			src, err = readData(s.dir, v.name)
		}
		if err == nil {
			s.read[v.name] = src
		}
		return src, err
	})
}

// link is everybody's link, but for what classes say.
func (s *settings) link() link.Config {
	stream := float64(8*s.chunk) * float64(node.Second) / float64(s.period)
	c := link.Config{
		Latency: s.latency, Access: s.access, Jitter: s.jitter, Loss: s.loss,
		Duplicate: s.duplicate, Reorder: s.reorder, ReorderBy: s.reorderBy,
		Corrupt: s.corrupt, NoChecksum: !s.checksum,
		Upload: link.BitsPerSecond(s.upload.of(stream)), Download: link.BitsPerSecond(s.download.of(stream)),
		Queue: s.queue, Regions: s.table,
	}
	if c.Upload == 0 && c.Download == 0 {
		c.Queue = link.Queue{} // nothing waits
	}
	if s.largest() > s.mtu {
		c.MTU = int(s.mtu) // else nothing is ever cut into pieces
	}
	if s.table != nil {
		c.Latency = link.Span{}
	}
	return c
}
