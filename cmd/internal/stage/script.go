package stage

import (
	"fmt"
	"net/netip"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// Bounds of a live run.
const (
	// MaxPeers is the most receivers: each has a socket, and two cores tick for some
	// hundreds.
	MaxPeers = 1000
	// MaxRecords bounds what is noted: of every stay and every chunk some 24 bytes.
	MaxRecords = 10_000_000
)

// MaxProcesses is the most receivers that are processes: each has some 5 MB to itself and
// eight threads, and takes 17 ms of a core to start and to end.
const MaxProcesses = 300

// CheckProcesses tells why a run cannot be played in processes, in one line.
func CheckProcesses(c *sim.Config) error {
	if c.Peers > MaxProcesses && c.Peers <= MaxPeers {
		return fmt.Errorf("cannot run live in processes: %d peers, and at most %d have a process each; run fewer, or without --processes", c.Peers, MaxProcesses)
	}
	return Check(c)
}

// Check tells why a run cannot be played on real sockets, in one line.
func Check(c *sim.Config) error {
	cannot := func(format string, args ...any) error {
		return fmt.Errorf("cannot run live: "+format, args...)
	}
	switch {
	case c.Peers > MaxPeers:
		return cannot("%d peers, and at most %d have real sockets; run fewer", c.Peers, MaxPeers)
	case c.Slots:
		return cannot("slots exist in the simulator only; leave slots out")
	case c.Knowledge != sim.NoKnowledge:
		return cannot("knowledge that nobody tells exists in the simulator only; choose a scheduler that needs none")
	case c.Peer.FEC.Repair > 0 && pauses(c):
		return cannot("a pause of the source would not pace repair chunks; leave out fec, or the pause")
	}
	for i := range c.Classes {
		if c.Classes[i].NAT > 0 {
			return cannot("a nat exists in the simulator only; leave it out")
		}
		if c.Classes[i].Link.Download > 0 {
			return cannot("a download rate exists in the simulator only; leave it out")
		}
	}
	if c.Link.Download > 0 || c.SourceLink != nil && c.SourceLink.Download > 0 {
		return cannot("a download rate exists in the simulator only; leave it out")
	}
	s, err := sim.NewScript(*c)
	if err != nil {
		return err
	}
	records := 0
	for i := 1; i <= c.Peers; i++ {
		for range s.Sessions(i) {
			if records += c.Chunks(); records > MaxRecords {
				return cannot("over %d pairs of a peer's stay and a chunk; run it shorter, or with fewer peers", MaxRecords)
			}
		}
	}
	// What the driver refuses it refuses for every peer of a class alike; which one is
	// asked does not matter.
	probe := &stage{cfg: *c, script: s, actors: make([]actor, c.Peers+1)}
	for i := range probe.actors {
		probe.actors[i].local = netip.AddrPortFrom(loopback.Addr(), uint16(i+1))
	}
	for i := range probe.actors {
		cfg := probe.translate(i, &record{})
		if err := cfg.Validate(); err != nil {
			return cannot("%w", err)
		}
	}
	return nil
}

// translate turns a peer of the script into one on a socket: the one place where the
// simulator's settings become the driver's. What has no counterpart Check has refused.
func (s *stage) translate(i int, r *record) driver.Config {
	a := &s.actors[i]
	peer := *s.script.Node(i)
	cfg := driver.Config{Local: a.local, Seed: node.Mix(r.stay.Seed ^ node.Mix(uint64(i)+1)), Deadline: s.cfg.Deadline}
	known := s.script.Contacts(i)
	switch {
	case peer.Sampler == node.Full: // a list of all is what a real peer has of it
		everyone := peer.Everyone
		known = nil
		for k := range everyone.Count {
			if id := everyone.First + node.PeerID(k); int(id) != i {
				known = append(known, id)
			}
		}
		peer.Sampler, peer.Everyone = node.Static, node.Range{}
	case peer.Sampler != node.Static && !s.cfg.SourceInViews:
		cfg.Hide = len(known) > 0
	}
	peer.Hidden = node.NoPeer
	for _, id := range known {
		cfg.Contacts = append(cfg.Contacts, s.actors[id].local)
	}
	cfg.Peer = peer
	if i == 0 {
		cfg.Input = &stream{script: s.script, size: s.cfg.ChunkSize, pauses: pauses(&s.cfg)}
	}
	return cfg
}

// stream gives the source its chunks when the script has them born.
type stream struct {
	script *sim.Script
	size   uint32
	pauses bool
}

// Next makes a chunk, due at its birth: at the period, where there are no pauses.
func (s *stream) Next(id node.ChunkID, buf []byte) (media.Chunk, error) {
	if cap(buf) < int(s.size) {
		buf = make([]byte, s.size)
	}
	chunk := media.Chunk{Payload: buf[:s.size], Due: media.ByPeriod}
	if !s.pauses {
		return chunk, nil
	}
	at, ok := s.script.Birth(id)
	if !ok {
		return media.Chunk{}, media.ErrNotYet // and never again: the run ends first
	}
	chunk.Due = at
	return chunk, nil
}

// pauses tells whether the source pauses.
func pauses(c *sim.Config) bool {
	for i := range c.Churn.Changes {
		if c.Churn.Changes[i].Kind == sim.Pause {
			return true
		}
	}
	return false
}

// Wake has nothing to say.
func (s *stream) Wake(func()) {}

// path is what becomes of what an actor sends: the script's links, by whom it is sent to.
type path struct {
	stage  *stage
	number int
	id     node.PeerID
	sent   uint32
}

// Send asks the script.
func (p *path) Send(now node.Time, to netip.AddrPort, size int64) (f link.Fate, bytes int64) {
	n := p.sent
	p.sent++
	id, ok := p.stage.at(to)
	if !ok { // who has left for good
		return link.Fate{Outcome: link.Lost}, size
	}
	return p.stage.script.Send(now, p.id, id, n, size)
}
