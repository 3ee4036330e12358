package sim

import (
	"cmp"

	"pushcast/node"
)

// event is something that happens to one peer at one instant: 24 bytes without
// pointers, of which millions may be pending.
type event struct {
	at    node.Time
	cause uint64 // orders events of one instant; see order.go
	to    node.PeerID
	// what is a chunk and the hops that its copy has come where a chunk arrives, which is
	// what nearly every event is; else one of the values below.
	what uint32
}

// What an event can be, apart from a chunk's arrival.
const (
	isQueued uint32 = 1 << 30 // flag: the datagram has passed its receiver's download link
	isView   uint32 = 1 << 31 // + place in the slab: another message arrives
	isWorld         = isLeave // from here on nothing arrives
	isWake   uint32 = 1<<32 - 1
	isBorn   uint32 = 1<<32 - 2 // the source has a new chunk
	isJoin   uint32 = 1<<32 - 3 // of a slot
	isBegin  uint32 = 1<<32 - 4 // of a change, of number to
	isEnd    uint32 = 1<<32 - 5
	isLeave  uint32 = 1<<32 - 6

	placeMask = 1<<30 - 1
)

// A chunk that arrives is its id in chunkBits, which MaxChunks fits, and its hops, if they
// are at most mostHops: those that have come further lie in the slab.
const (
	chunkBits = 24
	chunkMask = 1<<chunkBits - 1
	mostHops  = 1<<(30-chunkBits) - 1
)

// before is the total order of events.
func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && node.Mix(e.cause) < node.Mix(f.cause)
}

func compare(e, f event) int {
	if c := cmp.Compare(e.at, f.at); c != 0 {
		return c
	}
	return cmp.Compare(node.Mix(e.cause), node.Mix(f.cause))
}
