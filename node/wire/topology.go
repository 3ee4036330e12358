package wire

import (
	"encoding/binary"
	"net/netip"
)

// Second bytes of a topology datagram. Any other is taken for a reply, as by
// the original.
const (
	subQuery = 1
	subReply = 2
)

// MaxEntries is the most entries that a topology datagram carries: the sender's
// own, and a full view of the original's.
const MaxEntries = 31

// Entry is one line of a view as it travels.
type Entry struct {
	// Addr is the peer's address and port, IPv4.
	Addr netip.AddrPort
	// Age is the number of gossip cycles since the peer was heard of by itself,
	// 1 and up.
	Age uint64
	// Descriptor is the socket descriptor that the original's struct has in this
	// place: of no meaning, copied on in gossip. We send 3, as it nearly always
	// does.
	Descriptor int32
}

// Descriptor is what we send as an entry's Descriptor.
const Descriptor = 3

// Topology is a topology datagram that was found in order. It points into the
// datagram.
type Topology struct {
	sub     byte
	entries []byte
}

// Query tells whether the sender wants a view in return.
func (t *Topology) Query() bool { return t.sub == subQuery }

// Len is the number of entries, 1 … MaxEntries. The first is the sender's.
func (t *Topology) Len() int { return len(t.entries) / EntrySize }

// Entry is the i-th entry, i < Len().
func (t *Topology) Entry(i int) Entry {
	b := t.entries[i*EntrySize:]
	return Entry{
		Age:        binary.LittleEndian.Uint64(b),
		Addr:       netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), binary.BigEndian.Uint16(b[10:])),
		Descriptor: int32(binary.LittleEndian.Uint32(b[24:])),
	}
}

// AppendTopology appends the beginning of a topology datagram; AppendEntry the
// entries, the own one first, at most MaxEntries.
func (Format) AppendTopology(to []byte, query bool) []byte {
	if query {
		return append(to, typeTopology, subQuery)
	}
	return append(to, typeTopology, subReply)
}

// AppendEntry appends an entry, whose address must be IPv4.
func (Format) AppendEntry(to []byte, e *Entry) []byte {
	to = binary.LittleEndian.AppendUint64(to, e.Age)
	to = append(to, familyIPv4, 0)
	to = binary.BigEndian.AppendUint16(to, e.Addr.Port())
	ip := e.Addr.Addr().As4()
	to = append(to, ip[:]...)
	to = append(to, 0, 0, 0, 0, 0, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(to, uint32(e.Descriptor))
}

// familyIPv4 is the low byte of the address family.
const familyIPv4 = 2

// ParseTopology reads a view. Errors are ErrType, ErrLength, ErrAge and
// ErrEntry.
func (Format) ParseTopology(datagram []byte) (t Topology, err error) {
	if len(datagram) < ViewHeader+EntrySize || len(datagram) > ViewHeader+MaxEntries*EntrySize ||
		(len(datagram)-ViewHeader)%EntrySize != 0 {
		return t, ErrLength
	}
	if datagram[0] != typeTopology {
		return t, ErrType
	}
	for rest := datagram[ViewHeader:]; len(rest) > 0; rest = rest[EntrySize:] {
		if binary.LittleEndian.Uint64(rest) == 0 {
			return t, ErrAge
		}
		if rest[8] != familyIPv4 || rest[9] != 0 || binary.LittleEndian.Uint64(rest[16:]) != 0 {
			return t, ErrEntry
		}
	}
	return Topology{sub: datagram[1], entries: datagram[ViewHeader:]}, nil
}

// Append appends the datagram that t was parsed from.
func (t *Topology) Append(to []byte) []byte {
	return append(append(to, typeTopology, t.sub), t.entries...)
}
