package node_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
)

// society is many peers that exchange views, cycle by cycle: in each, everybody
// begins one exchange, in random order, and messages arrive at once. It is the
// model of theory.md 4.2, with real peers.
type society struct {
	cfg   node.Config
	peers []node.Peer
	dead  []bool
	// cut tells whether the network carries nothing from one peer to another;
	// loss is the share of the messages that it loses.
	cut    func(from, to node.PeerID) bool
	loss   uint32 // of 1,000
	cycle  int
	out    node.Outbox
	order  node.Rand
	losses node.Rand
	sent   int // messages, of the last cycle
}

// newSociety makes n peers, each of which is told of the contacts that it has.
func newSociety(n int, cfg node.Config, contacts func(id node.PeerID) []node.PeerID) *society {
	cfg.Scheduler, cfg.Buffer, cfg.Gossip, cfg.Hidden = node.Random, 1, node.Second, node.NoPeer
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	s := &society{cfg: cfg, order: node.Stream(1, 1000, 0), losses: node.Stream(1, 1001, 0)}
	s.add(n, contacts)
	return s
}

// add lets n more peers join at this instant.
func (s *society) add(n int, contacts func(id node.PeerID) []node.PeerID) {
	first := len(s.peers)
	s.peers = append(s.peers, make([]node.Peer, n)...)
	s.dead = append(s.dead, make([]bool, n)...)
	for i := first; i < len(s.peers); i++ {
		id := node.PeerID(i)
		s.peers[i].Init(&s.cfg, id, 7, s.now())
		s.peers[i].Bootstrap(s.now(), contacts(id), &s.out)
		s.deliver()
	}
}

func (s *society) now() node.Time { return node.Time(s.cycle) * node.Second }

// deliver carries what is in the outbox to whom it is for, and what that makes
// them send.
func (s *society) deliver() {
	type letter struct {
		m       node.Message
		entries []node.Entry
	}
	var letters []letter
	post := func() {
		for _, m := range s.out.Sends {
			s.sent++
			entries := append([]node.Entry(nil), s.out.Entries[m.Offset:m.Offset+uint32(m.Count)]...)
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
	order := make([]node.PeerID, len(s.peers))
	for range cycles {
		s.cycle++
		s.sent = 0
		for i := range order {
			j := s.order.Below(uint32(i + 1))
			order[i], order[j] = order[j], node.PeerID(i)
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
		for _, id := range s.known(i) {
			if s.dead[id] {
				links++
			}
		}
	}
	return float64(links) / float64(alive)
}

// graph is the overlay of the living.
func (s *society) graph() *measure.Graph {
	return measure.NewGraph(len(s.peers), func(edge func(a, b uint32)) {
		for i := range s.peers {
			for _, id := range s.known(i) {
				if !s.dead[i] && !s.dead[id] {
					edge(uint32(i), uint32(id))
				}
			}
		}
	})
}

// parts counts the parts of the overlay of the living that do not know each
// other, in either direction.
func (s *society) parts() int {
	parts := len(s.graph().Components())
	for _, dead := range s.dead {
		if dead {
			parts--
		}
	}
	return parts
}

// known is the view of a peer.
func (s *society) known(i int) (list []node.PeerID) {
	for k := range s.peers[i].Neighbours() {
		list = append(list, s.peers[i].Neighbour(k))
	}
	return list
}

// inDegreeSD is the standard deviation over peers of the number of views that
// a peer stands in.
func (s *society) inDegreeSD() float64 {
	degree := make([]float64, len(s.peers))
	sum, squares := 0.0, 0.0
	for i := range s.peers {
		for _, id := range s.known(i) {
			degree[id]++
		}
	}
	for _, d := range degree {
		sum += d
		squares += d * d
	}
	n := float64(len(degree))
	return math.Sqrt(squares/n - sum/n*sum/n)
}

// halves is a network that is cut in two.
func halves(n int) func(from, to node.PeerID) bool {
	return func(from, to node.PeerID) bool { return (int(from) < n/2) != (int(to) < n/2) }
}

// through joins everybody through peer 0.
func through(node.PeerID) []node.PeerID { return []node.PeerID{0} }

// circle tells everybody of the k peers that follow it in a circle of n.
func circle(n, k int) func(node.PeerID) []node.PeerID {
	return func(id node.PeerID) (list []node.PeerID) {
		for i := range k {
			list = append(list, node.PeerID((int(id)+i+1)%n))
		}
		return list
	}
}

// cured is Newscast as one would have it today; cyclonOf is Cyclon of the paper.
func cured(view int) node.Config {
	return node.Config{Sampler: node.Newscast, View: view, MaxAge: 5, DropSilent: true, AgeReplies: true,
		Rejoin: true, Remember: 16, RecallEvery: 50, Goodbye: true}
}

func cyclonOf(view, shuffle int) node.Config {
	return node.Config{Sampler: node.Cyclon, View: view, Shuffle: shuffle}
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
