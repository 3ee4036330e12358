package node

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestMemory walks through what is remembered: a neighbour a cycle while there is
// room; one of them asked in place of a neighbour; who was asked in vain makes
// room for another, and stays where nobody else is known.
func TestMemory(t *testing.T) {
	c := newCaster(func(c *Config) {
		c.GossipCheck, c.Push, c.View, c.MaxAge, c.Remember, c.RecallEvery = 0, 0, 2, 2, 2, 1
	})
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 5, Entry{5, 1})
	c.Tick(10*Second, &c.out)
	expect(t, "remembered", c.views.old, []PeerID{5})
	expect(t, "a neighbour is asked as ever", c.sent(), []string{"query to 5: 1/1"})
	c.Tick(20*Second, &c.out)
	expect(t, "no neighbour is left", c.view(), "")
	expect(t, "who was one is asked", c.sent(), []string{"query to 5: 1/1"})
	c.Tick(30*Second, &c.out)
	expect(t, "again, though in vain", c.sent(), []string{"query to 5: 1/1"})
	c.takes(31*Second, Query, 6, Entry{6, 1})
	c.Tick(40*Second, &c.out)
	c.sent()
	expect(t, "there is room for another, whose turn comes later", fmt.Sprint(c.views.old, c.views.vain), "[6 5] 1")
	c.takes(41*Second, Query, 7, Entry{7, 1})
	c.takes(41*Second, Reply, 8, Entry{8, 1})
	c.Tick(50*Second, &c.out)
	expect(t, "now somebody has taken the place of the silent", fmt.Sprint(c.views.vain, c.Holds(5), len(c.views.old)), "0 false 2")

	m := memory{old: []PeerID{1, 2, 3, 4}, recalled: NoPeer}
	m.doubt(2)
	m.doubt(4)
	expect(t, "the doubtful come last", fmt.Sprint(m.old, m.vain), "[1 3 4 2] 2")
	m.doubt(2)
	m.doubt(9)
	expect(t, "nobody twice, and no strangers", fmt.Sprint(m.old, m.vain), "[1 3 4 2] 2")
	m.trust(2)
	expect(t, "who has answered is trusted", fmt.Sprint(m.old, m.vain), "[1 3 2 4] 1")
	m.drop(4)
	m.drop(1)
	expect(t, "who said goodbye is not there", fmt.Sprint(m.old, m.vain), "[3 2] 0")
	m.remember(5, 2)
	expect(t, "no room", fmt.Sprint(m.old, m.vain), "[3 2] 0")
	m.doubt(3)
	m.remember(5, 3)
	expect(t, "room at the end", fmt.Sprint(m.old, m.vain), "[2 5 3] 1")
	m.remember(6, 3)
	expect(t, "in the place of the doubtful", fmt.Sprint(m.old, m.vain), "[2 5 6] 0")
}

// TestGoodbye: who leaves in order is dropped at once, and not learned of again
// from others for a while; from itself it is.
func TestGoodbye(t *testing.T) {
	leaver := newCaster(func(c *Config) { c.Goodbye = true })
	leaver.Bootstrap(0, []PeerID{4, 5}, &leaver.out)
	leaver.sent()
	leaver.Leave(1, &leaver.out)
	expect(t, "told", leaver.sent(), []string{"reply to 4: 1/4294967295", "reply to 5: 1/4294967295"})

	c := newCaster(func(c *Config) {
		c.Goodbye, c.GossipCheck, c.Push, c.MaxAge, c.Remember, c.RecallEvery = true, 0, 0, 2, 3, 1000
	})
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 8, Entry{8, 1}, Entry{9, 1})
	for range 9 { // until both are remembered
		c.Tick(c.Wakeup(), &c.out)
		c.takes(c.Wakeup()-1, Reply, 8, Entry{8, 1}, Entry{9, 1})
	}
	c.sent()
	now := c.Wakeup() - 1
	c.takes(now, Reply, 9, Entry{9, Gone})
	expect(t, "no answer", c.sent(), []string{})
	expect(t, "the view", c.view(), " 8/1")
	expect(t, "remembered", c.views.old, []PeerID{8})
	for range 3 { // MaxAge + 1 cycles
		c.takes(now, Reply, 8, Entry{8, 1}, Entry{9, 1})
		expect(t, "what others say of it is not believed", c.view(), " 8/1")
		c.Tick(c.Wakeup(), &c.out)
		now = c.Wakeup() - 1
	}
	c.takes(now, Reply, 8, Entry{8, 1}, Entry{9, 1})
	expect(t, "then it is", c.view(), " 8/1 9/1")

	c.takes(now, Reply, 9, Entry{9, Gone})
	c.takes(now, Query, 9, Entry{9, 1})
	expect(t, "who comes back says so itself", c.view(), " 9/1 8/1")
	c.takes(now, Reply, 8, Entry{9, Gone})
	expect(t, "nobody says goodbye for another", c.view(), " 9/1 8/1")

	for id := PeerID(100); id < 300; id++ { // what is kept of the gone is bounded
		c.takes(now, Reply, id, Entry{id, Gone})
	}
	for id := PeerID(100); id < 300; id++ {
		if c.Holds(id) != (id >= 300-maxGone) {
			t.Errorf("peer %d is kept in mind: %v", id, c.Holds(id))
		}
	}

	leaver = newCaster(func(c *Config) {
		c.Goodbye, c.GossipCheck, c.Push, c.MaxAge, c.Remember, c.RecallEvery = true, 0, 0, 2, 3, 1
	})
	leaver.Bootstrap(0, nil, &leaver.out)
	leaver.takes(1, Reply, 4, Entry{4, 1})
	leaver.Tick(10*Second, &leaver.out) // it asks 4, and remembers it
	leaver.takes(11*Second, Reply, 5, Entry{5, 1})
	leaver.Tick(20*Second, &leaver.out)
	leaver.sent()
	leaver.Leave(21*Second, &leaver.out)
	if told := leaver.sent(); len(told) != 2 {
		t.Errorf("who is remembered is told as well: %v", told)
	}

	original := newCaster(nil)
	original.Bootstrap(0, nil, &original.out)
	original.takes(1, Reply, 9, Entry{9, Gone})
	expect(t, "the original takes it for an old entry", original.view(), " 9/4294967295")
	original.sent()
	original.Leave(2, &original.out)
	expect(t, "and tells nobody", original.sent(), []string{})
}

// TestJoinAgain: a join that nobody answers is repeated, ever more slowly.
func TestJoinAgain(t *testing.T) {
	c := newCaster(func(c *Config) { c.GossipCheck, c.Push, c.Retry, c.Hidden = 0, 0, Second, 0 })
	c.Bootstrap(0, []PeerID{0}, &c.out)
	expect(t, "joins", c.sent(), []string{"query to 0: 1/1"})
	var at []Time
	for c.Wakeup() < 40*Second {
		now := c.Wakeup()
		c.Tick(now, &c.out)
		if lines := c.sent(); len(lines) > 0 {
			expect(t, "asks the contact", lines, []string{"query to 0: 1/1"})
			at = append(at, now/Second)
		}
	}
	expect(t, "asks again at", at, []Time{1, 3, 7, 15, 25, 35})
	c.takes(40*Second, Reply, 0, Entry{0, 1})
	for c.Wakeup() < 100*Second {
		c.Tick(c.Wakeup(), &c.out)
	}
	expect(t, "and no more when answered", c.sent(), []string{})

	// Where ticks look at the timer, the repetition wakes the peer all the same.
	c = newCaster(func(c *Config) { c.Retry, c.Push = Second, 400*Millisecond })
	c.Bootstrap(0, []PeerID{0}, &c.out)
	c.sent()
	for c.Wakeup() < 1100*Millisecond {
		c.Tick(c.Wakeup(), &c.out)
	}
	expect(t, "asked again", c.sent(), []string{"query to 0: 1/1"})
	expect(t, "gossip waits for its time", c.views.mark, 0)
}

// TestAskAgain: an exchange that nobody answers is begun again with another
// neighbour, ever more slowly, until the next one is due; nobody grows older by it.
func TestAskAgain(t *testing.T) {
	c := newCaster(func(c *Config) { c.GossipCheck, c.Push, c.Retry, c.DropSilent = 0, 0, 2*Second, true })
	c.Bootstrap(0, nil, &c.out)
	c.takes(1, Reply, 4, Entry{4, 1}, Entry{5, 1}, Entry{6, 1}, Entry{7, 1})
	asked := map[PeerID]Time{}
	for c.Wakeup() < 20*Second {
		c.Tick(c.Wakeup(), &c.out)
		if n := len(c.out.Sends); n != 1 {
			t.Fatalf("%d messages", n)
		}
		asked[c.out.Sends[0].To] = c.views.retryAt - c.views.retryFor
		c.out.Reset()
	}
	var at []Time
	for id := PeerID(4); id < 8; id++ {
		if when, ok := asked[id]; ok {
			at = append(at, when/Second)
		}
	}
	slices.Sort(at)
	expect(t, "three are asked in turn, at", at, []Time{10, 12, 16})
	expect(t, "the silent are dropped, the last not yet", len(c.known), 2)
	if ages := c.views.ages; ages[0] != 2 || ages[1] != 2 {
		t.Errorf("after one cycle the ages are %v", ages)
	}
	c.takes(19*Second, Reply, c.views.asked, Entry{c.views.asked, 1})
	expect(t, "who has answered is not waited for", c.Wakeup(), 20*Second)

	c.Tick(20*Second, &c.out)
	c.out.Reset()
	c.cfg.Goodbye = true
	c.takes(21*Second, Reply, c.views.asked, Entry{c.views.asked, Gone})
	expect(t, "nor who has said goodbye", c.Wakeup(), 30*Second)
}

// TestStagger: peers that join together do not gossip together.
func TestStagger(t *testing.T) {
	first := func(id PeerID) Time {
		c := newCaster(func(c *Config) { c.GossipCheck, c.Push, c.Stagger = 0, 0, true })
		c.Init(&c.cfg, id, 1, 0)
		return c.Wakeup()
	}
	var sum Time
	for id := range PeerID(1000) {
		at := first(id)
		if at <= 0 || at > 10*Second {
			t.Fatalf("peer %d begins at %d", id, at)
		}
		sum += at
	}
	if mean := sum.Seconds() / 1000; math.Abs(mean-5) > 0.37 { // 4 standard errors
		t.Errorf("first exchanges come after %.2f s on average, want 5", mean)
	}
}
