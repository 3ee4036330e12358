package wire

import "pushcast/node"

// Sizes in bytes.
const (
	// Headers is what UDP and IPv4 put before every datagram; Headers6 with IPv6.
	Headers  = 8 + 20
	Headers6 = 8 + 40
	// ChunkHeader comes before a chunk's payload.
	ChunkHeader = 1 + 4 + 8 + 4 + 4
	// ViewHeader comes before the entries of a view.
	ViewHeader = 1 + 1
	// EntrySize is one entry of a view in format J, EntrySize6 in J6.
	EntrySize  = 28
	EntrySize6 = 40
	// MaxPayload is the most that one UDP datagram over IPv4 carries.
	MaxPayload = 65535 - Headers
	// MaxChunk is the most payload that a chunk in one datagram has.
	MaxChunk = MaxPayload - ChunkHeader
)

// Headers is what UDP and IP put before a datagram of the format.
func (f Format) Headers() int {
	if f == J6 {
		return Headers6
	}
	return Headers
}

// Sizes of the messages of stripes; see stripes.go.
const (
	// PushHeader comes before a push's payload, where the timestamp needs no more than 32
	// bits and there are no attributes.
	PushHeader = 1 + 4 + 4 + 2 + 1 + 8 + 8
	// MostPushHeader comes before the payload of a push where both are otherwise.
	MostPushHeader = PushHeader + 4 + 2
	// StateHeader comes before the sets and the ages of a state.
	StateHeader = 1 + 1 + 1 + 1 + 4 + 8
	// PeriodSize is what the period takes, in a state that tells it.
	PeriodSize = 4
	AskSize    = 1 + 4
	DenySize   = 1 + 4 + 4 + 8
)

// setsSize is what the three sets of a state take, a bit a stripe each.
func setsSize(stripes int) int { return (3*stripes + 7) / 8 }

// Sizes of the messages of maps and offers; see circle.go.
const (
	// CarryTrailer comes after the payload of a chunk with a map.
	CarryTrailer = 2 + 1 + 8 + 2
	MapSize      = 1 + 1 + 4 + 8
	OfferSize    = 1 + 2 + 4 + 8
	// SelectHeader comes before the places of a select, a byte a chunk.
	SelectHeader = OfferSize
)

// NeighbourSize is a word about the neighbourhood; see neighbours.go.
const NeighbourSize = 1 + 1

// Size is the bytes that m takes on a link, the headers of UDP and IPv4
// included, in format J. Size of a chunk's payload is m.Size.
func Size(m *node.Message) uint64 {
	switch m.Kind {
	case node.Chunk:
		return Headers + ChunkHeader + uint64(m.Size)
	case node.Push:
		return Headers + PushHeader + uint64(m.Size)
	case node.State:
		return Headers + StateHeader + uint64(setsSize(int(m.Size))) + uint64(m.Size) + ProofSize
	case node.Ask:
		return Headers + AskSize
	case node.Deny:
		return Headers + DenySize
	case node.Carry:
		return Headers + ChunkHeader + CarryTrailer + uint64(m.Size)
	case node.Map:
		return Headers + MapSize
	case node.Proposal:
		return Headers + OfferSize
	case node.Select:
		return Headers + SelectHeader + uint64(m.Size)
	case node.Add, node.Added, node.Remove:
		return Headers + NeighbourSize
	}
	return Headers + ViewHeader + EntrySize*uint64(m.Count)
}
