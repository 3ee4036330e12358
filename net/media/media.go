// Package media is what stands at the two ends of a stream: Inputs cut a film
// into chunks, Outputs take chunks in order and hand them to somebody who
// watches. It knows nothing of peers, of the overlay, or of the wire.
//
// # Chunks
//
// Put together again, the chunks of an input are its bytes, all of them, whatever
// is damaged or missing in it. A chunk is what a player can do something with:
//
//	text   "Chunk n" and a NUL, made up
//	m4v    MPEG-4 part 2 elementary stream: a frame (VOP) with the headers before it
//	h264   H.264 byte stream (Annex B): a frame (access unit)
//	ts     MPEG transport stream: six packets, 1,128 bytes
//	raw    any bytes: as many as one likes
//
// One chunk travels in one datagram, so it has MaxChunk bytes at most.
package media

import (
	"errors"

	"pushcast/node"
)

// MaxChunk is the most bytes of a chunk: what one UDP datagram over IPv4 carries
// behind a chunk's header.
const MaxChunk = 65486

// ByPeriod is the Due of chunks that follow each other at the stream's period.
const ByPeriod node.Time = -1

// Chunk is a piece of a stream.
type Chunk struct {
	Payload []byte
	// Timestamp travels with the chunk: milliseconds since the stream began.
	Timestamp uint64
	// Due is when the chunk is to be sent, counted from the first one, where the
	// stream says so itself; 0 is at once; else ByPeriod.
	Due node.Time
}

// ErrNotYet is that an Input has no chunk now, and will say when it has.
var ErrNotYet = errors.New("media: no chunk yet")

// Input gives a source its chunks, one a call.
type Input interface {
	// Next gives chunk id; its payload may use the memory of buf. io.EOF is the
	// end of the stream, ErrNotYet that the call is to be made again when Wake's
	// function was called; any other error names what is wrong with the input, and
	// where.
	Next(id node.ChunkID, buf []byte) (Chunk, error)
	// Wake says what to call, from any goroutine, when there is a chunk again after
	// ErrNotYet. It is called once, before Next.
	Wake(func())
}

// Output takes the chunks that a peer puts out.
type Output interface {
	// Put takes the next chunk, whose payload is the caller's again afterwards. It
	// does not wait. An error ends the peer.
	Put(id node.ChunkID, payload []byte) error
}

// Nowhere is the Output of a peer that only passes chunks on.
type Nowhere struct{}

// Put forgets the chunk.
func (Nowhere) Put(node.ChunkID, []byte) error { return nil }
