package measure

import (
	"math"
	"math/bits"

	"pushcast/node"
)

// Graph is an overlay without directions: who stands in whose view, either way.
// Peers are 0 … N−1. It holds four bytes for every such pair, twice.
type Graph struct {
	first      []uint32 // by peer, and one more: where its neighbours begin
	neighbours []uint32
}

// NewGraph makes the graph of n peers. each calls edge for every pair (peer,
// neighbour) that views tell, always for the same ones; pairs of one peer with
// itself or beyond n count for nothing, pairs that come twice once.
func NewGraph(n int, each func(edge func(a, b uint32))) *Graph {
	g := &Graph{first: make([]uint32, n+1)}
	inside := func(a, b uint32) bool { return a != b && a < uint32(n) && b < uint32(n) }
	each(func(a, b uint32) {
		if inside(a, b) {
			g.first[a]++
			g.first[b]++
		}
	})
	sum := uint32(0)
	for i, k := range g.first { // where each peer's part ends; filling moves it to the beginning
		sum += k
		g.first[i] = sum
	}
	g.neighbours = make([]uint32, sum)
	each(func(a, b uint32) {
		if inside(a, b) {
			g.first[a]--
			g.neighbours[g.first[a]] = b
			g.first[b]--
			g.neighbours[g.first[b]] = a
		}
	})
	g.unify()
	return g
}

// unify drops neighbours that are named twice.
func (g *Graph) unify() {
	seen := make([]uint32, g.N()) // by peer: the last one that named it, plus one
	kept := uint32(0)
	for i := range uint32(g.N()) {
		part := g.neighbours[g.first[i]:g.first[i+1]]
		g.first[i] = kept
		for _, k := range part {
			if seen[k] != i+1 {
				seen[k] = i + 1
				g.neighbours[kept] = k
				kept++
			}
		}
	}
	g.first[g.N()] = kept
	g.neighbours = g.neighbours[:kept]
}

// N is the number of peers.
func (g *Graph) N() int { return len(g.first) - 1 }

// of gives the neighbours of a peer.
func (g *Graph) of(i uint32) []uint32 { return g.neighbours[g.first[i]:g.first[i+1]] }

// Components gives the sizes of the parts that no edge connects, the largest
// first.
func (g *Graph) Components() (sizes []int) {
	seen := make([]bool, g.N())
	var queue []uint32
	for i := range uint32(g.N()) {
		if seen[i] {
			continue
		}
		seen[i] = true
		queue = append(queue[:0], i)
		for at := 0; at < len(queue); at++ {
			for _, k := range g.of(queue[at]) {
				if !seen[k] {
					seen[k] = true
					queue = append(queue, k)
				}
			}
		}
		size := len(queue)
		place := len(sizes)
		sizes = append(sizes, size)
		for ; place > 0 && sizes[place-1] < size; place-- {
			sizes[place] = sizes[place-1]
		}
		sizes[place] = size
	}
	return sizes
}

// Bounds of what is computed exactly. Beyond them a sample of the peers stands
// for all: always the same ones of a graph of this size.
const (
	clusteringOf = 256
	pathsFrom    = 256
	exactPaths   = 256
)

// Clustering is the share of a peer's pairs of neighbours that are neighbours of
// each other (Watts, Strogatz: Collective dynamics of 'small-world' networks,
// Nature 393, 1998), averaged over the peers that have two neighbours or more;
// over up to 256 peers exactly, of more a sample of as many. NaN where no peer
// has two.
func (g *Graph) Clustering() float64 {
	seen := make([]uint32, g.N()) // by peer: whose neighbour it was seen to be, plus one
	sum, counted := 0.0, 0
	for _, i := range g.sample(clusteringOf, clusteringOf) {
		around := g.of(i)
		if len(around) < 2 {
			continue
		}
		for _, k := range around {
			seen[k] = i + 1
		}
		closed := 0 // every edge between neighbours is met from both ends
		for _, k := range around {
			for _, l := range g.of(k) {
				if seen[l] == i+1 {
					closed++
				}
			}
		}
		sum += float64(closed) / (float64(len(around)) * float64(len(around)-1))
		counted++
	}
	if counted == 0 {
		return math.NaN()
	}
	return sum / float64(counted)
}

// Path is the mean length of the shortest paths between two peers, over the
// pairs that a path joins: between all pairs of up to 256 peers, of more from a
// sample of 256 peers to all. NaN where no path is.
//
// 64 searches go side by side, one a bit (Then, Kaufmann, Chirigati et al.: The
// More the Merrier: Efficient Multi-Source Graph Traversal, VLDB 2014).
func (g *Graph) Path() float64 {
	n := g.N()
	seen, front, next := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	var steps, pairs uint64
	starts := g.sample(exactPaths, pathsFrom)
	for len(starts) > 0 {
		batch := starts[:min(64, len(starts))]
		starts = starts[len(batch):]
		clear(seen)
		clear(front)
		for bit, i := range batch {
			seen[i], front[i] = 1<<bit, 1<<bit
		}
		for length, reached := uint64(1), true; reached; length++ {
			reached = false
			for i := range next {
				var from uint64
				for _, k := range g.of(uint32(i)) {
					from |= front[k]
				}
				next[i] = from &^ seen[i]
				if next[i] != 0 {
					reached = true
					seen[i] |= next[i]
					found := uint64(bits.OnesCount64(next[i]))
					pairs += found
					steps += found * length
				}
			}
			front, next = next, front
		}
	}
	if pairs == 0 {
		return math.NaN()
	}
	return float64(steps) / float64(pairs)
}

// sample gives all peers, or k of them, distinct, where there are more than most.
func (g *Graph) sample(most, k int) []uint32 {
	n := g.N()
	if n <= most {
		k = n
	}
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(i)
	}
	if k < n {
		r := node.Stream(uint64(n), node.ForSample, 0)
		for i := range k {
			j := i + int(r.Below(uint32(n-i)))
			all[i], all[j] = all[j], all[i]
		}
	}
	return all[:k]
}
