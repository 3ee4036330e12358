package node_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
	"pushcast/node"
)

// mutualSociety is one in which neighbours must agree.
func mutualSociety(t *rapid.T) *society {
	size := rapid.IntRange(1, 6).Draw(t, "size")
	cfg := node.Config{
		Sampler: rapid.SampledFrom([]node.Sampler{node.Newscast, node.Cyclon}).Draw(t, "sampler"),
		View:    rapid.IntRange(max(size, 4), 12).Draw(t, "view"),
		Retry:   node.Second / 2, Goodbye: true,
		Neighbourhood: node.Neighbourhood{
			Size: size, Mutual: true,
			Keep:   node.Time(rapid.IntRange(2*size, 20).Draw(t, "keep")) * node.Second,
			Choose: rapid.SampledFrom([]node.Choice{node.ChooseRandom, node.ChooseLatency}).Draw(t, "choose"),
		},
	}
	if cfg.Sampler == node.Cyclon {
		cfg.Shuffle = 3
	}
	return newSociety(rapid.IntRange(2, 40).Draw(t, "peers"), cfg, func(id node.PeerID) []node.PeerID {
		if id == 0 {
			return nil
		}
		return []node.PeerID{id - 1, 0}
	})
}

// oneSided counts the living who have a living neighbour of whom they are none, and
// checks that all have at most twice Size.
func (s *society) oneSided(t *rapid.T) (n int) {
	pairs := map[[2]node.PeerID]bool{}
	for i := range s.peers {
		if s.dead[i] {
			continue
		}
		if err := s.peers[i].Check(); err != nil {
			t.Fatal(err)
		}
		ids := s.known(i)
		if most := 2 * s.cfg.Neighbourhood.Size; len(ids) > most {
			t.Fatalf("peer %d has %d neighbours, more than %d", i, len(ids), most)
		}
		for _, id := range ids {
			pairs[[2]node.PeerID{node.PeerID(i), id}] = true
		}
	}
	for p := range pairs {
		if !s.dead[p[1]] && !pairs[[2]node.PeerID{p[1], p[0]}] {
			n++
		}
	}
	return n
}

// TestMutual: where nothing is lost, whenever no message is under way, who has a neighbour
// is its neighbour; after a time of losses, when every place has had its turn. Nobody is
// without neighbours for long, but where one place is all there is.
func TestMutual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mutualSociety(t)
		keep := int(s.cfg.Neighbourhood.Keep / node.Second)
		alone := make([]int, len(s.peers)) // cycles without neighbours
		for range 2*keep + 10 {
			s.run(1)
			if n := s.oneSided(t); n > 0 {
				t.Fatalf("cycle %d: %d are one-sided, and nothing was lost", s.cycle, n)
			}
			for i := range alone {
				if alone[i]++; len(s.known(i)) > 0 {
					alone[i] = 0
				}
				if alone[i] > 5 && s.cfg.Neighbourhood.Size > 1 {
					t.Fatalf("peer %d of %d has no neighbours for %d cycles", i, len(s.peers), alone[i])
				}
			}
		}
		s.loss = uint32(rapid.IntRange(100, 500).Draw(t, "loss"))
		s.run(2 * keep)
		s.loss = 0
		s.run(2*keep + 3)
		if n := s.oneSided(t); n > 0 {
			t.Fatalf("%d are one-sided %d cycles after losses", n, 2*keep+3)
		}
	})
}

// TestMutualFull: who has twice Size neighbours refuses, and who is refused goes without
// till the next view; a source refuses everybody; goodbye ends it without a word.
func TestMutualFull(t *testing.T) {
	cfg := node.Config{
		Scheduler: node.Random, Buffer: 1, Sampler: node.Newscast, View: 8, Gossip: node.Second, Hidden: 9, Goodbye: true,
		Neighbourhood: node.Neighbourhood{Size: 1, Keep: 30 * node.Second, Mutual: true},
	}
	var p node.Peer
	var out node.Outbox
	p.Init(&cfg, 1, 1, 0)
	p.Bootstrap(0, nil, &out)
	says := func(from node.PeerID, kind node.Kind) (answer node.Kind) {
		out.Reset()
		p.Handle(1, &node.Message{Kind: kind, From: from, To: 1}, nil, &out)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		switch len(out.Sends) {
		case 0:
			return 0
		case 1:
			if out.Sends[0].To == from {
				return out.Sends[0].Kind
			}
		}
		t.Fatalf("%v of %d is answered by %v", kind, from, out.Sends)
		return 0
	}
	for i, c := range []struct {
		from         node.PeerID
		says, answer node.Kind
		neighbours   uint32
	}{
		{2, node.Add, node.Added, 1},
		{2, node.Add, node.Added, 1},  // the answer was lost
		{1, node.Add, 0, 1},           // somebody uses our address
		{9, node.Add, node.Remove, 1}, // the hidden source is pushed to by nobody
		{3, node.Add, node.Added, 2},
		{4, node.Add, node.Remove, 2}, // full
		{4, node.Added, node.Remove, 2},
		{5, node.Remove, 0, 2},
		{3, node.Remove, 0, 1},
		{4, node.Add, node.Added, 2},
	} {
		if got := says(c.from, c.says); got != c.answer || p.Neighbours() != c.neighbours {
			t.Errorf("step %d: %v of %d is answered by %v, then there are %d neighbours", i, c.says, c.from, got, p.Neighbours())
		}
	}
	cfg.Neighbourhood.Size = 2
	p.Init(&cfg, 1, 1, 0)
	view := func(from node.PeerID, entries ...node.Entry) {
		out.Reset()
		p.Handle(1, &node.Message{Kind: node.Reply, From: from, To: 1, Count: uint16(len(entries))}, entries, &out)
	}
	view(7, node.Entry{ID: 7, Age: 1})
	view(8, node.Entry{ID: 8, Age: 1})
	says(7, node.Added)
	p.Handle(2, &node.Message{Kind: node.Reply, From: 8, To: 1, Count: 1}, []node.Entry{{ID: 8, Age: node.Gone}}, &out)
	view(6, node.Entry{ID: 6, Age: 1})
	if p.Neighbours() != 2 || p.Neighbour(1) != 6 {
		t.Fatalf("8 has said goodbye, 6 is known: %d neighbours", p.Neighbours())
	}
	out.Reset()
	p.Tick(16*node.Second, &out) // the turn of 7; and 6 was asked a turn ago
	words := ""
	for _, m := range out.Sends {
		if m.Kind >= node.Add {
			words += fmt.Sprintf("%v %d, ", m.Kind, m.To)
		}
	}
	if words != "remove 6, add 6, add 7, " && words != "remove 6, add 7, add 6, " {
		t.Errorf("6 did not answer: %q", words)
	}
	cfg.Role = node.Source
	p.Init(&cfg, 1, 1, 0)
	if got := says(2, node.Add); got != node.Remove || p.Neighbours() != 0 {
		t.Errorf("a source answers %v", got)
	}
}
