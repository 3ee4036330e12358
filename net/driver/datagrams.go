package driver

import (
	"math"
	"net/netip"

	"pushcast/node"
	"pushcast/node/wire"
)

// headerOf is where a chunk's payload begins.
const headerOf = wire.ChunkHeader

// receive takes a datagram in: strictly parsed, or counted and forgotten.
func (d *Driver) receive(now node.Time, datagram []byte, from netip.AddrPort) error {
	if from.Addr().Is4In6() { // as sockets of both families have it
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	}
	d.book.begin()
	d.traffic.In++
	d.traffic.InBytes += uint64(len(datagram) + d.headers)
	var err error
	kind := d.cfg.Format.KindOf(datagram)
	if kind == wire.Unknown && d.striped {
		kind = wire.StripesKindOf(datagram)
	}
	switch kind {
	case wire.IsChunk:
		var m wire.ChunkMessage
		if m, err = d.cfg.Format.ParseChunk(datagram); err == nil {
			return d.receiveChunk(now, &m, datagram, from)
		}
	case wire.IsTopology:
		var t wire.Topology
		if t, err = d.cfg.Format.ParseTopology(datagram); err == nil {
			return d.receiveView(now, &t, from)
		}
	case wire.Unknown:
		err = wire.ErrType
	default:
		return d.receiveStripes(now, kind, datagram, from)
	}
	d.refuse(err, datagram, from)
	return nil
}

// refuse counts a datagram that is none. Nothing else has changed.
func (d *Driver) refuse(why error, datagram []byte, from netip.AddrPort) {
	switch why {
	case wire.ErrLength:
		d.traffic.BadLength++
	case wire.ErrID:
		d.traffic.BadID++
	case wire.ErrAge, wire.ErrEntry, wire.ErrStripes, wire.ErrPeriod, wire.ErrProof:
		d.traffic.BadEntry++
	default:
		d.traffic.Unknown++
	}
	d.logRefused(why, datagram, from)
}

func (d *Driver) receiveChunk(now node.Time, m *wire.ChunkMessage, datagram []byte, from netip.AddrPort) error {
	if d.striped {
		d.foreign(now, from)
		return nil
	}
	return d.takeChunk(now, node.Chunk, m, nil, datagram, len(datagram), from)
}

// takeChunk hands a chunk to the peer, of a datagram of so many bytes. chunk is what of it
// is kept: a datagram of format J.
func (d *Driver) takeChunk(now node.Time, kind node.Kind, m *wire.ChunkMessage, words []node.Entry, chunk []byte, size int, from netip.AddrPort) error {
	sender := d.book.lookup(from)
	if sender == node.NoPeer && d.peer.Neighbours() == 0 && sendable(d.cfg.Format, from) {
		sender = d.book.enter(from, &d.peer) // the peer may want to ask it
	}
	if kind == node.Push && d.peer.Neighbours() > 0 {
		sender = d.proven(now, sender)
	}
	msg := node.Message{Kind: kind, From: sender, To: self, Chunk: m.ID, Size: uint32(len(m.Data)), Count: uint16(len(words))}
	restarts := d.peer.Stats().Restarts
	d.peer.Handle(now, &msg, words, &d.out)
	d.logReceived(m.ID, d.out.Outcome, from)
	if d.cfg.Observer != nil {
		d.cfg.Observer.Arrived(now, m.ID, from, d.out.Outcome)
	}
	switch d.out.Outcome {
	case node.ToSource:
		d.traffic.ChunksToSource++
	case node.Stray, node.Refused:
	default:
		if d.peer.Stats().Restarts != restarts {
			d.log.Warn("the stream was found elsewhere, and begins anew", "chunk", m.ID)
			d.meter.beginAnew(&d.cfg)
		}
		d.meter.due(now)
		d.meter.chunk(now, m.ID, size+d.headers)
		d.checkCode(m.ID, m.Data)
	}
	d.attributes = len(m.Attributes)
	return d.perform(now, chunk)
}

func (d *Driver) receiveView(now node.Time, t *wire.Topology, from netip.AddrPort) error {
	if !sendable(d.cfg.Format, from) {
		d.traffic.Unsendable++
		return nil
	}
	if !d.meets(now, t, from) {
		return nil
	}
	msg := node.Message{Kind: node.Reply, From: d.book.enter(from, &d.peer), To: self}
	if t.Query() {
		msg.Kind = node.Query
	}
	if msg.From == node.NoPeer || msg.From == self {
		return nil // an echo of one's own
	}
	d.book.reads[msg.From] = d.striped
	d.entries = d.entries[:0]
	for i := range t.Len() {
		e := t.Entry(i)
		if !sendable(d.cfg.Format, e.Addr) {
			d.traffic.Unsendable++
			continue
		}
		if (e.Descriptor == wire.StripesDescriptor) != d.striped {
			continue // one that a peer of the other kind has passed on
		}
		if id := d.book.enter(e.Addr, &d.peer); id != node.NoPeer {
			d.book.reads[id] = d.striped
			d.entries = append(d.entries, node.Entry{ID: id, Age: uint32(min(e.Age, math.MaxUint32))})
		}
	}
	msg.Count = uint16(len(d.entries))
	d.logView(t, from)
	d.peer.Handle(now, &msg, d.entries, &d.out)
	return d.perform(now, nil)
}

// encodeChunk makes the datagram of a chunk that is published.
func (d *Driver) encodeChunk(c node.ChunkID, timestamp uint64, payload []byte) []byte {
	d.attributes = 0
	d.write = d.cfg.Format.AppendChunk(d.write[:0], &wire.ChunkMessage{ID: c, Timestamp: timestamp, Data: payload})
	return d.write
}

// send sends one message of the peer's. What the operating system refuses is
// lost, as on the way.
func (d *Driver) send(now node.Time, m *node.Message) {
	if now < d.book.avoid[m.To] {
		return
	}
	to := d.book.addr(m.To)
	var datagram []byte
	switch m.Kind {
	case node.Chunk:
		if datagram, _ = d.store.get(m.Chunk); datagram == nil {
			return // it could not be recovered
		}
	case node.Query, node.Reply:
		datagram = d.encodeView(m)
	default:
		if !d.book.reads[m.To] {
			return // a contact, say, that has not answered yet
		}
		if datagram = d.encodeStripes(m); datagram == nil {
			return
		}
	}
	d.logSent(m, to)
	d.put(now, datagram, to)
}

// put counts a datagram, and gives it to the link.
func (d *Driver) put(now node.Time, datagram []byte, to netip.AddrPort) {
	bytes := uint64(len(datagram) + d.headers)
	d.traffic.Out++
	d.traffic.OutBytes += bytes
	if d.link != nil {
		d.meter.traffic.Bytes += d.link.send(now, datagram, to, d.headers)
		return
	}
	d.meter.traffic.Bytes += bytes
	d.transmit(datagram, to)
}

// transmit gives a datagram to the socket, at the latest with the next flush.
func (d *Driver) transmit(datagram []byte, to netip.AddrPort) { d.mail.send(datagram, to) }

// flush sends what waits for being sent, and counts what could not be.
func (d *Driver) flush() {
	d.mail.flush()
	d.traffic.SendErrors = d.mail.failed
	if d.mail.why != nil && !d.warned {
		d.warned = true
		d.log.Warn("a datagram could not be sent; further ones are counted only", "error", d.mail.why)
	}
}

// encodeView makes the datagram of a view.
func (d *Driver) encodeView(m *node.Message) []byte {
	d.view = d.cfg.Format.AppendTopology(d.view[:0], m.Kind == node.Query)
	for _, e := range d.out.Entries[m.Offset : m.Offset+uint32(m.Count)] {
		d.view = d.cfg.Format.AppendEntry(d.view, &wire.Entry{
			Addr: d.book.addr(e.ID), Age: uint64(e.Age), Descriptor: d.descriptor,
		})
	}
	return d.view
}
