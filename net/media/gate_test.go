package media_test

import (
	"bytes"
	"slices"
	"testing"

	"pushcast/net/media"
	"pushcast/node"
)

// collected is an Output that keeps chunks.
type collected struct{ chunks [][]byte }

func (c *collected) Put(_ node.ChunkID, payload []byte) error {
	c.chunks = append(c.chunks, bytes.Clone(payload))
	return nil
}

// TestGate: joined anywhere, a film begins at a key frame, a transport stream with
// its tables; text at once.
func TestGate(t *testing.T) {
	for _, f := range films {
		chunks, _ := read(t, bytes.NewReader(film(t, f.name)), media.Options{})
		for from := range len(chunks) - 13 {
			var out collected
			g := media.NewGate(&out)
			for i, c := range chunks[from:] {
				if err := g.Put(node.ChunkID(from+i), c.Payload); err != nil {
					t.Fatal(err)
				}
			}
			if f.format == media.TS {
				if from < len(chunks)/2 && len(out.chunks) == 0 {
					t.Errorf("%s from chunk %d: nothing comes", f.name, from)
				} else if len(out.chunks) > 0 && !hasTables(slices.Concat(out.chunks[:2]...)) {
					t.Errorf("%s from chunk %d: begins % x", f.name, from, out.chunks[0][:8])
				}
				continue
			}
			first := from + slices.IndexFunc(chunks[from:], func(c media.Chunk) bool {
				return bytes.Contains(c.Payload, []byte{0, 0, 1, 0x65}) || bytes.Contains(c.Payload, []byte{0, 0, 1, 0xb0})
			})
			if len(out.chunks) != len(chunks)-first || !bytes.Equal(out.chunks[0], chunks[first].Payload) {
				t.Errorf("%s from chunk %d: %d of %d chunks come", f.name, from, len(out.chunks), len(chunks))
			}
		}
	}
	var out collected
	if err := media.NewGate(&out).Put(3, []byte("Chunk 3\x00")); err != nil || len(out.chunks) != 1 {
		t.Errorf("text: %d chunks, %v", len(out.chunks), err)
	}
}

// hasTables: before the first packet of the video that allows random access, there
// are both tables.
func hasTables(b []byte) bool {
	pids := map[int]bool{}
	for ; len(b) >= 188; b = b[188:] {
		pid := int(b[1]&0x1f)<<8 | int(b[2])
		if pid == 0x100 && b[3]&0x20 != 0 && b[4] > 0 && b[5]&0x40 != 0 {
			return pids[0] && pids[0x1000]
		}
		pids[pid] = true
	}
	return false
}

// TestGateHasPatience: what never has a key frame comes all the same, later.
func TestGateHasPatience(t *testing.T) {
	var out collected
	g := media.NewGate(&out)
	for id := range node.ChunkID(media.Patience + 5) {
		if err := g.Put(id, []byte{0, 0, 1, 0xb6, 0x50}); err != nil {
			t.Fatal(err)
		}
	}
	if len(out.chunks) != 5 {
		t.Errorf("%d chunks come", len(out.chunks))
	}
}
