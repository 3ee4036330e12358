package sim

import (
	"encoding/binary"
	"net/netip"

	"pushcast/node"
	"pushcast/node/wire"
)

// transcoder turns every message into the bytes of a datagram and back, as a
// real network would have it (Config.Wire). A simulated peer's address is
// 10.0.0.0 plus its handle.
type transcoder struct {
	buf     []byte
	payload []byte
}

// port is everybody's: the original's default.
const port = 6666

func addressOf(id node.PeerID) netip.AddrPort {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], 10<<24+uint32(id))
	return netip.AddrPortFrom(netip.AddrFrom4(ip), port)
}

func handleOf(addr netip.AddrPort) node.PeerID {
	ip := addr.Addr().As4()
	return node.PeerID(binary.BigEndian.Uint32(ip[:]) - 10<<24)
}

// pass replaces a message and its entries by what a receiver reads from its
// datagram. What the simulator itself has written must be readable.
func (t *transcoder) pass(m *node.Message, entries []node.Entry) {
	t.encode(m, entries)
	if err := t.decode(m, entries); err != nil {
		panic("sim: a datagram of its own is refused: " + err.Error())
	}
	if uint64(len(t.buf))+wire.Headers != wire.Size(m) {
		panic("sim: a datagram has another size than it is charged")
	}
}

// damage replaces a message and its entries by what a receiver reads from its datagram
// with one bit flipped; ok is false where it reads nothing.
func (t *transcoder) damage(m *node.Message, entries []node.Entry, bit uint64) (ok bool) {
	t.encode(m, entries)
	bit %= uint64(8 * len(t.buf))
	t.buf[bit/8] ^= 1 << (bit % 8)
	return t.decode(m, entries) == nil
}

// encode writes a message's datagram into t.buf.
func (t *transcoder) encode(m *node.Message, entries []node.Entry) {
	switch t.buf = t.buf[:0]; m.Kind {
	case node.Chunk, node.Push, node.Carry:
		for uint32(len(t.payload)) < m.Size {
			t.payload = append(t.payload, byte(len(t.payload)))
		}
		c := wire.ChunkMessage{ID: m.Chunk, Timestamp: 40 * uint64(m.Chunk), Data: t.payload[:m.Size]}
		switch m.Kind {
		case node.Push:
			t.buf = wire.AppendPush(t.buf, &c, entries)
		case node.Carry:
			t.buf = wire.AppendCarry(t.buf, &c, entries)
		default:
			t.buf = wire.J.AppendChunk(t.buf, &c)
		}
		return
	case node.State:
		t.buf = wire.AppendProof(wire.AppendState(t.buf, int(m.Size), entries), 1, 0)
		return
	case node.Ask:
		t.buf = wire.AppendAsk(t.buf, m.Chunk)
		return
	case node.Deny:
		t.buf = wire.AppendDeny(t.buf, m.Chunk, entries)
		return
	case node.Map:
		t.buf = wire.AppendMap(t.buf, entries)
		return
	case node.Proposal:
		t.buf = wire.AppendOffer(t.buf, entries)
		return
	case node.Select:
		t.buf = wire.AppendSelect(t.buf, int(m.Size), entries)
		return
	case node.Add, node.Added, node.Remove:
		t.buf = wire.AppendNeighbour(t.buf, m.Kind)
		return
	}
	t.buf = wire.J.AppendTopology(t.buf, m.Kind == node.Query)
	for _, e := range entries {
		t.buf = wire.J.AppendEntry(t.buf, &wire.Entry{Addr: addressOf(e.ID), Age: uint64(e.Age), Descriptor: wire.Descriptor})
	}
}

// decode reads the datagram in t.buf into a message of the same kind.
func (t *transcoder) decode(m *node.Message, entries []node.Entry) (err error) {
	switch m.Kind {
	case node.Chunk:
		read, err := wire.J.ParseChunk(t.buf)
		m.Chunk, m.Size = read.ID, uint32(len(read.Data))
		return err
	case node.Push:
		read, _, err := wire.ParsePush(t.buf, entries[:0])
		m.Chunk, m.Size = read.ID, uint32(len(read.Data))
		return err
	case node.State:
		state, _, _, err := wire.CutProof(t.buf)
		if err != nil {
			return err
		}
		stripes, _, err := wire.ParseState(state, entries[:0])
		m.Size = uint32(stripes)
		return err
	case node.Ask:
		m.Chunk, err = wire.ParseAsk(t.buf)
		return err
	case node.Deny:
		m.Chunk, _, err = wire.ParseDeny(t.buf, entries[:0])
		return err
	case node.Carry:
		read, _, err := wire.ParseCarry(t.buf, entries[:0])
		m.Chunk, m.Size = read.ID, uint32(len(read.Data))
		return err
	case node.Map:
		_, err = wire.ParseMap(t.buf, entries[:0])
		return err
	case node.Proposal:
		_, err = wire.ParseOffer(t.buf, entries[:0])
		return err
	case node.Select:
		chunks, _, err := wire.ParseSelect(t.buf, entries[:0])
		m.Size = uint32(chunks)
		return err
	case node.Add, node.Added, node.Remove:
		m.Kind, err = wire.ParseNeighbour(t.buf)
		return err
	}
	read, err := wire.J.ParseTopology(t.buf)
	if err != nil {
		return err
	}
	m.Kind = node.Reply
	if read.Query() {
		m.Kind = node.Query
	}
	m.Count = uint16(read.Len())
	for i := range read.Len() {
		e := read.Entry(i)
		entries[i] = node.Entry{ID: handleOf(e.Addr), Age: uint32(e.Age)}
	}
	return nil
}
