package node

import "testing"

// parentless counts the pairs of a receiver and a stripe that has no parent.
func (s *society) parentless() (n int) {
	for i := range s.peers[1:] {
		m := s.peers[i+1].mesh
		for k := range m.stripes {
			if m.trees[k].parent < 0 {
				n++
			}
		}
	}
	return n
}

// TestStripesSharedMark: whoever has the mark of all who could serve it is refused by all,
// as if it fed them; with another one it is taken in.
func TestStripesSharedMark(t *testing.T) {
	cfg := stripesConfig()
	cfg.Upload = 420_000 // too little for trees of depth two
	s := newSociety(cfg, 28)
	for i := range s.peers {
		s.peers[i].mesh.mark = 7
	}
	s.run(4 * Second)
	before := s.parentless()
	s.run(30 * Second)
	if n := s.parentless(); n > before/10 { // somebody may be on its way from one to another
		t.Errorf("of %d stripes without a parent, half a minute later %d are left", before, n)
	}
}

// TestStripesLoosen: who has had no parent for long lets its children go first, and takes
// another mark only then: one that looks like a circle in none of its trees.
func TestStripesLoosen(t *testing.T) {
	s := newSociety(stripesConfig(), 12)
	s.run(forlorn + 4*Second)
	p := &s.peers[1]
	m := p.mesh
	child := m.find(2)
	m.trees[0].parent, m.trees[0].since, m.trees[0].fresh = -1, s.now-forlorn, 0
	m.partners[child].wants |= 1
	mark := m.mark
	look := func(after Time, wants uint32, same bool) {
		t.Helper()
		p.loosen(s.now+after, &s.outs)
		if m.partners[child].wants&1 != wants || (m.mark == mark) != same {
			t.Errorf("after %d ms: it serves a child %d, and its mark was %d and is %d", after/Millisecond, m.partners[child].wants&1, mark, m.mark)
		}
	}
	look(0, 1, true)
	look(1, 0, true)
	look(forlorn, 0, true)
	for k := range m.stripes {
		m.trees[k].path = ^uint64(1 << 33)
	}
	look(2*forlorn, 0, false)
	if m.mark != 33 {
		t.Errorf("the new mark is %d, though a path of ours holds it", m.mark)
	}
}

// TestStripesTurns: a state that another one has overtaken says nothing. Who has lost us
// and counts from 0 again is heard after a second.
func TestStripesTurns(t *testing.T) {
	s := newSociety(stripesConfig(), 4)
	s.run(8 * Second)
	f := &s.peers[1].mesh.partners[s.peers[1].mesh.find(2)]
	teller := &s.peers[2]
	i := teller.mesh.find(1)
	teller.mesh.partners[i].turn = f.came - 12
	teller.mesh.own ^= 0b111
	teller.tell(s.now, i, 0, &s.outs)
	s.perform()
	s.run(20 * Millisecond)
	if f.own == teller.mesh.own {
		t.Error("a state of twelve turns before is believed")
	}
	s.run(2 * Second)
	if f.own != teller.mesh.own {
		t.Error("who counts anew is not heard after two seconds")
	}
}

// TestStripesAskedFor: a chunk that was asked for does not say that its sender serves the
// stripe; one that comes by itself does.
func TestStripesAskedFor(t *testing.T) {
	for _, mended := range []bool{true, false} {
		s := newSociety(stripesConfig(), 4)
		s.run(8 * Second)
		p := &s.peers[1]
		m := p.mesh
		c := s.next
		k := int(c) % m.stripes
		i := m.find(2)
		m.trees[k].parent, m.partners[i].wants = -1, 0
		m.partners[i].courted, m.partners[i].courtAt = 1<<k, s.now
		entries := make([]Entry, PushWords/2)
		if mended {
			entries[0].ID = flagMended
		}
		p.Handle(s.now, &Message{Kind: Push, From: 2, Chunk: c, Size: 1000}, entries, &s.outs)
		if taken := int(m.trees[k].parent) == i; taken == mended {
			t.Errorf("mended %v: it becomes a parent: %v", mended, taken)
		}
	}
}
