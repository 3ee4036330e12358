package sim

import (
	"pushcast/node"
	"pushcast/node/link"
)

// Script is what a Config says before anything has happened: how every peer is
// configured, whom it knows at first, when it is there, when chunks are born, and what
// becomes of datagrams. A World of this Config plays it on a virtual clock; it is for
// those who play the same elsewhere, on real sockets.
type Script struct {
	cfg      Config
	peers    []node.Config // by class
	source   node.Config
	contacts func(node.PeerID) []node.PeerID
	net      network
	access   []link.Access // by slot
	crowd    crowd
	joins    []node.Time // by slot
	births   births
	cuts     []spell[cut]
	worse    []spell[worse]
}

// spell is something that holds for a time.
type spell[T any] struct {
	from, until node.Time
	what        T
}

func (s *spell[T]) holds(now node.Time) bool { return now >= s.from && now < s.until }

// Session is one stay of a receiver.
type Session struct {
	ID    node.PeerID // its handle: its number, but for who comes back as somebody else
	From  node.Time
	Until node.Time // when it leaves; Never: not before the end
	Seed  uint64    // of its random numbers
}

// NewScript writes the script of a run. The error is that of Validate.
func NewScript(cfg Config) (*Script, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Script{cfg: cfg, access: make([]link.Access, cfg.Peers+1), joins: make([]node.Time, cfg.Peers+1)}
	c := &s.cfg
	s.peers, s.source = c.nodeConfigs()
	s.contacts = buildOverlay(c)
	s.net.init(c)
	for i := range s.access {
		s.net.models[s.class(i)].Attach(&s.access[i], node.PeerID(i))
	}
	s.crowd.init(c)
	c.joining(&s.crowd, func(i uint32, at node.Time) { s.joins[i] = at })
	s.births = newBirths(c.Period, c.Churn.Changes)
	for i := range c.Churn.Changes {
		ch := &c.Churn.Changes[i]
		switch end := ch.At + ch.For; ch.Kind {
		case Partition:
			s.cuts = append(s.cuts, spell[cut]{ch.At, end, cut{inside: s.crowd.struck[i], way: ch.Way}})
		case Dark:
			s.cuts = append(s.cuts, spell[cut]{ch.At, end, s.net.darkness(ch.Class, cfg.Peers+1)})
		case Loss:
			s.worse = append(s.worse, spell[worse]{ch.At, end, worsening(c, i)})
		}
	}
	return s, nil
}

// class is that of a slot's link and configuration; the source's link may be the last.
func (s *Script) class(slot int) int {
	if s.net.classes == nil {
		return 0
	}
	return int(s.net.classes[slot])
}

// Node configures the peer of a number; the source is 0.
func (s *Script) Node(i int) *node.Config {
	if i == 0 {
		return &s.source
	}
	return &s.peers[s.class(i)]
}

// Contacts are whom a peer is told of when it starts: its neighbours under a static
// overlay, whom it joins through where views are gossiped, nobody in a full mesh.
func (s *Script) Contacts(i int) []node.PeerID { return s.contacts(node.PeerID(i)) }

// Sessions yields the stays of a receiver in their order, those that begin before the
// run's end.
func (s *Script) Sessions(i int) func(yield func(Session) bool) {
	return func(yield func(Session) bool) {
		slot, leaving := uint32(i), s.crowd.sessions != nil
		if leaving {
			s.crowd.sessions[slot] = 0
		}
		for at := s.joins[i]; at < s.cfg.Duration; {
			stay := Session{ID: s.crowd.identity(slot), From: at, Until: node.Never, Seed: s.cfg.Seed}
			if leaving {
				stay.Until = s.crowd.stays(slot, at)
				stay.Seed = sessionSeed(s.cfg.Seed, s.crowd.sessions[slot])
			}
			if !yield(stay) || stay.Until >= s.cfg.Duration {
				return
			}
			s.crowd.sessions[slot]++
			at = s.crowd.away(slot, stay.Until)
		}
	}
}

// Birth is when a chunk is to be born; ok is false for those that the run ends before.
func (s *Script) Birth(c node.ChunkID) (at node.Time, ok bool) {
	at = s.births.at(c)
	return at, at < s.cfg.Duration
}

// Send says what becomes of the n-th datagram, from 0, that a slot's peer sends, as World
// has it: bytes is what it costs on the wire. size includes 28 bytes of UDP and IP. Calls
// for one sender must be in the order of their instants; different senders may call at
// the same time.
func (s *Script) Send(now node.Time, from, to node.PeerID, n uint32, size int64) (f link.Fate, bytes int64) {
	a, b := int(slot(from)), int(slot(to))
	m := &s.net.models[s.class(a)]
	if f = m.Send(&s.access[a], now, from, &s.access[b], n, size); f.Outcome == link.Overflows {
		return f, 0
	}
	bytes = m.Bytes(size)
	for i := range s.cuts {
		if c := &s.cuts[i]; c.holds(now) && c.what.stops(from, to) {
			f.Outcome = link.Lost
		}
	}
	for i := range s.worse {
		if w := &s.worse[i]; w.holds(now) && w.what.loses(from, n) {
			f.Outcome = link.Lost
		}
	}
	return f, bytes
}

// Link is the access link of a slot: what of it has been used, and where its burst loss
// stands. Whoever lets it be sent for elsewhere takes the state there, and back.
func (s *Script) Link(slot int) *link.Access { return &s.access[slot] }

// joining tells when each receiver joins at first; MaxTime stands for later, too.
func (c *Config) joining(crowd *crowd, each func(i uint32, at node.Time)) {
	draws := node.Stream(c.Seed, node.ForJoin, 0)
	arrival := c.Join.From
	for i := range c.Peers {
		at := MaxTime // who comes later than any run is long
		if c.Join.Every == 0 || node.Time(i) < MaxTime/c.Join.Every {
			at = c.Join.From + node.Time(i)*c.Join.Every
		}
		if c.Join.Spread > 0 {
			at += draws.Span(c.Join.Spread)
		}
		if c.Join.Poisson {
			arrival = min(arrival+draws.Exp(c.Join.Every), MaxTime)
			at = arrival
		}
		if arrives, late := crowd.arrivesAt(uint32(i + 1)); late {
			at = arrives
		}
		each(uint32(i+1), at)
	}
}

// sessionSeed is the seed of a session: who comes back draws other numbers.
func sessionSeed(seed uint64, session uint32) uint64 {
	if session == 0 {
		return seed
	}
	return node.Mix(seed ^ uint64(session)<<32)
}
