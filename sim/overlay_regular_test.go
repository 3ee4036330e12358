package sim

import (
	"math"
	"slices"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
)

// TestRegular: everybody knows exactly View others, and is known by these, whatever
// the size: of small graphs all that there can be, sparse, dense and complete.
func TestRegular(t *testing.T) {
	check := func(c Config) {
		lists := overlayOf(&c)
		first := 0
		if !c.SourceInViews {
			first = 1
			if n := len(slices.Compact(slices.Sorted(slices.Values(lists[sourceID])))); n != c.View {
				t.Errorf("%d peers, view %d: the source outside of the graph knows %v", c.Peers, c.View, lists[sourceID])
			}
		}
		for id := first; id < len(lists); id++ {
			sorted := slices.Sorted(slices.Values(lists[id]))
			if len(slices.Compact(sorted)) != c.View || slices.Contains(sorted, node.PeerID(id)) {
				t.Fatalf("%d peers, view %d, seed %d: peer %d knows %v", c.Peers, c.View, c.Seed, id, sorted)
			}
			for _, other := range sorted {
				if !slices.Contains(lists[other], node.PeerID(id)) {
					t.Fatalf("%d peers, view %d, seed %d: peer %d knows %d, and is not known to it", c.Peers, c.View, c.Seed, id, other)
				}
			}
		}
	}
	for peers := 2; peers <= 12; peers++ {
		for view := 1; view <= peers; view++ {
			for seed := range uint64(20) {
				for _, inViews := range []bool{true, false} {
					c := Config{Seed: seed, Peers: peers, View: view, Overlay: Regular, SourceInViews: inViews}
					if n := c.known() + 1; view < n && n*view%2 == 0 {
						check(c)
					}
				}
			}
		}
	}
	check(Config{Peers: 3000, View: 20, Overlay: Regular})
	check(Config{Peers: 400, View: 200, Overlay: Regular, SourceInViews: true})
	check(Config{Peers: 400, View: 300, Overlay: Regular})
}

// TestRegularIsUniform: any two peers are as likely to be neighbours as any others
// (chi-square over all pairs), in a sparse graph and in one drawn as a complement.
func TestRegularIsUniform(t *testing.T) {
	const n, seeds = 20, 4000
	for _, view := range []int{5, 12} {
		var met [n + 1][n + 1]float64
		for seed := range uint64(seeds) {
			c := Config{Seed: seed, Peers: n, View: view, Overlay: Regular}
			for id, list := range overlayOf(&c) {
				for _, other := range list {
					met[id][other]++
				}
			}
		}
		expected := float64(seeds*view) / (n - 1)
		chi, pairs := 0.0, 0
		for id := 1; id <= n; id++ {
			for other := id + 1; other <= n; other++ {
				d := met[id][other] - expected
				chi += d * d / expected
				pairs++
			}
		}
		// An edge is there or not, and each peer's number of edges is fixed.
		degrees := float64(pairs-n) * (1 - float64(view)/(n-1)) * float64(n-1) / (n - 2)
		if z := (chi - degrees) / math.Sqrt(2*degrees); math.Abs(z) > 4 {
			t.Errorf("view %d: chi-square %.0f over %d pairs is %.1f standard deviations from uniform", view, chi, pairs, z)
		}
	}
}

// TestRegularLooksRandom: one part, and no more clustered than chance makes it.
func TestRegularLooksRandom(t *testing.T) {
	for _, c := range []struct{ n, view int }{{1000, 3}, {1000, 10}, {2000, 20}} {
		for seed := range uint64(10) {
			lists := overlayOf(&Config{Seed: seed, Peers: c.n, View: c.view, Overlay: Regular})
			g := measure.NewGraph(c.n, func(edge func(a, b uint32)) {
				for id, list := range lists[1:] {
					for _, other := range list {
						edge(uint32(id), uint32(other-1))
					}
				}
			})
			if parts := g.Components(); len(parts) != 1 {
				t.Errorf("%d peers of %d, seed %d: parts of %v", c.n, c.view, seed, parts)
			}
			random := float64(c.view-1) / float64(c.n)
			if got := g.Clustering(); math.Abs(got-random) > 4*math.Sqrt(random/float64(c.n)) {
				t.Errorf("%d peers of %d: clustering %.4f, a random graph's is %.4f", c.n, c.view, got, random)
			}
		}
	}
}
