package media

import (
	"strconv"

	"pushcast/node"
)

// Text is the original's generated stream: chunk n is "Chunk n" and a NUL, its
// timestamp 40·n whatever the period is ("milliseconds at 25 frames a second",
// dumbstreamer.md 2.1). It never ends.
type Text struct{}

// Next makes chunk id.
func (Text) Next(id node.ChunkID, buf []byte) (Chunk, error) {
	buf = append(buf[:0], "Chunk "...)
	buf = strconv.AppendUint(buf, uint64(id), 10)
	return Chunk{Payload: append(buf, 0), Timestamp: 40 * uint64(id), Due: ByPeriod}, nil
}

// Wake has nothing to say: there is always a chunk.
func (Text) Wake(func()) {}
