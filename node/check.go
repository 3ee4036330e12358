package node

import "fmt"

// Check tells the first invariant that p breaks, or nil. It is for tests: it
// costs as much as everything that p holds.
func (p *Peer) Check() error {
	if noExtras != (extras{}) {
		return fmt.Errorf("what peers share that have no extras is written to")
	}
	for _, check := range []func() error{p.checkBuffer, p.checkPlayout, p.checkView, p.checkNeighbourhood, p.checkMesh, p.checkCircle} {
		if err := check(); err != nil {
			return fmt.Errorf("node: peer %d: %w", p.id, err)
		}
	}
	return nil
}

func (p *Peer) checkBuffer() error {
	b, policy := &p.buffer, p.policy()
	if b.n > b.size {
		return fmt.Errorf("buffer holds %d chunks in %d places", b.n, b.size)
	}
	if policy == Window && b.n != b.seen.count() {
		return fmt.Errorf("window counts %d chunks and holds %d", b.n, b.seen.count())
	}
	for i := range b.n {
		c := b.at(policy, i)
		switch {
		case c > MaxChunk:
			return fmt.Errorf("buffer holds chunk %d", c)
		case !b.holds(policy, c):
			return fmt.Errorf("buffer has chunk %d in place %d, and does not find it", c, i)
		case c > b.highest(policy):
			return fmt.Errorf("chunk %d is above the highest", c)
		case policy == Window && b.newest-c >= ChunkID(b.size):
			return fmt.Errorf("chunk %d is behind the window of %d from %d", c, b.size, b.newest)
		case i == 0 || policy == FIFO:
		case b.at(policy, i-1) > c, policy != TopDup && b.at(policy, i-1) == c:
			return fmt.Errorf("chunks %d, %d out of order in the buffer", b.at(policy, i-1), c)
		}
	}
	return nil
}

func (p *Peer) checkPlayout() error {
	o := &p.out
	if o.held.lo&1 != 0 {
		return fmt.Errorf("chunk %d waits to be put out, and nothing is missing before it", o.next)
	}
	w := uint32(p.cfg.Window)
	for i := w; i < 64*uint32(1+len(o.held.hi)); i++ {
		if o.held.get(i) {
			return fmt.Errorf("slot %d of %d is taken", i, w)
		}
	}
	if (o.dueAt != Never) != (p.cfg.Deadline > 0 && o.held.count() > 0) {
		return fmt.Errorf("output of %d waiting chunks is due at %d", o.held.count(), o.dueAt)
	}
	return nil
}

func (p *Peer) checkView() error {
	if p.views == nil {
		return nil
	}
	ages := p.views.ages
	if len(p.known) != len(ages) || len(ages) > p.cfg.View {
		return fmt.Errorf("view of %d peers, %d ages, %d places", len(p.known), len(ages), p.cfg.View)
	}
	for i, id := range p.known {
		switch {
		case id == p.id || id == p.cfg.Hidden || id == NoPeer:
			return fmt.Errorf("peer %d is in the view", id)
		case has(p.known[:i], id):
			return fmt.Errorf("peer %d is in the view twice", id)
		case ages[i] == 0 || p.cfg.MaxAge > 0 && ages[i] > uint32(p.cfg.MaxAge):
			return fmt.Errorf("peer %d is of age %d", id, ages[i])
		}
	}
	old := p.views.old
	if len(old) > p.cfg.Remember || p.views.vain > len(old) {
		return fmt.Errorf("%d peers are remembered in %d places", len(old), p.cfg.Remember)
	}
	for i, id := range old {
		if id == p.id || id == NoPeer || has(old[:i], id) {
			return fmt.Errorf("peer %d is remembered twice, or is nobody to remember", id)
		}
	}
	return nil
}

func (p *Peer) checkNeighbourhood() error {
	if p.views == nil || p.views.hood == nil {
		return nil
	}
	h, most := p.views.hood, p.cfg.Neighbourhood.Size
	if p.cfg.mutual() {
		most *= 2
	}
	if len(h.ids) > most || len(h.anybody) != len(h.ids) || p.cfg.mutual() && len(h.asked) != len(h.ids) {
		return fmt.Errorf("%d neighbours, %d and %d notes on them, in %d places", len(h.ids), len(h.anybody), len(h.asked), most)
	}
	for i, id := range h.ids {
		if id == p.id || id == NoPeer || p.cfg.mutual() && id == p.cfg.Hidden || has(h.ids[:i], id) {
			return fmt.Errorf("neighbour %d is nobody to push to, or there twice", id)
		}
	}
	return nil
}

func (p *Peer) checkMesh() error {
	m := p.mesh
	if m == nil {
		return nil
	}
	if n := m.serves(); n > m.slots {
		return fmt.Errorf("%d stripes are served, and there are %d slots", n, m.slots)
	}
	for k := range m.stripes {
		i := m.trees[k].parent
		if i >= 0 && (m.partners[i].id == NoPeer || m.partners[i].gives>>k&1 == 0) {
			return fmt.Errorf("the parent of stripe %d is nobody, or gives it not", k)
		}
	}
	for i := range m.partners {
		f := &m.partners[i]
		if f.id == p.id || f.id != NoPeer && m.find(f.id) != i {
			return fmt.Errorf("partner %d is the peer itself, or there twice", f.id)
		}
		if all := uint32(1<<m.stripes - 1); (f.own|f.wants|f.gives|f.courted)&^all != 0 {
			return fmt.Errorf("partner %d has stripes that there are not", f.id)
		}
		if f.gives&f.wants != 0 {
			return fmt.Errorf("partner %d gives and gets the stripes %x", f.id, f.gives&f.wants)
		}
	}
	return nil
}

func (p *Peer) checkCircle() error {
	h := p.circle
	if h == nil {
		return nil
	}
	known, open := 0, 0
	for i := range h.contacts {
		f := &h.contacts[i]
		if f.id == NoPeer {
			continue
		}
		known++
		if f.waits {
			open++
		}
		if f.id == p.id || h.find(f.id) != f {
			return fmt.Errorf("contact %d is itself, or stands twice", f.id)
		}
	}
	most := p.cfg.Offers * p.cfg.Select
	switch {
	case known != int(h.known) || open != h.open:
		return fmt.Errorf("%d contacts and %d open offers are counted as %d and %d", known, open, h.known, h.open)
	case p.cfg.Scheduler == Offer && (open > p.cfg.Offers || int(h.queue.n) > most):
		return fmt.Errorf("%d offers are open and %d accepted chunks wait, of %d offers", open, h.queue.n, p.cfg.Offers)
	case h.asked.n > maxWishes:
		return fmt.Errorf("%d chunks that others asked for wait", h.asked.n)
	}
	return nil
}
