package wire

import (
	"encoding/binary"

	"pushcast/node"
)

// Messages of the scheduler stripes. Peers of the original never receive them. What
// they say beside the chunk is kept as the words of node (stripes_words.go there).
//
//	push   type 0x20, then as a chunk; then age 2 (ms), flags 1 (1: mended), lead 1,
//	       map 8, path 8: the map tells of chunk + lead and the 63 before it
//	state  type 0x21, flags 1, mark 1, free 1, newest id 4, map 8, wants 4, gives 4,
//	       own 4, then an age a stripe, 1 each; then, if mark has the bit 0x80, the
//	       stream's period 4 (µs, 100 … 10^7). The bit 0x40 asks for that
//	ask    type 0x22, id 4
//	deny   type 0x23, id 4, newest id 4, map 8
const (
	typePush  = 0x20
	typeState = 0x21
	typeAsk   = 0x22
	typeDeny  = 0x23
)

// Why a state is refused.
const (
	ErrStripes Malformed = "a stripe that the state does not have, or none"
	ErrPeriod  Malformed = "a period of less than 100 µs, or more than 10 s"
	ErrProof   Malformed = "a proof that asks for nothing"
)

// StripesDescriptor is the Descriptor of the entries of peers that push along stripes: so
// they know each other in views, which are format J's.
const StripesDescriptor = 0x70727473 // "strp"

// hasPeriod is the bit of a state's mark which says that a period follows the ages.
const hasPeriod = 0x80

// StripesKindOf tells the kind of a datagram of stripes from its first byte.
func StripesKindOf(datagram []byte) Kind {
	if len(datagram) == 0 {
		return Unknown
	}
	switch datagram[0] {
	case typePush:
		return IsPush
	case typeState:
		return IsState
	case typeAsk:
		return IsAsk
	case typeDeny:
		return IsDeny
	}
	return Unknown
}

// AppendPush appends a chunk that is pushed along its stripe, with the push's words.
func AppendPush(to []byte, c *ChunkMessage, words []node.Entry) []byte {
	at := len(to)
	return appendPush(J.AppendChunk(to, c), at, uint32(c.ID), words)
}

// AppendPushOf does so for the datagram of a chunk.
func AppendPushOf(to, chunk []byte, words []node.Entry) []byte {
	at := len(to)
	return appendPush(append(to, chunk...), at, binary.BigEndian.Uint32(chunk[1:]), words)
}

// ChunkOf makes the datagram of a push, which must be in order, that of its chunk, in place.
func ChunkOf(push []byte) []byte {
	push[0] = typeChunk
	return push[:len(push)-PushTrailer]
}

func appendPush(to []byte, at int, id uint32, words []node.Entry) []byte {
	to[at] = typePush
	head := node.Word(words, 0)
	to = binary.BigEndian.AppendUint16(to, uint16(head))
	to = append(to, byte(head>>31), byte(node.Word(words, 1)-id))
	to = appendLong(to, words, 2)
	return appendLong(to, words, 4)
}

// ParsePush reads a push and appends its words to into. Data and attributes point into
// the datagram. Errors are those of ParseChunk.
func ParsePush(datagram []byte, into []node.Entry) (c ChunkMessage, words []node.Entry, err error) {
	if len(datagram) < ChunkHeader+PushTrailer {
		return c, into, ErrLength
	}
	if datagram[0] != typePush {
		return c, into, ErrType
	}
	t := datagram[len(datagram)-PushTrailer:]
	if c, err = parseChunk(datagram[:len(datagram)-PushTrailer]); err != nil {
		return c, into, err
	}
	newest := uint32(c.ID) + uint32(t[3])
	if t[2] > 1 || newest > uint32(node.MaxChunk) {
		return c, into, ErrID
	}
	head := uint32(binary.BigEndian.Uint16(t)) | uint32(t[2])<<31
	into = append(into, entry(head, newest))
	into = appendWords(into, t[4:12])
	return c, appendWords(into, t[12:20]), nil
}

// AppendState appends a state of so many stripes.
func AppendState(to []byte, stripes int, words []node.Entry) []byte {
	head := node.Word(words, 0)
	to = append(to, typeState, byte(head), byte(head>>8), byte(head>>16))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 1))
	to = appendLong(to, words, 2)
	for i := 4; i < node.StateWords; i++ {
		to = binary.BigEndian.AppendUint32(to, node.Word(words, i))
	}
	for k := range stripes {
		to = append(to, byte(node.Word(words, node.StateWords+k/4)>>(8*(k%4))))
	}
	if head>>8&hasPeriod != 0 {
		to = binary.BigEndian.AppendUint32(to, node.Word(words, 2*len(words)-2))
	}
	return to
}

// ParseState reads a state, appends its words to into, and tells its stripes. Errors are
// ErrLength, ErrType, ErrID, ErrStripes and ErrPeriod.
func ParseState(datagram []byte, into []node.Entry) (stripes int, words []node.Entry, err error) {
	if len(datagram) <= StateHeader {
		return 0, into, ErrLength
	}
	period := uint32(0)
	if datagram[2]&hasPeriod != 0 {
		if len(datagram) <= StateHeader+PeriodSize {
			return 0, into, ErrLength
		}
		rest := len(datagram) - PeriodSize
		period, datagram = binary.BigEndian.Uint32(datagram[rest:]), datagram[:rest]
		if t := node.Time(period) * node.Microsecond; t < node.MinFollowed || t > node.MaxFollowed {
			err = ErrPeriod
		}
	}
	stripes = len(datagram) - StateHeader
	switch {
	case stripes > node.MaxStripes:
		return 0, into, ErrLength
	case datagram[0] != typeState:
		return 0, into, ErrType
	case err != nil:
		return 0, into, err
	case binary.BigEndian.Uint32(datagram[4:]) > uint32(node.MaxChunk):
		return 0, into, ErrID
	}
	at := func(i int) uint32 { return binary.BigEndian.Uint32(datagram[i:]) }
	if all := uint64(1)<<stripes - 1; uint64(at(16)|at(20)|at(24))&^all != 0 {
		return 0, into, ErrStripes
	}
	head := uint32(datagram[1]) | uint32(datagram[2])<<8 | uint32(datagram[3])<<16 | uint32(stripes)<<24
	into = append(into, entry(head, at(4)))
	into = appendWords(into, datagram[8:16])
	into = append(into, entry(at(16), at(20)))
	// The own stripes stand in the word before the first ages.
	age := func(k int) uint32 {
		x := uint32(0)
		for j := k; j < min(k+4, stripes); j++ {
			x |= uint32(datagram[StateHeader+j]) << (8 * (j - k))
		}
		return x
	}
	into = append(into, entry(at(24), age(0)))
	for k := 4; k < stripes; k += 8 {
		into = append(into, entry(age(k), age(k+4)))
	}
	if period > 0 {
		into = append(into, entry(period, 0))
	}
	return stripes, into, nil
}

// AppendAsk appends the question for a chunk.
func AppendAsk(to []byte, c node.ChunkID) []byte {
	return binary.BigEndian.AppendUint32(append(to, typeAsk), uint32(c))
}

// ParseAsk reads the question for a chunk. Errors are ErrLength, ErrType and ErrID.
func ParseAsk(datagram []byte) (node.ChunkID, error) {
	return parseID(datagram, typeAsk, AskSize)
}

// AppendDeny appends the answer that a chunk is not to be had.
func AppendDeny(to []byte, c node.ChunkID, words []node.Entry) []byte {
	to = binary.BigEndian.AppendUint32(append(to, typeDeny), uint32(c))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 0))
	return binary.BigEndian.AppendUint64(to, uint64(node.Word(words, 1))|uint64(node.Word(words, 2))<<32)
}

// ParseDeny reads such an answer, and appends its words to into. Errors are ErrLength,
// ErrType and ErrID.
func ParseDeny(datagram []byte, into []node.Entry) (c node.ChunkID, words []node.Entry, err error) {
	if c, err = parseID(datagram, typeDeny, DenySize); err != nil {
		return c, into, err
	}
	newest := binary.BigEndian.Uint32(datagram[5:])
	if newest > uint32(node.MaxChunk) {
		return c, into, ErrID
	}
	held := binary.BigEndian.Uint64(datagram[9:])
	return c, append(into, entry(newest, uint32(held)), entry(uint32(held>>32), 0)), nil
}

func parseID(datagram []byte, kind byte, size int) (node.ChunkID, error) {
	switch {
	case len(datagram) != size:
		return 0, ErrLength
	case datagram[0] != kind:
		return 0, ErrType
	}
	id := node.ChunkID(binary.BigEndian.Uint32(datagram[1:]))
	if id > node.MaxChunk {
		return 0, ErrID
	}
	return id, nil
}

// entry makes an entry of two words.
func entry(a, b uint32) node.Entry { return node.Entry{ID: node.PeerID(a), Age: b} }

// appendWords appends the two words of a number of 64 bits, the lower first.
func appendWords(into []node.Entry, b []byte) []node.Entry {
	x := binary.BigEndian.Uint64(b)
	return append(into, entry(uint32(x), uint32(x>>32)))
}

// appendLong appends words i and i+1 as a number of 64 bits.
func appendLong(to []byte, words []node.Entry, i int) []byte {
	return binary.BigEndian.AppendUint64(to, uint64(node.Word(words, i))|uint64(node.Word(words, i+1))<<32)
}
