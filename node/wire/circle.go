package wire

import (
	"encoding/binary"

	"pushcast/node"
)

// Messages of maps and offers. Peers of the original never receive them. What they say
// beside the chunk is kept as the words of node (circle_words.go there).
//
//	carry   type 0x24, then as a chunk; then age 2 (ms), lead 1, map 8, offer 2 (0: none):
//	        the map tells of chunk + lead and the 63 before it
//	map     type 0x25, flags 1 (1: the sender may push to the receiver), newest id 4, map 8
//	offer   type 0x26, number 2, newest id 4, map 8
//	select  type 0x27, number 2, newest id 4, map 8, then a place a chunk, 1 each: how far
//	        below the newest, 0 … 63
const (
	typeCarry  = 0x24
	typeMap    = 0x25
	typeOffer  = 0x26
	typeSelect = 0x27
)

// ErrPlace is why a map or a select is refused.
const ErrPlace Malformed = "a place below the map, or a flag that there is not"

// AppendCarry appends a chunk with its sender's map.
func AppendCarry(to []byte, c *ChunkMessage, words []node.Entry) []byte {
	at := len(to)
	to = J.AppendChunk(to, c)
	to[at] = typeCarry
	to = binary.BigEndian.AppendUint16(to, uint16(node.Word(words, 0)))
	to = append(to, byte(node.Word(words, 1)-uint32(c.ID)))
	to = appendLong(to, words, 2)
	return binary.BigEndian.AppendUint16(to, uint16(node.Word(words, 4)))
}

// ParseCarry reads such a chunk and appends its words to into. Data and attributes point
// into the datagram. Errors are those of ParseChunk.
func ParseCarry(datagram []byte, into []node.Entry) (c ChunkMessage, words []node.Entry, err error) {
	if len(datagram) < ChunkHeader+CarryTrailer {
		return c, into, ErrLength
	}
	if datagram[0] != typeCarry {
		return c, into, ErrType
	}
	t := datagram[len(datagram)-CarryTrailer:]
	if c, err = parseChunk(datagram[:len(datagram)-CarryTrailer]); err != nil {
		return c, into, err
	}
	newest := uint32(c.ID) + uint32(t[2])
	if newest > uint32(node.MaxChunk) {
		return c, into, ErrID
	}
	into = append(into, entry(uint32(binary.BigEndian.Uint16(t)), newest))
	into = appendWords(into, t[3:11])
	return c, append(into, entry(uint32(binary.BigEndian.Uint16(t[11:])), 0)), nil
}

// AppendMap appends a map.
func AppendMap(to []byte, words []node.Entry) []byte {
	to = append(to, typeMap, byte(node.Word(words, 3)))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 0))
	return appendLong(to, words, 1)
}

// ParseMap reads a map and appends its words to into. Errors are ErrLength, ErrType, ErrID
// and ErrPlace.
func ParseMap(datagram []byte, into []node.Entry) ([]node.Entry, error) {
	switch {
	case len(datagram) != MapSize:
		return into, ErrLength
	case datagram[0] != typeMap:
		return into, ErrType
	case datagram[1] > 1:
		return into, ErrPlace
	}
	return parseMap(datagram[2:], uint32(datagram[1]), into)
}

// parseMap reads newest id and map; last is the word after them.
func parseMap(b []byte, last uint32, into []node.Entry) ([]node.Entry, error) {
	newest, held := binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:])
	if newest > uint32(node.MaxChunk) {
		return into, ErrID
	}
	return append(into, entry(newest, uint32(held)), entry(uint32(held>>32), last)), nil
}

// AppendOffer appends an offer.
func AppendOffer(to []byte, words []node.Entry) []byte {
	to = binary.BigEndian.AppendUint16(append(to, typeOffer), uint16(node.Word(words, 3)))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 0))
	return appendLong(to, words, 1)
}

// ParseOffer reads an offer and appends its words to into. Errors are ErrLength, ErrType
// and ErrID.
func ParseOffer(datagram []byte, into []node.Entry) ([]node.Entry, error) {
	switch {
	case len(datagram) != OfferSize:
		return into, ErrLength
	case datagram[0] != typeOffer:
		return into, ErrType
	}
	return parseMap(datagram[3:], uint32(binary.BigEndian.Uint16(datagram[1:])), into)
}

// AppendSelect appends the selection of so many chunks.
func AppendSelect(to []byte, chunks int, words []node.Entry) []byte {
	to = binary.BigEndian.AppendUint16(append(to, typeSelect), uint16(node.Word(words, 3)))
	to = binary.BigEndian.AppendUint32(to, node.Word(words, 0))
	to = appendLong(to, words, 1)
	for i := range chunks {
		to = append(to, byte(node.Word(words, 4+i/4)>>(8*(i%4))))
	}
	return to
}

// ParseSelect reads a selection, appends its words to into, and tells its chunks. Errors
// are ErrLength, ErrType, ErrID and ErrPlace.
func ParseSelect(datagram []byte, into []node.Entry) (chunks int, words []node.Entry, err error) {
	chunks = len(datagram) - SelectHeader
	switch {
	case chunks < 0 || chunks > node.MaxSelect:
		return 0, into, ErrLength
	case datagram[0] != typeSelect:
		return 0, into, ErrType
	}
	var places [2]uint32
	for i, d := range datagram[SelectHeader:] {
		if d > 63 {
			return 0, into, ErrPlace
		}
		places[i/4] |= uint32(d) << (8 * (i % 4))
	}
	if into, err = parseMap(datagram[3:], uint32(binary.BigEndian.Uint16(datagram[1:])), into); err != nil {
		return 0, into, err
	}
	return chunks, append(into, entry(places[0], places[1])), nil
}
