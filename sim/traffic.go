package sim

import (
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// send puts a message on the sender's link, and tells whether it will arrive there.
func (l *lane) send(from node.PeerID, m *node.Message) (arrives bool) {
	s := &l.stations[slot(from)]
	n := s.datagrams
	s.datagrams++
	if m.Kind == node.Chunk && l.net.quick && !l.elaborate {
		return l.sendQuickly(s, n, from, m.To, m.Chunk)
	}
	isChunk := m.Kind.IsChunk()
	if isChunk {
		m.Size = l.sizeOf(m.Chunk)
		l.counts.Sends++
		l.trace(Sent, from, m.To, m.Chunk)
	} else {
		l.counts.Views++
		l.trace(SentView, from, m.To, 0)
	}
	if l.cfg.Wire {
		l.transcoder.pass(m, l.out.Entries[m.Offset:m.Offset+uint32(m.Count)])
	}
	size := wire.Size(m)
	f, bytes, isCut := l.net.send(l.now, from, m.To, n, int64(size))
	if f.Outcome != link.Overflows {
		l.counts.Bytes += uint64(bytes)
	}
	switch {
	case f.Outcome == link.Overflows:
		l.vanishes(Dropped, from, m)
		return false
	case f.Outcome == link.Lost:
		l.vanishes(Lost, from, m)
		return false
	case f.Outcome == link.Spoiled:
		l.vanishes(Spoiled, from, m)
		return false
	case isCut:
		l.vanishes(Cut, from, m)
		return false
	}
	if f.Copy > 0 {
		if isChunk {
			l.counts.Doubled++
		}
		l.travels(s, from, m, l.landing(f.Copy))
	}
	if f.Flips > 0 && !l.transcoder.damage(m, l.out.Entries[m.Offset:m.Offset+uint32(m.Count)], f.Flips-1) {
		l.vanishes(Spoiled, from, m)
		return f.Copy > 0
	}
	l.travels(s, from, m, l.landing(f.Delay))
	return true
}

// sendQuickly is send for what nearly every datagram is: a chunk on a plain link.
func (l *lane) sendQuickly(s *station, n uint32, from, to node.PeerID, c node.ChunkID) (arrives bool) {
	l.counts.Sends++
	l.counts.Bytes += l.chunkBytes
	l.trace(Sent, from, to, c)
	delay, lost := l.net.models[0].Quick(from, n)
	if lost {
		l.counts.Lost++
		l.trace(Lost, from, to, c)
		return false
	}
	at, hops := l.landing(delay), 1+l.hopsOf(slot(from), c)
	if hops > mostHops {
		m := node.Message{Kind: node.Chunk, From: from, To: to, Chunk: c, Size: l.cfg.ChunkSize}
		l.mail(s, &m, nil, hops, at)
		return true
	}
	l.causes(s, from, to, at, hops<<chunkBits|uint32(c))
	return true
}

// travels puts a message on its way, to arrive at an instant.
func (l *lane) travels(s *station, from node.PeerID, m *node.Message, at node.Time) {
	hops := uint32(0)
	if m.Kind.IsChunk() {
		hops = 1 + l.hopsOf(slot(from), m.Chunk)
	}
	if m.Kind == node.Chunk && m.Chunk < l.born() && hops <= mostHops {
		l.causes(s, from, m.To, at, hops<<chunkBits|uint32(m.Chunk))
		return
	}
	l.mail(s, m, l.out.Entries[m.Offset:m.Offset+uint32(m.Count)], hops, at)
}

// mail puts a message on its way that an event has no room for. It lies in the slab of its
// receiver's lane.
func (l *lane) mail(s *station, m *node.Message, entries []node.Entry, hops uint32, at node.Time) {
	if k := l.owner(m.To); k != l.number {
		box := &l.sent[l.turn][k]
		l.causes(s, m.From, m.To, at, isView|uint32(len(box.messages)))
		box.put(m, entries, hops)
		return
	}
	l.causes(s, m.From, m.To, at, isView|l.views.put(m, entries, hops))
}

// vanishes counts a datagram that does not arrive.
func (l *lane) vanishes(what What, from node.PeerID, m *node.Message) {
	if m.Kind.IsChunk() {
		switch what {
		case Lost:
			l.counts.Lost++
		case Dropped:
			l.counts.Dropped++
		case Cut:
			l.counts.Cut++
		case Spoiled:
			l.counts.Spoiled++
		case ToNobody:
			l.counts.ToNobody++
		}
	}
	l.trace(what, from, m.To, m.Chunk)
}

// arriveChunk hands a chunk to the peer it was sent to.
func (l *lane) arriveChunk(e *event) {
	c, from := node.ChunkID(e.what&chunkMask), l.sender(e)
	m := &l.arrived
	m.Kind, m.From, m.To, m.Chunk, m.Size = node.Chunk, from, e.to, c, l.sizeOf(c)
	m.Offset, m.Count = 0, 0
	if !l.net.plain {
		switch l.gate(e, m) {
		case waits:
			return
		case refused:
			if l.clairvoyance != nil {
				l.clairvoyance.fails(e.to, c)
			}
			return
		}
	}
	if (l.up < l.receivers || l.strange) && !l.isUp(e.to) {
		l.counts.ToNobody++
		l.trace(ToNobody, e.to, from, c)
		return
	}
	l.takeIn(e, m, nil, e.what>>chunkBits&mostHops)
}

// takeIn lets a peer handle a chunk, and counts what became of it.
func (l *lane) takeIn(e *event, m *node.Message, entries []node.Entry, hops uint32) {
	p := &l.peers[slot(e.to)]
	p.Handle(e.at, m, entries, &l.out)
	l.trace(l.observe(e.to, m.Chunk, hops), e.to, m.From, m.Chunk)
	if l.clairvoyance != nil {
		l.clairvoyance.gets(e.to, m.Chunk)
	}
	if len(l.out.Recovered) > 0 {
		l.recovered(e, m)
	}
	if len(l.out.Played) > 0 || l.out.Wake || len(l.out.Sends) > 0 {
		l.perform(e.to, p)
	} else {
		l.out.Reset()
	}
}

// observe counts what became of a chunk that arrived, and had come so many hops.
func (l *lane) observe(to node.PeerID, c node.ChunkID, hops uint32) What {
	switch l.out.Outcome {
	case node.ToSource:
		l.counts.ToSource++
		return ToSource
	case node.Late:
		l.counts.Late++
		return Late
	case node.Duplicate:
	default:
		if c >= l.born() {
			l.counts.Forged++
			return Again
		}
		// A chunk that the peer does not hold may have passed through it
		// before; the observer remembers.
		if l.isFirst(slot(to), c, hops) {
			l.counts.Useful++
			if l.cfg.Peer.FEC.IsRepair(c) {
				l.counts.Repair++
			}
			return First
		}
	}
	l.counts.Duplicates++
	return Again
}

// arriveMessage hands a message from the slab to the peer it was sent to.
func (l *lane) arriveMessage(e *event) {
	place := e.what & placeMask
	m, entries, hops := l.views.get(place)
	if !l.net.plain {
		switch l.gate(e, &m) {
		case waits:
			return
		case refused:
			l.views.free(place)
			return
		}
	}
	switch {
	case !l.isUp(e.to):
		l.vanishes(ToNobody, e.to, &node.Message{Kind: m.Kind, To: m.From, Chunk: m.Chunk})
	case m.Kind.IsChunk(): // a push, or one that damage has made
		l.takeIn(e, &m, entries, hops)
	default:
		p := &l.peers[slot(e.to)]
		l.trace(View, e.to, m.From, 0)
		p.Handle(e.at, &m, entries, &l.out)
		l.perform(e.to, p)
	}
	l.views.free(place)
}

// passage is what becomes of a datagram at its receiver's access link.
type passage uint8

const (
	enters passage = iota
	waits          // in the queue of the download link
	refused
)

// gate lets a datagram through its receiver's NAT and download link.
func (l *lane) gate(e *event, m *node.Message) passage {
	if e.what&isQueued != 0 {
		return enters // it has waited
	}
	if !l.net.admits(e.at, e.to, m.From) {
		l.vanishes(Cut, m.From, m)
		return refused
	}
	if !l.net.limited(e.to) {
		return enters
	}
	at, ok := l.net.receive(e.at, e.to, int64(wire.Size(m)))
	if !ok {
		l.vanishes(Dropped, m.From, m)
		return refused
	}
	l.push(event{at: at, cause: e.cause, to: e.to, what: e.what | isQueued})
	return waits
}
