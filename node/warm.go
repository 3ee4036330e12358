package node

// Warm reads a word here and there of what the next call will need of p, and WarmList of
// its neighbours: whoever drives many peers, and knows which are next, can have the memory
// of several on its way at a time, where call after call would wait for one after another.
// They change nothing; the results mean nothing.
func (p *Peer) Warm() uint64 {
	return p.hash ^ uint64(p.buffer.newest) ^ uint64(p.out.dueAt) ^ p.stats.Late
}

// WarmList is explained at Warm.
func (p *Peer) WarmList() uint64 {
	if n := len(p.known); n > 0 {
		return uint64(p.known[0] ^ p.known[n-1])
	}
	return 0
}
