package sim_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// everythingOn is a swarm with all that a network and a crowd can do.
func everythingOn() sim.Config {
	const ms = node.Millisecond
	home := link.Config{
		Latency: link.Span{Min: 5 * ms, Max: 60 * ms}, Access: link.Span{Min: ms, Max: 9 * ms},
		Jitter: law.Law{Kind: law.LogNormal, Mean: 8 * ms, SD: 8 * ms}, Loss: link.Loss{Rate: 0.03, Burst: 3},
		Duplicate: 0.02, Reorder: 0.02, ReorderBy: 50 * ms, Corrupt: 0.02, NoChecksum: true,
		Upload: 900_000, Download: 600_000, Queue: link.Queue{Time: 200 * ms}, MTU: 576,
	}
	fibre := home
	fibre.Upload, fibre.Download, fibre.NoChecksum = 5_000_000, 0, false
	c := mixture(node.Top, node.RandomPhase, sim.Newscast)
	c.Duration, c.To = 10*node.Second, 8*node.Second
	c.Link, c.SourceLink = home, &fibre
	c.Classes = []sim.Class{
		{Share: 0.5, Link: home, Push: 20 * ms},
		{Share: 0.3, Link: fibre, Push: 10 * ms, NAT: 2 * node.Second},
		{Share: 0.2, Link: fibre, Push: 0},
	}
	c.Peer.GossipCheck, c.Peer.MaxAge, c.Peer.Rejoin, c.Peer.JoinWalk = 0, 5, true, 2
	c.Churn = sim.Churn{
		Lifetime: law.Law{Kind: law.Weibull, Mean: 4 * node.Second, Shape: 0.7},
		Downtime: law.Law{Kind: law.Exp, Mean: 500 * ms},
		Goodbye:  true, NewIdentity: true,
		Changes: []sim.Change{
			{Kind: sim.Leave, At: 4 * node.Second, Share: 0.3},
			{Kind: sim.Arrive, At: 2 * node.Second, Share: 0.2},
			{Kind: sim.Partition, At: 3 * node.Second, For: 500 * ms, Share: 0.4},
			{Kind: sim.Dark, At: 5 * node.Second, For: 300 * ms, Class: 1},
			{Kind: sim.Pause, At: 6 * node.Second, For: 333 * ms},
			{Kind: sim.Loss, At: 6500 * ms, For: node.Second, Loss: 0.2},
		},
	}
	c.Series = true
	return c
}

// TestEverySendEndsOnceUnderChurn: with every part of the network and of churn on, each
// datagram has one end; and each end occurs.
func TestEverySendEndsOnceUnderChurn(t *testing.T) {
	var sum sim.Counts
	for seed := range uint64(5) {
		c := everythingOn()
		c.Seed = seed
		r := mustRun(t, c)
		checkSends(t, r.Counts)
		for i, p := range []*uint64{&sum.Lost, &sum.Dropped, &sum.Cut, &sum.Spoiled, &sum.Forged, &sum.Doubled, &sum.ToNobody, &sum.Left} {
			*p += []uint64{r.Counts.Lost, r.Counts.Dropped, r.Counts.Cut, r.Counts.Spoiled, r.Counts.Forged, r.Counts.Doubled, r.Counts.ToNobody, r.Counts.Left}[i]
		}
	}
	t.Logf("%+v", sum)
	if sum.Lost == 0 || sum.Dropped == 0 || sum.Cut == 0 || sum.Spoiled == 0 || sum.Doubled == 0 || sum.ToNobody == 0 || sum.Left == 0 {
		t.Errorf("a kind of end does not occur: %+v", sum)
	}
}

// TestDuePairs holds the bookkeeping under churn to the definitions, recomputed from a
// trace: a pair is due when the peer was up from birth to birth + deadline, and joined a
// grace before; received is the first copy of a session.
func TestDuePairs(t *testing.T) {
	for seed := range uint64(3) {
		c := everythingOn()
		c.Seed, c.Grace, c.Churn.NewIdentity = seed, 700*node.Millisecond, false
		type pair struct {
			peer  node.PeerID
			chunk node.ChunkID
		}
		type session struct{ from, until node.Time }
		sessions := map[node.PeerID][]session{}
		births := map[node.ChunkID]node.Time{}
		arrivals := map[pair][]node.Time{}
		c.Trace = func(e sim.Event) {
			switch e.What {
			case sim.Born:
				births[e.Chunk] = e.At
			case sim.Joined:
				sessions[e.Peer] = append(sessions[e.Peer], session{e.At, node.Never})
			case sim.Left:
				sessions[e.Peer][len(sessions[e.Peer])-1].until = e.At
			case sim.First:
				p := pair{e.Peer, e.Chunk}
				arrivals[p] = append(arrivals[p], e.At)
			}
		}
		r := mustRun(t, c)
		due, received := 0, 0
		for peer, list := range sessions {
			for _, s := range list {
				for chunk, birth := range births {
					if birth < c.From || birth >= c.To || birth-s.from < c.Grace || birth+c.Deadline > s.until {
						continue
					}
					due++
					for _, at := range arrivals[pair{peer, chunk}] {
						if at >= birth && at <= birth+c.Deadline {
							received++
							break
						}
					}
				}
			}
		}
		want := float64(received) / float64(due)
		t.Logf("seed %d: %d due pairs of %d sessions, delivery %.4f", seed, due, r.Counts.Left, want)
		if due < 1000 || math.Abs(r.Values[measure.Delivery]-want) > 1e-12 {
			t.Errorf("delivery is %v, by the trace %v of %d due pairs", r.Values[measure.Delivery], want, due)
		}
	}
}

// churning is a large crowd of which only the coming and going matters.
func churning(life, down law.Law) sim.Config {
	return sim.Config{
		Seed: 3, Peers: 2000, Copies: 1, Overlay: sim.RandomOut, View: 2,
		Peer:   node.Config{Scheduler: node.Random, Buffer: 1},
		Period: 10 * node.Second, ChunkSize: 1, Duration: 300 * node.Second, From: 0, To: 300 * node.Second,
		Churn: sim.Churn{Lifetime: life, Downtime: down},
	}
}

// TestChurnLaws: sessions last, and absences take, what their laws say in the mean; after
// ten mean lifetimes as many are online as in the stationary state, life/(life+down).
func TestChurnLaws(t *testing.T) {
	const s = node.Second
	for name, life := range map[string]struct {
		law law.Law
		sd  float64 // in means
	}{
		"exp":      {law.Law{Kind: law.Exp, Mean: 10 * s}, 1},
		"weibull":  {law.Law{Kind: law.Weibull, Mean: 10 * s, Shape: 0.6}, 1.76},
		"pareto":   {law.Law{Kind: law.Pareto, Mean: 10 * s, Shape: 2.5}, 0.9},
		"sample":   {law.Law{Kind: law.Sample, Values: []node.Time{4 * s, 8 * s, 18 * s}}, 0.6},
		"constant": {law.Law{Kind: law.Sample, Values: []node.Time{10 * s}}, 0},
	} {
		c := churning(life.law, law.Law{Kind: law.Exp, Mean: 5 * s})
		joined := make([]node.Time, c.Peers+1)
		left := make([]node.Time, c.Peers+1)
		var stays, absences []float64
		c.Trace = func(e sim.Event) {
			switch e.What {
			case sim.Joined:
				if joined[e.Peer] = e.At; left[e.Peer] > 0 && left[e.Peer] < 150*s {
					absences = append(absences, (e.At - left[e.Peer]).Seconds())
				}
			case sim.Left:
				if left[e.Peer] = e.At; joined[e.Peer] < 100*s {
					stays = append(stays, (e.At - joined[e.Peer]).Seconds())
				}
			}
		}
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		var online []float64
		for at := 10 * 10 * s; at < c.Duration; at += 5 * s {
			w.Advance(at)
			online = append(online, float64(w.Online()))
		}
		w.Advance(c.Duration)
		mean := func(xs []float64) (m float64) {
			for _, x := range xs {
				m += x / float64(len(xs))
			}
			return m
		}
		stay, absence, up := mean(stays), mean(absences), mean(online)
		want := float64(c.Peers) * 10 / 15
		t.Logf("%-8s stays %.3f s, is away %.3f s, %.1f online (%.1f)", name, stay, absence, up, want)
		if n := math.Sqrt(float64(len(stays))); math.Abs(stay-10) > 4*10*life.sd/n+0.001 {
			t.Errorf("%s: a stay is %.3f s in the mean of %d, want 10", name, stay, len(stays))
		}
		if math.Abs(absence-5) > 4*5/math.Sqrt(float64(len(absences))) {
			t.Errorf("%s: an absence is %.3f s in the mean of %d, want 5", name, absence, len(absences))
		}
		if math.Abs(up-want) > 0.02*want { // 40 correlated counts, each of sd 21
			t.Errorf("%s: %.1f online in the stationary state, want %.1f", name, up, want)
		}
	}
}

// TestPoissonJoin: those who join one after another do so at the rate asked for.
func TestPoissonJoin(t *testing.T) {
	c := churning(law.Law{}, law.Law{})
	c.Join = sim.Join{Poisson: true, From: 5 * node.Second, Every: 100 * node.Millisecond}
	var times []node.Time
	c.Trace = func(e sim.Event) {
		if e.What == sim.Joined {
			times = append(times, e.At)
		}
	}
	mustRun(t, c)
	if len(times) != c.Peers || times[0] < 5*node.Second {
		t.Fatalf("%d joined, the first at %v", len(times), times[0])
	}
	gap := (times[len(times)-1] - times[0]).Seconds() / float64(len(times)-1)
	squares := 0.0
	for i := range times[1:] {
		g := (times[i+1] - times[i]).Seconds()
		squares += g * g / float64(len(times)-1)
	}
	if math.Abs(gap-0.1) > 4*0.1/math.Sqrt(2000) || math.Abs(squares/(2*gap*gap)-1) > 0.2 {
		t.Errorf("mean gap %.4f s, mean square %.5f", gap, squares)
	}
}

// TestEvents: what is to happen happens, to those whom it strikes, and ends.
func TestEvents(t *testing.T) {
	const s = node.Second
	base := func(changes ...sim.Change) sim.Config {
		c := churning(law.Law{}, law.Law{})
		c.Peers, c.View, c.Copies, c.Period, c.Duration, c.To = 100, 10, 8, s/10, 40*s, 40*s
		c.Peer.Push, c.Peer.Buffer = s/40, 8
		c.Classes = []sim.Class{{Share: 3, Push: s / 40}, {Share: 1, Push: s / 40}}
		c.Churn.Changes = changes
		return c
	}
	run := func(c sim.Config) (events []sim.Event) {
		c.Trace = func(e sim.Event) { events = append(events, e) }
		mustRun(t, c)
		return events
	}
	count := func(events []sim.Event, what sim.What, from, to node.Time) (n int) {
		for _, e := range events {
			if e.What == what && e.At >= from && e.At < to {
				n++
			}
		}
		return n
	}

	left := run(base(sim.Change{Kind: sim.Leave, At: 10 * s, Share: 0.5}))
	if n := count(left, sim.Left, 10*s, 10*s+1); n != 50 || count(left, sim.Left, 0, 40*s) != n {
		t.Errorf("half of 100 leave at 10 s: %d do", n)
	}
	came := run(base(sim.Change{Kind: sim.Arrive, At: 10 * s, Share: 0.9}))
	if n := count(came, sim.Joined, 10*s, 10*s+1); n != 90 || count(came, sim.Joined, 0, 40*s) != 100 {
		t.Errorf("nine tenths of 100 join at 10 s: %d do", n)
	}
	paused := run(base(sim.Change{Kind: sim.Pause, At: 10*s + 1, For: 5 * s}))
	var births []node.Time
	for _, e := range paused {
		if e.What == sim.Born {
			if births = append(births, e.At); int(e.Chunk) != len(births)-1 {
				t.Fatalf("chunk %d is the %d-th to be born", e.Chunk, len(births))
			}
		}
	}
	if n := count(paused, sim.Born, 10*s+1, 15*s+1); n != 0 || len(births) != 351 || births[101] != 15*s+1 || births[102] != 15*s+s/10+1 {
		t.Errorf("a pause from 10 s to 15 s: %d births in it, %d in all, then at %v, %v", n, len(births), births[101], births[102])
	}
	lossy := run(base(sim.Change{Kind: sim.Loss, At: 10 * s, For: 5 * s, Loss: 0.25}))
	sent, lost := count(lossy, sim.Sent, 10*s, 15*s), count(lossy, sim.Lost, 10*s, 15*s)
	if share := float64(lost) / float64(sent); math.Abs(share-0.25) > 4*math.Sqrt(0.25*0.75/float64(sent)) || count(lossy, sim.Lost, 0, 40*s) != lost {
		t.Errorf("a further loss of 25 %%: %.3f lost", share)
	}

	// Who is cut off from whom: of every pair that tries.
	for _, c := range []struct {
		change sim.Change
		stops  func(insideFrom, insideTo bool) bool
	}{
		{sim.Change{Kind: sim.Partition, At: 10*s + 1, For: 5 * s, Share: 0.5}, func(a, b bool) bool { return a != b }},
		{sim.Change{Kind: sim.Partition, At: 10*s + 1, For: 5 * s, Share: 0.5, Way: sim.In}, func(a, b bool) bool { return !a && b }},
		{sim.Change{Kind: sim.Partition, At: 10*s + 1, For: 5 * s, Share: 0.5, Way: sim.Out}, func(a, b bool) bool { return a && !b }},
		{sim.Change{Kind: sim.Dark, At: 10*s + 1, For: 5 * s, Class: 1}, func(a, b bool) bool { return a || b }},
	} {
		cfg := base(c.change)
		cfg.Overlay, cfg.Copies = sim.FullMesh, 40
		events := run(cfg)
		if count(events, sim.Cut, 0, 10*s)+count(events, sim.Cut, 15*s+1, 40*s) != 0 {
			t.Errorf("%+v: cut before it begins, or after its end", c.change)
		}
		// The sides are those for which every cut, and no arrival, is explained: who gets
		// nothing from the source is inside, in the one that shuts nothing in.
		inside := map[node.PeerID]bool{}
		for _, e := range events {
			if e.What == sim.Cut && e.Peer == 0 {
				inside[e.Other] = true
			}
		}
		if c.change.Way == sim.Out {
			for _, e := range events { // they reach nobody outside, the source neither
				if e.What == sim.Cut {
					inside[e.Peer] = true
				}
			}
		}
		cuts := 0
		for _, e := range events {
			if e.At < 10*s || e.At >= 15*s {
				continue
			}
			switch e.What {
			case sim.Cut:
				if cuts++; !c.stops(inside[e.Peer], inside[e.Other]) {
					t.Fatalf("%+v: %d to %d is cut", c.change, e.Peer, e.Other)
				}
			case sim.First, sim.Again:
				if e.At > 10*s && c.stops(inside[e.Other], inside[e.Peer]) {
					t.Fatalf("%+v: %d hears from %d", c.change, e.Peer, e.Other)
				}
			}
		}
		if want := map[sim.ChangeKind]int{sim.Partition: 50, sim.Dark: 25}[c.change.Kind]; len(inside) != want || cuts == 0 {
			t.Errorf("%+v: %d are inside, %d datagrams cut", c.change, len(inside), cuts)
		}
	}
}

// TestNAT: nobody is reached by whom it has not sent to, or too long ago.
func TestNAT(t *testing.T) {
	c := everythingOn()
	c.Churn = sim.Churn{}
	c.Classes = []sim.Class{{Share: 1, Link: link.Config{}, Push: 15 * node.Millisecond, NAT: 300 * node.Millisecond}}
	c.SourceLink, c.Link = nil, link.Config{}
	last := map[[2]node.PeerID]node.Time{}
	reached, refused := 0, 0
	c.Trace = func(e sim.Event) {
		key := [2]node.PeerID{e.Peer, e.Other}
		switch e.What {
		case sim.Sent, sim.SentView:
			last[key] = e.At
		case sim.First, sim.Again, sim.View:
			if at, sent := last[key]; e.Peer != 0 && (!sent || e.At-at > 300*node.Millisecond) {
				t.Fatalf("%d is reached by %d, to whom it has not sent lately", e.Peer, e.Other)
			}
			reached++
		case sim.Cut:
			refused++
		}
	}
	mustRun(t, c)
	if reached < 100 || refused < 100 {
		t.Errorf("%d reached, %d refused", reached, refused)
	}
}

// TestClasses: shares are exact, and free riders push nothing.
func TestClasses(t *testing.T) {
	c := everythingOn()
	c.Churn = sim.Churn{}
	pushes := map[node.PeerID]int{}
	c.Trace = func(e sim.Event) {
		if e.What == sim.Sent {
			pushes[e.Peer]++
		}
	}
	mustRun(t, c)
	riders := 0
	for id := range node.PeerID(c.Peers) {
		if pushes[id+1] == 0 {
			riders++
		}
	}
	if riders != 12 { // 20 % of 60
		t.Errorf("%d free riders, want 12", riders)
	}
}

// TestNewIdentity: who comes back does so under a handle that nobody has had.
func TestNewIdentity(t *testing.T) {
	c := everythingOn()
	seen := map[node.PeerID]bool{}
	again := 0
	c.Trace = func(e sim.Event) {
		if e.What != sim.Joined {
			return
		}
		if seen[e.Peer] {
			t.Fatalf("%d joins twice", e.Peer)
		}
		if seen[e.Peer] = true; int(e.Peer) > c.Peers {
			again++
		}
	}
	mustRun(t, c)
	if again < 20 {
		t.Errorf("%d came back", again)
	}
}
