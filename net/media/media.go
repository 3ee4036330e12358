// Package media is what stands at the two ends of a stream: Inputs cut a source
// into chunks, Outputs take chunks in order and hand them to somebody who
// watches. It knows nothing of peers, sockets of the overlay, or time.
package media

import "pushcast/node"

// Input gives a source its chunks, one a call.
type Input interface {
	// Next appends the payload of chunk id to buf and returns it, with the
	// timestamp that travels with it. io.EOF is the end of the stream; any
	// other error names what is wrong with the input, and where.
	Next(id node.ChunkID, buf []byte) (payload []byte, timestamp uint64, err error)
}

// Output takes the chunks that a peer puts out.
type Output interface {
	// Put takes the next chunk, whose payload is the caller's again afterwards.
	// An error ends the peer.
	Put(id node.ChunkID, payload []byte) error
}

// Nowhere is the Output of a peer that only passes chunks on.
type Nowhere struct{}

// Put forgets the chunk.
func (Nowhere) Put(node.ChunkID, []byte) error { return nil }
