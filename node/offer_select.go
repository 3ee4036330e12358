package node

import "math/bits"

// The receiving half of Offer: what is selected, and locked.

func lowest(x uint64) int { return bits.TrailingZeros64(x) }

// handleOffer answers an offer, whose words begin at at: newest, map (2), number.
func (p *Peer) handleOffer(now Time, from PeerID, entries []Entry, at int, out *Outbox) bool {
	h := p.circle
	top, offered := ChunkID(Word(entries, at)), word64(entries, at+1)
	id := uint16(Word(entries, at+3))
	if top > MaxChunk {
		return false
	}
	f := p.meet(now, from)
	if f != nil {
		if f.any && f.came == id {
			return true // the network has doubled it
		}
		f.came, f.any = id, true
		f.hears(now, top, offered)
		f.misses = 0
	}
	if !h.mayAnswer(now) {
		return true
	}
	wanted := uint64(0)
	if p.cfg.Role != Source {
		wanted = p.wants(now, top, offered)
	}
	var picks [MaxSelect]ChunkID
	n := 0
	for ; n < p.cfg.Select && wanted != 0; n++ {
		i := lowest(wanted)
		if n == 0 {
			// The oldest hole comes first, once it is old.
			if old := 63 - bits.LeadingZeros64(wanted); now-h.clock-p.cfg.instantOf(top-ChunkID(old)) > oldHole {
				i = old
			}
		}
		wanted &^= 1 << i
		picks[n] = top - ChunkID(i)
		h.note(picks[n]).lock = now + f.tripOf() + p.cfg.Lock
	}
	p.answer(now, from, id, picks[:n], out)
	return true
}

// wants leaves of an offer what we would take.
func (p *Peer) wants(now Time, top ChunkID, offered uint64) (wanted uint64) {
	h := p.circle
	newest, _ := p.holding()
	if p.guard != nil && h.begun && apart(newest, top) > ChunkID(p.cfg.Ahead) {
		return 0 // it cannot be of our stream
	}
	lowestWanted := h.low
	if !h.begun {
		lowestWanted = 0
	}
	for left := offered &^ p.buffer.heldFrom(top); left != 0; left &= left - 1 {
		i := ChunkID(lowest(left))
		if i > top {
			break
		}
		c := top - i
		if c < lowestWanted || newest >= c+63 || newest-min(c, newest) >= ChunkID(p.buffer.size) {
			break
		}
		if n := h.note(c); n.have || now < n.lock || now < n.until {
			continue
		}
		if h.begun && p.cfg.Deadline > 0 && now-h.clock-p.cfg.instantOf(c) > p.cfg.Deadline-tooLate/2 {
			break
		}
		wanted |= 1 << i
	}
	return wanted
}

// answer tells what we select, and what we hold or have accepted.
func (p *Peer) answer(now Time, to PeerID, id uint16, picks []ChunkID, out *Outbox) {
	h := p.circle
	top, held := p.holding()
	for _, c := range picks {
		mapAdd(&top, &held, c)
	}
	for i := range ChunkID(64) {
		if held>>i&1 == 0 && i <= top && now < h.note(top-i).lock {
			held |= 1 << i
		}
	}
	w := p.start(Message{Kind: Select, To: to, Size: uint32(len(picks))}, out)
	w.put(uint32(top))
	w.put64(held)
	w.put(uint32(id))
	for k := 0; k < MaxSelect; k += 4 {
		places := uint32(0)
		for i := k; i < min(k+4, len(picks)); i++ {
			places |= uint32(top-picks[i]) << (8 * (i - k))
		}
		w.put(places)
	}
	w.close()
	h.answers(now, selectBytes+int64(len(picks)))
	out.Wake = true
}
