package node

import "testing"

func mapsConfig(scheduler string) Config {
	s, _ := SchedulerNamed(scheduler)
	return Config{
		Scheduler: s, Push: 20 * Millisecond, Maps: 100 * Millisecond, Ride: true, Copies: 2, Repair: true, Patience: 500 * Millisecond,
		Policy: Window, Buffer: 128, Window: 64, Deadline: 4 * Second, Period: 40 * Millisecond, Hidden: NoPeer,
	}
}

// TestMapsDeliver: schedulers that ask deliver nearly everything without clairvoyance,
// and with few duplicates, whether maps come alone, ride on chunks, or both.
func TestMapsDeliver(t *testing.T) {
	for _, name := range []string{"rp/lu", "lu/up", "rp/ed", "ra/up", "lu/el", "dp/ru"} {
		for _, how := range []struct {
			maps Time
			ride bool
		}{{100 * Millisecond, false}, {0, true}, {100 * Millisecond, true}} {
			cfg := mapsConfig(name)
			cfg.Maps, cfg.Ride = how.maps, how.ride
			if err := cfg.Validate(); err != nil {
				t.Fatal(err)
			}
			s := newSociety(cfg, 10)
			s.run(8 * Second)
			if n := s.checkAll(t); n > 10 {
				t.Errorf("%s, %v: %d of 500 chunks are missing", name, how, n)
			}
			if how.ride != (s.sent[Carry] > 0) || how.ride == (s.sent[Chunk] > 0) {
				t.Errorf("%v: %d chunks with maps, %d without", how, s.sent[Carry], s.sent[Chunk])
			}
			if how.maps == 0 && s.sent[Map] > 0 {
				t.Errorf("%v: %d maps by themselves", how, s.sent[Map])
			}
		}
	}
}

// TestMapsTold: who may push to a peer is told its map in every period, others are only
// shown that they may be pushed to.
func TestMapsTold(t *testing.T) {
	cfg := mapsConfig("rp/lu")
	cfg.Ride, cfg.Push, cfg.Repair, cfg.Patience = false, 0, false, 0
	var p Peer
	var out Outbox
	p.Init(&cfg, 0, 1, 0)
	p.Bootstrap(0, []PeerID{1, 2}, &out)
	shows := Message{Kind: Map, From: 7}
	told := map[PeerID]int{}
	for now := Time(0); now < 4*Second; now += 10 * Millisecond {
		if now%Second == 0 {
			p.Handle(now, &shows, []Entry{{}, {Age: 1}}, &out)
		}
		// The neighbours live, and say that they do not push.
		for id := PeerID(1); id <= 2; id++ {
			p.Handle(now, &Message{Kind: Map, From: id}, []Entry{{}, {}}, &out)
		}
		if p.Wakeup() <= now {
			p.Tick(now, &out)
		}
		for _, m := range out.Sends {
			told[m.To]++
		}
		out.Reset()
	}
	if told[7] < 30 || told[7] > 41 || told[1] < 3 || told[1] > 5 || told[2] < 3 || told[2] > 5 {
		t.Errorf("told in 4 s: %v; want 7 some 35 times, the others 4 times", told)
	}
}

// TestSentCountsAsHeld: what was sent is not lacked for a round trip; then the map of the
// receiver wins, whatever it says.
func TestSentCountsAsHeld(t *testing.T) {
	cfg := mapsConfig("rp/lu")
	var p Peer
	var out Outbox
	p.Init(&cfg, 0, 1, 0)
	p.Bootstrap(0, []PeerID{1}, &out)
	f := p.meet(0, 1)
	lacks := func() bool { return p.circle.Lacks(1, 50)&1 != 0 }
	f.hears(Second, 49, ^uint64(0))
	if !lacks() {
		t.Error("its map ends at 49, and it does not lack chunk 50")
	}
	f.sends(Second, 50)
	f.hears(Second+50*Millisecond, 49, ^uint64(0)) // sent before the chunk was there
	if lacks() {
		t.Error("it lacks chunk 50, which is on its way")
	}
	if c, ok := p.circle.Newest(1); !ok || c != 50 {
		t.Errorf("its newest chunk is %d, want 50", c)
	}
	f.hears(2*Second, 49, ^uint64(0))
	if !lacks() {
		t.Error("a second later it does not show chunk 50, which then is lost, and lacks it not")
	}
	if p.circle.Lacks(9, 50) != 0 {
		t.Error("a stranger lacks something")
	}
}

// TestMapsRepair: with a third of all chunks lost and rare pushes, gaps are closed that
// stay open without repair; and a peer that was asked for too much says so.
func TestMapsRepair(t *testing.T) {
	missing := map[bool]int{}
	for _, repair := range []bool{true, false} {
		cfg := mapsConfig("rp/lu")
		cfg.Push = 22 * Millisecond
		if cfg.Repair = repair; !repair {
			cfg.Patience = 0
		}
		s := newSociety(cfg, 8)
		n := 0
		s.lose = func(m *Message) bool { n++; return m.Kind.IsChunk() && n%3 == 0 }
		s.run(10 * Second)
		missing[repair] = s.checkAll(t)
		if repair != (s.sent[Ask] > 0) {
			t.Errorf("repair %v: %d chunks were asked for", repair, s.sent[Ask])
		}
	}
	if missing[true] >= missing[false] {
		t.Errorf("%d chunks are missing with repair, %d without", missing[true], missing[false])
	}
}
