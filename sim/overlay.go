package sim

import "pushcast/node"

// buildOverlay draws who knows whom, and gives the function that tells a
// peer's contacts: its neighbours in a static overlay, the source under
// Newscast and Cyclon, nobody in a full mesh.
//
// The lists of a static overlay lie one after another in one slice.
func buildOverlay(c *Config) func(node.PeerID) []node.PeerID {
	switch c.Overlay {
	case RandomOut:
		return staticLists(c, newSampler(c).draw)
	case GammaOut:
		return staticLists(c, newLottery(c).draw)
	case Regular:
		return regularLists(c)
	case Ring:
		return staticLists(c, ringNext)
	case Newscast, Cyclon:
		contacts := []node.PeerID{sourceID}
		return func(id node.PeerID) []node.PeerID {
			if id == sourceID {
				return nil
			}
			return contacts
		}
	}
	return func(node.PeerID) []node.PeerID { return nil }
}

// staticLists lets fill write the neighbours of every peer.
func staticLists(c *Config, fill func(c *Config, id node.PeerID, into []node.PeerID)) func(node.PeerID) []node.PeerID {
	// The source has one receiver fewer to choose from where View is everybody.
	k := c.View
	fromSource := min(k, c.Peers)
	all := make([]node.PeerID, fromSource+c.Peers*k)
	lists := func(id node.PeerID) []node.PeerID {
		if id == sourceID {
			return all[:fromSource:fromSource]
		}
		i := fromSource + int(id-1)*k
		return all[i : i+k : i+k]
	}
	for id := range node.PeerID(c.Peers + 1) {
		fill(c, id, lists(id))
	}
	return lists
}

// sampler draws distinct neighbours.
type sampler struct {
	// drawnBy[i] is the last peer that drew i, plus one.
	drawnBy []node.PeerID
}

func newSampler(c *Config) *sampler { return &sampler{make([]node.PeerID, c.Peers+1)} }

// draw fills into with distinct handles, neither id itself nor the hidden
// source: Floyd's algorithm (Bentley, Floyd: A sample of brilliance, CACM
// 30(9), 1987) on the handles in a row without id's own.
func (s *sampler) draw(c *Config, id node.PeerID, into []node.PeerID) {
	first := node.PeerID(1)
	if c.SourceInViews && id != sourceID {
		first = 0
	}
	others := uint32(c.Peers) + 1 - uint32(first)
	if id >= first {
		others--
	}
	handle := func(i uint32) node.PeerID {
		h := first + node.PeerID(i)
		if id >= first && h >= id {
			h++
		}
		return h
	}
	r := node.Stream(c.Seed, node.ForOverlay, uint64(id))
	k := uint32(len(into))
	for j := range k {
		top := others - k + j
		h := handle(r.Below(top + 1))
		if s.drawnBy[h] == id+1 {
			h = handle(top)
		}
		s.drawnBy[h] = id + 1
		into[j] = h
	}
}

// ringNext fills into with the next handles of the circle. A source outside of
// the views knows the first ones.
func ringNext(c *Config, id node.PeerID, into []node.PeerID) {
	first, size := node.PeerID(0), node.PeerID(c.Peers+1)
	if !c.SourceInViews {
		first, size = 1, size-1
	}
	for j := range into {
		next := id + 1 + node.PeerID(j)
		into[j] = first + (next-first)%size
	}
}
