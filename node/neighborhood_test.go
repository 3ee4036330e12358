package node

import (
	"fmt"
	"slices"
	"testing"
)

// speeds is an oracle of uploads: peer i pushes i mod 10 + 1 chunks.
type speeds struct{}

func (speeds) Lacks(PeerID, ChunkID) uint64          { return 0 }
func (speeds) Newest(PeerID) (ChunkID, bool)         { return 0, false }
func (speeds) Sent(PeerID, PeerID, ChunkID)          {}
func (speeds) Lackers(ChunkID) ([]uint64, uint32)    { return nil, 0 }
func (speeds) Latest() []uint32                      { return nil }
func (speeds) Upload(id PeerID) uint32               { return uint32(id)%10 + 1 }
func (speeds) Postponed(id PeerID, c ChunkID) uint32 { return 0 }

// neighbourly is a Newscast peer that pushes nothing, and keeps a neighbourhood.
func neighbourly(n Neighbourhood, change func(*Config)) *caster {
	return newCaster(func(c *Config) {
		c.GossipCheck, c.Push, c.Neighbourhood = 0, 0, n
		if n.Choose == ChooseUpload {
			c.Knowledge = speeds{}
		}
		if change != nil {
			change(c)
		}
	})
}

func (c *caster) neighbourIDs() (ids []PeerID) {
	for i := range c.Neighbours() {
		ids = append(ids, c.Neighbour(i))
	}
	return ids
}

// TestNeighbourhoodByUpload: the fastest of the view; each goes after Keep, the first
// one first, and comes back if it still is.
func TestNeighbourhoodByUpload(t *testing.T) {
	c := neighbourly(Neighbourhood{Size: 3, Keep: 3 * Second, Choose: ChooseUpload}, func(c *Config) { c.Goodbye, c.View = true, 6 })
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 12, Entry{12, 1}, Entry{15, 1}, Entry{14, 1}, Entry{18, 1}, Entry{17, 1})
	expect(t, "the fastest first", c.neighbourIDs(), []PeerID{18, 17, 15})
	now := c.views.hood.turnAt
	if now <= 0 || now > Second+1 {
		t.Errorf("the first turn is at %d, want one within Keep/Size", now)
	}
	expect(t, "woken for it", c.Wakeup(), now)
	c.Tick(now, &c.out)
	expect(t, "the first place goes to the best known, to the same again", c.neighbourIDs(), []PeerID{17, 15, 18})
	c.takes(now, Reply, 19, Entry{19, 1})
	expect(t, "a better one waits for a place", c.neighbourIDs(), []PeerID{17, 15, 18})
	c.Tick(c.views.hood.turnAt, &c.out)
	expect(t, "and has the next one", c.neighbourIDs(), []PeerID{15, 18, 19})
	expect(t, "turns are Keep/Size apart", c.views.hood.turnAt, now+2*Second)
	c.takes(now+1, Reply, 18, Entry{18, Gone})
	expect(t, "who says goodbye goes at once, another comes", c.neighbourIDs(), []PeerID{15, 19})
	c.takes(now+2, Reply, 12, Entry{12, 1})
	expect(t, "with the next view", c.neighbourIDs(), []PeerID{15, 19, 17})
	late := c.views.hood.turnAt + 1000*Second
	c.Tick(late, &c.out)
	expect(t, "turns that were missed are not made up for", c.views.hood.turnAt, late+1)
}

// TestNeighbourhoodByLatency: who answered fastest, of those who answered lately;
// anybody before somebody has.
func TestNeighbourhoodByLatency(t *testing.T) {
	c := neighbourly(Neighbourhood{Size: 2, Keep: 30 * Second, Choose: ChooseLatency}, func(c *Config) { c.Retry, c.DropSilent = Second, true })
	c.Bootstrap(0, nil, &c.out)
	var entries []Entry
	for id := range PeerID(8) {
		entries = append(entries, Entry{10 + id, 1})
	}
	took := func(id PeerID) Time { return Time(id) * Millisecond } // there and back
	answer := func() {
		for asked := c.views.asked; asked != NoPeer; {
			at := c.views.hood.askedAt + took(asked)
			c.takes(at, Reply, asked, append([]Entry{{asked, 1}}, entries...)...)
			asked = NoPeer
		}
	}
	c.takes(1, Reply, 10, entries...)
	expect(t, "there is somebody before anybody is measured", len(c.neighbourIDs()), 2)
	turns := 0
	for c.Wakeup() < 300*Second {
		now := c.Wakeup()
		c.Tick(now, &c.out)
		answer()
		c.out.Reset()
		ids := c.neighbourIDs()
		if len(ids) != 2 || ids[0] == ids[1] {
			t.Fatalf("%v: neighbours %v", now, ids)
		}
		for _, m := range c.views.hood.measured {
			if m.took != took(m.id) {
				t.Errorf("peer %d took %v, measured %v", m.id, took(m.id), m.took)
			}
		}
		// The one who was taken in last is the nearest who could have been.
		if h := c.views.hood; now+15*Second == h.turnAt {
			turns++
			for _, m := range h.measured {
				if fresh := now-m.at <= 60*Second; fresh && m.took < took(ids[1]) && !slices.Contains(ids, m.id) {
					t.Errorf("%v: %v taken in, and %d is nearer", now, ids, m.id)
				}
			}
		}
	}

	if turns != 20 {
		t.Errorf("%d turns in 300 s, want 20", turns)
	}

	// Who falls silent is dropped.
	for c.views.asked == NoPeer {
		c.Tick(c.Wakeup(), &c.out)
	}
	asked := c.views.asked
	for c.views.asked == asked {
		c.Tick(c.Wakeup(), &c.out)
	}
	if c.views.hood.holds(asked) {
		t.Errorf("%d did not answer, and is still a neighbour, or thought near", asked)
	}
}

// TestNeighbourhoodForgets: who is forgotten by the view for its age is no neighbour any
// more, who is displaced from it stays one; and a round trip is believed for 2·Keep.
func TestNeighbourhoodForgets(t *testing.T) {
	c := neighbourly(Neighbourhood{Size: 2, Keep: 1000 * Second}, func(c *Config) { c.View, c.MaxAge = 2, 3 })
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 7, Entry{7, 1}, Entry{8, 2})
	c.takes(2, Reply, 9, Entry{9, 1})
	expect(t, "8 is displaced", c.view(), " 9/1 7/1")
	expect(t, "and still a neighbour", c.neighbourIDs(), []PeerID{7, 8})
	if !c.Holds(8) || c.Holds(99) {
		t.Error("8 has a handle that may not be given to somebody else, 99 has not")
	}
	for range 2 {
		c.Tick(c.Wakeup(), &c.out)
	}
	c.takes(21*Second, Reply, 9, Entry{9, 1})
	for range 2 {
		c.Tick(c.Wakeup(), &c.out)
	}
	expect(t, "7 has not been heard of", c.view(), " 9/3")
	expect(t, "nor is it a neighbour now", c.neighbourIDs(), []PeerID{8})

	c = neighbourly(Neighbourhood{Size: 1, Keep: 20 * Second, Choose: ChooseLatency}, func(c *Config) { c.View = 3 })
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 7, Entry{7, 1})
	c.Tick(10*Second, &c.out)
	c.takes(10*Second+5, Reply, 7, Entry{7, 1})
	c.takes(10*Second+6, Reply, 8, Entry{8, 1}, Entry{9, 1}, Entry{10, 1})
	expect(t, "7 is displaced", has(c.known, 7), false)
	for now := c.Wakeup(); now < 200*Second; now = c.Wakeup() {
		turn := now == c.views.hood.turnAt
		c.Tick(now, &c.out)
		c.views.asked = NoPeer // it is not answered
		if near := c.neighbourIDs()[0] == 7; turn && near != (now <= 50*Second+5) {
			t.Errorf("%v: the neighbour is %v, and 7 was near at 10 s", now, c.neighbourIDs())
		}
	}
}

// TestNeighbourhoodTies: of those who are as good as each other, each is as likely.
func TestNeighbourhoodTies(t *testing.T) {
	met := map[PeerID]int{}
	for seed := range uint64(400) {
		c := neighbourly(Neighbourhood{Size: 1, Keep: Second, Choose: ChooseUpload}, nil)
		c.Init(&c.cfg, 1, seed, 0)
		c.Bootstrap(0, nil, &c.out)
		c.takes(1, Reply, 19, Entry{19, 1}, Entry{29, 1}, Entry{28, 1}, Entry{39, 1}, Entry{49, 1})
		met[c.neighbourIDs()[0]]++
	}
	for _, id := range []PeerID{19, 29, 39, 49} {
		if met[id] < 65 || met[id] > 135 { // 100 ± 9
			t.Errorf("%d was chosen %d times of 400, want some 100", id, met[id])
		}
	}
}

// TestNeighbourhoodAtRandom: the given number of places goes to anybody, the rest to
// the fastest; all are given anew within Keep; compared with a naive model for
// thousands of turns and changing views.
func TestNeighbourhoodAtRandom(t *testing.T) {
	for _, n := range []Neighbourhood{
		{Size: 6, Keep: 6 * Second},
		{Size: 6, Keep: 6 * Second, Choose: ChooseUpload, AtRandom: 2},
		{Size: 6, Keep: 6 * Second, Choose: ChooseUpload, AtRandom: 6},
		{Size: 1, Keep: Second, Choose: ChooseUpload},
	} {
		c := neighbourly(n, func(c *Config) { c.View, c.MaxAge = 12, 1<<20 })
		c.Bootstrap(0, nil, &c.out)
		r := Rand{7}
		now := Time(0)
		view := func() {
			var entries []Entry
			for range 12 {
				entries = append(entries, Entry{100 + PeerID(r.Below(60)), 1})
			}
			c.takes(now, Reply, entries[0].ID, entries...)
		}
		for len(c.neighbourIDs()) < n.Size {
			view()
		}
		type place struct {
			id    PeerID
			since Time
		}
		var model []place // in order of being taken in
		for _, id := range c.neighbourIDs() {
			model = append(model, place{id, now})
		}
		met := map[PeerID]int{}
		var randomly int
		for range 3000 {
			now = c.views.hood.turnAt
			fastest := uint32(0)
			for _, id := range c.known {
				if !slices.ContainsFunc(model[1:], func(p place) bool { return p.id == id }) {
					fastest = max(fastest, speeds{}.Upload(id))
				}
			}
			c.Tick(now, &c.out)
			ids := c.neighbourIDs()
			newest := ids[len(ids)-1]
			model = append(model[1:], place{newest, now})
			for i, p := range model {
				if ids[i] != p.id {
					t.Fatalf("%+v: neighbours %v, the model has %v", n, ids, model)
				}
				if now-p.since > n.Keep+Second {
					t.Fatalf("%+v: %d is kept since %v, now is %v", n, p.id, p.since, now)
				}
			}
			if !slices.Contains(c.known, newest) {
				t.Fatalf("%+v: %d is not of the view", n, newest)
			}
			if last := len(ids) - 1; c.views.hood.anybody[last] {
				randomly++
			} else if n.Choose == ChooseUpload && (speeds{}).Upload(newest) != fastest {
				t.Fatalf("%+v: %d was taken in, the fastest has %d", n, newest, fastest)
			}
			if got := c.views.hood.atRandom(); got != n.AtRandom {
				t.Fatalf("%+v: %d places are random", n, got)
			}
			met[newest]++
			view()
			c.out.Reset()
		}
		if want := 3000 * n.AtRandom / n.Size; n.AtRandom > 0 && randomly != want {
			t.Errorf("%+v: %d of 3000 turns were random ones, want %d", n, randomly, want)
		}
		if n.Choose == ChooseRandom || n.AtRandom == n.Size {
			for id := PeerID(100); id < 160; id++ {
				if met[id] < 25 || met[id] > 80 { // of 50 ± 7
					t.Errorf("%+v: peer %d was taken in %d times of 3000, want some 50", n, id, met[id])
				}
			}
		}
	}
}

// TestNeighbourhoodAllocatesNothing once the outbox has grown.
func TestNeighbourhoodAllocatesNothing(t *testing.T) {
	for choose := range ChooseLatency + 1 {
		c := neighbourly(Neighbourhood{Size: 5, Keep: Second, Choose: choose}, func(c *Config) { c.View, c.Gossip = 10, Second })
		c.Bootstrap(0, nil, &c.out)
		entries := make([]Entry, 11)
		turn := PeerID(0)
		step := func() {
			turn++
			for i := range entries {
				entries[i] = Entry{100 + (turn*7+PeerID(i))%40, 1}
			}
			now := c.Wakeup()
			c.Tick(now, &c.out)
			from := c.views.asked
			if from == NoPeer {
				from = 100
			}
			c.Handle(now, &Message{Kind: Reply, From: from, Count: 11}, entries, &c.out)
			c.out.Reset()
		}
		for range 100 {
			step()
		}
		if n := testing.AllocsPerRun(200, step); n > 0 {
			t.Errorf("choice %d: %v allocations", choose, n)
		}
	}
}

// TestNeighbourhoodRefused: what makes no sense says so.
func TestNeighbourhoodRefused(t *testing.T) {
	for _, n := range []Neighbourhood{
		{Size: 31, Keep: Second}, {Size: -1, Keep: Second}, {Keep: Second}, {Size: 3}, {Size: 3, Keep: -1},
		{Size: 3, Keep: Second, AtRandom: 1}, {Size: 3, Keep: Second, Choose: ChooseLatency, AtRandom: 4},
		{Size: 3, Keep: Second, Choose: ChooseUpload}, {Size: 3, Keep: Second, Choose: 9},
	} {
		c := newCaster(nil).cfg
		c.Neighbourhood = n
		if err := c.Validate(); err == nil {
			t.Errorf("accepted: %+v", n)
		}
	}
	c := newCaster(nil).cfg
	c.Sampler, c.Neighbourhood = Static, Neighbourhood{Size: 3, Keep: Second}
	expect(t, "without gossip", fmt.Sprint(c.Validate()), "node: Neighbourhood needs the sampler Newscast or Cyclon")
}
