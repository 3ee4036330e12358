package sim

import (
	"fmt"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
)

// TestOrderChangesNothing draws configurations, and holds what is computed peer by peer in
// windows, by any number of workers and cut into any pieces, to what is computed event by
// event: fingerprints, counts, metrics, and the series.
func TestOrderChangesNothing(t *testing.T) {
	windowed := 0
	for seed := range uint64(300) {
		c := randomConfig(seed)
		if seed%2 == 0 {
			tame(&c)
		}
		if c.Validate() != nil {
			continue
		}
		want := outcomeOf(t, c, byEvents, 1)
		for _, workers := range []int{1, 2, 3, 8} {
			c.Workers = workers
			if got := outcomeOf(t, c, byWindows, 1+int(seed%5)); got != want {
				t.Fatalf("seed %d: with %d workers %s, event by event %s\n%+v", seed, workers, got, want, c)
			}
		}
		if w, _ := newWorld(c, byWindows); w.window > 0 {
			windowed++
		}
	}
	if windowed < 100 {
		t.Errorf("only %d configurations can be computed in windows: too few to learn from", windowed)
	}
}

// tame takes out of a configuration what must be computed event by event.
func tame(c *Config) {
	kept := c.Churn.Changes[:0]
	for _, ch := range c.Churn.Changes {
		if ch.Kind <= Arrive || ch.Kind == Pause {
			kept = append(kept, ch)
		}
	}
	c.Churn.Changes, c.Churn.NewIdentity = kept, false
	links := []*link.Config{&c.Link}
	for i := range c.Classes {
		links = append(links, &c.Classes[i].Link)
	}
	if c.SourceLink != nil {
		links = append(links, c.SourceLink)
	}
	for _, l := range links {
		l.NoChecksum = false
		l.Latency.Min = max(l.Latency.Min, node.Time(1<<(10+c.Seed%16)))
	}
}

// outcomeOf runs c in some pieces, and tells all that can be seen of it.
func outcomeOf(t *testing.T, c Config, how order, pieces int) string {
	t.Helper()
	w, err := newWorld(c, how)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for i := range pieces {
		w.Advance(c.Duration * node.Time(i+1) / node.Time(pieces))
	}
	r := w.Result()
	for _, m := range w.Series() {
		text += fmt.Sprint(m.Up, m.Received, " ")
	}
	return fmt.Sprintf("%x %+v %v up %d, sessions %v, series %s", r.Fingerprint, r.Counts, r.Values, w.Online(), w.crowd.sessions, text)
}
