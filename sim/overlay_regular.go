package sim

import (
	"slices"

	"pushcast/node"
)

// regularLists draws a random graph in which everybody has View neighbours, and is
// known by the same View: pairs of stubs, drawn at random, and where a pair would
// join a peer to itself or to somebody twice, an exchange of ends with an edge drawn
// at random repairs it (the configuration model; Bollobás: A probabilistic proof of
// an asymptotic formula for the number of labelled regular graphs, European J. Comb.
// 1, 1980). Some View²/4 pairs are repaired, so that the graph is the nearer
// to uniform the larger it is. From View = 3 on it is connected with a probability that
// tends to 1 as it grows. A graph of more than half of all edges is drawn as the
// complement of one of fewer: repairs of a dense one would find no place.
//
// A source that stands in views is one of the graph. Another is outside of it, and
// knows View receivers (or all, with SourceKnowsAll) of whom none knows it.
func regularLists(c *Config) func(node.PeerID) []node.PeerID {
	first, n := node.PeerID(1), c.Peers
	if c.SourceInViews {
		first, n = 0, n+1
	}
	g := regularGraph{first: first, n: uint32(n), degree: c.View}
	g.draws = node.Stream(c.Seed, node.ForOverlay, uint64(c.Peers)+1) // nobody's
	inverse := 2*c.View >= n
	if inverse {
		g.degree = n - 1 - c.View
	}
	for !g.draw() {
	}
	outside := newSampler(c)
	return staticLists(c, func(c *Config, id node.PeerID, into []node.PeerID) {
		switch {
		case id < first:
			outside.draw(c, id, into)
		case inverse:
			g.strangers(id, into)
		default:
			copy(into, g.of(id))
		}
	})
}

// regularGraph is a graph of n peers, from the handle first on.
type regularGraph struct {
	first  node.PeerID
	n      uint32
	degree int
	draws  node.Rand
	ends   []node.PeerID // the neighbours of one peer after another, degree places each
	known  []int         // how many of a peer's places are taken
}

// of are the neighbours of a peer so far.
func (g *regularGraph) of(id node.PeerID) []node.PeerID {
	i := int(id - g.first)
	return g.ends[i*g.degree : i*g.degree+g.known[i]]
}

// draw makes the graph; false where repairs led to no end, so that it is to be drawn
// again.
func (g *regularGraph) draw() bool {
	stubs := make([]node.PeerID, int(g.n)*g.degree)
	for i := range stubs {
		stubs[i] = g.first + node.PeerID(i/g.degree)
	}
	shuffle(stubs, &g.draws)
	g.ends, g.known = make([]node.PeerID, len(stubs)), make([]int, g.n)
	var refused []node.PeerID // pairs
	for i := 0; i+1 < len(stubs); i += 2 {
		if a, b := stubs[i], stubs[i+1]; g.mayJoin(a, b) {
			g.add(a, b)
			g.add(b, a)
		} else {
			refused = append(refused, a, b)
		}
	}
	for i := 0; i+1 < len(refused); i += 2 {
		if !g.repair(refused[i], refused[i+1]) {
			return false
		}
	}
	return true
}

// mayJoin tells whether an edge between a and b is neither a loop nor there already.
func (g *regularGraph) mayJoin(a, b node.PeerID) bool { return a != b && slices.Index(g.of(a), b) < 0 }

func (g *regularGraph) add(a, b node.PeerID) {
	i := a - g.first
	g.known[i]++
	g.of(a)[g.known[i]-1] = b
}

// repair gives a and b, who may not be joined, an edge x–y's ends each: x–a and y–b.
func (g *regularGraph) repair(a, b node.PeerID) bool {
	for range 100 * int(g.n) {
		x := g.first + node.PeerID(g.draws.Below(g.n))
		k := int(g.draws.Below(uint32(g.degree)))
		if k >= len(g.of(x)) {
			continue
		}
		y := g.of(x)[k]
		if !g.mayJoin(a, x) || !g.mayJoin(b, y) {
			continue
		}
		g.of(x)[k] = a
		g.of(y)[slices.Index(g.of(y), x)] = b
		g.add(a, x)
		g.add(b, y)
		return true
	}
	return false
}

// strangers fills into with whom a peer does not know.
func (g *regularGraph) strangers(id node.PeerID, into []node.PeerID) {
	i := 0
	for other := g.first; other < g.first+node.PeerID(g.n); other++ {
		if g.mayJoin(id, other) {
			into[i] = other
			i++
		}
	}
}
