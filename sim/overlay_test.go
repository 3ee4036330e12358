package sim

import (
	"math"
	"slices"
	"testing"

	"pushcast/node"
)

// overlayOf builds the lists of every peer.
func overlayOf(c *Config) [][]node.PeerID {
	contacts := buildOverlay(c)
	lists := make([][]node.PeerID, c.Peers+1)
	for id := range lists {
		lists[id] = contacts(node.PeerID(id))
	}
	return lists
}

// TestStaticLists: View others, distinct, never oneself, the source only where
// views may have it.
func TestStaticLists(t *testing.T) {
	for _, overlay := range []Overlay{RandomOut, Ring} {
		for _, inViews := range []bool{true, false} {
			for _, view := range []int{1, 3, 19} {
				c := Config{Seed: 5, Peers: 20, View: view, Overlay: overlay, SourceInViews: inViews}
				knowTheSource := 0
				for id, list := range overlayOf(&c) {
					sorted := slices.Clone(list)
					slices.Sort(sorted)
					if len(slices.Compact(sorted)) != view {
						t.Errorf("overlay %d, view %d: peer %d knows %v", overlay, view, id, list)
					}
					if slices.Contains(list, node.PeerID(id)) || slices.Max(list) > 20 {
						t.Errorf("overlay %d: peer %d knows %v", overlay, id, list)
					}
					if slices.Contains(list, sourceID) {
						knowTheSource++
					}
				}
				if (knowTheSource > 0) != inViews {
					t.Errorf("overlay %d, source in views %v: %d peers know it", overlay, inViews, knowTheSource)
				}
			}
		}
	}
}

// TestRing: everybody is followed by the next ones of the circle.
func TestRing(t *testing.T) {
	for _, c := range []struct {
		inViews bool
		want    [][]node.PeerID
	}{
		{true, [][]node.PeerID{{1, 2}, {2, 3}, {3, 4}, {4, 0}, {0, 1}}},
		{false, [][]node.PeerID{{1, 2}, {2, 3}, {3, 4}, {4, 1}, {1, 2}}},
	} {
		cfg := Config{Peers: 4, View: 2, Overlay: Ring, SourceInViews: c.inViews}
		if got := overlayOf(&cfg); !slices.EqualFunc(got, c.want, slices.Equal[[]node.PeerID]) {
			t.Errorf("source in views %v: %v, want %v", c.inViews, got, c.want)
		}
	}
}

// TestRandomOutIsUniform: in-degrees are binomial, and every place of a list is
// as likely to hold any peer (chi-square over all pairs).
func TestRandomOutIsUniform(t *testing.T) {
	const n, view, seeds = 30, 5, 2000
	var met [n + 1][n + 1]float64
	for seed := range uint64(seeds) {
		c := Config{Seed: seed, Peers: n, View: view, Overlay: RandomOut}
		for id, list := range overlayOf(&c) {
			for _, other := range list {
				met[id][other]++
			}
		}
	}
	expected := float64(seeds) * view / (n - 1)
	chi, cells := 0.0, 0
	for id := 1; id <= n; id++ {
		for other := 1; other <= n; other++ {
			if other != id {
				d := met[id][other] - expected
				chi += d * d / expected
				cells++
			}
		}
	}
	// Without replacement the variance is a little less than expected.
	degrees := float64(cells) * (1 - float64(view)/(n-1))
	if z := (chi - degrees) / math.Sqrt(2*degrees); math.Abs(z) > 4 {
		t.Errorf("chi-square %.0f over %d pairs is %.1f standard deviations from uniform", chi, cells, z)
	}
}
