package node

// How trees come to be: whom we serve, and who serves us.

// settleCourt looks at what a partner says that it gives us.
func (p *Peer) settleCourt(now Time, i int, gives uint32, reply bool, out *Outbox) {
	m := p.mesh
	f := &m.partners[i]
	if reply && f.courted != 0 {
		p.take(now, i, f.courted&gives, out)
		if no := f.courted &^ gives; no != 0 {
			if f.refused == 0 {
				f.refuseAt = now
			}
			f.freeThen = f.free
			f.refused |= no
			f.courted = 0
			p.seekParents(now, out)
		}
	}
	gone := f.gives &^ gives
	if gone == 0 || now-f.courtAt <= 300*Millisecond {
		return // what we have asked for just now crossed with it
	}
	f.gives &^= gone
	for k := range m.stripes {
		if gone>>k&1 != 0 && m.trees[k].parent == int8(i) {
			m.trees[k].parent = -1
		}
	}
	p.seekParents(now, out)
}

// take makes a partner the parent of stripes, and lets their old parents know.
func (p *Peer) take(now Time, i int, set uint32, out *Outbox) {
	m := p.mesh
	f := &m.partners[i]
	f.courted &^= set
	set &^= f.wants // what it has from us it does not give us
	f.gives |= set
	for k := range m.stripes {
		if set>>k&1 == 0 {
			continue
		}
		t := &m.trees[k]
		if old := t.parent; old >= 0 && int(old) != i {
			m.partners[old].gives &^= 1 << k
			p.tell(now, int(old), 0, out)
		}
		t.parent, t.since = int8(i), now
	}
}

// grant decides what of its wishes a partner is served.
func (p *Peer) grant(now Time, i int, wants uint32, out *Outbox) {
	m := p.mesh
	f := &m.partners[i]
	f.wants &= wants
	given := uint32(0)
	for k := range m.stripes {
		if bit := uint32(1) << k; wants&^f.wants&^f.courted&bit != 0 && p.canServe(now, i, k) && p.makeRoom(now, i, k, out) {
			f.wants |= bit
			given |= bit
		}
	}
	p.greet(now, i, given, out)
}

// canServe tells whether we have a stripe, and not from the one who wants it.
func (p *Peer) canServe(now Time, i, k int) bool {
	if p.cfg.Role == Source {
		return true
	}
	t := &p.mesh.trees[k]
	return t.parent >= 0 && int(t.parent) != i && p.flows(now, k) && t.path>>p.mesh.partners[i].mark&1 == 0
}

// makeRoom finds a place for a child: a free one, or a leaf's, if the stripe is
// the child's own.
func (p *Peer) makeRoom(now Time, i, k int, out *Outbox) bool {
	m := p.mesh
	bit := uint32(1) << k
	mine := m.partners[i].own&bit != 0
	children, leaf := 0, -1
	for j := range m.partners {
		f := &m.partners[j]
		if f.wants&bit != 0 {
			children++
			if f.own&bit == 0 {
				leaf = j
			}
		}
	}
	switch {
	case children >= m.fan:
		if mine && leaf >= 0 {
			p.dismiss(now, leaf, bit, out)
			return true
		}
		return false
	case m.serves() < m.slots:
		return true
	case !mine:
		return false
	}
	start := m.draws.Below(maxPartners)
	for x := range uint32(maxPartners) {
		j := int((start + x) % maxPartners)
		leaves := m.partners[j].wants &^ m.partners[j].own
		if j == i || leaves == 0 {
			continue
		}
		for r := m.draws.Below(uint32(count32(leaves))); r > 0; r-- {
			leaves &= leaves - 1
		}
		p.dismiss(now, j, leaves&-leaves, out)
		return true
	}
	return false
}

// dismiss stops serving a stripe.
func (p *Peer) dismiss(now Time, i int, bit uint32, out *Outbox) {
	p.mesh.partners[i].wants &^= bit
	p.tell(now, i, 0, out)
}

// seekParents finds parents for the stripes that have none.
func (p *Peer) seekParents(now Time, out *Outbox) {
	m := p.mesh
	if p.cfg.Role == Source || m.period == 0 {
		return
	}
	asked := uint32(0)
	start := int(m.draws.Below(uint32(m.stripes)))
	for x := range m.stripes {
		k := (start + x) % m.stripes
		if m.trees[k].parent >= 0 || m.courting(now, k) {
			continue
		}
		if best, _ := p.bestParent(now, k); best >= 0 {
			p.court(now, best, k)
			asked |= 1 << best
		}
	}
	p.tellAll(now, asked, out)
}

// seekBetter moves to better parents where that gains most.
func (p *Peer) seekBetter(now Time, out *Outbox) {
	m := p.mesh
	asked := uint32(0)
	for range moves {
		stripe, parent, most := 0, -1, gain
		for k := range m.stripes {
			if m.trees[k].parent < 0 || m.courting(now, k) {
				continue
			}
			best, gains := p.bestParent(now, k)
			if m.own>>k&1 != 0 {
				gains += gains / 2 // others hang on it
			}
			if best >= 0 && gains > most {
				stripe, parent, most = k, best, gains
			}
		}
		if parent < 0 {
			break
		}
		p.court(now, parent, stripe)
		asked |= 1 << parent
	}
	p.tellAll(now, asked, out)
}

// court asks a partner for a stripe, with the next state.
func (p *Peer) court(now Time, i, k int) {
	f := &p.mesh.partners[i]
	f.courted |= 1 << k
	f.courtAt = now
	if f.free > 0 {
		f.free--
	}
}

// tellAll tells a set of partners our state, to be answered.
func (p *Peer) tellAll(now Time, set uint32, out *Outbox) {
	for i := range p.mesh.partners {
		if set>>i&1 != 0 {
			p.tell(now, i, flagAnswer, out)
		}
	}
}

// courting tells whether somebody has been asked for a stripe, and may answer yet.
func (m *mesh) courting(now Time, k int) (waits bool) {
	for i := range m.partners {
		f := &m.partners[i]
		if f.courted>>k&1 == 0 {
			continue
		}
		if now-f.courtAt > 600*Millisecond {
			f.courted &^= 1 << k
			if f.heard <= f.courtAt && f.misses == 0 {
				f.misses = 1 // it has not answered at all
			}
		} else {
			waits = true
		}
	}
	return waits
}

// bestParent is the partner from which a stripe would come earliest, and who may
// take us, and how much earlier; −1 for nobody.
func (p *Peer) bestParent(now Time, k int) (best int, gains Time) {
	m := p.mesh
	t := &m.trees[k]
	bit := uint32(1) << k
	ours := Never
	lag := orphanLag
	if p.flows(now, k) {
		ours = t.age
	}
	if t.parent >= 0 {
		lag = leafLag
	}
	best = -1
	least := Never
	for i := range m.partners {
		f := &m.partners[i]
		if f.refused != 0 && now-f.refuseAt > forgive {
			f.refused = 0
		}
		if f.id == NoPeer || int(t.parent) == i || f.ages[k] == unknownAge || f.wants&bit != 0 || f.refused&bit != 0 || f.misses > 0 {
			continue
		}
		if f.free == 0 && m.own&bit == 0 {
			continue
		}
		age := Time(f.ages[k]) * ageUnit
		if age >= ours {
			continue
		}
		age += f.trip/2 + 60*Millisecond + m.draws.Span(30*Millisecond)
		if f.own&bit == 0 && !f.source {
			age += lag // it is sent to late, and children of its own make chains of leaves
		}
		if age < least {
			best, least = i, age
		}
	}
	return best, ours - least
}
