package node

// Pull repair: a chunk that should have come is asked for, of one whose map shows it.

const (
	maxWishes   = 4                 // chunks that others have asked for, and wait
	wishShare   = 16                // under Offer one chunk in so many is sent because it was asked for
	spare       = 2 * Second        // who has too much to do is not asked
	answerSlack = 200 * Millisecond // beyond the round trip, for an answer
)

// askForGaps asks for chunks that are so much later than usual.
func (p *Peer) askForGaps(now Time, out *Outbox) {
	h := p.circle
	if now < h.clock {
		return
	}
	top := ChunkID(min((now-h.clock)/p.cfg.Period, Time(MaxChunk)))
	newest, _ := p.holding()
	if top > newest && top-newest > noteCount/2 {
		return // the stream has stopped, or begun anew
	}
	if top >= noteCount/2 {
		h.low = max(h.low, top-noteCount/2)
	}
	if late := now - h.clock - p.cfg.Deadline; p.cfg.Deadline > 0 && late > 0 {
		h.low = max(h.low, ChunkID(min(late/p.cfg.Period, Time(MaxChunk)))+1) // nobody waits for these any more
	}
	asked, gap := 0, false
	for c := h.low; c <= top; c++ {
		n := h.note(c)
		if n.have || p.cfg.FEC.IsRepair(c) {
			if !gap {
				h.low = c + 1
			}
			continue
		}
		gap = true
		if now < n.until {
			asked++
		}
		if now-h.clock-p.cfg.instantOf(c) < h.usual+p.cfg.Patience {
			break // and so are all newer ones
		}
		if now < n.until || now < n.lock || asked >= maxGaps {
			continue
		}
		if f := h.whoHas(now, c); f != nil {
			n.until = now + f.tripOf() + answerSlack
			n.tries = min(n.tries, 254) + 1
			asked++
			f.askAt = n.until             // one at a time
			mapDrop(f.newest, &f.held, c) // until it says so again
			out.Sends = append(out.Sends, Message{Kind: Ask, From: p.id, To: f.id, Chunk: c})
			h.takes(now, askBytes)
			p.note(now, noteAsk, f.id, c)
		}
	}
}

// whoHas is one of those whose maps show a chunk; nil for nobody.
func (h *circle) whoHas(now Time, c ChunkID) (one *contact) {
	count := uint32(0)
	for i := range h.contacts {
		f := &h.contacts[i]
		if f.id == NoPeer || now < f.askAt || !mapHas(f.newest, f.held, c) {
			continue
		}
		if count++; h.draws.Below(count) == 0 {
			one = f
		}
	}
	return one
}

// handleWish queues a chunk for who misses it, or denies it.
func (p *Peer) handleWish(now Time, m *Message, out *Outbox) {
	h := p.circle
	f := p.meet(now, m.From)
	if f == nil {
		return
	}
	f.heard = now
	c := m.Chunk
	if h.asked.waits(c, f.id) {
		return
	}
	pushes := p.cfg.Scheduler == Offer || p.cfg.Push > 0 && p.cfg.Role != Source
	if pushes && p.buffer.holds(p.policy(), c) && h.asked.n < maxWishes {
		h.asked.push(parcel{chunk: c, to: f.id, at: now})
		return
	}
	if !h.mayAnswer(now) {
		return
	}
	newest, held := p.holding()
	w := p.start(Message{Kind: Deny, To: f.id, Chunk: c}, out)
	w.put(uint32(newest))
	w.put64(held)
	w.close()
	h.answers(now, denyBytes)
}

// grantWish sends what was asked for, of which some is still held.
func (p *Peer) grantWish(now Time, out *Outbox) bool {
	h := p.circle
	for h.asked.n > 0 {
		c := h.asked.pop()
		if f := h.find(c.to); f != nil && now-c.at < answerSlack && p.buffer.holds(p.policy(), c.chunk) {
			h.wishAt = max(h.freeAt, now) + wishShare*h.cfg.takes(carryBytes+int64(h.size))
			p.carry(now, f, c.chunk, out)
			return true
		}
	}
	return false
}

// handleRefusal hears that a chunk is not to be had there.
func (p *Peer) handleRefusal(now Time, m *Message, entries []Entry) {
	h := p.circle
	f := h.find(m.From)
	if f == nil {
		return
	}
	f.hears(now, ChunkID(Word(entries, 0)), word64(entries, 1))
	f.askAt = now
	if mapHas(f.newest, f.held, m.Chunk) {
		f.askAt = now + spare // it has it, and too much to do
	}
	if n := h.note(m.Chunk); !n.have && n.tries > 0 {
		n.until = now
	}
}
