package node

import "math/bits"

// MaxUseful is the largest Buffer from which a scheduler that knows what
// neighbours lack can choose: it looks at this many ids from the newest
// downwards, in a map that lies on the stack.
const MaxUseful = 512

// chunkMap is a set of chunks among the MaxUseful newest of a buffer: bit i of
// word k is chunk top−64k−i, as in a register.
type chunkMap struct {
	top   ChunkID
	n     uint32 // words in use
	words [MaxUseful / 64]uint64
}

// hold makes m the map of p's buffer, which must not be empty.
func (m *chunkMap) hold(p *Peer) {
	b, policy := &p.buffer, p.policy()
	*m = chunkMap{top: b.highest(policy), n: 1}
	if policy == Window {
		m.n = (min(b.size, MaxUseful) + 63) / 64
		m.words[0] = b.seen.lo
		copy(m.words[1:m.n], b.seen.hi)
		return
	}
	for _, c := range b.ids[:b.n] {
		// The lists may have gaps, and so reach further down than their size.
		if d := uint32(m.top - c); d < MaxUseful {
			m.words[d/64] |= 1 << (d % 64)
			m.n = max(m.n, d/64+1)
		}
	}
}

// at is the chunk of bit i in word k.
func (m *chunkMap) at(k, i uint32) ChunkID { return m.top - ChunkID(64*k+i) }

// keepLackedBy leaves the chunks that j lacks.
func (m *chunkMap) keepLackedBy(know Knowledge, j PeerID) {
	for k := range m.n {
		if m.words[k] != 0 {
			m.words[k] &= know.Lacks(j, m.at(k, 0))
		}
	}
}

// lackedBy counts the chunks that j lacks.
func (m *chunkMap) lackedBy(know Knowledge, j PeerID) (n uint32) {
	for k := range m.n {
		if m.words[k] != 0 {
			n += uint32(bits.OnesCount64(m.words[k] & know.Lacks(j, m.at(k, 0))))
		}
	}
	return n
}

// keepLackedByAny leaves the chunks that a neighbour of p lacks.
func (m *chunkMap) keepLackedByAny(p *Peer) {
	know, crowd := p.knowledge(), p.crowd()
	for k := range m.n {
		held, lacked := m.words[k], uint64(0)
		if held == 0 {
			continue
		}
		if crowd != nil {
			for left := held; left != 0; left &= left - 1 {
				i := uint32(bits.TrailingZeros64(left))
				if _, n := crowd.Lackers(m.at(k, i)); n > 0 {
					lacked |= 1 << i
				}
			}
		} else {
			for i := range p.Neighbours() {
				if lacked |= know.Lacks(p.Neighbour(i), m.at(k, 0)); lacked&held == held {
					break
				}
			}
		}
		m.words[k] &= lacked
	}
}

// count is the number of chunks in m.
func (m *chunkMap) count() (n uint32) {
	for k := range m.n {
		n += uint32(bits.OnesCount64(m.words[k]))
	}
	return n
}

// newest is the chunk of the highest id; m must not be empty.
func (m *chunkMap) newest() ChunkID { return m.nth(0) }

// nth is the chunk that n newer ones in m precede; there must be one.
func (m *chunkMap) nth(n uint32) ChunkID {
	for k := range m.n {
		ones := uint32(bits.OnesCount64(m.words[k]))
		if n < ones {
			return m.at(k, nthOfWord(m.words[k], n))
		}
		n -= ones
	}
	panic("node: chunkMap.nth past the last chunk")
}

// least is the chunk of the smallest score, and of those the newest; m must not
// be empty.
func (m *chunkMap) least(score func(ChunkID) uint64) (best ChunkID) {
	least, none := uint64(0), true
	for k := range m.n {
		for left := m.words[k]; left != 0; left &= left - 1 {
			c := m.at(k, uint32(bits.TrailingZeros64(left)))
			if x := score(c); none || x < least {
				best, least, none = c, x, false
			}
		}
	}
	return best
}
