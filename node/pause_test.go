package node

import "testing"

// TestBlame: parents are not to blame for a silence while nobody has anything newer; they
// are when somebody is far ahead, at once; and for nothing while any stripe comes.
func TestBlame(t *testing.T) {
	const round = 800 * Millisecond
	for name, c := range map[string]struct {
		silent Time
		ahead  ChunkID
		since  Time // parents are to blame from then on
	}{
		"a stripe comes":           {round, 0, 3 * Second},
		"the stream pauses":        {round + 1, 0, 10 * Second},
		"the pause is over":        {round + 1, 1, 3 * Second},
		"hardly more than a pause": {round + 1, 60, 3 * Second},
		"we were cut off":          {round + 1, 61, 0},
		"far behind, and fed":      {round, 61, 3 * Second},
	} {
		m := &mesh{stripes: 20, came: 10*Second - c.silent, paused: 3 * Second, newest: 100}
		for i := range m.partners {
			m.partners[i].id = NoPeer
		}
		m.partners[3] = partner{id: 7, newest: 100 + c.ahead, held: 1}
		m.partners[5] = partner{id: 8, newest: 90, held: 1}
		if m.blame(10*Second, round); m.paused != c.since {
			t.Errorf("%s: parents are to blame from %d on, want %d", name, m.paused, c.since)
		}
	}
}

// TestReckonStart: small errors of ages are averaged, a pause is believed at once, and so
// is the end of a mistake.
func TestReckonStart(t *testing.T) {
	for _, c := range []struct{ start, want Time }{
		{160 * Millisecond, 10 * Millisecond},
		{-160 * Millisecond, -10 * Millisecond},
		{Second, Second / 16},
		{Second + 1, Second + 1},
		{-8 * Second, -8 * Second},
	} {
		if got := reckonStart(0, c.start); got != c.want {
			t.Errorf("a start of %d is reckoned as %d, want %d", c.start, got, c.want)
		}
	}
}
