package sim

import (
	"pushcast/node/measure"
)

// maxLinks bounds the overlays of which a graph is made, for its memory of
// eight bytes a link.
const maxLinks = 1 << 25

// Overlay is the graph of the receivers that are up: who stands in whose view, or
// neighbourhood where there are such (node.Neighbourhood), either way. ok is false in a full mesh, which is none but a range, and where
// more than 2²⁵ entries stand in all views together.
func (w *World) Overlay() (g *measure.Graph, ok bool) {
	if w.cfg.Overlay == FullMesh {
		return nil, false
	}
	place := make([]uint32, len(w.peers)) // by slot, of those that are up
	n, links := uint32(0), uint64(0)
	for i := 1; i < len(w.peers); i++ {
		if !w.peers[i].Up() {
			place[i] = 1<<32 - 1
			continue
		}
		place[i] = n
		n++
		links += uint64(w.peers[i].Neighbours())
	}
	if links > maxLinks {
		return nil, false
	}
	place[sourceID] = 1<<32 - 1
	return measure.NewGraph(int(n), func(edge func(a, b uint32)) {
		for i := 1; i < len(w.peers); i++ {
			p := &w.peers[i]
			if place[i] >= n {
				continue
			}
			for k := range p.Neighbours() {
				if id := p.Neighbour(k); w.isUp(id) {
					edge(place[i], place[slot(id)])
				}
			}
		}
	}), true
}

// Components gives the sizes of the parts of the overlay that do not know each
// other, the largest first: the receivers that are up, without the source. It is
// nil where Overlay gives no graph.
func (w *World) Components() []int {
	g, ok := w.Overlay()
	if !ok {
		return nil
	}
	return g.Components()
}

// shape computes what the overlay looks like as a graph; nil where it is none.
func (w *World) shape() *measure.Shape {
	if g, ok := w.Overlay(); ok {
		return &measure.Shape{Clustering: g.Clustering(), Path: g.Path(), Components: len(g.Components())}
	}
	if w.cfg.Overlay == FullMesh && w.Online() >= 3 {
		return &measure.Shape{Clustering: 1, Path: 1, Components: 1}
	}
	return nil
}
