package measure

import (
	"math"
	"slices"
	"testing"

	"pushcast/node"
)

// graphOf makes a graph of pairs.
func graphOf(n int, pairs ...[2]uint32) *Graph {
	return NewGraph(n, func(edge func(a, b uint32)) {
		for _, p := range pairs {
			edge(p[0], p[1])
		}
	})
}

// TestSmallGraphs: figures that can be seen on a drawing.
func TestSmallGraphs(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name             string
		g                *Graph
		clustering, path float64
		components       []int
	}{
		{"nobody", graphOf(0), nan, nan, nil},
		{"one", graphOf(1), nan, nan, []int{1}},
		{"two strangers", graphOf(2), nan, nan, []int{1, 1}},
		{"two friends, one way", graphOf(2, [2]uint32{0, 1}), nan, 1, []int{2}},
		{"both ways is once", graphOf(2, [2]uint32{0, 1}, [2]uint32{1, 0}, [2]uint32{0, 1}), nan, 1, []int{2}},
		{"oneself and nobody do not count", graphOf(2, [2]uint32{0, 0}, [2]uint32{0, 7}), nan, nan, []int{1, 1}},
		{"triangle", graphOf(3, [2]uint32{0, 1}, [2]uint32{1, 2}, [2]uint32{2, 0}), 1, 1, []int{3}},
		{"line of three", graphOf(3, [2]uint32{0, 1}, [2]uint32{1, 2}), 0, 4. / 3, []int{3}},
		// Peers 0, 1, 2 a triangle, 3 at 2; a pair apart. Peer 2 has one closed pair of
		// three, 0 and 1 all.
		{"triangle with a tail, and a pair", graphOf(6, [2]uint32{0, 1}, [2]uint32{1, 2}, [2]uint32{2, 0}, [2]uint32{2, 3}, [2]uint32{5, 4}),
			(1 + 1 + 1./3) / 3, (4*1 + 2*2 + 1) / 7., []int{4, 2}},
	} {
		if got := c.g.Clustering(); !same(got, c.clustering) {
			t.Errorf("%s: clustering %v, want %v", c.name, got, c.clustering)
		}
		if got := c.g.Path(); !same(got, c.path) {
			t.Errorf("%s: path %v, want %v", c.name, got, c.path)
		}
		if got := c.g.Components(); !slices.Equal(got, c.components) {
			t.Errorf("%s: components %v, want %v", c.name, got, c.components)
		}
	}
}

func same(a, b float64) bool { return math.Abs(a-b) < 1e-12 || math.IsNaN(a) && math.IsNaN(b) }

// TestRing: in a ring in which everybody knows the k next, clustering is
// 3(k−1)/(2(2k−1)) (Watts and Strogatz), and a distance d takes ⌈d/k⌉ steps.
// Beyond the bounds of exactness, where all peers are alike, a sample says the
// same.
func TestRing(t *testing.T) {
	for _, n := range []int{250, 256, 257, 1024, 1025, 5000} {
		const k = 10
		g := NewGraph(n, func(edge func(a, b uint32)) {
			for i := range n {
				for j := 1; j <= k; j++ {
					edge(uint32(i), uint32((i+j)%n))
				}
			}
		})
		if got, want := g.Clustering(), 3*(k-1)/(2*(2*k-1.)); !same(got, want) {
			t.Errorf("N=%d: clustering %v, want %v", n, got, want)
		}
		sum := 0
		for d := 1; d < n; d++ {
			sum += (min(d, n-d) + k - 1) / k
		}
		if got, want := g.Path(), float64(sum)/float64(n-1); !same(got, want) {
			t.Errorf("N=%d: path %v, want %v", n, got, want)
		}
	}
}

// TestGraphAgainstNaive compares with a program of a few lines, on random
// graphs in parts.
func TestGraphAgainstNaive(t *testing.T) {
	r := node.Stream(3, 1000, 0)
	for range 50 {
		n := 2 + int(r.Below(60))
		var pairs [][2]uint32
		for range r.Below(uint32(2 * n)) {
			pairs = append(pairs, [2]uint32{r.Below(uint32(n)), r.Below(uint32(n))})
		}
		const far = 1 << 20
		d := make([][]int, n)
		for i := range d {
			d[i] = make([]int, n)
			for j := range d[i] {
				if i != j {
					d[i][j] = far
				}
			}
		}
		for _, p := range pairs {
			if p[0] != p[1] {
				d[p[0]][p[1]], d[p[1]][p[0]] = 1, 1
			}
		}
		sum, counted := 0.0, 0
		for i := range n {
			closed, open := 0, 0
			for j := range n {
				for k := range j {
					if d[i][j] == 1 && d[i][k] == 1 {
						open++
						if d[j][k] == 1 {
							closed++
						}
					}
				}
			}
			if open > 0 {
				sum += float64(closed) / float64(open)
				counted++
			}
		}
		for k := range n { // Floyd and Warshall
			for i := range n {
				for j := range n {
					d[i][j] = min(d[i][j], d[i][k]+d[k][j])
				}
			}
		}
		steps, joined := 0, 0
		for i := range n {
			for j := range n {
				if i != j && d[i][j] < far {
					steps += d[i][j]
					joined++
				}
			}
		}
		g := graphOf(n, pairs...)
		if got, want := g.Clustering(), sum/float64(counted); !same(got, want) {
			t.Fatalf("%v: clustering %v, want %v", pairs, got, want)
		}
		if got, want := g.Path(), float64(steps)/float64(joined); !same(got, want) {
			t.Fatalf("%v: path %v, want %v", pairs, got, want)
		}
		total := 0
		for _, size := range g.Components() {
			total += size
		}
		if total != n {
			t.Fatalf("%v: components %v", pairs, g.Components())
		}
	}
}

// BenchmarkGraph says what the overlay's metrics cost at a run's end.
func BenchmarkGraph(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(map[int]string{1000: "1k", 10_000: "10k", 100_000: "100k"}[n], func(b *testing.B) {
			for b.Loop() {
				r := node.Stream(3, 1000, 0)
				var list []uint32
				for range 20 * n {
					list = append(list, r.Below(uint32(n)))
				}
				g := NewGraph(n, func(edge func(a, b uint32)) {
					for i, k := range list {
						edge(uint32(i/20), k)
					}
				})
				g.Clustering()
				g.Path()
			}
		})
	}
}
