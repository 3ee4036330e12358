// Package wire knows what travels: the bytes of every datagram, and the size
// that it takes on a link. It is pure; Append and Parse allocate nothing.
//
// Parsing is strict and canonical: a datagram is accepted only if appending
// what was parsed gives the same bytes again. Lengths are exact, and compared in
// 64 bits, so that no sum of announced lengths can wrap around.
//
// # Format J
//
// The format of the original dumbstreamer of January 2010, one message a
// datagram, without version or checksum:
//
//	chunk     type 0x11, id 4, timestamp 8, size 4, attribute size 4, payload, attributes
//	topology  type 0x10, query (1) or reply (2), then 28 bytes an entry, 1 … 31 of them
//
// Numbers are big-endian, but in entries: those are a host's memory, age and
// descriptor little-endian as from every x86 peer.
//
// # Format J6
//
// The same for overlays over IPv6, of our own making: entries have 40 bytes,
//
//	age 8, family 0a 00, port 2, flow label 4 (zero), address 16, scope 4 (zero), descriptor 4
//
// It never mixes with J.
//
// Formats are chosen by configuration, never guessed from what arrives.
package wire

// Format names how messages are laid out in a datagram.
type Format uint8

// The formats.
const (
	// J is the original's of 26 January to 2 February 2010.
	J Format = iota
	// J6 is J with entries for IPv6.
	J6
)

// EntrySize is the bytes of an entry of a view.
func (f Format) EntrySize() int {
	if f == J6 {
		return EntrySize6
	}
	return EntrySize
}

// Is6 tells whether the format's addresses are IPv6.
func (f Format) Is6() bool { return f == J6 }

// Types of datagrams, their first byte.
const (
	typeTopology = 0x10
	typeChunk    = 0x11
)

// Kind tells which parser a datagram is for.
type Kind uint8

// The kinds of datagram.
const (
	Unknown Kind = iota
	IsChunk
	IsTopology
	IsPush // of stripes, as the following
	IsState
	IsAsk
	IsDeny
)

// KindOf tells the kind of a datagram from its first byte.
func (Format) KindOf(datagram []byte) Kind {
	if len(datagram) == 0 {
		return Unknown
	}
	switch datagram[0] {
	case typeChunk:
		return IsChunk
	case typeTopology:
		return IsTopology
	}
	return Unknown
}

// Malformed is why a datagram is refused. It is a constant: refusing costs
// nothing.
type Malformed string

// Error says what is wrong with the datagram.
func (m Malformed) Error() string { return "wire: " + string(m) }

// The reasons.
const (
	ErrType   Malformed = "the first byte is of another kind of message"
	ErrLength Malformed = "the length is not what the header announces"
	ErrID     Malformed = "the chunk id is 2^31 or more"
	ErrAge    Malformed = "an entry of age 0"
	ErrEntry  Malformed = "an entry that is no address of the format"
)
