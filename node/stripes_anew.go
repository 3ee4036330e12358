package node

// bornAnew finds a source that has begun anew while its first chunks still lie in the
// buffer: a chunk whose id is an old one's, and whose age says that it was born long after
// that. Like a stray it moves nothing, until nothing else comes (guard.go): then p starts
// anew, and the chunk is taken in.
func (p *Peer) bornAnew(now Time, c ChunkID, age Time, out *Outbox) (stray bool) {
	m := p.mesh
	if !p.cfg.Follow || p.guard == nil || !m.begun || c > m.newest || c > MaxChunk {
		return false
	}
	if now-age-m.clock-steps(c, m.period) <= max(p.cfg.Restart, 2*m.round()) {
		return false
	}
	if at, ok := p.guard.restart(p.cfg, now, c); ok {
		p.startAnew(at, out)
		return false
	}
	p.stats.Received++
	p.stats.Strays++
	return true
}
