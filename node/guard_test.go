package node

import (
	"fmt"
	"slices"
	"testing"
)

// guarded is a peer as dumbstreamer runs it, that pushes to nobody.
func guarded() Config {
	return Config{
		Scheduler: Random, Policy: TopDup, Buffer: 16, Window: 8,
		Ahead: DefaultAhead, Restart: DefaultRestart,
	}
}

// chunkTo hands p one chunk, and tells what became of it and what was put out.
func chunkTo(p *Peer, now Time, c ChunkID) (Outcome, []ChunkID) {
	var out Outbox
	p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
	if err := p.Check(); err != nil {
		panic(err)
	}
	return out.Outcome, slices.Clone(out.Played)
}

// TestGuard is the rule, step by step.
func TestGuard(t *testing.T) {
	p := newTestPeer(guarded(), 1)
	step := func(now Time, c ChunkID, want string) {
		t.Helper()
		outcome, played := chunkTo(p, now, c)
		if got := fmt.Sprint(outcome, played); got != want {
			t.Errorf("chunk %d at %.1f s: %s, must be %s", c, now.Seconds(), got, want)
		}
	}
	step(0, 0, "accepted [0]") // the first one is always believed
	step(0, 1, "accepted [1]")
	step(0, 514, "stray []") // 513 ahead
	step(0, MaxChunk, "stray []")
	step(0, 513, "accepted []") // 512 ahead, as far as one may be
	step(0, 465, "accepted []") // 48 = 2·(8+16) behind it
	step(0, 464, "stray []")
	step(1*Second, 7000, "stray []")
	step(1*Second, 7001, "stray []")
	step(3*Second, 7001, "stray []") // two are not enough, however often they come
	step(3*Second, 7010, "stray []") // not within 8 of both
	step(3*Second, 7008, "stray []") // 8 from 7000: they do not fit one window
	step(3*Second, 7007, "accepted []")
	step(3*Second, 7002, "accepted []") // the window began at 7000, the smallest
	step(3*Second, 7000, "accepted [7000]")
	step(3*Second, 7001, "accepted [7001 7002]")
	if s := p.Stats(); s.Restarts != 1 || s.Strays != 8 {
		t.Errorf("%d restarts, %d strays", s.Restarts, s.Strays)
	}
}

// TestGuardWaits: while new ids are accepted, strays are not counted; and of a
// slow stream the silence must be longer.
func TestGuardWaits(t *testing.T) {
	p := newTestPeer(guarded(), 1)
	for c := range ChunkID(20) { // a chunk a second, and somebody who lies
		now := Time(c) * Second
		for lie := range ChunkID(5) {
			if outcome, _ := chunkTo(p, now, 100_000+c+lie); c > 0 && outcome != Stray {
				t.Fatalf("at %d s a lie is %v", c, outcome)
			}
			if c == 0 {
				break // believed: there was nothing before
			}
		}
		if c == 0 {
			p = newTestPeer(guarded(), 1)
		}
		if outcome, _ := chunkTo(p, now, c); outcome != Accepted {
			t.Fatalf("at %d s the truth is %v", c, outcome)
		}
	}
	for at := 20 * Second; ; at += Second / 2 { // the source begins anew after chunk 19
		outcome, _ := chunkTo(p, at, 5000+ChunkID(at/Second))
		if outcome == Accepted {
			if at != 27*Second {
				t.Errorf("started anew at %.1f s, must be 8 intervals of 1 s after 19 s", at.Seconds())
			}
			return
		}
		if at > 60*Second {
			t.Fatal("never started anew")
		}
	}
}

// TestPauseIsNoInterval: after a pause of an hour the wait is what it was.
func TestPauseIsNoInterval(t *testing.T) {
	p := newTestPeer(guarded(), 1)
	now := Time(0)
	for c := range ChunkID(2000) {
		if c == 1000 {
			now += 3600 * Second
		}
		chunkTo(p, now, c)
		now += Second / 25
	}
	for c := ChunkID(0); ; c++ { // the source begins anew
		if outcome, _ := chunkTo(p, now, c%4); outcome == Accepted {
			break
		}
		now += Second / 25
		if c > 60 {
			t.Fatal("still waits after 2.4 s; 8 intervals are 0.32 s")
		}
	}
}

// TestForgedID: one forged chunk id, however far off and however often it comes,
// stops a peer for no longer than the wait of the rule: then it accepts the stream
// again, and pushes it on. The output goes on at once, or where it lacks the chunks
// that it started anew with, a window later, as at the beginning; it ascends all
// the time. Other peers still push what is a little older.
func TestForgedID(t *testing.T) {
	const begin = 500
	for _, period := range []Time{40 * Millisecond, 500 * Millisecond} {
		wait := max(DefaultRestart, silence*period)
		for _, copies := range []int{1, 40} {
			for _, forged := range []ChunkID{
				0, 1, 400, 439, 440, 451, 452, 495, 500, 507, 508, 509, 515, 520, 540, 547, 548, 549, 600, 700, 1011, 1012, 1013, 5000, 1 << 30, MaxChunk,
			} {
				p := newTestPeer(guarded(), 1)
				c, now := ChunkID(0), Time(0)
				for ; c < begin; c, now = c+1, now+period {
					chunkTo(p, now, c)
				}
				for range copies {
					chunkTo(p, now, forged)
				}
				began, accepted, played, last := now, Never, Never, begin-1
				for ; now < began+2*wait && (played == Never || accepted == Never); c, now = c+1, now+period {
					chunkTo(p, now, c-7)
					outcome, out := chunkTo(p, now, c)
					if outcome == Accepted && accepted == Never && c != forged {
						accepted = now
					}
					for _, id := range out {
						if int(id) <= last {
							t.Errorf("forged %d: puts out %d after %d", forged, id, last)
						}
						last = int(id)
					}
					if slices.Contains(out, c) && c != forged {
						played = now
					}
				}
				if accepted-began > wait+3*period || played-began > wait+10*period {
					t.Errorf("period %.2f s, %d times %d: accepts again after %.2f s, puts out after %.2f s", period.Seconds(), copies, forged,
						(accepted - began).Seconds(), (played - began).Seconds())
				}
			}
		}
	}
}

// TestForgedPair: two ids that confirm each other do not speak louder than the
// stream.
func TestForgedPair(t *testing.T) {
	const period = 500 * Millisecond
	for _, buffer := range []int{8, 16, 100} {
		cfg := guarded()
		cfg.Buffer = buffer
		p := newTestPeer(cfg, 1)
		c, now := ChunkID(0), Time(0)
		for ; c < 500; c, now = c+1, now+period {
			chunkTo(p, now, c)
		}
		far := 2*ChunkID(buffer+cfg.Window) - 1
		chunkTo(p, now, c+far)
		chunkTo(p, now, c+far+1)
		for began := now; ; c, now = c+1, now+period {
			if _, out := chunkTo(p, now, c); slices.Contains(out, c) {
				break
			}
			if wait := Time(silence) * period; now-began > wait+10*period {
				t.Errorf("-b %d: silent for %.1f s", buffer, (now - began).Seconds())
				break
			}
		}
	}
}

// TestHonestLeap: a peer that has lost more than a window goes on with what comes,
// and what is older does not draw it back.
func TestHonestLeap(t *testing.T) {
	p := newTestPeer(guarded(), 1)
	now := Time(0)
	for c := ChunkID(0); c < 600; c, now = c+1, now+Second/10 {
		if c >= 100 && c < 140 {
			continue // nothing of these came
		}
		outcome, out := chunkTo(p, now, c)
		if outcome != Accepted || c > 149 && !slices.Contains(out, c) {
			t.Fatalf("chunk %d: %v, put out %v", c, outcome, out)
		}
		if c >= 140 && c < 145 {
			chunkTo(p, now, c-30) // late ones, pushed by others
		}
	}
	if n := p.Stats().Restarts; n != 0 {
		t.Errorf("%d restarts", n)
	}
}

// TestLeapOverWaiting: what waits in the window comes out when the stream leaps on. What
// is older than that neither takes the leap for false, which it is not where a peer hears
// little, nor comes out when it was false.
func TestLeapOverWaiting(t *testing.T) {
	for _, c := range []struct {
		leap, after []ChunkID
		restarts    uint64
		want        []ChunkID
	}{
		{[]ChunkID{50}, []ChunkID{34, 36, 37, 51, 44, 45}, 0, []ChunkID{44, 45}},
		{[]ChunkID{50, 58}, []ChunkID{44, 45, 46, 59}, 0, []ChunkID{50}},
		{[]ChunkID{550}, []ChunkID{34, 36, 39, 40, 41, 37, 39, 40}, 1, []ChunkID{39, 40, 41}},
	} {
		p := newTestPeer(guarded(), 1)
		var all []ChunkID
		hear := func(now Time, chunks ...ChunkID) {
			for _, c := range chunks {
				_, out := chunkTo(p, now, c)
				all = append(all, out...)
			}
		}
		hear(0, 30, 31, 32, 35, 38)
		hear(1*Second, c.leap...)
		hear(4*Second, c.after...)
		if want := append([]ChunkID{30, 31, 32, 35, 38}, c.want...); !slices.Equal(all, want) {
			t.Errorf("leap to %d: puts out %v, must be %v", c.leap, all, want)
		}
		if n := p.Stats().Restarts; n != c.restarts {
			t.Errorf("leap to %d: %d restarts", c.leap, n)
		}
	}
}

// TestAbandonedStream: who has started anew is not drawn back by those that
// still push what was before.
func TestAbandonedStream(t *testing.T) {
	p := newTestPeer(guarded(), 1)
	for c := range ChunkID(300) {
		chunkTo(p, Time(c)*Second/10, c)
	}
	at := 40 * Second
	for c := range ChunkID(3) {
		chunkTo(p, at, c)
	}
	if p.Stats().Restarts != 1 {
		t.Fatalf("%d restarts", p.Stats().Restarts)
	}
	for c := ChunkID(3); c < 400; c++ {
		at += Second / 10
		if c < 240 {
			for old := ChunkID(290); old < 303; old++ {
				if outcome, _ := chunkTo(p, at, old); outcome != Stray {
					t.Fatalf("chunk %d of the abandoned stream is %v at chunk %d", old, outcome, c)
				}
			}
		}
		if outcome, played := chunkTo(p, at, c); outcome != Accepted || c > 8 && !slices.Contains(played, c) {
			t.Fatalf("chunk %d is %v, put out %v", c, outcome, played)
		}
	}
	if p.Stats().Restarts != 1 {
		t.Errorf("%d restarts", p.Stats().Restarts)
	}
}

// TestAskStrangers: a source that knows nobody asks who pushes to it, once a
// second, and believes the answer only.
func TestAskStrangers(t *testing.T) {
	p := new(Peer)
	cfg := Config{Role: Source, Copies: 1, Buffer: 1, Scheduler: Random, Sampler: Newscast, View: 30, Gossip: 10 * Second, GossipCheck: 10, AskStrangers: true, Hidden: NoPeer}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	p.Init(&cfg, 1, 1, 0)
	var out Outbox
	asks := func(now Time, from PeerID) bool {
		out.Reset()
		p.Handle(now, &Message{Kind: Chunk, From: from, Chunk: 7}, nil, &out)
		return len(out.Sends) == 1 && out.Sends[0].Kind == Query && out.Sends[0].To == from && out.Sends[0].Count == 1
	}
	if !asks(0, 5) || asks(Second/2, 6) || asks(Second, NoPeer) || !asks(Second, 6) || p.Neighbours() != 0 {
		t.Error("asks at 0 and 1 s, and nobody twice a second; the view stays empty")
	}
	p.Handle(Second, &Message{Kind: Reply, From: 6}, []Entry{{6, 1}, {8, 2}}, &out)
	if p.Neighbours() != 2 || asks(9*Second, 5) {
		t.Error("who knows somebody does not ask")
	}
}

// TestSkipTicks: what was due before is left out and counted, and the schedule
// stays where it was.
func TestSkipTicks(t *testing.T) {
	p := newTestPeer(Config{Push: 100, Ticks: Immediate, Scheduler: Random, Buffer: 1}, 1)
	if n := p.SkipTicks(0); n != 0 {
		t.Errorf("skipped %d before the first one", n)
	}
	if n := p.SkipTicks(1001); n != 11 || p.Wakeup() != 1100 || p.Stats().Skipped != 11 {
		t.Errorf("skipped %d of 0, 100 … 1000; next at %d", n, p.Wakeup())
	}
	if n := p.SkipTicks(1100); n != 0 || p.Wakeup() != 1100 {
		t.Errorf("skipped %d; next at %d", n, p.Wakeup())
	}
}

// TestFlush puts out what waits, in order.
func TestFlush(t *testing.T) {
	p := newTestPeer(Config{Scheduler: Random, Buffer: 4, Window: 8}, 1)
	for _, c := range []ChunkID{5, 0, 2, 3} {
		chunkTo(p, 0, c)
	}
	var out Outbox
	p.Flush(0, &out)
	if !slices.Equal(out.Played, []ChunkID{2, 3, 5}) {
		t.Errorf("flushed %v", out.Played)
	}
	if _, played := chunkTo(p, 0, 6); !slices.Equal(played, []ChunkID{6}) {
		t.Errorf("then put out %v", played)
	}
}
