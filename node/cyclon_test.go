package node

import "testing"

// newShuffler is a caster of Cyclon, number 1.
func newShuffler(view, shuffle int) *caster {
	return newCaster(func(c *Config) {
		c.Sampler, c.View, c.Shuffle, c.GossipCheck, c.Push = Cyclon, view, shuffle, 0, 0
	})
}

// TestCyclonShuffle walks through section 3 of the paper.
func TestCyclonShuffle(t *testing.T) {
	c := newShuffler(4, 2)
	c.Bootstrap(0, []PeerID{7}, &c.out)
	expect(t, "join", c.sent(), []string{"query to 7: 1/1"})
	c.takes(1, Reply, 7, Entry{5, 3}, Entry{6, 9})
	expect(t, "free places are filled", c.view(), " 7/1 5/3 6/9")

	c.Tick(10*Second, &c.out)
	line := c.sent()
	if len(line) != 1 || line[0] != "query to 6: 1/1 7/2" && line[0] != "query to 6: 1/1 5/4" {
		t.Fatalf("the oldest gets the own entry and a random one: %v", line)
	}
	given := c.views.given[0]
	kept := PeerID(5 + 7 - given)
	expect(t, "the oldest has left the view", has(c.known, 6), false)

	c.takes(11*Second, Reply, 6, Entry{8, 1}, Entry{9, 4})
	if !has(c.known, 8) || !has(c.known, 9) || !has(c.known, kept) || len(c.known) != 4 {
		t.Errorf("two come where two places are free: %s", c.view())
	}
	c.Tick(20*Second, &c.out)
	asked, given := c.views.asked, c.views.given[0]
	c.takes(21*Second, Reply, asked, Entry{11, 1}, Entry{12, 1}, Entry{13, 1})
	if !has(c.known, 11) || !has(c.known, 12) || has(c.known, 13) || has(c.known, given) || len(c.known) != 4 {
		t.Errorf("one place is free, one was given, a third entry is one too many: %s", c.view())
	}
	c.takes(22*Second, Reply, asked, Entry{14, 1})
	expect(t, "a reply that nobody waits for takes nobody's place", has(c.known, 14), false)
	c.sent()

	before := append([]PeerID(nil), c.known...)
	c.takes(23*Second, Query, 20, Entry{20, 1}, Entry{1, 3})
	line = c.sent()
	if len(line) != 1 || len(c.known) != 4 || !has(c.known, 20) || has(c.known, 1) {
		t.Errorf("the view %s, answered %v", c.view(), line)
	}
	lost := 0
	for _, id := range before {
		if !has(c.known, id) {
			lost++
		}
	}
	expect(t, "of two that were given, as many went as came", lost, 1)

	c.takes(24*Second, Query, 20, Entry{20, 1})
	for _, e := range c.out.Entries {
		if e.ID == 20 {
			t.Error("somebody is sent its own entry")
		}
	}
}

// TestCyclonAnswersAlways: also who knows nobody but the one that asks.
func TestCyclonAnswersAlways(t *testing.T) {
	c := newShuffler(4, 2)
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Query, 7, Entry{7, 1})
	expect(t, "answered", c.sent(), []string{"reply to 7: 1/1"})
	expect(t, "the view", c.view(), " 7/1")
	c.takes(2, Query, 7, Entry{7, 1}, Entry{0, 0})
	expect(t, "answered", c.sent(), []string{"reply to 7: 1/1"})
	expect(t, "the view", c.view(), " 7/1")
}

// TestCyclonDropsSilent: who is asked leaves the view, and is back only if it
// is named again.
func TestCyclonDropsSilent(t *testing.T) {
	c := newShuffler(4, 2)
	c.Bootstrap(0, []PeerID{7}, &c.out)
	c.sent()
	c.Tick(10*Second, &c.out)
	expect(t, "asked", c.sent(), []string{"query to 7: 1/1"})
	c.Tick(20*Second, &c.out)
	expect(t, "nobody is left", c.sent(), []string{})
	expect(t, "the view", c.view(), "")
}

// FuzzMembership: no view makes a peer of either sampler panic, break an
// invariant, or answer with more than its bounds allow.
func FuzzMembership(f *testing.F) {
	f.Add(uint8(0), []byte{0, 7, 2, 7, 1, 8, 3, 1, 7, 1, 9, 255})
	f.Add(uint8(1), []byte{0, 7, 2, 7, 1, 8, 3, 1, 7, 1, 7, 255, 0, 2, 2, 7, 1, 2, 1})
	f.Add(uint8(2), []byte("\x00\x05\x03\x05\x01\x06\x01\x01\x01\x01\x05\x01\x05\xff"))
	f.Add(uint8(3), []byte{1, 2, 4, 3, 1, 4, 1, 5, 1, 6, 1, 0, 3, 1, 3, 255})
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		cfg := Config{Scheduler: Random, Buffer: 5, View: 5, Gossip: Second, Stagger: true, Retry: Second / 2,
			Remember: 3, RecallEvery: 2, Goodbye: true, Rejoin: true, AskStrangers: true, Hidden: 2}
		if kind&1 == 0 {
			cfg.Sampler, cfg.MaxAge, cfg.DropSilent, cfg.AgeReplies = Newscast, 3, true, true
		} else {
			cfg.Sampler, cfg.Shuffle = Cyclon, 3
		}
		if kind&2 != 0 {
			cfg.RNG = Original
		}
		p := newTestPeer(cfg, 1)
		var out Outbox
		p.Bootstrap(0, []PeerID{4}, &out)
		next := func() (b byte) {
			if len(data) > 0 {
				b, data = data[0], data[1:]
			}
			return b
		}
		age := func() uint32 {
			if b := next(); b < 250 {
				return uint32(b)
			}
			return Gone
		}
		for now := Time(0); len(data) > 0; now += 300 * Millisecond {
			m := Message{Kind: Query + Kind(next()%2), From: PeerID(next())}
			entries := make([]Entry, next()%9)
			for i := range entries {
				entries[i] = Entry{PeerID(next()), age()}
			}
			m.Count = uint16(len(entries))
			out.Reset()
			p.Handle(now, &m, entries, &out)
			p.Tick(now, &out)
			if len(out.Sends) > 5 || len(out.Entries) > 5*(cfg.View+1) {
				t.Fatalf("one message causes %d sends, %d entries", len(out.Sends), len(out.Entries))
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			for i := range p.Neighbours() {
				if !p.Holds(p.Neighbour(i)) {
					t.Fatalf("neighbour %d is not held", p.Neighbour(i))
				}
			}
		}
	})
}
