package node

// The chunk selections of the literature (Bonald et al., SIGMETRICS 2008;
// Massoulié, Twigg, Performance Evaluation 65, 2008; Abeni, Kiraly, Lo Cigno,
// Networking 2009). Those after latestBlind look at what neighbours lack.
type chunkRule uint8

const (
	randomBlind    chunkRule = iota // any chunk of the buffer
	latestBlind                     // the newest
	randomUseful                    // any that the target lacks
	latestUseful                    // the newest that it lacks
	oldestUseful                    // the oldest that it lacks, whose playout is due first
	deadlineUseful                  // of these, the copy with the earliest scheduling deadline
	rarestUseful                    // of these, the one that most neighbours lack
)

func (r chunkRule) useful() bool { return r > latestBlind }

// blindly chooses from p's buffer, which must not be empty.
func (r chunkRule) blindly(p *Peer) ChunkID {
	if r == latestBlind {
		return p.Newest()
	}
	return p.ChunkAt(p.DrawPush(p.Chunks()))
}

// from chooses from the useful chunks m, if there are any.
func (r chunkRule) from(p *Peer, m *chunkMap) (c ChunkID, ok bool) {
	n := m.count()
	if n == 0 {
		return 0, false
	}
	switch r {
	case randomUseful:
		return m.nth(p.DrawPush(n)), true
	case oldestUseful:
		return m.nth(n - 1), true
	case deadlineUseful:
		return m.least(p.schedulingDeadline), true
	case rarestUseful:
		return m.least(p.copiesAround), true
	}
	return m.newest(), true
}

// schedulingDeadline is the deadline of DLc, in nanoseconds from the birth of
// chunk 0: a copy's is its birth + 2T, T being the time of one push, and every
// sending puts that of the copy sent and that of the new one off by 2T. On
// schedule this is the newest chunk's order; a chunk that has fallen behind
// comes first (Abeni et al., section 4).
func (p *Peer) schedulingDeadline(c ChunkID) uint64 {
	off := p.oracle().Postponed(p.id, c)
	return uint64(p.cfg.instantOf(c)) + 2*uint64(p.cfg.Push)*uint64(off+1)
}

// copiesAround counts the neighbours that do not lack c.
func (p *Peer) copiesAround(c ChunkID) uint64 {
	if crowd := p.crowd(); crowd != nil {
		_, n := crowd.Lackers(c)
		return uint64(p.Neighbours() - min(n, p.Neighbours()))
	}
	var n uint64
	for i := range p.Neighbours() {
		n += 1 - p.knowledge().Lacks(p.Neighbour(i), c)&1
	}
	return n
}
