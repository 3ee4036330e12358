package wire_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// TestSizes: what the captures show, plus 28 bytes of UDP and IP: a chunk
// takes 21 bytes more than its payload, a view 2 and 28 an entry.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		m    node.Message
		size uint64
	}{
		{node.Message{Kind: node.Chunk, Size: 0}, 49},
		{node.Message{Kind: node.Chunk, Size: 1128}, 1177},
		{node.Message{Kind: node.Query, Count: 1}, 58},
		{node.Message{Kind: node.Reply, Count: 30}, 870},
	} {
		if got := wire.Size(&c.m); got != c.size {
			t.Errorf("%+v takes %d bytes, must take %d", c.m, got, c.size)
		}
	}
	if wire.MaxChunk != 65486 {
		t.Errorf("a datagram carries %d bytes of payload, the original 65486", wire.MaxChunk)
	}
}
