package media_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"pushcast/net/media"
)

// frame makes an m4v chunk, a key frame or not.
func frame(key bool, size int) []byte {
	code := byte(0x50)
	if key {
		code = 0x10
	}
	return append([]byte{0, 0, 1, 0xb6, code}, bytes.Repeat([]byte{0x55}, size)...)
}

// TestHubSlowPlayer: what a player has no room for it misses; it goes on at a key
// frame, when it has taken what waits. The others miss nothing.
func TestHubSlowPlayer(t *testing.T) {
	var h media.Hub
	slow, err := h.Join()
	if err != nil {
		t.Fatal(err)
	}
	well, err := h.Join()
	if err != nil {
		t.Fatal(err)
	}
	take := func(p *media.Player) int {
		t.Helper()
		chunks, err := p.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(chunks)
	}
	put := func(key bool, size int) {
		t.Helper()
		if err := h.Put(0, frame(key, size)); err != nil {
			t.Fatal(err)
		}
	}
	put(false, 10) // nobody begins with this
	got := 0
	for i := range 100 {
		put(i == 0, 60_000)
		got += take(well)
	}
	if got != 100 {
		t.Errorf("who keeps up gets %d of 100 chunks", got)
	}
	waiting := take(slow)
	if waiting < 60 || waiting > 70 {
		t.Errorf("%d chunks of 60 kB waited, 4 MiB may", waiting)
	}
	put(false, 10) // after a gap nobody goes on with this
	put(true, 10)
	put(false, 10)
	if n := take(slow); n != 2 {
		t.Errorf("after the gap %d chunks, must be the key frame and the next", n)
	}
	players, missed := h.Players()
	if players != 2 || missed != uint64(100-waiting) {
		t.Errorf("%d players, %d chunks missed of %d", players, missed, 100-waiting)
	}
	slow.Leave()
	h.Close()
	if n := take(well); n != 3 {
		t.Errorf("%d chunks at the end", n)
	}
	if _, err := well.Next(t.Context()); err == nil {
		t.Error("the stream has ended, and a player waits for more")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, _ := new(media.Hub).Join()
	if _, err := p.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone: %v", err)
	}
}
