package node

import (
	"fmt"
	"slices"
	"testing"
)

// caster is a peer of Newscast, number 1, that remembers what it sends.
type caster struct {
	Peer
	cfg Config
	out Outbox
}

func newCaster(change func(*Config)) *caster {
	c := &caster{cfg: Config{
		Push: 250 * Millisecond, Ticks: Immediate, Scheduler: Random, Buffer: 8,
		Sampler: Newscast, View: 30, Gossip: 10 * Second, GossipCheck: 10, Hidden: NoPeer,
	}}
	if change != nil {
		change(&c.cfg)
	}
	if err := c.cfg.Validate(); err != nil {
		panic(err)
	}
	c.Init(&c.cfg, 1, 1, 0)
	return c
}

// sent tells the views sent since the last call: kind, receiver, entries as
// id/age.
func (c *caster) sent() (lines []string) {
	for _, m := range c.out.Sends {
		if m.Kind != Chunk {
			line := fmt.Sprintf("%s to %d:", m.Kind, m.To)
			for _, e := range c.out.Entries[m.Offset : m.Offset+uint32(m.Count)] {
				line += fmt.Sprintf(" %d/%d", e.ID, e.Age)
			}
			lines = append(lines, line)
		}
	}
	c.out.Reset()
	return lines
}

func (c *caster) view() (line string) {
	for i, id := range c.known {
		line += fmt.Sprintf(" %d/%d", id, c.views.ages[i])
	}
	return line
}

func (c *caster) takes(now Time, kind Kind, from PeerID, entries ...Entry) {
	c.Handle(now, &Message{Kind: kind, From: from, Count: uint16(len(entries))}, entries, &c.out)
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestNewscastAsTheOriginal walks through the rules of dumbstreamer.md 3.4.
func TestNewscastAsTheOriginal(t *testing.T) {
	c := newCaster(nil)
	c.Bootstrap(0, []PeerID{0}, &c.out)
	expect(t, "join: the own entry only, one entry in the view", c.sent(), []string{"query to 0: 1/1"})
	expect(t, "the view after joining", c.view(), " 0/1")

	c.takes(1, Reply, 0, Entry{0, 1}, Entry{3, 1}, Entry{4, 2})
	expect(t, "a reply is merged and not answered", c.sent(), []string{})
	expect(t, "the view", c.view(), " 0/1 3/1 4/2")

	c.takes(2, Query, 5, Entry{5, 1}, Entry{1, 1}, Entry{4, 1}, Entry{6, 3})
	expect(t, "the reply is the view before the merge", c.sent(), []string{"reply to 5: 1/1 0/1 3/1 4/2"})
	expect(t, "on a tie the remote one first; the younger age wins; never oneself", c.view(), " 5/1 4/1 0/1 3/1 6/3")

	c.takes(3, Query, 3, Entry{3, 1})
	expect(t, "without the receiver's own entry", c.sent(), []string{"reply to 3: 1/1 5/1 4/1 0/1 6/3"})

	// The timer is looked at on the ticks 0, 10, 20, … of 250 ms: 10 s is the
	// 40th, and the mark then moves by exactly 10 s.
	for c.Wakeup() < 10*Second {
		c.Tick(c.Wakeup(), &c.out)
	}
	expect(t, "before 10 s", c.sent(), []string{})
	c.Tick(c.Wakeup(), &c.out)
	if got := c.sent(); len(got) != 1 || c.views.mark != 10*Second {
		t.Errorf("at 10 s: %v, the mark at %d", got, c.views.mark)
	}
	expect(t, "everybody aged by one", c.view(), " 3/2 5/2 4/2 0/2 6/4")

	// It is looked at after a view exchange, too.
	c.takes(20*Second+1, Reply, 3, Entry{3, 1})
	if got := c.sent(); len(got) != 1 || c.views.mark != 20*Second {
		t.Errorf("after an exchange at 20 s: %v, the mark at %d", got, c.views.mark)
	}
}

// TestViewIsBounded: never more than View entries, the youngest ones.
func TestViewIsBounded(t *testing.T) {
	c := newCaster(func(c *Config) { c.View = 3 })
	c.Bootstrap(0, []PeerID{0}, &c.out)
	c.takes(1, Reply, 0, Entry{9, 1}, Entry{8, 1}, Entry{7, 2}, Entry{6, 2})
	expect(t, "the view", c.view(), " 9/1 8/1 0/1")
	c.takes(2, Reply, 0, Entry{5, 0}, Entry{NoPeer, 1}, Entry{1, 1})
	expect(t, "entries of no age, of nobody and of oneself are skipped", c.view(), " 9/1 8/1 0/1")
	c.takes(3, Query, 4)
	if c.Stats().Refused != 1 {
		t.Error("a view without a single entry is taken")
	}
}

// TestEmptyView: the timer goes on, nothing is sent, nothing is drawn.
func TestEmptyView(t *testing.T) {
	c := newCaster(func(c *Config) { c.RNG = Original; c.GossipCheck = 0 })
	c.Bootstrap(0, nil, &c.out)
	c.Tick(10*Second, &c.out)
	expect(t, "sent", c.sent(), []string{})
	expect(t, "the mark", c.views.mark, 10*Second)
	expect(t, "the next draw is the first", c.DrawPush(1<<31-1), 1804289382)
}

// TestHidden: who is hidden is joined through, and never known.
func TestHidden(t *testing.T) {
	c := newCaster(func(c *Config) { c.Hidden = 0 })
	c.Bootstrap(0, []PeerID{0}, &c.out)
	expect(t, "sent", c.sent(), []string{"query to 0: 1/1"})
	c.takes(1, Reply, 0, Entry{0, 1}, Entry{2, 1})
	expect(t, "the view", c.view(), " 2/1")
}

// TestCures: each weakness of the original, with its cure.
func TestCures(t *testing.T) {
	gossipAt := func(c *caster, at Time) []string {
		c.Tick(at, &c.out)
		return c.sent()
	}
	prompt := func(c *Config) { c.GossipCheck = 0; c.Push = 0 }

	c := newCaster(func(c *Config) { prompt(c); c.MaxAge = 2; c.Rejoin = true })
	c.Bootstrap(0, []PeerID{0}, &c.out)
	c.sent()
	expect(t, "wakes up for gossip", c.Wakeup(), 10*Second)
	expect(t, "age 2 is young enough", gossipAt(c, 10*Second), []string{"query to 0: 1/1"})
	expect(t, "age 3 is dropped, and the contact asked again", gossipAt(c, 20*Second), []string{"query to 0: 1/1"})
	expect(t, "the view", c.view(), " 0/1")

	c = newCaster(func(c *Config) { prompt(c); c.DropSilent = true })
	c.Bootstrap(0, []PeerID{7}, &c.out)
	c.sent()
	expect(t, "asked", gossipAt(c, 10*Second), []string{"query to 7: 1/1"})
	expect(t, "silent, hence dropped", gossipAt(c, 20*Second), []string{})
	expect(t, "the view", c.view(), "")
	c.takes(21*Second, Query, 7, Entry{7, 1})
	c.sent()
	expect(t, "asked again", gossipAt(c, 30*Second), []string{"query to 7: 1/1"})
	c.takes(31*Second, Reply, 7, Entry{7, 1})
	gossipAt(c, 40*Second)
	expect(t, "has answered, hence stays", c.view(), " 7/2")

	c = newCaster(func(c *Config) { prompt(c); c.AgeReplies = true })
	c.Bootstrap(0, []PeerID{7}, &c.out)
	c.sent()
	c.takes(1, Query, 8, Entry{8, 1})
	expect(t, "the own entry is fresh, the others are a hop older", c.sent(), []string{"reply to 8: 1/1 7/2"})
}

// TestHolds: a handle may be given to somebody else only when it is named
// nowhere.
func TestHolds(t *testing.T) {
	c := newCaster(func(c *Config) { c.Hidden = 9 })
	c.Bootstrap(0, []PeerID{4}, &c.out)
	c.takes(1, Reply, 4, Entry{4, 1}, Entry{5, 1})
	var held []PeerID
	for id := range PeerID(12) {
		if c.Holds(id) {
			held = append(held, id)
		}
	}
	if want := []PeerID{1, 4, 5, 9}; !slices.Equal(held, want) {
		t.Errorf("holds %v, must hold %v", held, want)
	}
	full := new(Peer)
	full.Init(&Config{Sampler: Full, Everyone: Range{3, 4}, Scheduler: Random, Buffer: 1, Hidden: NoPeer}, 5, 1, 0)
	var known []PeerID
	for i := range full.Neighbours() {
		known = append(known, full.Neighbour(i))
	}
	expect(t, "everybody but oneself", known, []PeerID{3, 4, 6})
	if !full.Holds(6) || full.Holds(7) || full.Holds(2) {
		t.Error("of a full mesh the wrong handles are held")
	}
}
