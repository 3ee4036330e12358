package node

import (
	"math"
	"testing"
)

// TestDeadLinks: half of the peers die at once, and how many dead neighbours a
// living peer has, after so many cycles, is what independent programs found
// (theory.md 4.2; tolerance: a tenth of the first value).
func TestDeadLinks(t *testing.T) {
	newscast := func(view, maxAge int) Config {
		return Config{Sampler: Newscast, View: view, MaxAge: maxAge, AgeReplies: true}
	}
	for _, c := range []struct {
		name     string
		n        int
		cfg      Config
		contacts func(PeerID) []PeerID
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
