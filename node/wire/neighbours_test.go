package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// TestNeighbour: the words about the neighbourhood, byte by byte, and what is refused.
func TestNeighbour(t *testing.T) {
	for word, text := range map[node.Kind]string{node.Add: "2800", node.Added: "2801", node.Remove: "2802"} {
		b := unhex(t, text)
		if got := wire.AppendNeighbour(nil, word); !bytes.Equal(got, b) {
			t.Errorf("%v is %x, want %s", word, got, text)
		}
		if got, err := wire.ParseNeighbour(b); got != word || err != nil {
			t.Errorf("%s is %v, %v; want %v", text, got, err, word)
		}
		if n := wire.Size(&node.Message{Kind: word}); n != wire.Headers+2 {
			t.Errorf("%v takes %d bytes", word, n)
		}
	}
	for text, want := range map[string]error{"": wire.ErrLength, "28": wire.ErrLength, "280000": wire.ErrLength, "2700": wire.ErrType, "2803": wire.ErrWord} {
		if _, err := wire.ParseNeighbour(unhex(t, text)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}
