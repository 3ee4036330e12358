package node

import "fmt"

// Neighbourhood is whom a peer pushes to, where that is not its whole view: a set of
// its own, drawn from the views that it gossips. Places are given to the fastest or the
// nearest peers that are known, and a share of them at random, without which the overlay
// falls to pieces, or leaves the slow and the far without anybody who pushes to them
// (after Traverso, Abeni, Birke, Kiraly, Leonardi, Lo Cigno, Mellia: Neighborhood
// filtering strategies for overlay construction in P2P-TV systems, IEEE/ACM Trans.
// Networking 23(3), 2015; the later streamers of the original's family have such a set).
//
// A neighbour is kept for Keep, and then its place is given anew, to it again if it is
// still known and the best; places come in turn, one every Keep/Size. Who has said
// goodbye or does not answer, or is forgotten by the view for its age, goes at once. So
// a dead neighbour is one for Keep at most, under ChooseLatency for three times that.
//
// With Mutual there is a neighbour only where both agree; see mutual.go.
//
// The zero value pushes to the whole view, as the original.
type Neighbourhood struct {
	// Size is how many peers are pushed to, 1 … View; 0: the whole view.
	Size int
	// Keep is how long a place is kept before it is given anew. Positive.
	Keep Time
	// Choose is to whom places are given.
	Choose Choice
	// AtRandom is how many of the places go to anybody, whatever Choose says: 0 … Size;
	// 0 under ChooseRandom, where all do.
	AtRandom int
	// Mutual makes neighbours of each other: who is given a place is asked, and pushes back
	// when it agrees. Up to 2·Size are agreed to. A Source asks nobody, and refuses.
	Mutual bool
}

// Choice names by what neighbours are chosen.
type Choice uint8

// The choices.
const (
	// ChooseRandom takes any peer of the view.
	ChooseRandom Choice = iota
	// ChooseUpload takes the peer of the view that pushes fastest. It needs an Oracle
	// as Config.Knowledge: no message speaks of it.
	ChooseUpload
	// ChooseLatency takes the nearest of those that have answered a view exchange in the
	// last 2·Keep, by the round trip of query and reply; anybody where none has. It costs
	// no message: peers are measured as they are asked, one a cycle.
	ChooseLatency
)

// neighbourhood is the set of one peer.
type neighbourhood struct {
	ids      []PeerID // in the order in which they were taken in
	anybody  []bool   // whether one was taken in as one of AtRandom
	asked    []Time   // Mutual only: when one was asked that has not agreed yet; 0: it has
	turnAt   Time     // when the first one's place is given anew
	draws    Rand
	askedAt  Time        // of the exchange that is not answered yet
	measured []roundTrip // ChooseLatency; in order of age, the oldest first
}

// roundTrip is what a peer's answer to a query took, and when that was.
type roundTrip struct {
	id   PeerID
	took Time
	at   Time
}

// perPlace is how many round trips are kept in mind for each place.
const perPlace = 4

func newNeighbourhood(cfg *Config, id PeerID, seed uint64, now Time) *neighbourhood {
	n := cfg.Neighbourhood.Size
	if n == 0 {
		return nil
	}
	h := &neighbourhood{
		ids:     make([]PeerID, 0, n),
		anybody: make([]bool, 0, n),
		draws:   Stream(seed, ForNeighbours, uint64(id)),
	}
	if cfg.mutual() {
		h.makeMutual(n)
	}
	if cfg.Neighbourhood.Choose == ChooseLatency {
		h.measured = make([]roundTrip, 0, perPlace*n)
	}
	h.turnAt = now + 1 + h.draws.Span(cfg.Neighbourhood.turn())
	return h
}

// turn is the time from one place's turn to the next one's.
func (c *Neighbourhood) turn() Time { return max(c.Keep/Time(c.Size), 1) }

// nextTurn is when a place is given anew.
func (h *neighbourhood) nextTurn() Time {
	if h == nil {
		return Never
	}
	return h.turnAt
}

// giveAnew gives the place whose turn it is anew. Turns that were missed, in a
// suspension, are not made up for.
func (p *Peer) giveAnew(now Time, out *Outbox) {
	h := p.views.hood
	turn := p.cfg.Neighbourhood.turn()
	h.turnAt = max(h.turnAt, now-turn+1) + turn
	left := NoPeer
	if len(h.ids) > 0 {
		left = h.ids[0]
		h.drop(0)
	}
	p.dropUnanswered(now, out)
	p.settleIn(now, out)
	p.tellLeft(left, out)
}

// settleIn gives the free places.
func (p *Peer) settleIn(now Time, out *Outbox) {
	h := p.views.hood
	if h == nil {
		return
	}
	for len(h.ids) < p.cfg.Neighbourhood.Size {
		anybody := h.atRandom() < p.cfg.Neighbourhood.AtRandom
		id := p.electNeighbour(now, anybody)
		if id == NoPeer {
			return
		}
		h.ids, h.anybody = append(h.ids, id), append(h.anybody, anybody)
		p.askNeighbour(now, id, out)
		p.note(now, noteNeighbour, id, 0)
	}
}

// electNeighbour finds somebody for a free place; NoPeer where nobody is known who has
// none.
func (p *Peer) electNeighbour(now Time, anybody bool) PeerID {
	h, c := p.views.hood, &p.cfg.Neighbourhood
	vote := ballot{best: NoPeer, draws: &h.draws}
	if c.Choose == ChooseLatency && !anybody {
		for i := range h.measured {
			if m := &h.measured[i]; now-m.at <= 2*c.Keep && !has(h.ids, m.id) {
				vote.hear(m.id, uint64(m.took))
			}
		}
		if vote.best != NoPeer {
			return vote.best
		}
	}
	for _, id := range p.known {
		switch {
		case has(h.ids, id):
		case c.Choose == ChooseUpload && !anybody:
			vote.hear(id, 1<<32-uint64(p.oracle().Upload(id)))
		default:
			vote.hear(id, 0)
		}
	}
	return vote.best
}

// ballot finds the candidate of the least score, one of them at random.
type ballot struct {
	best  PeerID
	least uint64
	ties  uint32
	draws *Rand
}

func (b *ballot) hear(id PeerID, score uint64) {
	switch {
	case b.ties == 0 || score < b.least:
		b.best, b.least, b.ties = id, score, 1
	case score == b.least:
		if b.ties++; b.draws.Below(b.ties) == 0 {
			b.best = id
		}
	}
}

// atRandom counts the places of AtRandom that are taken.
func (h *neighbourhood) atRandom() (n int) {
	for _, is := range h.anybody {
		if is {
			n++
		}
	}
	return n
}

// drop frees the i-th place.
func (h *neighbourhood) drop(i int) {
	h.ids = append(h.ids[:i], h.ids[i+1:]...)
	h.anybody = append(h.anybody[:i], h.anybody[i+1:]...)
	if h.asked != nil {
		h.asked = append(h.asked[:i], h.asked[i+1:]...)
	}
}

// leave takes out who is gone.
func (h *neighbourhood) leave(id PeerID) {
	if h == nil {
		return
	}
	if i := find(h.ids, id); i >= 0 {
		h.drop(i)
	}
	h.unmeasure(id)
}

// asks notes that a view exchange is begun.
func (h *neighbourhood) asks(now Time) {
	if h != nil {
		h.askedAt = now
	}
}

// answered measures the one who was asked. An answer to an earlier query, which came
// late, makes it nearer than it is; a later answer puts that right.
func (h *neighbourhood) answered(now Time, id PeerID) {
	if h == nil || cap(h.measured) == 0 {
		return
	}
	h.unmeasure(id)
	if n := len(h.measured); n == cap(h.measured) {
		h.measured = append(h.measured[:0], h.measured[1:]...)
	}
	h.measured = append(h.measured, roundTrip{id, now - h.askedAt, now})
}

func (h *neighbourhood) unmeasure(id PeerID) {
	for i := range h.measured {
		if h.measured[i].id == id {
			h.measured = append(h.measured[:i], h.measured[i+1:]...)
			return
		}
	}
}

// holds tells whether the set or a measurement names a peer.
func (h *neighbourhood) holds(id PeerID) bool {
	if h == nil {
		return false
	}
	for i := range h.measured {
		if h.measured[i].id == id {
			return true
		}
	}
	return has(h.ids, id)
}

// validateNeighbourhood looks at the knobs of the neighbourhood.
func (c *Config) validateNeighbourhood() error {
	n := &c.Neighbourhood
	_, isOracle := c.Knowledge.(Oracle)
	switch {
	case *n == Neighbourhood{}:
		return nil
	case !c.Sampler.gossips():
		return fmt.Errorf("node: Neighbourhood needs the sampler Newscast or Cyclon")
	case n.Size == 0:
		return fmt.Errorf("node: Neighbourhood needs a Size")
	case n.Keep <= 0:
		return fmt.Errorf("node: Neighbourhood needs a positive Keep")
	case n.Choose == ChooseRandom && n.AtRandom != 0:
		return fmt.Errorf("node: Neighbourhood has all places AtRandom under ChooseRandom; want 0")
	case n.Choose == ChooseUpload && !isOracle:
		return fmt.Errorf("node: Neighbourhood needs Knowledge under ChooseUpload, which must be an Oracle")
	}
	for _, err := range []error{
		within("Neighbourhood.Size", n.Size, 1, c.View),
		within("Neighbourhood.Choose", int(n.Choose), 0, int(ChooseLatency)),
		within("Neighbourhood.AtRandom", n.AtRandom, 0, n.Size),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
