package node

// Neighbours is the number of peers that p may push to now: under Full a range in
// the Config and no list at all, under Static the list that Bootstrap handed
// over, under Newscast and Cyclon p's own view, or its Neighbourhood.
func (p *Peer) Neighbours() uint32 {
	if p.cfg.Sampler != Full {
		return uint32(len(p.neighbours()))
	}
	everyone := p.cfg.Everyone
	if uint32(p.id-everyone.First) < everyone.Count {
		return everyone.Count - 1
	}
	return everyone.Count
}

// Neighbour is the i-th of the peers that p may push to, i < Neighbours().
func (p *Peer) Neighbour(i uint32) PeerID {
	if p.cfg.Sampler != Full {
		return p.neighbours()[i]
	}
	id := p.cfg.Everyone.First + PeerID(i)
	if p.id >= p.cfg.Everyone.First && id >= p.id {
		id++
	}
	return id
}

// neighbours is the list that Neighbour looks at, but under Full.
func (p *Peer) neighbours() []PeerID {
	if p.cfg.Neighbourhood.Size > 0 {
		return p.views.hood.ids
	}
	return p.known
}
