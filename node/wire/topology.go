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
	// Addr is the peer's address and port: IPv4 in format J, IPv6 without a zone in
	// J6.
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
	format  Format
	entries []byte
}

// Query tells whether the sender wants a view in return.
func (t *Topology) Query() bool { return t.sub == subQuery }

// Len is the number of entries, 1 … MaxEntries. The first is the sender's.
func (t *Topology) Len() int { return len(t.entries) / t.format.EntrySize() }

// Entry is the i-th entry, i < Len().
func (t *Topology) Entry(i int) Entry {
	size := t.format.EntrySize()
	b := t.entries[i*size : (i+1)*size]
	e := Entry{Age: binary.LittleEndian.Uint64(b), Descriptor: int32(binary.LittleEndian.Uint32(b[size-4:]))}
	port := binary.BigEndian.Uint16(b[10:])
	if t.format == J6 {
		e.Addr = netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[16:32])), port)
	} else {
		e.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), port)
	}
	return e
}

// AppendTopology appends the beginning of a topology datagram; AppendEntry the
// entries, the own one first, at most MaxEntries.
func (Format) AppendTopology(to []byte, query bool) []byte {
	if query {
		return append(to, typeTopology, subQuery)
	}
	return append(to, typeTopology, subReply)
}

// AppendEntry appends an entry, whose address must be of the format's family.
func (f Format) AppendEntry(to []byte, e *Entry) []byte {
	to = binary.LittleEndian.AppendUint64(to, e.Age)
	if f == J6 {
		to = append(to, familyIPv6, 0)
		to = binary.BigEndian.AppendUint16(to, e.Addr.Port())
		to = append(to, 0, 0, 0, 0)
		ip := e.Addr.Addr().As16()
		to = append(to, ip[:]...)
		to = append(to, 0, 0, 0, 0)
	} else {
		to = append(to, familyIPv4, 0)
		to = binary.BigEndian.AppendUint16(to, e.Addr.Port())
		ip := e.Addr.Addr().As4()
		to = append(to, ip[:]...)
		to = append(to, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	return binary.LittleEndian.AppendUint32(to, uint32(e.Descriptor))
}

// The low bytes of the address families, as Linux has them.
const (
	familyIPv4 = 2
	familyIPv6 = 10
)

// ParseTopology reads a view. Errors are ErrType, ErrLength, ErrAge and
// ErrEntry.
func (f Format) ParseTopology(datagram []byte) (t Topology, err error) {
	size := f.EntrySize()
	if len(datagram) < ViewHeader+size || len(datagram) > ViewHeader+MaxEntries*size ||
		(len(datagram)-ViewHeader)%size != 0 {
		return t, ErrLength
	}
	if datagram[0] != typeTopology {
		return t, ErrType
	}
	for rest := datagram[ViewHeader:]; len(rest) > 0; rest = rest[size:] {
		if binary.LittleEndian.Uint64(rest) == 0 {
			return t, ErrAge
		}
		if !f.wellFormed(rest) {
			return t, ErrEntry
		}
	}
	return Topology{sub: datagram[1], format: f, entries: datagram[ViewHeader:]}, nil
}

// wellFormed tells whether an entry's address is of the format's family, and what
// must be zero is. An IPv4 address in IPv6's clothes would be another address once
// it is sent to.
func (f Format) wellFormed(entry []byte) bool {
	if f != J6 {
		return entry[8] == familyIPv4 && entry[9] == 0 && binary.LittleEndian.Uint64(entry[16:]) == 0
	}
	return entry[8] == familyIPv6 && entry[9] == 0 && binary.LittleEndian.Uint32(entry[12:]) == 0 &&
		binary.LittleEndian.Uint32(entry[32:]) == 0 && !netip.AddrFrom16([16]byte(entry[16:32])).Is4In6()
}

// Append appends the datagram that t was parsed from.
func (t *Topology) Append(to []byte) []byte {
	return append(append(to, typeTopology, t.sub), t.entries...)
}
