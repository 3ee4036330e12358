package sim_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
	"pushcast/sim"
)

// sending is what a whole run makes of one datagram of the source.
type sending struct {
	lost, spoiled bool
	copies        int       // that arrive
	delay         node.Time // of the first that does
}

// sendings runs c and follows the source's datagrams, in their order.
func sendings(t *testing.T, c sim.Config) (list []sending) {
	t.Helper()
	type way struct {
		to    node.PeerID
		chunk node.ChunkID
	}
	number, sentAt := map[way]int{}, map[way]node.Time{}
	c.Trace = func(e sim.Event) {
		out, in := way{e.Other, e.Chunk}, way{e.Peer, e.Chunk}
		switch {
		case e.What == sim.Sent && e.Peer == 0:
			if _, twice := number[out]; twice {
				t.Fatal("the source sends a chunk twice to one peer: its datagrams cannot be told apart")
			}
			number[out], sentAt[out] = len(list), e.At
			list = append(list, sending{})
		case e.What == sim.Lost && e.Peer == 0:
			list[number[out]].lost = true
		case e.What == sim.Spoiled && e.Peer == 0:
			list[number[out]].spoiled = true
		case e.Other == 0 && (e.What == sim.First || e.What == sim.Again || e.What == sim.ToNobody):
			s := &list[number[in]]
			if s.copies++; s.copies == 1 {
				s.delay = e.At - sentAt[in]
			}
		}
	}
	mustRun(t, c)
	return list
}

// TestDrawsAreApart: in a whole run, each part of the network strikes the same datagrams
// of the source, and delays them alike, whatever other parts, classes and churn do.
func TestDrawsAreApart(t *testing.T) {
	const ms = node.Millisecond
	base := mixture(node.Top, node.RandomPhase, sim.Ring)
	base.Join, base.Copies, base.View, base.Duration = sim.Join{}, 1, 12, 30*node.Second
	base.Link = link.Config{
		Latency: link.Span{Min: 5 * ms, Max: 40 * ms}, Jitter: law.Law{Kind: law.Exp, Mean: 10 * ms},
		Loss: link.Loss{Rate: 0.2}, Duplicate: 0.2, Reorder: 0.2, ReorderBy: 100 * ms, Corrupt: 0.2,
	}
	want := sendings(t, base)
	for name, c := range map[string]struct {
		change func(*sim.Config)
		delays bool // the change moves delays itself
	}{
		"no latency to draw": {func(c *sim.Config) { c.Link.Latency.Min = c.Link.Latency.Max }, true},
		"no jitter":          {func(c *sim.Config) { c.Link.Jitter = law.Law{} }, true},
		"another jitter":     {func(c *sim.Config) { c.Link.Jitter.Kind, c.Link.Jitter.SD = law.Normal, ms }, true},
		"no reordering":      {func(c *sim.Config) { c.Link.Reorder = 0 }, true},
		"access delays":      {func(c *sim.Config) { c.Link.Access.Max = 20 * ms }, true},
		"an upload link":     {func(c *sim.Config) { c.Link.Upload = 100_000_000 }, true},
		"no loss":            {func(c *sim.Config) { c.Link.Loss = link.Loss{} }, false},
		"bursts":             {func(c *sim.Config) { c.Link.Loss.Burst = 3 }, false},
		"no copies":          {func(c *sim.Config) { c.Link.Duplicate = 0 }, false},
		"no damage":          {func(c *sim.Config) { c.Link.Corrupt = 0 }, false},
		"further loss": {func(c *sim.Config) {
			c.Churn.Changes = []sim.Change{{Kind: sim.Loss, For: 99 * node.Second, Loss: 0.2}}
		}, false},
		"classes": {func(c *sim.Config) {
			c.Classes = []sim.Class{{Share: 1, Link: c.Link, Push: c.Peer.Push}, {Share: 1, Link: c.Link}}
		}, false},
		"churn": {func(c *sim.Config) {
			c.Churn.Lifetime = law.Law{Kind: law.Exp, Mean: 3 * node.Second}
			c.Churn.Downtime = law.Law{Kind: law.Exp, Mean: node.Second}
		}, false},
	} {
		cfg := base
		c.change(&cfg)
		got := sendings(t, cfg)
		if len(got) != len(want) {
			t.Fatalf("%s: the source sends %d datagrams, not %d", name, len(got), len(want))
		}
		compared := 0
		for n := range got {
			g, w := got[n], want[n]
			otherLoss := name == "no loss" || name == "bursts" || name == "further loss"
			if g.lost != w.lost && !otherLoss {
				t.Fatalf("%s: datagram %d is lost: %v, before %v", name, n, g.lost, w.lost)
			}
			if g.lost || w.lost {
				continue
			}
			if g.spoiled != w.spoiled && name != "no damage" {
				t.Fatalf("%s: datagram %d is damaged: %v, before %v", name, n, g.spoiled, w.spoiled)
			}
			if g.copies == 0 || w.copies == 0 { // damaged, or in flight at the end
				continue
			}
			if g.copies != w.copies && name != "no copies" {
				t.Fatalf("%s: of datagram %d %d copies arrive, before %d", name, n, g.copies, w.copies)
			}
			if compared++; g.delay != w.delay && !c.delays && g.copies == 1 && w.copies == 1 {
				t.Fatalf("%s: datagram %d takes %d, before %d", name, n, g.delay, w.delay)
			}
		}
		if compared < len(got)/4 {
			t.Errorf("%s: only %d of %d datagrams arrive in both runs", name, compared, len(got))
		}
	}
}
