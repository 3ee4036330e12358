package node

import "math/bits"

// The peer selections of the literature. Those after roundRobin look at what
// neighbours lack; all of them do where the chunk was chosen first, as useful to
// somebody, and then choose among those who lack it.
type peerRule uint8

const (
	randomPeer     peerRule = iota // any neighbour
	bandwidthAware                 // any, in proportion to its upload (da Silva et al., P2P 2008)
	roundRobin                     // each in turn
	usefulPeer                     // any that lacks something
	earliestLatest                 // whose newest chunk is the oldest: ELp (Abeni et al., Networking 2009)
	mostDeprived                   // who lacks most of the buffer (Massoulié, Twigg 2008)
)

func (r peerRule) useful() bool { return r > roundRobin }

// blindly chooses among all neighbours, of whom there must be one.
func (r peerRule) blindly(p *Peer) PeerID {
	switch n := p.Neighbours(); r {
	case bandwidthAware:
		to, _ := p.byUpload(&candidates{p: p})
		return to
	case roundRobin:
		to := p.Neighbour(p.turnOf(n, 0))
		p.turn++
		return to
	default:
		return p.Neighbour(p.DrawPush(n))
	}
}

// among chooses from candidates; held is p's whole buffer. ok is false where
// there are none.
func (r peerRule) among(p *Peer, from candidates, held *chunkMap) (to PeerID, ok bool) {
	switch {
	case r == bandwidthAware:
		return p.byUpload(&from)
	case r == roundRobin:
		return p.nextInNeed(&from)
	case r == usefulPeer && from.n > 0:
		return nthOfSet(from.set, p.DrawPush(from.n)), true
	case r == earliestLatest && from.n > 0:
		return p.earliestOf(from.set, from.latest), true
	}
	// Twice over the candidates: the smallest score and how many have it, then one
	// of those.
	least, ties := ^uint32(0), uint32(0)
	for once := from; once.next(); {
		switch x := r.score(&once, held); {
		case ties == 0 || x < least:
			least, ties = x, 1
		case x == least:
			ties++
		}
	}
	if ties == 0 {
		return NoPeer, false
	}
	drawn := uint32(0)
	if ties > 1 {
		drawn = p.DrawPush(ties)
	}
	for from.next() {
		if r.score(&from, held) != least {
			continue
		}
		if drawn == 0 {
			break
		}
		drawn--
	}
	return from.id, true
}

// earliestOf is a peer of a set, not empty, whose newest chunk is the oldest:
// what among does, at a fifth of the cost.
func (p *Peer) earliestOf(set []uint64, latest []uint32) PeerID {
	least, ties := ^uint32(0), uint32(0)
	for i, word := range set {
		of := latest[64*i:]
		for ; word != 0; word &= word - 1 {
			switch x := of[bits.TrailingZeros64(word)]; {
			case x < least:
				least, ties = x, 1
			case x == least:
				ties++
			}
		}
	}
	drawn := uint32(0)
	if ties > 1 {
		drawn = p.DrawPush(ties)
	}
	for i, word := range set {
		of := latest[64*i:]
		for ; word != 0; word &= word - 1 {
			k := bits.TrailingZeros64(word)
			if of[k] != least {
				continue
			}
			if drawn == 0 {
				return PeerID(64*i + k)
			}
			drawn--
		}
	}
	panic("node: earliestOf an empty set")
}

// score is the less, the more r wants the candidate.
func (r peerRule) score(from *candidates, held *chunkMap) uint32 {
	switch r {
	case earliestLatest:
		if c, ok := from.p.knowledge().Newest(from.id); ok {
			return uint32(c) + 1
		}
		return 0
	case mostDeprived:
		return MaxUseful - held.lackedBy(from.p.knowledge(), from.id)
	}
	return 0
}

// candidates goes through those neighbours that lack a chunk, that lack
// something of a map, or through all.
type candidates struct {
	p     *Peer
	wants *chunkMap // they lack something of it
	chunk ChunkID   // they lack it, where lacks is set
	lacks bool

	set    []uint64 // instead, in a full mesh: those that lack chunk, by handle
	n      uint32   // their number
	latest []uint32 // of every handle; see Oracle

	id   PeerID // the present one
	word uint64 // what is left of the present word of set
	at   uint32 // the next word of set, or neighbour
}

// lackersOf are the neighbours that lack c.
func lackersOf(p *Peer, c ChunkID) candidates {
	if crowd := p.crowd(); crowd != nil {
		set, n := crowd.Lackers(c)
		return candidates{p: p, chunk: c, lacks: true, set: set, n: n, latest: crowd.Latest()}
	}
	return candidates{p: p, chunk: c, lacks: true}
}

// next goes on to the next candidate.
func (c *candidates) next() bool {
	if c.set != nil {
		for c.word == 0 {
			if c.at == uint32(len(c.set)) {
				return false
			}
			c.word = c.set[c.at]
			c.at++
		}
		c.id = PeerID(64*(c.at-1) + uint32(bits.TrailingZeros64(c.word)))
		c.word &= c.word - 1
		return true
	}
	for n := c.p.Neighbours(); c.at < n; {
		c.id = c.p.Neighbour(c.at)
		c.at++
		if c.has(c.id) {
			return true
		}
	}
	return false
}

// has tells whether the neighbour j is a candidate.
func (c *candidates) has(j PeerID) bool {
	know := c.p.knowledge()
	switch {
	case c.set != nil:
		return c.set[j/64]>>(j%64)&1 != 0
	case c.wants != nil:
		return c.wants.lackedBy(know, j) > 0
	case c.lacks:
		return know.Lacks(j, c.chunk)&1 != 0
	}
	return true
}

// nthOfSet is the n-th handle of a set, from 0; there must be one.
func nthOfSet(set []uint64, n uint32) PeerID {
	for i, word := range set {
		ones := uint32(bits.OnesCount64(word))
		if n < ones {
			return PeerID(uint32(64*i) + nthOfWord(word, n))
		}
		n -= ones
	}
	panic("node: nthOfSet past the last handle")
}

// byUpload draws a candidate in proportion to its upload.
func (p *Peer) byUpload(from *candidates) (PeerID, bool) {
	oracle, sum := p.oracle(), uint64(0)
	for once := *from; once.next(); {
		sum += uint64(oracle.Upload(once.id))
	}
	if sum == 0 {
		return NoPeer, false
	}
	drawn := p.drawPush64(sum)
	for from.next() {
		share := uint64(oracle.Upload(from.id))
		if drawn < share {
			break
		}
		drawn -= share
	}
	return from.id, true
}

// drawPush64 draws from 0 … n−1; n must be positive. Where n is beyond 32 bits
// it draws multiples of a power of two.
func (p *Peer) drawPush64(n uint64) uint64 {
	shift := max(bits.Len64(n), 32) - 32
	return uint64(p.DrawPush(uint32(n>>shift))) << shift
}

// turnOf is the neighbour whose turn it is, or is the i-th after that. Peers
// begin in different places, so that they do not all push to the same one.
func (p *Peer) turnOf(n, i uint32) uint32 {
	return uint32((Mix(uint64(p.id))>>32 + uint64(p.turn) + uint64(i)) % uint64(n))
}

// nextInNeed is the next candidate in the circle of neighbours.
func (p *Peer) nextInNeed(from *candidates) (PeerID, bool) {
	n := p.Neighbours()
	for i := range n {
		if to := p.Neighbour(p.turnOf(n, i)); from.has(to) {
			p.turn += i + 1
			return to, true
		}
	}
	return NoPeer, false
}
