package node_test

import (
	"math"
	"testing"

	"pushcast/node"
)

// TestDeadLinks: half of the peers die at once, and how many dead neighbours a
// living peer has, after so many cycles, is what independent programs found
// (theory.md 4.2; tolerance: a tenth of the first value).
func TestDeadLinks(t *testing.T) {
	newscast := func(view, maxAge int) node.Config {
		return node.Config{Sampler: node.Newscast, View: view, MaxAge: maxAge, AgeReplies: true}
	}
	for _, c := range []struct {
		name     string
		n        int
		cfg      node.Config
		contacts func(node.PeerID) []node.PeerID
		want     map[int]float64 // by cycles since
		long     bool
	}{
		{"cyclon 10/5", 1000, cyclonOf(10, 5), circle(1000, 10), map[int]float64{0: 5.04, 5: 3.35, 10: 1.75, 25: 0}, false},
		{"cyclon 20/8", 10_000, cyclonOf(20, 8), circle(10_000, 20),
			map[int]float64{0: 9.98, 5: 8.39, 10: 6.91, 15: 5.26, 20: 3.32, 25: 1.36, 30: .146, 40: 0}, true},
		{"cyclon 50/8", 10_000, cyclonOf(50, 8), circle(10_000, 50), map[int]float64{0: 25, 5: 23.5, 10: 22.2, 60: 4.5}, true},
		{"newscast 20", 10_000, newscast(20, 0), through, map[int]float64{0: 9.92, 5: 1.52, 10: .056, 17: 0}, true},
		{"newscast 30", 10_000, newscast(30, 0), through, map[int]float64{0: 15.1, 5: 2.46, 10: .056, 18: 0}, true},
		{"newscast 30, age 5", 1000, newscast(30, 5), through, map[int]float64{0: 14.6, 5: .75, 6: 0}, false},
		{"newscast 10, age 5", 1000, newscast(10, 5), through, map[int]float64{0: 5.02, 5: .43, 6: 0}, false},
	} {
		if c.long && !everything {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			s := newSociety(c.n, c.cfg, c.contacts)
			s.run(60)
			s.killHalf()
			for cycle := range 61 {
				got := s.deadLinks()
				if want, ok := c.want[cycle]; ok {
					t.Logf("cycle %2d: %.3f, reference %.3f", cycle, got, want)
					if math.Abs(got-want) > c.want[0]/10 {
						t.Errorf("cycle %d: %.3f dead neighbours, want %.3f", cycle, got, want)
					}
				}
				s.run(1)
			}
			s.check(t)
		})
	}
}

// TestNoDeadAfterMaxAge: with ages that end and replies that age, no view holds
// a dead peer later than MaxAge + 1 cycles after its death, whatever is lost.
func TestNoDeadAfterMaxAge(t *testing.T) {
	for _, maxAge := range []int{1, 2, 5, 10} {
		for _, loss := range []uint32{0, 100} {
			cfg := cured(20)
			cfg.MaxAge = maxAge
			s := newSociety(400, cfg, through)
			s.loss = loss
			s.run(20)
			s.killHalf()
			s.run(maxAge + 1)
			for range 10 {
				if n := s.deadLinks(); n > 0 {
					t.Errorf("maxAge %d, loss %d ‰: %.3f dead neighbours in cycle %d", maxAge, loss, n, s.cycle-20)
				}
				s.run(1)
			}
			s.check(t)
		}
	}
}

// TestPartitionHeals: two halves that have fully forgotten each other are one
// again within three cycles of healing, when old neighbours are remembered; and
// never without.
func TestPartitionHeals(t *testing.T) {
	const n = 1000
	withCyclon := cyclonOf(20, 8)
	withCyclon.MaxAge, withCyclon.Rejoin, withCyclon.Remember, withCyclon.RecallEvery = 40, true, 16, 50
	for name, cfg := range map[string]node.Config{"newscast": cured(20), "cyclon": withCyclon} {
		for _, remember := range []int{16, 0} {
			for _, cycles := range []int{5, 20, 60} {
				cfg := cfg
				if cfg.Remember = remember; remember == 0 {
					cfg.RecallEvery = 0
				}
				s := newSociety(n, cfg, through)
				s.run(20)
				s.cut = halves(n)
				s.run(cycles)
				apart := s.parts() > 1
				s.cut = nil
				s.run(3)
				if parts := s.parts(); parts != 1 && remember > 0 {
					t.Errorf("%s: %d parts, 3 cycles after a partition of %d", name, parts, cycles)
				}
				if s.run(30); apart && remember == 0 && s.parts() == 1 {
					t.Errorf("%s: a partition of %d cycles heals without old neighbours: they are not what heals it", name, cycles)
				}
				if forgotten := name == "newscast" && cycles > 5 || cycles == 60; forgotten != apart && cycles > 5 {
					t.Errorf("%s: after %d cycles the halves are apart: %v", name, cycles, apart)
				}
				s.check(t)
			}
		}
	}
}

// TestRecallCostsNoMessage: who remembers sends no more than who does not.
func TestRecallCostsNoMessage(t *testing.T) {
	var sent [2]int
	for i, remember := range []int{0, 16} {
		cfg := cured(20)
		if cfg.Remember = remember; remember == 0 {
			cfg.RecallEvery = 0
		}
		s := newSociety(200, cfg, through)
		s.run(50)
		for range 50 {
			s.run(1)
			sent[i] += s.sent
		}
	}
	if sent[0] != 200*2*50 || sent[1] != sent[0] {
		t.Errorf("messages in 50 cycles of 200 peers: %d without memory, %d with", sent[0], sent[1])
	}
}

// TestFlashCrowd: nine times as many as there were join at one instant through
// one contact. In two cycles they are one overlay in which everybody is known.
func TestFlashCrowd(t *testing.T) {
	for name, cfg := range map[string]node.Config{"newscast": cured(20), "cyclon": cyclonOf(20, 8)} {
		s := newSociety(100, cfg, through)
		s.run(10)
		s.add(900, through)
		s.run(2)
		known := make([]int, len(s.peers))
		for i := range s.peers {
			for _, id := range s.known(i) {
				known[id]++
			}
		}
		unknown := 0
		for _, n := range known {
			if n == 0 {
				unknown++
			}
		}
		if parts := s.parts(); parts != 1 || unknown > 0 {
			t.Errorf("%s: %d parts, %d peers in nobody's view", name, parts, unknown)
		}
		s.check(t)
	}
}

// TestCyclonKeepsDegrees: every view keeps its size, and holds neither its owner
// nor anybody twice.
func TestCyclonKeepsDegrees(t *testing.T) {
	const n, view = 1000, 10
	s := newSociety(n, cyclonOf(view, 5), circle(n, view))
	for range 100 {
		s.run(1)
		s.check(t)
		for i := range s.peers {
			if k := len(s.known(i)); k < view-1 {
				t.Fatalf("cycle %d: peer %d knows %d, must know %d", s.cycle, i, k, view)
			}
		}
	}
}

// TestCyclonUnderLoss: what is lost on the way leaves free places, and they fill
// up again.
func TestCyclonUnderLoss(t *testing.T) {
	const n, view = 1000, 20
	for _, loss := range []uint32{10, 100, 300} {
		s := newSociety(n, cyclonOf(view, 8), circle(n, view))
		s.loss = loss
		s.run(100)
		links := 0
		for i := range s.peers {
			links += len(s.known(i))
		}
		mean := float64(links) / n
		t.Logf("loss %d ‰: %.2f neighbours of %d, %d parts, in-degree %.2f", loss, mean, view, s.parts(), s.inDegreeSD())
		if mean < 0.95*view || s.parts() != 1 {
			t.Errorf("loss %d ‰: %.2f neighbours of %d, %d parts", loss, mean, view, s.parts())
		}
		s.check(t)
	}
}

// TestMembershipAllocatesNothing: neither sampler, whatever happens in a cycle.
func TestMembershipAllocatesNothing(t *testing.T) {
	both := []node.Config{cured(20), cyclonOf(20, 8)}
	both[1].Remember, both[1].RecallEvery, both[1].Goodbye, both[1].MaxAge = 16, 2, true, 30
	for _, cfg := range both {
		s := newSociety(100, cfg, through)
		s.run(30)
		p := &s.peers[3]
		var out node.Outbox
		now := s.now()
		step := func() {
			now += node.Second
			p.Tick(now, &out)
			to := out.Sends[0].To
			entries := []node.Entry{{to, 1}, {90, 2}, {91, 2}, {92, 3}}
			p.Handle(now, &node.Message{Kind: node.Query, From: to}, entries, &out)
			p.Handle(now, &node.Message{Kind: node.Reply, From: to}, entries, &out)
			p.Handle(now, &node.Message{Kind: node.Reply, From: 93}, []node.Entry{{93, node.Gone}}, &out)
			out.Reset()
		}
		step()
		if n := testing.AllocsPerRun(100, step); n != 0 {
			t.Errorf("sampler %d: %v allocations a cycle", cfg.Sampler, n)
		}
	}
}
