package node

import (
	"strings"
	"testing"
)

// paced is a peer with an adaptive rate, on a link that takes 10 ms for a chunk of 1000
// bytes; chunks come every 40 ms.
func paced(t *testing.T, c Config) *Peer {
	t.Helper()
	c.Adaptive, c.Push, c.Period, c.Upload = true, 5*Millisecond, 40*Millisecond, 8*100*(1000+49)
	c.Buffer, c.Policy = 16, Window
	return newTestPeer(c, 1)
}

// run ticks a peer till an instant, and tells when it pushed.
func (p *Peer) run(until Time) (pushes []Time) {
	var out Outbox
	for p.Wakeup() < until {
		now := p.Wakeup()
		out.Reset()
		p.Tick(now, &out)
		for range out.Sends {
			pushes = append(pushes, now)
		}
	}
	return pushes
}

func (p *Peer) gets(now Time, c ChunkID) {
	var out Outbox
	p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c, Size: 1000}, nil, &out)
}

// TestPushesAsTheLinkDrains: a blind peer pushes whenever the link is free, until it has
// pushed each chunk Period/Push times, then nothing, then again at once when a chunk comes.
func TestPushesAsTheLinkDrains(t *testing.T) {
	p := paced(t, Config{Scheduler: Random})
	if got := p.run(Second); len(got) > 0 {
		t.Errorf("pushes at %v, and has no chunk", got)
	}
	p.gets(Second, 0)
	pushes := p.run(3 * Second)
	if len(pushes) != 8 {
		t.Fatalf("pushes %d times, want 40 ms / 5 ms", len(pushes))
	}
	for i, at := range pushes {
		if want := Second + Time(i)*10*Millisecond; at < want || at > want+Microsecond {
			t.Errorf("push %d at %d, want %d: when the link is free", i, at, want)
		}
	}
	if p.Wakeup() != Never {
		t.Errorf("wakes at %d, and has nothing to do", p.Wakeup())
	}
	p.gets(4*Second, 1)
	if got := p.run(5 * Second); len(got) != 8 || got[0] != 4*Second {
		t.Errorf("then a chunk comes: pushes at %v", got)
	}
	// What is left over is bounded: every place of the buffer, eight times.
	for c := range ChunkID(100) {
		p.gets(6*Second, 2+c)
	}
	if got := len(p.run(60 * Second)); got != 16*8 {
		t.Errorf("pushes %d times after a burst, of 16 places", got)
	}
}

// TestNeverFasterThanPush: whatever the link.
func TestNeverFasterThanPush(t *testing.T) {
	p := paced(t, Config{Scheduler: Random})
	fast := *p.cfg
	fast.Upload = 1e9
	p.cfg = &fast
	p.gets(Second, 0)
	pushes := p.run(2 * Second)
	for i, at := range pushes {
		if want := Second + Time(i)*5*Millisecond; at != want {
			t.Errorf("push %d at %d, want %d", i, at, want)
		}
	}
}

// TestViewsTakeTheirTime: a push waits for the answer that was given before it.
func TestViewsTakeTheirTime(t *testing.T) {
	p := paced(t, Config{Scheduler: Random, Sampler: Newscast, View: 20, Gossip: 10 * Second, Hidden: NoPeer})
	var out Outbox
	p.Handle(Second, &Message{Kind: Query, From: 7, Count: 1}, []Entry{{7, 1}}, &out)
	if len(out.Sends) == 0 {
		t.Fatal("a query is not answered")
	}
	bytes := int64(0)
	for i := range out.Sends {
		bytes += 28 + 2 + 28*int64(out.Sends[i].Count)
	}
	p.gets(Second, 0)
	want := Second + p.cfg.takes(bytes)
	if got := p.Wakeup(); got < want || got > want+Microsecond {
		t.Errorf("pushes at %d, behind %d bytes of views, want %d", got, bytes, want)
	}
}

// TestLooksAgain: a peer that asks and finds nothing of use looks again later and later,
// at most a chunk period; and at once when there is news.
func TestLooksAgain(t *testing.T) {
	s, _ := FindScheduler("rp/lu")
	know := &world{holds: map[PeerID][]ChunkID{2: {9}, 3: {9}, 4: {9}, 5: {9}}}
	p := paced(t, Config{Scheduler: s, Knowledge: know})
	p.gets(Second, 9)
	var looks []Time
	var out Outbox
	for last := Time(-1); len(looks) < 6; {
		now := p.Wakeup()
		out.Reset()
		p.Tick(now, &out)
		if now >= Second {
			looks = append(looks, now-max(last, Second))
			last = now
		}
	}
	for i, want := range []Time{0, 5, 10, 20, 40, 40} {
		if got := looks[i] / Millisecond; got != want {
			t.Errorf("look %d comes after %d ms, want %d", i, got, want)
		}
	}
	at := p.Wakeup() - 30*Millisecond
	know.holds[2] = nil
	p.gets(at, 10)
	if p.Wakeup() != at {
		t.Errorf("a chunk comes at %d, and is looked at at %d", at, p.Wakeup())
	}
}

// TestPacingAllocatesNothing.
func TestPacingAllocatesNothing(t *testing.T) {
	p := paced(t, Config{Scheduler: Random})
	var out Outbox
	c := ChunkID(0)
	if n := testing.AllocsPerRun(500, func() {
		now := Second + Time(c)*40*Millisecond
		out.Reset()
		p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c, Size: 1000}, nil, &out)
		for c++; p.Wakeup() < now+40*Millisecond; {
			out.Reset()
			p.Tick(p.Wakeup(), &out)
		}
	}); n != 0 || p.Stats().Pushed < 1500 {
		t.Errorf("%.0f allocations a chunk, %d pushes", n, p.Stats().Pushed)
	}
}

// TestAdaptiveFits: what it needs, and what it cannot be with.
func TestAdaptiveFits(t *testing.T) {
	good := Config{Scheduler: Random, Buffer: 8, Adaptive: true, Push: Millisecond, Period: Second, Upload: 1e6}
	for want, change := range map[string]func(c *Config){
		"":                             func(*Config) {},
		"Adaptive needs a positive":    func(c *Config) { c.Push = 2 * Second },
		"Period at least as long":      func(c *Config) { c.Push = 0 },
		"stripes and offer pace":       func(c *Config) { c.Scheduler = Stripes },
		"has no law of Ticks":          func(c *Config) { c.Ticks = Poisson },
		"GossipCheck counts":           func(c *Config) { c.GossipCheck = 10 },
		"Upload must be at most":       func(c *Config) { c.Upload = MaxUpload + 1 },
		"Upload is for the schedulers": func(c *Config) { c.Adaptive = false },
	} {
		c := good
		change(&c)
		if err := c.Validate(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("says %v, want %q", err, want)
		}
	}
}
