// Package wire knows what travels: the size of every datagram now, and the
// bytes of format J, the original's, next. It is pure.
//
// Format J, one message a datagram (../../README.md names its source):
//
//	chunk     type 1, id 4, timestamp 8, size 4, attribute size 4, payload
//	topology  type 1, query or reply 1, then 28 bytes an entry
package wire

import "pushcast/node"

// Sizes in bytes.
const (
	// Headers is what UDP and IPv4 put before every datagram.
	Headers = 8 + 20
	// ChunkHeader comes before a chunk's payload.
	ChunkHeader = 1 + 4 + 8 + 4 + 4
	// ViewHeader comes before the entries of a view.
	ViewHeader = 1 + 1
	// EntrySize is one entry of a view.
	EntrySize = 28
	// MaxPayload is the most that one UDP datagram over IPv4 carries.
	MaxPayload = 65535 - Headers
	// MaxChunk is the most payload that a chunk in one datagram has.
	MaxChunk = MaxPayload - ChunkHeader
)

// Size is the bytes that m takes on a link, the headers of UDP and IPv4
// included. Size of a chunk's payload is m.Size.
func Size(m *node.Message) uint64 {
	if m.Kind == node.Chunk {
		return Headers + ChunkHeader + uint64(m.Size)
	}
	return Headers + ViewHeader + EntrySize*uint64(m.Count)
}
