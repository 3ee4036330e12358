package node

import "testing"

// benchConfig is a receiver that takes messages of a kind.
func benchConfig(b *testing.B, kind Kind) *Config {
	cfg := &Config{
		Push: 40 * Millisecond, Period: 40 * Millisecond, Scheduler: Random, Hidden: NoPeer,
		Policy: Window, Buffer: 50, Window: 50, Sampler: Cyclon, View: 20, Shuffle: 8, Gossip: Second,
	}
	switch kind {
	case Push, State, Ask, Deny:
		cfg.Scheduler, cfg.Push, cfg.Buffer, cfg.Stripes = Stripes, 0, 64, DefaultStripes
		cfg.Report, cfg.Patience, cfg.Repair = DefaultReport, DefaultPatience, true
	case Map, Carry:
		cfg.Scheduler, _ = SchedulerNamed("rp/lu")
		cfg.Maps, cfg.Ride = DefaultMaps, true
	case Proposal, Select:
		cfg.Scheduler, cfg.Push, cfg.Buffer = Offer, 0, 64
		cfg.Offers, cfg.Select, cfg.Lock = DefaultOffers, 3, 200*Millisecond
	}
	if err := cfg.Validate(); err != nil {
		b.Fatal(err)
	}
	return cfg
}

// BenchmarkHandle has a peer take in messages of every kind: chunks of a stream, each three
// times, and random words in all others.
func BenchmarkHandle(b *testing.B) {
	for kind := Chunk; kind <= Select; kind++ {
		b.Run("kind="+kind.String(), func(b *testing.B) {
			var p Peer
			var out Outbox
			out.NoStore = true
			p.Init(benchConfig(b, kind), 1, 1, 0)
			p.Bootstrap(0, []PeerID{2, 3, 4, 5}, &out)
			r, now := Stream(1, 99, 0), Time(0)
			entries := make([]Entry, 8)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m := Message{Kind: kind, From: 2 + PeerID(r.Below(30)), To: 1, Chunk: ChunkID(i / 3), Size: 1000}
				if kind == State || kind == Select {
					m.Size = 4
				}
				n := 0
				if kind != Chunk {
					n = 1 + int(r.Below(8))
				}
				for k := range entries[:n] {
					entries[k] = Entry{PeerID(r.Below(1000)), 1 + r.Below(10)}
				}
				m.Count = uint16(n)
				now += 13 * Millisecond
				out.Reset()
				p.Handle(now, &m, entries[:n], &out)
			}
		})
	}
}

// BenchmarkTick has peers push, tell maps, deal out offers, mend trees.
func BenchmarkTick(b *testing.B) {
	for _, kind := range []Kind{Chunk, Push, Map, Proposal} {
		cfg := benchConfig(b, kind)
		b.Run("scheduler="+cfg.Scheduler.Name(), func(b *testing.B) {
			var p Peer
			var out Outbox
			out.NoStore = true
			p.Init(cfg, 1, 1, 0)
			p.Bootstrap(0, []PeerID{2, 3, 4, 5}, &out)
			now := Time(0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				out.Reset()
				p.Handle(now, &Message{Kind: Chunk, From: 2, To: 1, Chunk: ChunkID(i), Size: 1000}, nil, &out)
				now = max(now, p.Wakeup())
				out.Reset()
				p.Tick(now, &out)
			}
		})
	}
}
