package node

// firstTick is when p pushes for the first time.
func (p *Peer) firstTick(seed uint64, now Time) Time {
	push := p.cfg.Push
	if p.cfg.Role == Source || push == 0 {
		return Never
	}
	switch p.cfg.Ticks {
	case RandomPhase:
		r := Stream(seed, ForPhase, uint64(p.id))
		return now + r.Span(push)
	case Poisson:
		r := Stream(seed, ForTicks, uint64(p.id))
		p.ticks = &r
		return now + r.Exp(push)
	case Synchronous:
		return (now + push - 1) / push * push
	}
	return now
}

// SkipTicks leaves out the push ticks that were due before until, and tells how
// many they were: after a suspension nobody wants the pushes of the last hour.
func (p *Peer) SkipTicks(until Time) uint64 {
	if p.tickAt >= until {
		return 0
	}
	n := (until - p.tickAt + p.cfg.Push - 1) / p.cfg.Push
	if p.cfg.Ticks == Poisson {
		p.tickAt = until + p.ticks.Exp(p.cfg.Push) // the law has no memory
	} else {
		p.tickAt += n * p.cfg.Push
	}
	p.stats.Skipped += uint64(n)
	p.skipGossip(until)
	p.note(until, noteSkip, NoPeer, ChunkID(n))
	return uint64(n)
}
