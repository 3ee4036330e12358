package wire

import (
	"encoding/binary"
	"math"

	"pushcast/node"
)

// Messages of the scheduler stripes. Peers of the original never receive them. What
// they say beside the chunk is kept as the words of node (stripes_words.go there).
//
//	push   type 0x80, id 4, timestamp 4, age 2 (ms; the top bit: mended), lead 1, map 8,
//	       path 8, data: the map tells of chunk + lead and the 63 before it. Type 0x81
//	       has a timestamp of 8, which must need them; type 0x82 has the attributes'
//	       length 2 after the path, above 0, and the attributes after the data; 0x83 both
//	state  type 0x21, flags 1, mark 1, free 1, newest id 4, map 8; then wants, gives and
//	       own, a bit a stripe each, the lowest bit first, filled up with 0 to whole
//	       bytes; then an age a stripe, 1 each; then, if mark has the bit 0x80, the
//	       stream's period 4 (µs, 100 … 10^7). The bit 0x40 asks for that
//	ask    type 0x22, id 4
//	deny   type 0x23, id 4, newest id 4, map 8
const (
	typePush  = 0x80 // and the bits of its form
	typeState = 0x21
	typeAsk   = 0x22
	typeDeny  = 0x23
)

// The bits of a push's form, in its type.
const (
	longTime      = 1 << 0
	hasAttributes = 1 << 1
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
	case typePush, typePush | longTime, typePush | hasAttributes, typePush | longTime | hasAttributes:
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

// AppendPush appends a chunk that is pushed along its stripe, with the push's words. Its
// parts must fit one datagram: at most MaxPayload − MostPushHeader bytes together.
func AppendPush(to []byte, c *ChunkMessage, words []node.Entry) []byte {
	form := byte(0)
	if c.Timestamp > math.MaxUint32 {
		form |= longTime
	}
	if len(c.Attributes) > 0 {
		form |= hasAttributes
	}
	to = append(to, typePush|form)
	to = binary.BigEndian.AppendUint32(to, uint32(c.ID))
	if form&longTime != 0 {
		to = binary.BigEndian.AppendUint64(to, c.Timestamp)
	} else {
		to = binary.BigEndian.AppendUint32(to, uint32(c.Timestamp))
	}
	head := node.Word(words, 0)
	to = binary.BigEndian.AppendUint16(to, uint16(head&0x7fff|head>>31<<15))
	to = append(to, byte(node.Word(words, 1)-uint32(c.ID)))
	to = appendLong(to, words, 2)
	to = appendLong(to, words, 4)
	if form&hasAttributes != 0 {
		to = binary.BigEndian.AppendUint16(to, uint16(len(c.Attributes)))
	}
	to = append(to, c.Data...)
	return append(to, c.Attributes...)
}

// ParsePush reads a push and appends its words to into. Data and attributes point into
// the datagram. Errors are ErrType, ErrLength and ErrID.
func ParsePush(datagram []byte, into []node.Entry) (c ChunkMessage, words []node.Entry, err error) {
	if len(datagram) < PushHeader {
		return c, into, ErrLength
	}
	if StripesKindOf(datagram) != IsPush {
		return c, into, ErrType
	}
	form, rest := datagram[0], datagram[9:]
	c.ID = node.ChunkID(binary.BigEndian.Uint32(datagram[1:]))
	c.Timestamp = uint64(binary.BigEndian.Uint32(datagram[5:]))
	if form&longTime != 0 {
		if len(datagram) < PushHeader+4 || c.Timestamp == 0 {
			return c, into, ErrLength
		}
		c.Timestamp, rest = binary.BigEndian.Uint64(datagram[5:]), datagram[13:]
	}
	const fixed = 2 + 1 + 8 + 8
	c.Data = rest[fixed:]
	if form&hasAttributes != 0 {
		if len(c.Data) < 2 {
			return c, into, ErrLength
		}
		n := int(binary.BigEndian.Uint16(c.Data))
		if c.Data = c.Data[2:]; n == 0 || n > len(c.Data) {
			return c, into, ErrLength
		}
		c.Data, c.Attributes = c.Data[:len(c.Data)-n], c.Data[len(c.Data)-n:]
	}
	newest := uint32(c.ID) + uint32(rest[2])
	if c.ID > node.MaxChunk || newest > uint32(node.MaxChunk) {
		return c, into, ErrID
	}
	head := uint32(binary.BigEndian.Uint16(rest))
	into = append(into, entry(head&0x7fff|head>>15<<31, newest))
	into = appendWords(into, rest[3:11])
	return c, appendWords(into, rest[11:fixed]), nil
}

// AppendState appends a state of so many stripes.
func AppendState(to []byte, stripes int, words []node.Entry) []byte {
	head := node.Word(words, 0)
	to = append(to, typeState, byte(head), byte(head>>8), byte(head>>16))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 1))
	to = appendLong(to, words, 2)
	// A set at a time goes in above the bits that are left of those before it.
	for bits, n, i := uint64(0), 0, 4; i < node.StateWords || n > 0; i++ {
		if i < node.StateWords {
			bits |= uint64(node.Word(words, i)) << n
			n += stripes
		}
		for ; n >= 8 || n > 0 && i >= node.StateWords; n -= 8 {
			to = append(to, byte(bits))
			bits >>= 8
		}
	}
	for k := range stripes {
		to = append(to, byte(node.Word(words, node.StateWords+k/4)>>(8*(k%4))))
	}
	if head>>8&hasPeriod != 0 {
		to = binary.BigEndian.AppendUint32(to, node.Word(words, 2*len(words)-2))
	}
	return to
}

// stripesIn tells the stripes of a state from what is left of it after its header; 0 where
// no number of stripes has that length.
func stripesIn(rest int) int {
	for stripes := 1; stripes <= node.MaxStripes; stripes++ {
		if setsSize(stripes)+stripes == rest {
			return stripes
		}
	}
	return 0
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
	stripes = stripesIn(len(datagram) - StateHeader)
	switch {
	case stripes == 0:
		return 0, into, ErrLength
	case datagram[0] != typeState:
		return 0, into, ErrType
	case err != nil:
		return 0, into, err
	case binary.BigEndian.Uint32(datagram[4:]) > uint32(node.MaxChunk):
		return 0, into, ErrID
	}
	sets, ages := datagram[StateHeader:len(datagram)-stripes], datagram[len(datagram)-stripes:]
	if over := 3 * stripes % 8; over > 0 && sets[len(sets)-1]>>over != 0 {
		return 0, into, ErrStripes
	}
	set := func(i int) (x uint32) {
		for k := range stripes {
			at := i*stripes + k
			x |= uint32(sets[at/8]>>(at%8)&1) << k
		}
		return x
	}
	head := uint32(datagram[1]) | uint32(datagram[2])<<8 | uint32(datagram[3])<<16 | uint32(stripes)<<24
	into = append(into, entry(head, binary.BigEndian.Uint32(datagram[4:])))
	into = appendWords(into, datagram[8:16])
	into = append(into, entry(set(0), set(1)))
	// The own stripes stand in the word before the first ages.
	age := func(k int) uint32 {
		x := uint32(0)
		for j := k; j < min(k+4, stripes); j++ {
			x |= uint32(ages[j]) << (8 * (j - k))
		}
		return x
	}
	into = append(into, entry(set(2), age(0)))
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
