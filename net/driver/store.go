package driver

import "pushcast/node"

// store keeps the datagrams of the chunks that the peer still needs, whole, so
// that forwarding one sends the very bytes that came. The peer says what to keep
// and what to forget, and bounds by its buffer and window how many there are;
// a datagram bounds how large. Memory is reused.
type store struct {
	at   map[node.ChunkID]int // index in slots
	slot []stored
	free []int
}

type stored struct {
	datagram []byte
	begin    int // of the payload
	end      int
}

func newStore() *store { return &store{at: map[node.ChunkID]int{}} }

func (s *store) put(c node.ChunkID, datagram []byte, begin, end int) {
	i, ok := s.at[c]
	if !ok {
		if n := len(s.free); n > 0 {
			i, s.free = s.free[n-1], s.free[:n-1]
		} else {
			i = len(s.slot)
			s.slot = append(s.slot, stored{})
		}
		s.at[c] = i
	}
	p := &s.slot[i]
	p.datagram = append(p.datagram[:0], datagram...)
	p.begin, p.end = begin, end
}

// get gives a chunk's datagram and payload; nil if it is not kept.
func (s *store) get(c node.ChunkID) (datagram, payload []byte) {
	i, ok := s.at[c]
	if !ok {
		return nil, nil
	}
	p := &s.slot[i]
	return p.datagram, p.datagram[p.begin:p.end]
}

func (s *store) drop(c node.ChunkID) {
	if i, ok := s.at[c]; ok {
		s.free = append(s.free, i)
		delete(s.at, c)
	}
}
