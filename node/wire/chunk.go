package wire

import (
	"encoding/binary"

	"pushcast/node"
)

// ChunkMessage is a chunk as it travels.
type ChunkMessage struct {
	ID node.ChunkID // 0 … node.MaxChunk
	// Timestamp is what the source gave the chunk, and forwarders preserve: the
	// original's text source writes 40·id. (It sign-extends the low half when it
	// forwards; we do not.)
	Timestamp uint64
	Data      []byte
	// Attributes are opaque; the original's sources send none.
	Attributes []byte
}

// AppendChunk appends the datagram of m, whose parts must fit one: at most
// MaxPayload − ChunkHeader bytes together.
func (Format) AppendChunk(to []byte, m *ChunkMessage) []byte {
	to = append(to, typeChunk)
	to = binary.BigEndian.AppendUint32(to, uint32(m.ID))
	to = binary.BigEndian.AppendUint64(to, m.Timestamp)
	to = binary.BigEndian.AppendUint32(to, uint32(len(m.Data)))
	to = binary.BigEndian.AppendUint32(to, uint32(len(m.Attributes)))
	to = append(to, m.Data...)
	return append(to, m.Attributes...)
}

// ParseChunk reads a chunk. Data and attributes point into the datagram. Errors
// are ErrType, ErrLength and ErrID.
func (Format) ParseChunk(datagram []byte) (m ChunkMessage, err error) {
	if len(datagram) < ChunkHeader {
		return m, ErrLength
	}
	if datagram[0] != typeChunk {
		return m, ErrType
	}
	return parseChunk(datagram)
}

// parseChunk reads what comes after the type of a chunk.
func parseChunk(datagram []byte) (m ChunkMessage, err error) {
	id := binary.BigEndian.Uint32(datagram[1:])
	size := uint64(binary.BigEndian.Uint32(datagram[13:]))
	attributes := uint64(binary.BigEndian.Uint32(datagram[17:]))
	if uint64(len(datagram)) != ChunkHeader+size+attributes {
		return m, ErrLength
	}
	if node.ChunkID(id) > node.MaxChunk {
		return m, ErrID
	}
	return ChunkMessage{
		ID:         node.ChunkID(id),
		Timestamp:  binary.BigEndian.Uint64(datagram[5:]),
		Data:       datagram[ChunkHeader : ChunkHeader+size],
		Attributes: datagram[ChunkHeader+size:],
	}, nil
}
