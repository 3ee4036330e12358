package sim_test

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// mixtures are small runs that together use every named alternative of the
// peer and the overlays, with what they must come to on every machine. A
// change here is a change of the model: it wants a commit of its own.
var mixtures = []struct {
	name        string
	fingerprint uint64
	config      func() sim.Config
}{
	{"top, random phase, full", 0x33bb92034b16387c, func() sim.Config { return mixture(node.Top, node.RandomPhase, sim.FullMesh) }},
	{"top-dup, immediate, newscast", 0x1b84de8f84087de3, func() sim.Config { return mixture(node.TopDup, node.Immediate, sim.Newscast) }},
	{"fifo, Poisson, random", 0x23026167e0e98fbb, func() sim.Config { return mixture(node.FIFO, node.Poisson, sim.RandomOut) }},
	{"window, synchronous, ring", 0x694a6be243a94f99, func() sim.Config { return mixture(node.Window, node.Synchronous, sim.Ring) }},
	{"latest, deadline, cures", 0xfe027e499e80798e, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.Newscast)
		c.Peer.Scheduler = node.Latest
		c.Peer.Deadline = 300 * node.Millisecond
		c.Peer.GossipCheck, c.Peer.MaxAge = 0, 3
		c.Peer.DropSilent, c.Peer.AgeReplies, c.Peer.Rejoin = true, true, true
		c.SourceInViews = false
		return c
	}},
	{"latest, cyclon, memory", 0x1184f4135d0e4d19, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.Cyclon)
		c.Peer.Scheduler = node.Latest
		c.Peer.GossipCheck, c.Peer.Shuffle, c.Peer.Rejoin, c.Peer.Stagger = 0, 4, true, true
		c.Peer.Retry, c.Peer.Remember, c.Peer.RecallEvery = 200*node.Millisecond, 8, 5
		return c
	}},
	{"newscast, memory", 0x055fbd07adef2c60, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.Newscast)
		c.Peer.GossipCheck, c.Peer.MaxAge, c.Peer.DropSilent, c.Peer.AgeReplies, c.Peer.Rejoin = 0, 3, true, true, true
		c.Peer.Retry, c.Peer.Stagger, c.Peer.Remember, c.Peer.RecallEvery = 200*node.Millisecond, true, 8, 5
		return c
	}},
	{"the original's generator", 0x3827524ef3ebbeee, func() sim.Config {
		c := mixture(node.TopDup, node.Immediate, sim.Newscast)
		c.Peer.RNG = node.Original
		return c
	}},
	{"stripes, cyclon", 0x2cee326aace82a2d, func() sim.Config {
		c := mixture(node.Window, node.RandomPhase, sim.Cyclon)
		c.Peer.Scheduler, c.Peer.Push, c.Copies = node.Stripes, 0, 0
		c.Peer.Stripes, c.Peer.Report, c.Peer.Repair, c.Peer.Buffer = 5, 400*node.Millisecond, true, 64
		c.Peer.GossipCheck, c.Peer.Shuffle, c.Peer.Rejoin, c.Peer.Stagger = 0, 4, true, true
		c.Link.Upload = 4 * 8 * link.BitsPerSecond(c.ChunkSize) * link.BitsPerSecond(node.Second) / link.BitsPerSecond(c.Period) / 3
		return c
	}},
	{"offer, cyclon", 0x4fd518df39f8181e, func() sim.Config {
		c := mixture(node.Window, node.RandomPhase, sim.Cyclon)
		c.Peer.Scheduler, c.Peer.Push, c.Copies = node.Offer, 0, 2
		c.Peer.Offers, c.Peer.Select, c.Peer.Lock, c.Peer.PushYoung, c.Peer.Ride = 5, 3, 200*node.Millisecond, 0.5, true
		c.Peer.Repair, c.Peer.Patience, c.Peer.Buffer = true, 100*node.Millisecond, 64
		c.Peer.GossipCheck, c.Peer.Shuffle, c.Peer.Rejoin, c.Peer.Stagger = 0, 4, true, true
		c.Link.Upload = 4 * 8 * link.BitsPerSecond(c.ChunkSize) * link.BitsPerSecond(node.Second) / link.BitsPerSecond(c.Period) / 3
		return c
	}},
	{"by maps, random", 0x13f5ad223875e2c5, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.RandomOut)
		c.Peer.Scheduler, _ = node.SchedulerNamed("rp/lu")
		c.Peer.Maps, c.Peer.Repair, c.Peer.Patience = 100*node.Millisecond, true, 200*node.Millisecond
		return c
	}},
	{"adaptive, cyclon", 0x609baf0a8c72a7c4, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.Cyclon)
		c.Peer.Adaptive, c.Peer.Push = true, 5*node.Millisecond
		c.Peer.GossipCheck, c.Peer.Shuffle, c.Peer.Rejoin, c.Peer.Stagger = 0, 4, true, true
		c.Link.Upload = 3 * 8 * link.BitsPerSecond(c.ChunkSize) * link.BitsPerSecond(node.Second) / link.BitsPerSecond(c.Period) / 2
		return c
	}},
	{"fec, newscast", 0x44e30bac459b104a, func() sim.Config {
		c := mixture(node.Top, node.RandomPhase, sim.Newscast)
		c.Peer.FEC, c.Peer.Push = node.Code{Data: 5, Repair: 2}, 30*node.Millisecond
		return c
	}},
	{"everything that networks and crowds do", 0x00542e7a7ee017be, everythingOn},
}

func mixture(policy node.Policy, ticks node.Ticks, overlay sim.Overlay) sim.Config {
	return sim.Config{
		Seed: 1, Peers: 60, Copies: 3, Overlay: overlay, View: 7, SourceInViews: true,
		Peer: node.Config{
			Push: 15 * node.Millisecond, Ticks: ticks, Scheduler: node.Random,
			Policy: policy, Buffer: 12, Window: 20,
			View: 9, Gossip: node.Second, GossipCheck: 10,
		},
		Join: sim.Join{Every: 3 * node.Millisecond, Spread: 200 * node.Millisecond},
		Link: link.Config{
			Latency: link.Span{Min: 5 * node.Millisecond, Max: 60 * node.Millisecond},
			Jitter:  law.Law{Kind: law.Uniform, Max: 10 * node.Millisecond}, Loss: link.Loss{Rate: 0.03},
		},
		Period: 40 * node.Millisecond, ChunkSize: 1128,
		Duration: 6 * node.Second, From: node.Second, To: 5 * node.Second, Deadline: node.Second,
	}
}

func mustRun(t *testing.T, c sim.Config) sim.Result {
	t.Helper()
	r, err := sim.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFingerprintsEverywhere holds this machine to what others have computed:
// CI runs it on amd64, under the race detector, and on 386.
func TestFingerprintsEverywhere(t *testing.T) {
	for _, m := range mixtures {
		if got := mustRun(t, m.config()).Fingerprint; got != m.fingerprint {
			t.Errorf("%s: fingerprint %#016x, must be %#016x", m.name, got, m.fingerprint)
		}
	}
}

// same tells whether two results are equal to the last bit.
func same(a, b sim.Result) bool { return fmt.Sprintf("%x", a) == fmt.Sprintf("%x", b) }

// TestSameSeedSameRun: twice, however the run is cut into calls of Advance, and
// whatever the number of processors and of other runs beside it.
func TestSameSeedSameRun(t *testing.T) {
	for _, m := range mixtures {
		first := mustRun(t, m.config())
		w, err := sim.New(m.config())
		if err != nil {
			t.Fatal(err)
		}
		for step := node.Time(1); !w.Done(); step = step*3 + 7 {
			w.Advance(w.Now() + step%(90*node.Millisecond))
		}
		if !same(first, w.Result()) {
			t.Errorf("%s: cut into pieces, another result", m.name)
		}
		other := m.config()
		other.Seed++
		if mustRun(t, other).Fingerprint == first.Fingerprint {
			t.Errorf("%s: another seed, the same fingerprint", m.name)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want []sim.Result
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		got := runs(t, 8, func(seed uint64) sim.Config {
			c := mixtures[seed%uint64(len(mixtures))].config()
			c.Seed = seed
			return c
		})
		for i := range got {
			if want != nil && !same(got[i], want[i]) {
				t.Errorf("GOMAXPROCS %d: seed %d has another result", procs, i)
			}
		}
		want = got
	}
}

// TestTraceChangesNothing: to look is not to touch.
func TestTraceChangesNothing(t *testing.T) {
	c := mixtures[0].config()
	plain := mustRun(t, c)
	seen := 0
	c.Trace = func(sim.Event) { seen++ }
	if !same(plain, mustRun(t, c)) || seen == 0 {
		t.Errorf("a run of %d traced events has another result than the same untraced", seen)
	}
}

// TestPerturb: the order of simultaneous events is not what results rest on.
// Peers in step, with latencies that are whole periods, tie at every event.
func TestPerturb(t *testing.T) {
	tied := func(seed, perturb uint64) sim.Config {
		c := mixture(node.Top, node.Synchronous, sim.RandomOut)
		c.Seed, c.Perturb = seed, perturb
		c.Link = link.Config{Latency: link.Span{Min: 15 * node.Millisecond, Max: 15 * node.Millisecond}, Loss: link.Loss{Rate: 0.03}}
		return c
	}
	if mustRun(t, tied(1, 0)).Fingerprint == mustRun(t, tied(1, 99)).Fingerprint {
		t.Error("ties are broken alike whatever Perturb is")
	}
	plain, se := meanOf(runs(t, 40, func(seed uint64) sim.Config { return tied(seed, 0) }), measure.Delivery)
	other, se2 := meanOf(runs(t, 40, func(seed uint64) sim.Config { return tied(seed, 12345) }), measure.Delivery)
	if d := plain - other; d*d > 9*(se*se+se2*se2) {
		t.Errorf("delivery %.4f ± %.4f, with ties broken otherwise %.4f ± %.4f", plain, se, other, se2)
	}
}

// pushes gives each peer's ticks and what it pushed to whom.
func pushes(t *testing.T, c sim.Config) map[node.PeerID][]string {
	t.Helper()
	of := map[node.PeerID][]string{}
	c.Trace = func(e sim.Event) {
		if e.What == sim.Sent {
			of[e.Peer] = append(of[e.Peer], fmt.Sprint(e.At, e.Other, e.Chunk))
		}
	}
	mustRun(t, c)
	return of
}

// TestStreamsAreApart: a further draw in one random stream moves no other, and
// a further peer moves no other peer.
func TestStreamsAreApart(t *testing.T) {
	base := mixture(node.Top, node.RandomPhase, sim.Ring)
	base.SourceInViews, base.Join = false, sim.Join{}

	// Latency is drawn or not, datagrams are lost or not; nobody's first pushes
	// move, which come before anything has arrived by way of others. The source
	// knows only its own draws, and must not move at all.
	want := pushes(t, base)
	for name, change := range map[string]func(*sim.Config){
		"no latency to draw": func(c *sim.Config) { c.Link.Latency.Min = c.Link.Latency.Max },
		"no jitter":          func(c *sim.Config) { c.Link.Jitter = law.Law{} },
		"no loss":            func(c *sim.Config) { c.Link.Loss = link.Loss{} },
		"joins drawn":        func(c *sim.Config) { c.Join.Spread = node.Second },
	} {
		c := base
		change(&c)
		if got := pushes(t, c); !slices.Equal(got[0], want[0]) {
			t.Errorf("%s: the source pushes otherwise", name)
		}
	}

	// One loses the same datagrams whatever jitter does to them.
	lost := func(c sim.Config) map[string]bool {
		set, count := map[string]bool{}, map[node.PeerID]int{}
		c.Trace = func(e sim.Event) {
			if e.What == sim.Sent {
				count[e.Peer]++
			}
			if e.What == sim.Lost {
				set[fmt.Sprint(e.Peer, count[e.Peer])] = e.Peer == 0
			}
		}
		mustRun(t, c)
		maps.DeleteFunc(set, func(_ string, source bool) bool { return !source })
		return set
	}
	still := base
	still.Link.Jitter = law.Law{}
	if a, b := lost(base), lost(still); len(a) == 0 || !maps.Equal(a, b) {
		t.Errorf("the source loses %v, without jitter %v", a, b)
	}

	// A further peer, whom nobody knows: the others do not notice. In a ring
	// of out-degree 1 over 61 peers the 61st is the last one's neighbour only,
	// so peers that hear only from the source cannot tell.
	phases := func(c sim.Config) map[node.PeerID]node.Time {
		first := map[node.PeerID]node.Time{}
		for id := range node.PeerID(c.Peers) {
			w, err := sim.New(c)
			if err != nil {
				t.Fatal(err)
			}
			first[id+1] = w.Peer(id + 1).Wakeup()
		}
		return first
	}
	more := base
	more.Peers++
	before, after := phases(base), phases(more)
	for id, at := range before {
		if after[id] != at {
			t.Errorf("peer %d ticks first at %d, with one peer more at %d", id, at, after[id])
		}
	}
	random := func(peers int) map[node.PeerID]string {
		views := map[node.PeerID]string{}
		c := base
		c.Overlay, c.Peers = sim.FullMesh, peers
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		for id := range node.PeerID(60) {
			p := w.Peer(id + 1)
			views[id] = fmt.Sprint(p.DrawPush(1<<20), p.DrawPush(1<<20), p.DrawPush(1<<20))
		}
		return views
	}
	if !maps.Equal(random(60), random(61)) {
		t.Error("the peers' own streams move when a peer is added")
	}
}
