package node

import "testing"

// asks is a child, peer 2, that asks its parent for a chunk which was pushed to it already.
type asks struct {
	*society
	parent PeerID
	of     *partner
	chunk  ChunkID
}

func newAsks(t *testing.T, parent PeerID) asks {
	t.Helper()
	s := newSociety(stripesConfig(), 4)
	s.run(8 * Second)
	m := s.peers[parent].mesh
	child := m.find(2)
	if child < 0 {
		t.Fatalf("peer 2 is no partner of %d", parent)
	}
	f := &m.partners[child]
	f.wants, f.trip = 1<<m.stripes-1, 5*Second // as one was measured that a crowd has held up
	return asks{s, parent, f, m.newest - 4}
}

// pushed is how many pushes of the chunk an Ask brings, when it was sent so long ago.
func (a asks) pushed(ago Time) (n int) {
	a.of.sent[0], a.of.sentAt[0] = a.chunk, a.now-ago
	a.outs.Sends = a.outs.Sends[:0]
	p := &a.peers[a.parent]
	p.mesh.freeAt = a.now
	p.Handle(a.now, &Message{Kind: Ask, From: a.of.id, Chunk: a.chunk}, nil, &a.outs)
	for _, m := range a.outs.Sends {
		if m.Kind == Push && m.Chunk == a.chunk && m.To == a.of.id {
			n++
		}
	}
	return n
}

// TestStripesAskedTwice: what was pushed a moment ago is not pushed again for an Ask that
// may have crossed it; who asks a second time has not got it, however long the round trip
// is thought to be. That holds once: whoever asks ten times gets five.
func TestStripesAskedTwice(t *testing.T) {
	a := newAsks(t, 1)
	for i := range 10 {
		if got, want := a.pushed(300*Millisecond), i%2; got != want {
			t.Errorf("Ask %d brings %d pushes, want %d", i+1, got, want)
		}
	}
}

// TestStripesSourceSendsAgain: what the source's children lack nobody has, and the source
// has upload to spare: it waits for no round trip that was measured when all joined.
func TestStripesSourceSendsAgain(t *testing.T) {
	if n := newAsks(t, 0).pushed(resend - 1); n != 0 {
		t.Errorf("it sends again what may be on its way: %d times", n)
	}
	if n := newAsks(t, 0).pushed(resend + 10*Millisecond); n != 1 {
		t.Errorf("the first Ask brings %d pushes, want 1", n)
	}
	if n := newAsks(t, 1).pushed(resend + 10*Millisecond); n != 0 {
		t.Errorf("another peer sends again what may be on its way: %d times", n)
	}
}

// TestStripesPlacesAnew: who has refused is asked again at once when it tells of more places
// than it had then.
func TestStripesPlacesAnew(t *testing.T) {
	s := newSociety(stripesConfig(), 4)
	s.run(8 * Second)
	p, teller := &s.peers[1], &s.peers[2]
	f := &p.mesh.partners[p.mesh.find(2)]
	for _, c := range []struct {
		then, free uint8
		forgiven   bool
	}{{0, 0, false}, {0, 1, true}, {3, 2, false}, {3, 3, false}, {3, 4, true}} {
		f.refused, f.refuseAt, f.freeThen = 1, s.now, c.then
		teller.mesh.slots = teller.mesh.serves() + int(c.free)
		s.outs.Sends, s.outs.Entries = s.outs.Sends[:0], s.outs.Entries[:0]
		teller.tell(s.now, teller.mesh.find(1), 0, &s.outs)
		m := s.outs.Sends[0]
		p.Handle(s.now, &m, s.outs.Entries[m.Offset:m.Offset+uint32(m.Count)], &Outbox{})
		if forgiven := f.refused == 0; forgiven != c.forgiven {
			t.Errorf("with %d places for %d when it refused: forgiven %v", c.free, c.then, forgiven)
		}
	}
}
