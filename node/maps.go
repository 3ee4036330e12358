package node

import "fmt"

// Buffer maps: what peers tell each other of what they hold.

// DefaultMaps is Config.Maps where nothing else is known.
const DefaultMaps = 200 * Millisecond

// hasCircle tells whether peers of c exchange maps.
func (c *Config) hasCircle() bool { return c.Scheduler == Offer || c.byMaps() }

// byMaps tells whether the scheduler's Knowledge is what maps say.
func (c *Config) byMaps() bool { return c.Maps > 0 || c.Ride && c.Scheduler != Offer }

// validateCircle looks at the knobs of maps, offers and repair.
func (c *Config) validateCircle() error {
	if c.byMaps() {
		switch {
		case !NeedsKnowledge(c.Scheduler) || c.Knowledge != nil:
			return fmt.Errorf("node: Maps and Ride are for schedulers that ask, in place of Knowledge, or Ride for the scheduler offer")
		case c.Sampler == Full:
			return fmt.Errorf("node: Maps need a Sampler of few neighbours, not Full")
		case c.Sampler.gossips() && c.View > MaxMapView:
			return fmt.Errorf("node: View is %d, must be at most %d with Maps", c.View, MaxMapView)
		case c.Maps != 0 && (c.Maps < 10*Millisecond || c.Maps > 10*Second):
			return fmt.Errorf("node: Maps must be 10 ms … 10 s, or 0")
		case c.Period <= 0:
			return fmt.Errorf("node: Maps need Period")
		}
	}
	return c.validateOffer()
}

// Paced tells whether peers push as their Upload allows, and have no ticks.
func (c *Config) Paced() bool { return c.keepsStream() }

// keepsStream tells whether a source keeps more than its last chunk.
func (c *Config) keepsStream() bool { return c.Scheduler == Stripes || c.Scheduler == Offer }

// knowledge is what p's scheduler may ask.
func (p *Peer) knowledge() Knowledge {
	if p.cfg.Knowledge == nil && p.circle != nil {
		return p.circle
	}
	return p.cfg.Knowledge
}

// tickCircle does what is due: maps are told, gaps asked for, offers made.
func (p *Peer) tickCircle(now Time, out *Outbox) {
	h := p.circle
	if now >= h.sweepAt {
		beat := h.beat(p.cfg)
		if h.sweepAt += beat; h.sweepAt <= now {
			h.sweepAt = now + beat // nobody wants the looks that were missed
		}
		p.enlarge(now)
		p.lookAround(now, out)
		if h.begun && p.cfg.Repair && p.cfg.Role != Source {
			p.askForGaps(now, out)
		}
	}
	if p.cfg.Scheduler == Offer {
		p.deal(now, out)
	}
}

// wakeup is when the circle has something to do.
func (h *circle) wakeup() Time {
	if h == nil {
		return Never
	}
	if h.busy {
		return min(h.sweepAt, h.freeAt)
	}
	return h.sweepAt
}

// enlarge takes neighbours into the circle. Under Offer some are enough; then now and
// then a new one comes, and who was silent longest goes: those who have joined together
// know each other at first, and would never be found by others.
func (p *Peer) enlarge(now Time) {
	h := p.circle
	n := p.Neighbours()
	if n == 0 {
		return
	}
	if p.cfg.Scheduler == Offer && h.known >= wantContacts {
		if now < h.renewAt {
			return
		}
		h.renewAt = now + renewEvery
		p.meet(now, p.Neighbour(h.draws.Below(n)))
		if h.known > mostContacts {
			p.part(h.silentest())
		}
		return
	}
	for range 4 {
		p.meet(now, p.Neighbour(h.draws.Below(n)))
	}
}

// silentest is the contact that was silent longest; there must be one.
func (h *circle) silentest() (one *contact) {
	for i := range h.contacts {
		if f := &h.contacts[i]; f.id != NoPeer && (one == nil || f.heard < one.heard) {
			one = f
		}
	}
	return one
}

// lookAround drops those who are gone, gives up what they have not answered, and tells
// maps to whom it is time.
func (p *Peer) lookAround(now Time, out *Outbox) {
	h := p.circle
	for i := range h.contacts {
		f := &h.contacts[i]
		switch {
		case f.id == NoPeer:
		case now-f.heard > isGone:
			p.part(f)
		case p.cfg.Scheduler == Offer:
			p.expireOffer(now, f)
		case p.cfg.Maps > 0:
			every := showEvery
			isNeighbour := has(p.neighbours(), f.id)
			switch {
			case f.shown > 0 && now-f.shown < isShown:
				every = p.cfg.Maps
			case !isNeighbour:
				continue
			}
			if now-f.told >= max(every, p.cfg.Maps) {
				p.tellMap(now, f, isNeighbour, out)
			}
		}
	}
}

// tellMap tells a contact what we hold, and whether we may push to it.
func (p *Peer) tellMap(now Time, f *contact, mayPush bool, out *Outbox) {
	f.told = now
	newest, held := p.holding()
	w := p.start(Message{Kind: Map, To: f.id}, out)
	w.put(uint32(newest))
	w.put64(held)
	if mayPush {
		w.put(1)
	} else {
		w.put(0)
	}
	w.close()
}

// handleCircle takes in what is said beside chunks.
func (p *Peer) handleCircle(now Time, m *Message, entries []Entry, out *Outbox) {
	ok := m.Chunk <= MaxChunk
	switch {
	case !ok:
	case m.Kind == Map && p.cfg.Maps > 0 && len(entries) == MapWords/2:
		p.handleMap(now, m.From, entries)
	case m.Kind == Ask && p.cfg.Repair && len(entries) == 0:
		p.handleWish(now, m, out)
	case m.Kind == Deny && p.cfg.Repair && len(entries) == (DenyWords+1)/2:
		p.handleRefusal(now, m, entries)
	case m.Kind == Proposal && p.cfg.Scheduler == Offer && len(entries) == ProposalWords/2:
		ok = p.handleOffer(now, m.From, entries, 0, out)
	case m.Kind == Select && p.cfg.Scheduler == Offer && len(entries) == SelectWords/2:
		ok = p.handleSelect(now, m, entries, out)
	default:
		ok = false
	}
	if !ok {
		p.stats.Refused++
	}
	p.note(now, noteMesh+noteKind(m.Kind), m.From, m.Chunk)
	out.Wake = true
}

func (p *Peer) handleMap(now Time, from PeerID, entries []Entry) {
	f := p.meet(now, from)
	if f == nil {
		return
	}
	f.hears(now, ChunkID(Word(entries, 0)), word64(entries, 1))
	if Word(entries, 3)&1 != 0 {
		f.shown = max(now, 1)
	}
}

// handleCarry takes in a chunk that says what its sender holds.
func (p *Peer) handleCarry(now Time, m *Message, entries []Entry, out *Outbox) Outcome {
	if p.circle == nil || len(entries) != (CarryWords+1)/2 {
		p.stats.Refused++
		return Refused
	}
	outcome := p.takeChunk(now, m, Time(Word(entries, 0)&0xffff)*Millisecond, out)
	if outcome == Refused || outcome == Stray {
		return outcome
	}
	if f := p.circle.find(m.From); f != nil {
		f.hears(now, ChunkID(Word(entries, 1)), word64(entries, 2))
	}
	if id := Word(entries, 4); id != 0 && p.cfg.Scheduler == Offer {
		p.handleOffer(now, m.From, entries, 1, out)
	}
	return outcome
}

// takeChunk takes in a chunk whose sender told its age; a negative one was not told.
func (p *Peer) takeChunk(now Time, m *Message, age Time, out *Outbox) Outcome {
	outcome := p.handleChunk(now, m, out)
	h := p.circle
	if h == nil || outcome == Refused || outcome == Stray {
		return outcome
	}
	f := p.meet(now, m.From)
	if f != nil {
		f.heard, f.shown = now, max(now, 1)
		if h.note(m.Chunk).tries > 0 {
			f.askAt = min(f.askAt, now) // it serves
		}
	}
	if outcome == ToSource {
		return outcome
	}
	for _, c := range out.Recovered {
		if !h.note(c).have {
			p.arrives(now, c, -1)
		}
	}
	if n := h.note(m.Chunk); !n.have && outcome != Late {
		if age >= 0 {
			age += min(f.tripOf(), firstTrip)/2 + p.cfg.takes(carryBytes+int64(m.Size))
		}
		h.settle(m.Size)
		p.arrives(now, m.Chunk, age)
		out.Wake = true
		if p.cfg.Scheduler == Offer {
			p.deal(now, out)
		}
	}
	return outcome
}

// pushByMaps sends what the scheduler has picked.
func (p *Peer) pushByMaps(now Time, to PeerID, c ChunkID, out *Outbox) bool {
	f := p.meet(now, to)
	if f == nil {
		return false
	}
	p.carry(now, f, c, out)
	return true
}

// carry sends a chunk, with the word of what we hold where that is wanted.
func (p *Peer) carry(now Time, f *contact, c ChunkID, out *Outbox) {
	h := p.circle
	p.stats.Pushed++
	p.note(now, notePush, f.id, c)
	n := h.note(c)
	n.sent = min(n.sent, 254) + 1
	f.sends(now, c)
	if p.cfg.Scheduler != Offer && !p.cfg.Ride {
		out.Sends = append(out.Sends, Message{Kind: Chunk, From: p.id, To: f.id, Chunk: c})
		return
	}
	f.told = now
	newest, held := p.holding()
	beyond := max(newest-c, maxLead) - maxLead // the map tells of at most maxLead chunks after this one
	w := p.start(Message{Kind: Carry, To: f.id, Chunk: c}, out)
	w.put(uint32(min(max((now-n.born)/Millisecond, 0), 0xffff)))
	w.put(uint32(newest - beyond))
	w.put64(held >> min(uint64(beyond), 64))
	w.put(uint32(p.proposes(now, f)))
	w.close()
	h.takes(now, carryBytes+int64(h.size))
}
