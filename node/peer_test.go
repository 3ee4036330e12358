package node

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// newTestPeer makes a peer that knows the peers 2 … 5.
func newTestPeer(cfg Config, seed uint64) *Peer {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	p := new(Peer)
	p.Init(&cfg, 1, seed, 0)
	var out Outbox
	p.Bootstrap(0, []PeerID{2, 3, 4, 5}, &out)
	return p
}

// ticksOf gives the instants of a peer's first ticks.
func ticksOf(p *Peer, n int) (at []Time) {
	var out Outbox
	for range n {
		at = append(at, p.Wakeup())
		p.Tick(p.Wakeup(), &out)
	}
	return at
}

func TestTickLaws(t *testing.T) {
	start := func(ticks Ticks, seed uint64, now Time) *Peer {
		p := new(Peer)
		p.Init(&Config{Push: 100, Ticks: ticks, Scheduler: Random, Buffer: 1}, 1, seed, now)
		return p
	}
	if got := fmt.Sprint(ticksOf(start(Synchronous, 1, 250), 3)); got != "[300 400 500]" {
		t.Errorf("synchronous, from 250: %s", got)
	}
	if got := fmt.Sprint(ticksOf(start(Immediate, 1, 250), 3)); got != "[250 350 450]" {
		t.Errorf("immediate, from 250: %s", got)
	}
	first := map[Time]bool{}
	for seed := range uint64(200) {
		at := ticksOf(start(RandomPhase, seed, 250), 3)
		if at[0] < 250 || at[0] >= 350 || at[1] != at[0]+100 || at[2] != at[0]+200 {
			t.Fatalf("random phase, from 250: %v", at)
		}
		first[at[0]] = true
	}
	if len(first) < 60 {
		t.Errorf("only %d different phases of 100 in 200 peers", len(first))
	}
	at := ticksOf(start(Poisson, 1, 0), 10_001)
	if mean := float64(at[10_000]) / 10_001; mean < 96 || mean > 104 {
		t.Errorf("Poisson: mean gap %.1f, must be 100", mean)
	}
}

// TestSourcePublishes: copies of the new chunk, each to a neighbour drawn anew.
func TestSourcePublishes(t *testing.T) {
	p := newTestPeer(Config{Role: Source, Copies: 3, Buffer: 1, Scheduler: Random}, 1)
	var out Outbox
	for c := range ChunkID(50) {
		out.Reset()
		p.Publish(Time(c), c, 1128, &out)
		if len(out.Sends) != 3 || !slices.Equal(out.Accepted, []ChunkID{c}) {
			t.Fatalf("chunk %d: %d sends, to keep %v", c, len(out.Sends), out.Accepted)
		}
		if c > 0 && !slices.Equal(out.Dropped, []ChunkID{c - 1}) {
			t.Fatalf("chunk %d: dropped %v", c, out.Dropped)
		}
		for _, m := range out.Sends {
			if m.Kind != Chunk || m.Chunk != c || m.From != 1 || m.To < 2 || m.To > 5 || m.Size != 1128 {
				t.Fatalf("chunk %d: sends %+v", c, m)
			}
		}
	}
	out.Reset()
	p.Handle(99, &Message{Kind: Chunk, From: 2, Chunk: 7}, nil, &out)
	if out.Outcome != ToSource || len(out.Accepted) > 0 {
		t.Errorf("the source takes a chunk in: %v", out.Outcome)
	}
}

// TestChunksThatAreNone: ids that the wire calls negative are refused, and
// change nothing.
func TestChunksThatAreNone(t *testing.T) {
	p := newTestPeer(Config{Buffer: 4, Window: 4, Scheduler: Random}, 1)
	var out Outbox
	p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: MaxChunk + 1}, nil, &out)
	if out.Outcome != Refused || p.Chunks() != 0 || len(out.Accepted)+len(out.Played) > 0 {
		t.Errorf("chunk 2³¹ is %v", out.Outcome)
	}
	p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: MaxChunk}, nil, &out)
	if out.Outcome != Accepted || p.Newest() != MaxChunk {
		t.Errorf("chunk 2³¹−1 is %v", out.Outcome)
	}
	p.Handle(0, &Message{Kind: 77, From: 2}, nil, &out)
	if p.Stats().Refused != 2 {
		t.Errorf("%d refused, must be 2", p.Stats().Refused)
	}
}

func TestSchedulers(t *testing.T) {
	for _, s := range Schedulers() {
		if found, ok := SchedulerNamed(s.Name()); !ok || found != s || s.About() == "" {
			t.Errorf("%s is not to be found by its name", s.Name())
		}
	}
	if _, ok := SchedulerNamed("no such"); ok {
		t.Error("a scheduler of any name is found")
	}
	p := newTestPeer(Config{Buffer: 4, Scheduler: Latest}, 1)
	if _, _, ok := Random.Pick(p); ok {
		t.Error("pushes from an empty buffer")
	}
	var out Outbox
	for _, c := range []ChunkID{5, 9, 7} {
		p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
	}
	to, chunks := map[PeerID]int{}, map[ChunkID]int{}
	for range 3000 {
		id, c, _ := Random.Pick(p)
		to[id]++
		chunks[c]++
		if _, newest, _ := Latest.Pick(p); newest != 9 {
			t.Fatalf("latest pushes %d", newest)
		}
	}
	if len(to) != 4 || len(chunks) != 3 || to[2] < 600 || to[2] > 900 || chunks[7] < 850 || chunks[7] > 1150 {
		t.Errorf("random pushes %v to %v", chunks, to)
	}
}

// blindOnes are the schedulers that ask nobody.
func blindOnes() (list []Scheduler) {
	for _, s := range Schedulers() {
		if IsBlind(s) {
			list = append(list, s)
		}
	}
	return list
}

// anyConfig draws a peer of any kind.
func anyConfig(t *rapid.T) Config {
	c := Config{
		Push:      Time(rapid.Int64Range(0, 50).Draw(t, "push")) * Millisecond,
		Period:    40 * Millisecond,
		Ticks:     Ticks(rapid.Uint8Range(0, 3).Draw(t, "ticks")),
		Scheduler: rapid.SampledFrom(blindOnes()).Draw(t, "scheduler"),
		Policy:    Policy(rapid.Uint8Range(0, 3).Draw(t, "policy")),
		Buffer:    rapid.IntRange(1, 80).Draw(t, "buffer"),
		Window:    rapid.SampledFrom([]int{0, 1, 8, 64, 65, 130}).Draw(t, "window"),
		Sampler:   Sampler(rapid.Uint8Range(0, 2).Draw(t, "sampler")),
		Everyone:  Range{0, 6}, View: rapid.IntRange(1, 8).Draw(t, "view"), Gossip: Second, Hidden: NoPeer,
		RNG:    Generator(rapid.Uint8Range(0, 1).Draw(t, "rng")),
		MaxAge: rapid.IntRange(0, 3).Draw(t, "maxAge"),
	}
	if rapid.Bool().Draw(t, "deadline") {
		c.Deadline = 300 * Millisecond
	}
	if c.Push > 0 && rapid.Bool().Draw(t, "check") {
		c.GossipCheck = 10
	}
	if c.Window > 0 && rapid.Bool().Draw(t, "guarded") {
		c.Ahead, c.Restart = rapid.SampledFrom([]int{20, DefaultAhead}).Draw(t, "ahead"), 200*Millisecond
	}
	if c.Sampler == Newscast && rapid.Bool().Draw(t, "mutual") {
		c.Neighbourhood = Neighbourhood{Size: rapid.IntRange(1, c.View).Draw(t, "size"), Keep: 2 * Second, Mutual: true}
	}
	c.AskStrangers = c.Sampler == Newscast && rapid.Bool().Draw(t, "ask")
	c.DropSilent, c.AgeReplies, c.Rejoin = rapid.Bool().Draw(t, "silent"), rapid.Bool().Draw(t, "aged"), rapid.Bool().Draw(t, "rejoin")
	return c
}

// TestAnyHistory: whatever arrives when, the invariants hold, nothing is sent
// to oneself or to nobody, every push is of a chunk whose payload the driver
// was told to keep and not yet to drop, output ascends, and a driver without a
// store sees the same history.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyConfig(t)
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		var p, bare Peer
		var out Outbox
		without := Outbox{NoStore: true}
		p.Init(&cfg, 1, 7, 0)
		bare.Init(&cfg, 1, 7, 0)
		p.Bootstrap(0, []PeerID{0, 2, 3}, &out)
		bare.Bootstrap(0, []PeerID{0, 2, 3}, &without)
		stored := map[ChunkID]bool{}
		var held [10]bool // whom the peer knew before the call
		last, restarts := int64(-1), uint64(0)
		check := func() {
			if n := p.Stats().Restarts; n != restarts {
				last, restarts = -1, n // the stream begins anew, and so does the output
			}
			for _, c := range out.Accepted {
				if stored[c] {
					t.Fatalf("chunk %d is to be kept twice", c)
				}
				stored[c] = true
			}
			for _, c := range out.Played {
				if !stored[c] || int64(c) <= last {
					t.Fatalf("chunk %d is put out after %d, stored: %v", c, last, stored[c])
				}
				last = int64(c)
			}
			for _, m := range out.Sends {
				if m.To >= PeerID(len(held)) {
					t.Fatalf("sends %+v", m)
				}
				known := held[m.To] || p.Holds(m.To) || m.Kind == Reply || m.Kind == Query && cfg.AskStrangers || m.Kind == Added || m.Kind == Remove
				if m.To == 1 || !known {
					t.Fatalf("sends %+v", m)
				}
				if m.Kind == Chunk && !stored[m.Chunk] {
					t.Fatalf("pushes chunk %d, which the driver does not have", m.Chunk)
				}
				if m.Kind != Chunk && int(m.Offset)+int(m.Count) > len(out.Entries) {
					t.Fatalf("entries of %+v: there are %d", m, len(out.Entries))
				}
			}
			for _, c := range out.Dropped {
				if !stored[c] {
					t.Fatalf("chunk %d is dropped, and was never to be kept", c)
				}
				delete(stored, c)
			}
			if n := cfg.Buffer + cfg.Window; len(stored) > n {
				t.Fatalf("%d chunks are to be kept, buffer and window have %d places", len(stored), n)
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			if p.Fingerprint() != bare.Fingerprint() || !slices.Equal(out.Sends, without.Sends) || !slices.Equal(out.Played, without.Played) {
				t.Fatal("without a store the history is another")
			}
			for id := range held {
				held[id] = p.Holds(PeerID(id))
			}
			out.Reset()
			without.Reset()
		}
		check()
		now, base := Time(0), uint32(0)
		for range rapid.IntRange(0, 120).Draw(t, "events") {
			now += Time(rapid.Int64Range(0, int64(100*Millisecond)).Draw(t, "later"))
			if p.Wakeup() != bare.Wakeup() {
				t.Fatal("without a store it wakes up at another time")
			}
			switch rapid.IntRange(0, 14).Draw(t, "what") {
			default:
				base += rapid.Uint32Range(0, 3).Draw(t, "on")
				m := Message{Kind: Chunk, From: 2, Chunk: ChunkID(base + rapid.Uint32Range(0, 20).Draw(t, "chunk"))}
				p.Handle(now, &m, nil, &out)
				bare.Handle(now, &m, nil, &without)
			case 13, 14:
				m := Message{Kind: rapid.SampledFrom([]Kind{Add, Added, Remove}).Draw(t, "word"), From: PeerID(rapid.IntRange(0, 9).Draw(t, "who"))}
				p.Handle(now, &m, nil, &out)
				bare.Handle(now, &m, nil, &without)
			case 10:
				p.SkipTicks(now)
				bare.SkipTicks(now)
			case 11:
				p.Flush(now, &out)
				bare.Flush(now, &without)
			case 12: // the source is restarted, or somebody lies
				base = rapid.Uint32Range(0, 3000).Draw(t, "elsewhere")
			case 6, 7, 8:
				p.Tick(now, &out)
				bare.Tick(now, &without)
			case 9:
				entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entry {
					return Entry{PeerID(rapid.Uint32Range(0, 9).Draw(t, "id")), rapid.Uint32Range(0, 6).Draw(t, "age")}
				}), 0, 12).Draw(t, "entries")
				m := Message{Kind: rapid.SampledFrom([]Kind{Query, Reply}).Draw(t, "kind"), From: 4, Count: uint16(len(entries))}
				p.Handle(now, &m, entries, &out)
				bare.Handle(now, &m, entries, &without)
			}
			check()
		}
	})
}

// TestNoAllocation: once its outbox has grown, a peer allocates nothing.
func TestNoAllocation(t *testing.T) {
	for _, policy := range []Policy{Top, TopDup, FIFO, Window} {
		p := newTestPeer(Config{
			Push: Millisecond, Scheduler: Random, Policy: policy, Buffer: 16, Window: 8, Period: 1, Deadline: 5, Ahead: 512, Restart: Second, AskStrangers: true,
			Sampler: Newscast, View: 8, Gossip: 10 * Millisecond, MaxAge: 5, DropSilent: true, AgeReplies: true, Rejoin: true,
		}, 1)
		var out Outbox
		now, c := Time(0), ChunkID(0)
		entries := []Entry{{4, 1}, {5, 2}, {6, 3}, {7, 3}}
		step := func() {
			now += Millisecond
			c++
			p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
			p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c / 2}, nil, &out)
			p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c + 1000}, nil, &out)
			p.Handle(now, &Message{Kind: Query, From: 4, Count: 4}, entries, &out)
			p.Handle(now, &Message{Kind: Reply, From: 4, Count: 4}, entries, &out)
			p.Tick(now, &out)
			p.Tick(now, &out)
			out.Reset()
		}
		for range 100 {
			step()
		}
		if n := testing.AllocsPerRun(1000, step); n != 0 {
			t.Errorf("policy %d: %v allocations in six calls", policy, n)
		}
	}
}

// FuzzHandle: no message makes a peer panic, break an invariant, or answer
// with more than its bounds allow.
func FuzzHandle(f *testing.F) {
	f.Add(uint8(0), []byte{1, 2, 0, 0, 0, 7, 0})
	f.Add(uint8(2), []byte{2, 4, 1, 3, 2, 9, 9, 3, 4, 1, 0})
	f.Add(uint8(3), []byte("\x01\x02\xff\xff\xff\xff\x01\x01\x02\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		cfg := Config{
			Push: Millisecond, Scheduler: Random, Policy: Policy(kind % 4), Buffer: 5, Window: 9,
			Sampler: Newscast, View: 4, Gossip: Second, GossipCheck: 10, Hidden: NoPeer,
		}
		p := newTestPeer(cfg, 1)
		var out Outbox
		next := func() byte {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return b
		}
		for now := Time(0); len(data) > 0; now += 300 * Microsecond {
			m := Message{Kind: Kind(next()), From: PeerID(next())}
			m.Chunk = ChunkID(next())<<24 | ChunkID(next())<<16 | ChunkID(next())<<8 | ChunkID(next())
			entries := make([]Entry, next()%9)
			for i := range entries {
				entries[i] = Entry{PeerID(next()), uint32(next())}
			}
			m.Count = uint16(len(entries))
			out.Reset()
			p.Handle(now, &m, entries, &out)
			p.Tick(now, &out)
			if len(out.Sends) > 4 || len(out.Entries) > 4*(cfg.View+1) || len(out.Played) > 2*cfg.Window {
				t.Fatalf("one message causes %d sends, %d entries, %d chunks out", len(out.Sends), len(out.Entries), len(out.Played))
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
