package node

import "math/bits"

// noteKind is what the fingerprint says of an event's kind and outcome.
type noteKind uint64

const (
	noteBootstrap noteKind = 1
	notePublish   noteKind = 2
	notePush      noteKind = 3
	noteIdle      noteKind = 4
	noteGossip    noteKind = 5
	noteSkip      noteKind = 6
	noteFlush     noteKind = 7
	noteAsk       noteKind = 8
	noteNeighbour noteKind = 9
	noteLeave     noteKind = 12
	noteRecovered noteKind = 13
	noteChunk     noteKind = 16 // + Outcome
	noteMesh      noteKind = 48 // + Kind
	noteView      noteKind = 32 // + Kind
)

// note folds one event into the fingerprint: two rounds of multiply and
// rotate, so that every bit of the event reaches every bit of the hash.
func (p *Peer) note(now Time, kind noteKind, other PeerID, c ChunkID) {
	h := (p.hash ^ uint64(now)) * 0x9fb21c651e98df25
	h = bits.RotateLeft64(h, 32) ^ (uint64(other)<<32 | uint64(c)) + uint64(kind)<<56
	p.hash = h*0xd6e8feb86659fd93 ^ h>>29
}
