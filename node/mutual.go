package node

// Neighbourhoods of which both ends agree, as the later streamers of the original's family
// have them: whoever gives a place to somebody asks it (Add), and is told that it agrees
// (Added), or not (Remove); who gives a place to somebody else says so (Remove). So
// in-degrees are out-degrees, and at most twice Size.
//
// A peer looks for neighbours while it has fewer than Size, those counted that have asked
// it, and pushes to whom it has asked at once. What a lost datagram leaves one-sided ends
// when the place's turn comes: then it is asked again, or told.

// answerWait is for how long at least who was asked may be silent.
const answerWait = Second

// mutual tells whether neighbours must agree. A source is pushed to by nobody.
func (c *Config) mutual() bool { return c.Neighbourhood.Mutual && c.Role != Source }

// makeMutual makes room for those who ask.
func (h *neighbourhood) makeMutual(size int) {
	h.ids = make([]PeerID, 0, 2*size)
	h.anybody = make([]bool, 0, 2*size)
	h.asked = make([]Time, 0, 2*size)
}

// tell sends a word about the neighbourhood.
func (p *Peer) tellNeighbour(kind Kind, to PeerID, out *Outbox) {
	out.Sends = append(out.Sends, Message{Kind: kind, From: p.id, To: to})
}

// askNeighbour asks who was given the last place.
func (p *Peer) askNeighbour(now Time, id PeerID, out *Outbox) {
	if p.cfg.mutual() {
		h := p.views.hood
		h.asked = append(h.asked, max(now, 1))
		p.tellNeighbour(Add, id, out)
	}
}

// dropUnanswered gives up those who were asked a turn ago, and do not answer.
func (p *Peer) dropUnanswered(now Time, out *Outbox) {
	h := p.views.hood
	for i := len(h.asked) - 1; i >= 0; i-- {
		if h.asked[i] > 0 && now-h.asked[i] >= max(p.cfg.Neighbourhood.turn(), answerWait) {
			id := h.ids[i]
			h.drop(i)
			p.tellLeft(id, out)
		}
	}
}

// tellLeft tells somebody that it is no neighbour any more, unless it is.
func (p *Peer) tellLeft(id PeerID, out *Outbox) {
	if p.cfg.mutual() && id != NoPeer && !has(p.views.hood.ids, id) {
		p.tellNeighbour(Remove, id, out)
	}
}

// leaveNeighbour takes out who does not answer.
func (p *Peer) leaveNeighbour(id PeerID, out *Outbox) {
	h := p.views.hood
	was := h != nil && has(h.ids, id)
	h.leave(id)
	if was {
		p.tellLeft(id, out)
	}
}

// handleNeighbour takes in what somebody says about being neighbours. A free place is not
// given at once, but with the next view: where all are full, asking around would not end.
func (p *Peer) handleNeighbour(now Time, m *Message, out *Outbox) {
	if m.From == p.id || m.From == NoPeer {
		p.stats.Refused++
		return
	}
	p.note(now, noteMesh+noteKind(m.Kind), m.From, 0)
	i := -1
	if p.cfg.mutual() && p.views != nil {
		i = find(p.views.hood.ids, m.From)
	}
	first := len(out.Sends)
	switch {
	case m.Kind == Remove:
		if i >= 0 {
			p.views.hood.drop(i)
		}
	case m.Kind == Add && (i >= 0 || p.welcomes(m.From)):
		if i < 0 {
			h := p.views.hood
			h.ids, h.anybody, h.asked = append(h.ids, m.From), append(h.anybody, false), append(h.asked, 0)
		} else {
			p.views.hood.asked[i] = 0
		}
		p.tellNeighbour(Added, m.From, out)
	case m.Kind == Added && i >= 0:
		p.views.hood.asked[i] = 0
	default:
		p.tellNeighbour(Remove, m.From, out)
	}
	p.circle.charge(now, out.Sends[first:])
}

// welcomes tells whether a stranger may become a neighbour.
func (p *Peer) welcomes(id PeerID) bool {
	return p.cfg.mutual() && p.views != nil && id != p.cfg.Hidden && len(p.views.hood.ids) < 2*p.cfg.Neighbourhood.Size
}
