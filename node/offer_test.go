package node

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func offerConfig() Config {
	return Config{
		Scheduler: Offer, Offers: 6, Select: 2, Lock: 300 * Millisecond, PushYoung: 0.3, Upload: 500_000,
		Repair: true, Patience: Second, Copies: 2,
		Policy: Window, Buffer: 128, Window: 64, Deadline: 4 * Second, Period: 40 * Millisecond, Hidden: NoPeer,
	}
}

// checkAll holds all peers of a society to their invariants, and tells how many chunks
// receivers lack of those 50 to 100 back.
func (s *society) checkAll(t *testing.T) (lacking int) {
	t.Helper()
	for i := range s.peers {
		if err := s.peers[i].Check(); err != nil {
			t.Error(err)
		}
		if i > 0 {
			lacking += s.lacking(i, 100, 50)
		}
	}
	return lacking
}

// TestOfferDeliver: everybody gets every chunk, hardly any twice, whether offers ride on
// chunks or not, and nobody sends faster than its link.
func TestOfferDeliver(t *testing.T) {
	for _, ride := range []bool{false, true} {
		cfg := offerConfig()
		cfg.Ride = ride
		s := newSociety(cfg, 12)
		s.run(10 * Second)
		if n := s.checkAll(t); n > 0 {
			t.Errorf("ride %v: %d chunks are missing", ride, n)
		}
		for i := range s.peers[1:] {
			st := s.peers[i+1].Stats()
			if st.Duplicates*10 > st.Received {
				t.Errorf("ride %v: peer %d: %d of %d chunks came again", ride, i+1, st.Duplicates, st.Received)
			}
			if most := uint64(10*Second)/uint64(cfg.takes(carryBytes+1000)) + 1; st.Pushed > most {
				t.Errorf("peer %d has sent %d chunks, its link carries %d", i+1, st.Pushed, most)
			}
		}
		if s.sent[Ask] > 100 {
			t.Errorf("%d chunks of 3000 had to be asked for", s.sent[Ask])
		}
	}
}

// TestOfferAnswered: every offer that arrives is answered, once.
func TestOfferAnswered(t *testing.T) {
	s := newSociety(offerConfig(), 6)
	s.run(5 * Second)
	waiting := 0
	for _, l := range s.post {
		if l.m.Kind == Proposal {
			waiting++
		}
	}
	if s.sent[Select]+waiting != s.sent[Proposal] || s.sent[Select] == 0 {
		t.Errorf("%d answers to %d offers, of which %d are under way", s.sent[Select], s.sent[Proposal], waiting)
	}
}

// TestOfferLocks: what a peer has selected it selects of nobody else, until its lock
// has ended, or for ever once it came; even where a third of the chunks is lost.
func TestOfferLocks(t *testing.T) {
	cfg := offerConfig()
	s := newSociety(cfg, 8)
	type pair struct {
		id PeerID
		c  ChunkID
	}
	selected := map[pair]Time{}
	again, n := 0, 0
	s.lose = func(m *Message) bool {
		if m.Kind == Select {
			words := s.outs.Entries[m.Offset:]
			for i := range int(m.Size) {
				x := pair{m.From, ChunkID(Word(words, 0)) - ChunkID(Word(words, 4+i/4)>>(8*(i%4))&0xff)}
				if s.peers[m.From].buffer.holds(Window, x.c) {
					t.Errorf("peer %d selects chunk %d, which it holds", x.id, x.c)
				}
				if at, was := selected[x]; was {
					again++
					if s.now-at < cfg.Lock {
						t.Errorf("peer %d selects chunk %d again after %d ms", x.id, x.c, (s.now-at)/Millisecond)
					}
				}
				selected[x] = s.now
			}
		}
		n++
		return m.Kind == Carry && n%3 == 0
	}
	s.run(8 * Second)
	if again == 0 {
		t.Error("nothing was selected again, though chunks were lost")
	}
}

// TestOfferLostMessages: whatever kind of message is lost for three seconds, all of them
// or half, the swarm goes on as before afterwards, and no credit has leaked.
func TestOfferLostMessages(t *testing.T) {
	for _, kind := range []Kind{Carry, Proposal, Select, Ask, Deny} {
		for every := 1; every <= 2; every++ {
			s := newSociety(offerConfig(), 8)
			s.run(4 * Second)
			n := 0
			s.lose = func(m *Message) bool { n++; return m.Kind == kind && n%every == 0 }
			s.run(3 * Second)
			s.lose = nil
			s.run(8 * Second)
			if missing := s.checkAll(t); missing > 0 {
				t.Errorf("each %d-th %v lost: %d chunks are missing later", every, kind, missing)
			}
		}
	}
}

// TestOfferCalm: when the stream stops, so do the offers, but for some that show who is
// there: what nobody wants is not offered again and again. (A crowd that has joined did so
// to its source, which then had no time for chunks.)
func TestOfferCalm(t *testing.T) {
	s := newSociety(offerConfig(), 8)
	s.run(6 * Second)
	s.next += 1 << 20 // no more chunks
	s.run(4 * Second)
	before := s.sent[Proposal]
	s.run(4 * Second)
	if n := s.sent[Proposal] - before; n > 9*8*3/2 { // those met anew after silence
		t.Errorf("%d offers in 4 s of nine peers without a stream", n)
	}
}

// TestOfferOverload: whatever a crowd offers or asks for, answers take a quarter of the link,
// and no more: silence slows those down who ask.
func TestOfferOverload(t *testing.T) {
	for _, kind := range []Kind{Proposal, Ask} {
		cfg := offerConfig()
		var p Peer
		var out Outbox
		p.Init(&cfg, 0, 1, 0)
		p.Bootstrap(0, []PeerID{1}, &out)
		bytes := int64(0)
		for i := range 20_000 {
			out.Reset()
			m := Message{Kind: kind, From: PeerID(1 + i%60), Chunk: ChunkID(i)}
			var entries []Entry
			if kind == Proposal {
				m.Chunk, entries = 0, []Entry{{}, {Age: uint32(i)}}
			}
			p.Handle(Time(i)*100*Microsecond, &m, entries, &out)
			bytes += int64(len(out.Sends)) * denyBytes
		}
		if link := int64(cfg.Upload/8) * 2; bytes < link/6 || bytes > link/3 {
			t.Errorf("%v: %d bytes of answers in 2 s, the link carries %d", kind, bytes, link)
		}
	}
}

// TestOfferWithoutYoung: with PushYoung 0 nobody but the source pushes what was not selected.
func TestOfferWithoutYoung(t *testing.T) {
	cfg := offerConfig()
	cfg.PushYoung, cfg.Repair, cfg.Patience = 0, false, 0
	s := newSociety(cfg, 8)
	accepted, pushed := 0, 0
	s.lose = func(m *Message) bool {
		switch {
		case m.Kind == Select && m.To != 0:
			accepted += int(m.Size)
		case m.Kind == Carry && m.From != 0:
			pushed++
		}
		return false
	}
	s.run(6 * Second)
	if pushed == 0 || pushed > accepted {
		t.Errorf("%d chunks were pushed, %d accepted", pushed, accepted)
	}
	if n := s.checkAll(t); n > 0 {
		t.Errorf("%d chunks are missing", n)
	}
}

// TestCircleAllocates: once it runs, neither offers nor maps allocate.
func TestCircleAllocates(t *testing.T) {
	for _, cfg := range []Config{offerConfig(), mapsConfig("rp/lu"), mapsConfig("lu/el")} {
		s := newSociety(cfg, 8)
		s.run(10 * Second)
		if n := testing.AllocsPerRun(5, func() { s.run(200 * Millisecond) }); n != 0 {
			t.Errorf("%s: %v allocations in 200 ms of nine peers", cfg.Scheduler.Name(), n)
		}
	}
}

// TestOfferConfig: what makes no sense with offers and maps, or without, is refused.
func TestOfferConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no offers":        func(c *Config) { c.Offers = 0 },
		"33 offers":        func(c *Config) { c.Offers = 33 },
		"no selection":     func(c *Config) { c.Select = 0 },
		"nine of an offer": func(c *Config) { c.Select = 9 },
		"a long lock":      func(c *Config) { c.Lock = 11 * Second },
		"all are young":    func(c *Config) { c.PushYoung = 1.1 },
		"top":              func(c *Config) { c.Policy = Top },
		"a small buffer":   func(c *Config) { c.Buffer = 15 },
		"no period":        func(c *Config) { c.Period, c.Deadline = 0, 0 },
		"ticks":            func(c *Config) { c.Push = Second },
		"impatience":       func(c *Config) { c.Patience = -1 },
		"maps too":         func(c *Config) { c.Maps = Second },
		"an odd upload":    func(c *Config) { c.Upload = MaxUpload + 1 },
		"another push":     func(c *Config) { c.Scheduler = Random },
	} {
		refused(t, name, offerConfig(), change)
	}
	for name, change := range map[string]func(*Config){
		"full":          func(c *Config) { c.Sampler = Full },
		"fast maps":     func(c *Config) { c.Maps = Millisecond },
		"an oracle":     func(c *Config) { c.Scheduler, _ = SchedulerNamed("ba/lu") },
		"a blind one":   func(c *Config) { c.Scheduler = Latest },
		"both":          func(c *Config) { c.Knowledge = &circle{} },
		"upload":        func(c *Config) { c.Upload = 1 },
		"offers":        func(c *Config) { c.Offers = 1 },
		"a wide buffer": func(c *Config) { c.Buffer = MaxUseful + 1 },
	} {
		refused(t, name, mapsConfig("rp/lu"), change)
	}
}

func refused(t *testing.T, name string, c Config, change func(*Config)) {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if change(&c); c.Validate() == nil {
		t.Errorf("%s is accepted", name)
	}
}

// TestCircleHostile: whatever a stranger says, a peer does not panic, keeps its
// invariants, and answers with no more than a few messages.
func TestCircleHostile(t *testing.T) { rapid.Check(t, hostileCircle) }

// FuzzCircle is the same, for the fuzzer.
func FuzzCircle(f *testing.F) { f.Fuzz(rapid.MakeFuzz(hostileCircle)) }

func hostileCircle(t *rapid.T) {
	cfg := rapid.SampledFrom([]Config{offerConfig(), mapsConfig("rp/lu"), mapsConfig("ra/up")}).Draw(t, "config")
	if cfg.Scheduler == Offer {
		cfg.Ride = rapid.Bool().Draw(t, "ride")
	}
	if rapid.Bool().Draw(t, "guarded") {
		cfg.Ahead, cfg.Restart = DefaultAhead, DefaultRestart
	}
	if rapid.Bool().Draw(t, "source") {
		cfg.Role = Source
	}
	var p Peer
	var out Outbox
	p.Init(&cfg, 0, 5, 0)
	p.Bootstrap(0, []PeerID{1, 2, 3}, &out)
	now := Time(0)
	for i := range rapid.IntRange(1, 60).Draw(t, "messages") {
		now += Time(rapid.Int64Range(0, int64(300*Millisecond)).Draw(t, "later"))
		out.Reset()
		if cfg.Role == Source && i%3 == 0 {
			p.Publish(now, ChunkID(i), 1000, &out)
		}
		if p.Wakeup() <= now {
			p.Tick(now, &out)
		}
		small := rapid.Uint32Range(0, 40)
		word := rapid.OneOf(small, rapid.Uint32())
		m := Message{
			Kind: Kind(rapid.Uint8Range(0, 13).Draw(t, "kind")), From: PeerID(rapid.Uint32Range(0, 99).Draw(t, "from")),
			Chunk: ChunkID(word.Draw(t, "chunk")), Size: word.Draw(t, "size"),
		}
		entries := make([]Entry, rapid.IntRange(0, 3).Draw(t, "entries"))
		for i := range entries {
			entries[i] = Entry{PeerID(word.Draw(t, "a")), word.Draw(t, "b")}
		}
		out.Reset()
		p.Handle(now, &m, entries, &out)
		if len(out.Sends) > 2*MaxOffers {
			t.Fatalf("%d messages for one", len(out.Sends))
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMapHelpers: maps shifted against each other, chunk by chunk.
func TestMapHelpers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newest := ChunkID(rapid.Uint32Range(63, 300).Draw(t, "newest"))
		top := ChunkID(rapid.Uint32Range(63, 300).Draw(t, "top"))
		held := rapid.Uint64().Draw(t, "held")
		at := aligned(newest, held, top)
		for i := range ChunkID(64) {
			c := top - i
			holds := mapHas(newest, held, c)
			below := c < newest && newest-c >= 64
			if at>>i&1 != 0 != (holds || below) {
				t.Fatalf("chunk %d of a map from %d: %v", c, newest, at>>i&1)
			}
		}
		var b buffer
		var out Outbox
		b.init(Window, rapid.IntRange(1, 200).Draw(t, "size"))
		ids := rapid.SliceOf(rapid.Uint32Range(0, 300)).Draw(t, "ids")
		for _, c := range ids {
			b.add(Window, ChunkID(c), &out)
		}
		got := b.heldFrom(top)
		for i := range ChunkID(64) {
			if got>>i&1 != 0 != b.holds(Window, top-i) {
				t.Fatalf("chunk %d in a window: %v of %v", top-i, got>>i&1, slices.Sorted(slices.Values(ids)))
			}
		}
	})
}
