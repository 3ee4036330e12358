package node

import "testing"

// society is many peers that exchange views, cycle by cycle: in each, everybody
// begins one exchange, in random order, and messages arrive at once. It is the
// model of theory.md 4.2, with real peers.
type society struct {
	cfg   Config
	peers []Peer
	dead  []bool
	// cut tells whether the network carries nothing from one peer to another;
	// loss is the share of the messages that it loses.
	cut    func(from, to PeerID) bool
	loss   uint32 // of 1,000
	cycle  int
	out    Outbox
	order  Rand
	losses Rand
	sent   int // messages, of the last cycle
}

// newSociety makes n peers, each of which is told of the contacts that it has.
func newSociety(n int, cfg Config, contacts func(id PeerID) []PeerID) *society {
	cfg.Scheduler, cfg.Buffer, cfg.Gossip, cfg.Hidden = Random, 1, Second, NoPeer
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	s := &society{cfg: cfg, order: Stream(1, 1000, 0), losses: Stream(1, 1001, 0)}
	s.add(n, contacts)
	return s
}

// add lets n more peers join at this instant.
func (s *society) add(n int, contacts func(id PeerID) []PeerID) {
	first := len(s.peers)
	s.peers = append(s.peers, make([]Peer, n)...)
	s.dead = append(s.dead, make([]bool, n)...)
	for i := first; i < len(s.peers); i++ {
		id := PeerID(i)
		s.peers[i].Init(&s.cfg, id, 7, s.now())
		s.peers[i].Bootstrap(s.now(), contacts(id), &s.out)
		s.deliver()
	}
}

func (s *society) now() Time { return Time(s.cycle) * Second }

// deliver carries what is in the outbox to whom it is for, and what that makes
// them send.
func (s *society) deliver() {
	type letter struct {
		m       Message
		entries []Entry
	}
	var letters []letter
	post := func() {
		for _, m := range s.out.Sends {
			s.sent++
			entries := append([]Entry(nil), s.out.Entries[m.Offset:m.Offset+uint32(m.Count)]...)
			letters = append(letters, letter{m, entries})
		}
		s.out.Reset()
	}
	for post(); len(letters) > 0; post() {
		l := letters[0]
		letters = letters[1:]
		if s.dead[l.m.To] || s.cut != nil && s.cut(l.m.From, l.m.To) || s.loss > s.losses.Below(1000) {
			continue
		}
		l.m.Offset = 0
		s.peers[l.m.To].Handle(s.now(), &l.m, l.entries, &s.out)
	}
}

// run computes some cycles.
func (s *society) run(cycles int) {
	order := make([]PeerID, len(s.peers))
	for range cycles {
		s.cycle++
		s.sent = 0
		for i := range order {
			j := s.order.Below(uint32(i + 1))
			order[i], order[j] = order[j], PeerID(i)
		}
		for _, id := range order {
			if !s.dead[id] {
				s.peers[id].Tick(s.now(), &s.out)
				s.deliver()
			}
		}
	}
}

// killHalf kills every second peer.
func (s *society) killHalf() {
	for i := range s.dead {
		s.dead[i] = i%2 == 1
	}
}

// deadLinks is how many of the dead a living peer knows, on average.
func (s *society) deadLinks() float64 {
	links, alive := 0, 0
	for i := range s.peers {
		if s.dead[i] {
			continue
		}
		alive++
		for _, id := range s.peers[i].known {
			if s.dead[id] {
				links++
			}
		}
	}
	return float64(links) / float64(alive)
}

// components counts the parts of the overlay of the living that do not know each
// other, in either direction.
func (s *society) components() int {
	root := make([]PeerID, len(s.peers))
	for i := range root {
		root[i] = PeerID(i)
	}
	find := func(i PeerID) PeerID {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	parts := 0
	for i := range s.peers {
		if !s.dead[i] {
			parts++
		}
	}
	for i := range s.peers {
		for _, id := range s.peers[i].known {
			if a, b := find(PeerID(i)), find(id); !s.dead[i] && !s.dead[id] && a != b {
				root[a] = b
				parts--
			}
		}
	}
	return parts
}

// halves is a network that is cut in two.
func halves(n int) func(from, to PeerID) bool {
	return func(from, to PeerID) bool { return (int(from) < n/2) != (int(to) < n/2) }
}

// through joins everybody through peer 0.
func through(PeerID) []PeerID { return []PeerID{0} }

// circle tells everybody of the k peers that follow it in a circle of n.
func circle(n, k int) func(PeerID) []PeerID {
	return func(id PeerID) (list []PeerID) {
		for i := range k {
			list = append(list, PeerID((int(id)+i+1)%n))
		}
		return list
	}
}

// cured is Newscast as one would have it today; cyclonOf is Cyclon of the paper.
func cured(view int) Config {
	return Config{Sampler: Newscast, View: view, MaxAge: 5, DropSilent: true, AgeReplies: true,
		Rejoin: true, Remember: 16, RecallEvery: 50, Goodbye: true}
}

func cyclonOf(view, shuffle int) Config {
	return Config{Sampler: Cyclon, View: view, Shuffle: shuffle}
}

// check holds every living peer to its invariants.
func (s *society) check(t *testing.T) {
	t.Helper()
	for i := range s.peers {
		if err := s.peers[i].Check(); !s.dead[i] && err != nil {
			t.Fatalf("cycle %d: %v", s.cycle, err)
		}
	}
}
