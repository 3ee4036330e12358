package node

// Neighbours is the number of peers that p knows now: under Full a range in
// the Config and no list at all, under Static the list that Bootstrap handed
// over, under Newscast and Cyclon p's own view.
func (p *Peer) Neighbours() uint32 {
	if p.cfg.Sampler != Full {
		return uint32(len(p.known))
	}
	everyone := p.cfg.Everyone
	if uint32(p.id-everyone.First) < everyone.Count {
		return everyone.Count - 1
	}
	return everyone.Count
}

// Neighbour is the i-th of the peers that p knows, i < Neighbours().
func (p *Peer) Neighbour(i uint32) PeerID {
	if p.cfg.Sampler != Full {
		return p.known[i]
	}
	id := p.cfg.Everyone.First + PeerID(i)
	if p.id >= p.cfg.Everyone.First && id >= p.id {
		id++
	}
	return id
}
