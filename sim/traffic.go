package sim

import (
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// send puts a message on the sender's link, and tells whether it will arrive there.
func (w *World) send(from node.PeerID, m *node.Message) (arrives bool) {
	s := &w.stations[slot(from)]
	n := s.datagrams
	s.datagrams++
	if m.Kind == node.Chunk && w.net.quick && !w.elaborate {
		return w.sendQuickly(s, n, from, m.To, m.Chunk)
	}
	isChunk := m.Kind.IsChunk()
	if isChunk {
		m.Size = w.sizeOf(m.Chunk)
		w.counts.Sends++
		w.trace(Sent, from, m.To, m.Chunk)
	} else {
		w.counts.Views++
		w.trace(SentView, from, m.To, 0)
	}
	if w.cfg.Wire {
		w.transcoder.pass(m, w.out.Entries[m.Offset:m.Offset+uint32(m.Count)])
	}
	size := wire.Size(m)
	f, bytes, isCut := w.net.send(w.now, from, m.To, n, int64(size))
	if f.Outcome != link.Overflows {
		w.counts.Bytes += uint64(bytes)
	}
	switch {
	case f.Outcome == link.Overflows:
		w.vanishes(Dropped, from, m)
		return false
	case f.Outcome == link.Lost:
		w.vanishes(Lost, from, m)
		return false
	case f.Outcome == link.Spoiled:
		w.vanishes(Spoiled, from, m)
		return false
	case isCut:
		w.vanishes(Cut, from, m)
		return false
	}
	if f.Copy > 0 {
		if isChunk {
			w.counts.Doubled++
		}
		w.travels(s, from, m, w.landing(f.Copy))
	}
	if f.Flips > 0 && !w.transcoder.damage(m, w.out.Entries[m.Offset:m.Offset+uint32(m.Count)], f.Flips-1) {
		w.vanishes(Spoiled, from, m)
		return f.Copy > 0
	}
	w.travels(s, from, m, w.landing(f.Delay))
	return true
}

// sendQuickly is send for what nearly every datagram is: a chunk on a plain link.
func (w *World) sendQuickly(s *station, n uint32, from, to node.PeerID, c node.ChunkID) (arrives bool) {
	w.counts.Sends++
	w.counts.Bytes += w.chunkBytes
	w.trace(Sent, from, to, c)
	delay, lost := w.net.models[0].Quick(from, n)
	if lost {
		w.counts.Lost++
		w.trace(Lost, from, to, c)
		return false
	}
	w.causes(s, from, to, w.landing(delay), uint32(c))
	return true
}

// travels puts a message on its way, to arrive at an instant.
func (w *World) travels(s *station, from node.PeerID, m *node.Message, at node.Time) {
	if m.Kind == node.Chunk && m.Chunk < w.published {
		w.causes(s, from, m.To, at, uint32(m.Chunk))
		return
	}
	place := w.views.put(m, w.out.Entries[m.Offset:m.Offset+uint32(m.Count)])
	w.causes(s, from, m.To, at, isView|place)
}

// vanishes counts a datagram that does not arrive.
func (w *World) vanishes(what What, from node.PeerID, m *node.Message) {
	if m.Kind.IsChunk() {
		switch what {
		case Lost:
			w.counts.Lost++
		case Dropped:
			w.counts.Dropped++
		case Cut:
			w.counts.Cut++
		case Spoiled:
			w.counts.Spoiled++
		case ToNobody:
			w.counts.ToNobody++
		}
	}
	w.trace(what, from, m.To, m.Chunk)
}

// arriveChunk hands a chunk to the peer it was sent to.
func (w *World) arriveChunk(e *event) {
	c, from := node.ChunkID(e.what&^isQueued), w.sender(e)
	m := node.Message{Kind: node.Chunk, From: from, To: e.to, Chunk: c, Size: w.sizeOf(c)}
	if !w.net.plain {
		switch w.gate(e, &m) {
		case waits:
			return
		case refused:
			if w.clairvoyance != nil {
				w.clairvoyance.fails(e.to, c)
			}
			return
		}
	}
	if (w.up < w.cfg.Peers || w.strange) && !w.isUp(e.to) {
		w.counts.ToNobody++
		w.trace(ToNobody, e.to, from, c)
		return
	}
	w.takeIn(e, &m, nil)
}

// takeIn lets a peer handle a chunk, and counts what became of it.
func (w *World) takeIn(e *event, m *node.Message, entries []node.Entry) {
	p := &w.peers[slot(e.to)]
	p.Handle(e.at, m, entries, &w.out)
	w.trace(w.observe(e, m.From, m.Chunk), e.to, m.From, m.Chunk)
	if w.clairvoyance != nil {
		w.clairvoyance.gets(e.to, m.Chunk)
	}
	if len(w.out.Recovered) > 0 {
		w.recovered(e, m)
	}
	if len(w.out.Played) > 0 || w.out.Wake || len(w.out.Sends) > 0 {
		w.perform(e.to, p)
	} else {
		w.out.Reset()
	}
}

// observe counts what became of a chunk that arrived.
func (w *World) observe(e *event, from node.PeerID, c node.ChunkID) What {
	switch w.out.Outcome {
	case node.ToSource:
		w.counts.ToSource++
		return ToSource
	case node.Late:
		w.counts.Late++
		return Late
	case node.Duplicate:
	default:
		if c >= w.published {
			w.counts.Forged++
			return Again
		}
		// A chunk that the peer does not hold may have passed through it
		// before; the observer remembers.
		if w.observer.first(slot(e.to), from, c, e.at) {
			w.counts.Useful++
			if w.cfg.Peer.FEC.IsRepair(c) {
				w.counts.Repair++
			}
			return First
		}
	}
	w.counts.Duplicates++
	return Again
}

// arriveMessage hands a message from the slab to the peer it was sent to.
func (w *World) arriveMessage(e *event) {
	place := e.what & placeMask
	m, entries := w.views.get(place)
	if !w.net.plain {
		switch w.gate(e, &m) {
		case waits:
			return
		case refused:
			w.views.free(place)
			return
		}
	}
	switch {
	case !w.isUp(e.to):
		w.vanishes(ToNobody, e.to, &node.Message{Kind: m.Kind, To: m.From, Chunk: m.Chunk})
	case m.Kind.IsChunk(): // a push, or one that damage has made
		w.takeIn(e, &m, entries)
	default:
		p := &w.peers[slot(e.to)]
		w.trace(View, e.to, m.From, 0)
		p.Handle(e.at, &m, entries, &w.out)
		w.perform(e.to, p)
	}
	w.views.free(place)
}

// passage is what becomes of a datagram at its receiver's access link.
type passage uint8

const (
	enters passage = iota
	waits          // in the queue of the download link
	refused
)

// gate lets a datagram through its receiver's NAT and download link.
func (w *World) gate(e *event, m *node.Message) passage {
	if e.what&isQueued != 0 {
		return enters // it has waited
	}
	if !w.net.admits(e.at, e.to, m.From) {
		w.vanishes(Cut, m.From, m)
		return refused
	}
	if !w.net.limited(e.to) {
		return enters
	}
	at, ok := w.net.receive(e.at, e.to, int64(wire.Size(m)))
	if !ok {
		w.vanishes(Dropped, m.From, m)
		return refused
	}
	w.queue.push(event{at: at, key: e.key, to: e.to, what: e.what | isQueued})
	return waits
}
