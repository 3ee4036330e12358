package node

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestCode: which ids are repair chunks, and how many are not.
func TestCode(t *testing.T) {
	code := Code{Data: 3, Repair: 2}
	data := 0
	for c := range ChunkID(50) {
		if n := code.DataBefore(c); n != data {
			t.Errorf("%d data chunks before %d, want %d", n, c, data)
		}
		if got, want := code.IsRepair(c), c%5 >= 3; got != want {
			t.Errorf("chunk %d is a repair chunk: %v", c, got)
		} else if !got {
			data++
		}
		if got := code.First(c); got != c/5*5 {
			t.Errorf("the block of %d begins at %d", c, got)
		}
	}
	if got := code.Period(50 * Millisecond); got != 30*Millisecond {
		t.Errorf("5 ids for 3 chunks of 50 ms come every %d", got)
	}
	none := Code{}
	if none.IsRepair(7) || none.DataBefore(7) != 7 || none.Period(40) != 40 {
		t.Error("without a code all chunks are data")
	}
	for _, wrong := range []Code{{1, 0}, {0, 1}, {63, 2}, {-1, 3}} {
		if wrong.Validate() == nil {
			t.Errorf("%v is valid", wrong)
		}
	}
}

// fecWorld is a peer with FEC beside the simplest model of it: sets of ids.
type fecWorld struct {
	*rapid.T
	code   Code
	p      *Peer
	out    Outbox
	came   map[ChunkID]bool // recovered ones too
	stored map[ChunkID]bool // by a driver that does as it is told
	played ChunkID          // next that may be
}

// take hands a chunk in, and holds what the peer wants done to the model.
func (w *fecWorld) take(now Time, c ChunkID) {
	w.out.Reset()
	w.p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &w.out)
	var want []ChunkID
	first, n := w.code.First(c), 0
	before := w.blockOf(first)
	w.came[c] = true
	if n = w.blockOf(first); before < w.code.Data && n == w.code.Data {
		for id := first; !w.code.IsRepair(id); id++ {
			if !w.came[id] {
				want = append(want, id)
				w.came[id] = true
			}
		}
	}
	if !slices.Equal(w.out.Recovered, want) {
		w.Fatalf("%v, chunk %d is number %d of its block: recovers %v, want %v", w.code, c, n, w.out.Recovered, want)
	}
	w.perform()
}

// blockOf counts what has come of a block.
func (w *fecWorld) blockOf(first ChunkID) (n int) {
	for i := range w.code.Block() {
		if w.came[first+ChunkID(i)] {
			n++
		}
	}
	return n
}

// perform does what a driver does, and fails where it cannot.
func (w *fecWorld) perform() {
	for _, c := range w.out.Accepted {
		w.stored[c] = true
	}
	if len(w.out.Recovered) > 0 {
		first, n := w.code.First(w.out.Recovered[0]), 0
		for i := range w.code.Block() {
			if w.stored[first+ChunkID(i)] {
				n++
			}
		}
		if n < w.code.Data {
			w.Fatalf("%v are to be computed from %d chunks of %v", w.out.Recovered, n, w.code)
		}
	}
	for _, c := range w.out.Recovered {
		w.stored[c] = true
	}
	for _, c := range w.out.Played {
		if w.code.IsRepair(c) || !w.stored[c] || c < w.played {
			w.Fatalf("chunk %d is put out: after %d, stored %v", c, w.played, w.stored[c])
		}
		w.played = c + 1
	}
	for _, c := range w.out.Dropped {
		delete(w.stored, c)
	}
	for c := range w.stored {
		if !w.p.keeps(c) {
			w.Fatalf("chunk %d is never dropped", c)
		}
	}
	for i := range w.p.Chunks() {
		if c := w.p.ChunkAt(i); !w.stored[c] {
			w.Fatalf("chunk %d is in the buffer, and its payload is gone", c)
		}
	}
	if err := w.p.Check(); err != nil {
		w.Fatal(err)
	}
}

// TestRecovered: any k chunks of a block bring all its data, fewer bring none; in any
// order, under every buffer discipline; and the payload that it takes is kept, and no
// other.
func TestRecovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := Code{Data: rapid.IntRange(1, 12).Draw(t, "data"), Repair: rapid.IntRange(1, 5).Draw(t, "repair")}
		cfg := Config{
			Scheduler: Random, FEC: code, Push: Second, Period: Millisecond,
			Policy: Policy(rapid.IntRange(int(Top), int(Window)).Draw(t, "policy")),
			Buffer: rapid.IntRange(1, 40).Draw(t, "buffer"), Window: rapid.IntRange(0, 60).Draw(t, "window"),
			Deadline: Time(rapid.IntRange(0, 1).Draw(t, "due")) * 50 * Millisecond,
		}
		w := &fecWorld{T: t, code: code, p: newTestPeer(cfg, 1), came: map[ChunkID]bool{}, stored: map[ChunkID]bool{}}
		const reach = 64 // ids that are never forgotten behind the newest
		top := ChunkID(0)
		for now := range Time(rapid.IntRange(1, 300).Draw(t, "steps")) {
			c := ChunkID(rapid.IntRange(int(max(top, reach))-reach, int(top)+3).Draw(t, "chunk"))
			top = max(top, c)
			w.take(now*Millisecond, c)
			if at := w.p.Wakeup(); at <= now*Millisecond {
				w.out.Reset()
				w.p.Tick(now*Millisecond, &w.out)
				w.perform()
			}
		}
	})
}

// TestNothingWaitsForRepair: a stream without repair chunks is put out as it comes.
func TestNothingWaitsForRepair(t *testing.T) {
	p := newTestPeer(Config{Scheduler: Random, FEC: Code{4, 3}, Window: 30, Buffer: 8}, 1)
	var out Outbox
	played := 0
	for c := range ChunkID(700) {
		if p.cfg.FEC.IsRepair(c) {
			continue
		}
		out.Reset()
		p.Handle(Time(c), &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
		if played += len(out.Played); !slices.Equal(out.Played, []ChunkID{c}) {
			t.Fatalf("chunk %d: puts %v out", c, out.Played)
		}
	}
	if played != 400 {
		t.Errorf("%d put out of 400", played)
	}
}

// TestDecoderForgets: blocks are few, whatever comes, and a block too old is none.
func TestDecoderForgets(t *testing.T) {
	cfg := Config{Scheduler: Random, FEC: Code{4, 1}, Buffer: 8}
	p := newTestPeer(cfg, 1)
	if n := len(p.decoder.blocks); n != 2+13 {
		t.Errorf("%d blocks of 5 for 64 chunks", n)
	}
	var out Outbox
	take := func(c ChunkID) {
		out.Reset()
		p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
	}
	for c := range ChunkID(3) {
		take(c)
	}
	take(75) // whose block takes the place of the first
	if got := fmt.Sprint(out.Dropped); got != "[]" {
		t.Errorf("chunks are in the buffer, and %s dropped", got)
	}
	if take(3); len(out.Recovered) > 0 || p.decoder.keeps(3) {
		t.Errorf("a block that is forgotten recovers %v", out.Recovered)
	}
}

// TestDecodingAllocatesNothing, once the outbox has grown.
func TestDecodingAllocatesNothing(t *testing.T) {
	p := newTestPeer(Config{Scheduler: Random, FEC: Code{8, 2}, Buffer: 64, Window: 64, Policy: Window, Period: 1, Deadline: 100}, 1)
	var out Outbox
	c := ChunkID(0)
	if n := testing.AllocsPerRun(2000, func() {
		out.Reset()
		if c++; c%10 != 3 {
			p.Handle(Time(c), &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
		}
	}); n != 0 || p.Stats().Recovered < 190 {
		t.Errorf("%.0f allocations a chunk, %d recovered", n, p.Stats().Recovered)
	}
}
