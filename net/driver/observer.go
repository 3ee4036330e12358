package driver

import (
	"net/netip"

	"pushcast/node"
)

// Observer is told what a peer does as it does it, by the peer's clock (Config.Epoch),
// from the goroutine that runs the peer: it should be quick. It is for who measures a
// whole swarm from outside, as the simulator does: chunks carry neither birth nor hops.
type Observer interface {
	// Published tells that a Source has a new chunk.
	Published(at node.Time, c node.ChunkID)
	// Arrived tells that a chunk came, from whom, and what the peer made of it.
	Arrived(at node.Time, c node.ChunkID, from netip.AddrPort, what node.Outcome)
	// Recovered tells of a chunk that was computed when the last one arrived.
	Recovered(at node.Time, c node.ChunkID)
	// Played tells that a chunk was put out.
	Played(at node.Time, c node.ChunkID)
	// Late tells by how much the peer came too late to do something that was due: a tick, a
	// chunk of a Source's, a datagram of the modelled link. It is a measure of the machine,
	// not of the protocol. What was left out for being too late is not told
	// (Report.SkippedTicks).
	Late(by node.Time)
}
