package node

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// played feeds chunks to an output window and gives what it puts out.
func played(window int, chunks ...ChunkID) []ChunkID {
	cfg := Config{Window: window}
	var o playout
	o.init(&cfg)
	var out Outbox
	for _, c := range chunks {
		o.add(&cfg, 0, c, &out)
	}
	return out.Played
}

func span(from, to ChunkID) (ids []ChunkID) {
	for c := from; c <= to; c++ {
		ids = append(ids, c)
	}
	return ids
}

// TestPlayoutAsTheOriginal is the table of dumbstreamer.md 3.6: what the
// original was given, and what it wrote.
func TestPlayoutAsTheOriginal(t *testing.T) {
	join := slices.Concat[[]ChunkID]
	for _, c := range []struct{ received, stdout []ChunkID }{
		{span(0, 3), span(0, 3)},
		{[]ChunkID{3, 2, 1, 0}, span(0, 3)},
		{span(100, 104), nil},
		{span(100, 108), span(100, 108)},
		{join([]ChunkID{100}, span(93, 99)), span(93, 100)},
		{join([]ChunkID{0, 1}, span(3, 9)), []ChunkID{0, 1}},
		{join([]ChunkID{0, 1}, span(3, 10)), join([]ChunkID{0, 1}, span(3, 10))},
		{[]ChunkID{0, 1, 3, 5, 20}, []ChunkID{0, 1, 3, 5}},
		{[]ChunkID{0, 0, 1, 1, 3, 3, 2}, span(0, 3)},
	} {
		if got := played(8, c.received...); !slices.Equal(got, c.stdout) {
			t.Errorf("received %v: put out %v, the original %v", c.received, got, c.stdout)
		}
	}
}

// TestPlayoutAgainstTheRule: the original's rule, written out slowly.
func TestPlayoutAgainstTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := ChunkID(rapid.OneOf(rapid.IntRange(1, 12), rapid.IntRange(60, 140)).Draw(t, "window"))
		chunks := rapid.SliceOf(rapid.Custom(func(t *rapid.T) ChunkID {
			return ChunkID(rapid.OneOf(rapid.Uint32Range(0, 30), rapid.Uint32Range(0, 400)).Draw(t, "chunk"))
		})).Draw(t, "chunks")
		held := map[ChunkID]bool{}
		var next ChunkID
		var want []ChunkID
		run := func() {
			for held[next] {
				want = append(want, next)
				next++
			}
		}
		for _, c := range chunks {
			if c < next {
				continue
			}
			held[c] = true
			for ; c >= next+w; next++ {
				if held[next] {
					want = append(want, next)
				}
			}
			run()
		}
		if got := played(int(w), chunks...); !slices.Equal(got, want) {
			t.Fatalf("window %d, received %v: put out %v, must be %v", w, chunks, got, want)
		}
	})
}

// TestDeadline: a gap is given up when the missing chunk is due, counted from
// the fastest chunk so far.
func TestDeadline(t *testing.T) {
	const ms = Millisecond
	p := newTestPeer(Config{Window: 50, Buffer: 8, Period: 40 * ms, Deadline: 100 * ms, Scheduler: Random}, 1)
	var out Outbox
	take := func(now Time, c ChunkID) []ChunkID {
		out.Reset()
		p.Handle(now, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
		return out.Played
	}
	if got := take(10*ms, 0); fmt.Sprint(got) != "[0]" {
		t.Errorf("chunk 0: %v", got)
	}
	if got := take(90*ms, 2); len(got) > 0 || p.Wakeup() != 150*ms {
		t.Errorf("chunk 2 before 1: %v, wakes up at %d; chunk 1 is due at 10+40+100 ms", got, p.Wakeup())
	}
	out.Reset()
	p.Tick(149*ms, &out)
	if len(out.Played) > 0 {
		t.Errorf("a millisecond early: %v", out.Played)
	}
	p.Tick(150*ms, &out)
	if fmt.Sprint(out.Played) != "[2]" || p.Wakeup() != Never {
		t.Errorf("on time: %v, wakes up at %d", out.Played, p.Wakeup())
	}
	if got := take(151*ms, 1); len(got) > 0 {
		t.Errorf("too late: %v", got)
	}
	if got := take(152*ms, 3); fmt.Sprint(got) != "[3]" {
		t.Errorf("the next one: %v", got)
	}
}

// TestPauseSetsTheStartAnew: the first chunk after a pause longer than the deadline says
// when the stream goes on; gaps are then waited for as before it.
func TestPauseSetsTheStartAnew(t *testing.T) {
	const ms = Millisecond
	cfg := Config{Window: 50, Period: 40 * ms, Deadline: 100 * ms}
	var o playout
	o.init(&cfg)
	var out Outbox
	o.add(&cfg, 0, 0, &out)
	o.add(&cfg, 40*ms, 1, &out)
	o.add(&cfg, 60*ms, 3, &out) // as fast as any: chunk 0 would have come at −60 ms
	if o.dueAt != (-60+80+100)*ms {
		t.Errorf("chunk 2 is due at %d", o.dueAt)
	}
	o.add(&cfg, 110*ms, 2, &out) // late, but in time
	o.add(&cfg, 219*ms, 5, &out) // the newest, and not yet overdue: due at 240 ms
	if o.dueAt != (-60+160+100)*ms {
		t.Errorf("chunk 4 is due at %d", o.dueAt)
	}
	o.expire(&cfg, 219*ms, &out)
	o.add(&cfg, 5000*ms, 7, &out) // after a pause: chunk 6 is due 60 ms from now
	if o.dueAt != 5060*ms {
		t.Errorf("chunk 6 is due at %d, want 60 ms after chunk 7 came", o.dueAt)
	}
	o.add(&cfg, 5010*ms, 6, &out) // older, and late by the old start: it sets nothing anew
	o.add(&cfg, 5020*ms, 8, &out) // faster than 7
	o.add(&cfg, 5110*ms, 10, &out)
	if o.dueAt != 5020*ms+140*ms {
		t.Errorf("chunk 9 is due at %d, want 140 ms after chunk 8 came", o.dueAt)
	}
	if got := fmt.Sprint(out.Played); got != "[0 1 2 3 5 6 7 8]" {
		t.Errorf("put out %s", got)
	}
}
