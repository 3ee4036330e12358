package node

// How partners are found, and what they tell each other.

// recruit looks for a further partner among the neighbours.
func (p *Peer) recruit(now Time, out *Outbox) {
	m := p.mesh
	n, count := p.Neighbours(), 0
	for i := range m.partners {
		if m.partners[i].id != NoPeer {
			count++
		}
	}
	if n == 0 || p.unanswered() {
		return
	}
	tries := 1
	if count < wantPartners/2 {
		tries = 4 // who knows few has just come
	}
	for ; tries > 0 && count < wantPartners; tries-- {
		id := p.Neighbour(m.draws.Below(n))
		if m.find(id) >= 0 {
			continue
		}
		if i := p.befriend(now, id); i >= 0 {
			p.tell(now, i, flagAnswer, out)
			count++
		}
	}
}

// befriend makes somebody a partner, if there is room; −1 where there is none.
func (p *Peer) befriend(now Time, id PeerID) int {
	m := p.mesh
	if id == p.id || id == NoPeer {
		return -1
	}
	for i := range m.partners {
		if m.partners[i].id == NoPeer {
			f := &m.partners[i]
			*f = partner{id: id, heard: now}
			for k := range f.ages {
				f.ages[k] = unknownAge
			}
			return i
		}
	}
	return -1
}

// lose forgets a partner, and what it was for us.
func (p *Peer) lose(now Time, i int, out *Outbox) {
	m := p.mesh
	gives := m.partners[i].gives
	m.partners[i] = partner{id: NoPeer}
	for k := range m.stripes {
		if m.trees[k].parent == int8(i) {
			m.trees[k].parent = -1
		}
	}
	if gives != 0 {
		p.seekParents(now, out)
	}
}

// tell sends a partner our state: to be answered, as an answer, or neither.
func (p *Peer) tell(now Time, i int, flags uint32, out *Outbox) {
	m := p.mesh
	f := &m.partners[i]
	free := uint32(min(max(0, m.slots-m.serves()), 255))
	if flags&flagAnswer != 0 {
		f.asked = now
	}
	if p.cfg.Role == Source {
		flags |= flagSource
	}
	f.told = now
	f.turn++
	flags |= uint32(f.turn%32)<<flagBits | m.asksPeriod(f)
	w := p.begin(Message{Kind: State, To: f.id, Size: uint32(m.stripes)}, out)
	w.put(flags | uint32(m.mark)<<8 | free<<16 | uint32(m.stripes)<<24)
	w.put(uint32(m.newest))
	w.put64(m.held)
	w.put(f.gives | f.courted)
	w.put(f.wants)
	w.put(m.own)
	for k := 0; k < m.stripes; k += 4 {
		ages := uint32(0)
		for j := k; j < min(k+4, m.stripes); j++ {
			ages |= uint32(p.ageOf(now, j)) << (8 * (j - k))
		}
		w.put(ages)
	}
	m.tellPeriod(f, &w)
	p.end(now, &w)
}

// ageOf is what we tell of a stripe: how old its chunks are when we have them.
func (p *Peer) ageOf(now Time, k int) uint8 {
	t := &p.mesh.trees[k]
	switch {
	case p.cfg.Role == Source:
		return 0
	case t.parent < 0 || !p.flows(now, k):
		return unknownAge
	}
	return uint8(min(t.age/ageUnit, unknownAge-1))
}

// flows tells whether a stripe has come lately.
func (p *Peer) flows(now Time, k int) bool {
	t := &p.mesh.trees[k]
	return t.age > 0 && now-t.fresh <= rounds*p.mesh.round()
}

// handleState takes in what a partner tells.
func (p *Peer) handleState(now Time, msg *Message, entries []Entry, out *Outbox) {
	m := p.mesh
	head := Word(entries, 0)
	if int(head>>24) != m.stripes || len(entries) != StateEntries(head) {
		p.stats.Refused++
		return
	}
	i := m.find(msg.From)
	if i < 0 {
		if i = p.befriend(now, msg.From); i < 0 {
			return
		}
	}
	if f := &m.partners[i]; f.turned && !f.asks && head&flagAsksPeriod != 0 {
		p.lose(now, i, out) // it knew, and has begun anew
		i = p.befriend(now, msg.From)
	}
	f := &m.partners[i]
	reply := head&flagReply != 0
	turn := uint8(head >> flagBits & 31)
	if p.heard(now, f); f.turned && (turn-f.came)&31 >= 16 && now-f.cameAt < overtaken {
		return
	}
	f.turned, f.came, f.cameAt = true, turn, now
	if f.asked > 0 && reply {
		trip := max(now-f.asked, 1)
		if f.trip == 0 {
			f.trip = trip
		} else {
			f.trip += (trip - f.trip) / 4
		}
		f.asked = 0
	}
	f.mark, f.free, f.source = uint8(head>>8)&63, uint8(head>>16), head&flagSource != 0
	if f.free > f.freeThen {
		f.refused = 0 // it has places that it had not then
	}
	mapMerge(&f.newest, &f.held, ChunkID(Word(entries, 1)), word64(entries, 2))
	all := uint32(1<<m.stripes - 1)
	wants, gives := Word(entries, 4)&all, Word(entries, 5)&all
	f.own = Word(entries, 6) & all
	for k := range m.stripes {
		f.ages[k] = uint8(Word(entries, StateWords+k/4) >> (8 * (k % 4)))
	}
	m.hearPeriod(p.cfg, f, entries)
	p.grant(now, i, wants, out)
	p.settleCourt(now, i, gives, reply, out)
	if answer := head & flagAnswer; f.id == msg.From && (answer != 0 || m.period == 0 && !reply) {
		flags := uint32(0)
		if answer != 0 {
			flags = flagReply
		}
		if m.period == 0 && !reply {
			flags |= flagAnswer // we have not asked for the period yet
		}
		p.tell(now, i, flags, out)
	}
}

// heard notes a sign of life.
func (p *Peer) heard(now Time, f *partner) {
	f.heard = now
	f.misses = 0
}

// Serves is how many stripes p pushes to its partners, each counted: 0 without Stripes.
func (p *Peer) Serves() int {
	if p.mesh == nil {
		return 0
	}
	return p.mesh.serves()
}
