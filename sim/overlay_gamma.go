package sim

import (
	"slices"

	"pushcast/node"
)

// lottery draws neighbours by weights, so that some peers are known by many and
// others by few, as under newscast (theory.md 3.6): the weights follow a gamma
// law of integer shape, which is a sum of exponential draws.
type lottery struct {
	sampler
	sums []uint64 // of the weights of all handles up to this one
}

func newLottery(c *Config) *lottery {
	l := &lottery{*newSampler(c), make([]uint64, c.Peers+1)}
	sum := uint64(0)
	for id := range l.sums {
		if id > 0 || c.SourceInViews {
			r := node.Stream(c.Seed, node.ForWeights, uint64(id))
			sum++
			for range c.Shape {
				sum += uint64(r.Exp(1 << 20))
			}
		}
		l.sums[id] = sum
	}
	return l
}

// draw fills into with distinct handles, not id itself.
func (l *lottery) draw(c *Config, id node.PeerID, into []node.PeerID) {
	r := node.Stream(c.Seed, node.ForOverlay, uint64(id))
	for i := 0; i < len(into); {
		ticket := uint64(r.Span(node.Time(l.sums[c.Peers])))
		// The winner is the first handle whose sum is above the ticket.
		at, _ := slices.BinarySearch(l.sums, ticket+1)
		if h := node.PeerID(at); h != id && l.drawnBy[h] != id+1 {
			l.drawnBy[h] = id + 1
			into[i] = h
			i++
		}
	}
}
