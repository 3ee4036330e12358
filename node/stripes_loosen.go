package node

// What keeps an orphan from being taken in, and how it gets rid of it.

// loosen helps where a stripe has had no parent for long. All who could take us in may be
// fed by us: so our children go first, and find parents of their own. Else it is our mark:
// who shares one with somebody near the source is on all paths, as if it fed everybody. So
// we take another one; not before those paths are gone that hold us by the old one.
func (p *Peer) loosen(now Time, out *Outbox) {
	m := p.mesh
	if !m.begun {
		return // nobody has a parent yet
	}
	marked := false
	for k := range m.stripes {
		t := &m.trees[k]
		if t.parent >= 0 || now-max(t.since, t.fresh, m.paused) <= forlorn {
			continue
		}
		t.since = now
		marked = !p.letGo(now, 1<<k, out) || marked
	}
	if marked {
		m.remark()
	}
}

// letGo dismisses the children of a stripe, and tells whether there were any.
func (p *Peer) letGo(now Time, bit uint32, out *Outbox) (some bool) {
	for i := range p.mesh.partners {
		if p.mesh.partners[i].wants&bit != 0 {
			p.dismiss(now, i, bit, out)
			some = true
		}
	}
	return some
}

// remark takes another mark, one that is on no path of ours if there is any: of those
// that are, each would look like a circle as soon as a chunk is asked for.
func (m *mesh) remark() {
	used := uint64(0)
	for k := range m.stripes {
		used |= m.trees[k].path
	}
	mark := m.draws.Below(64)
	for x := range uint32(64) {
		if other := (mark + x) % 64; used>>other&1 == 0 {
			mark = other
			break
		}
	}
	m.mark = uint8(mark)
}
