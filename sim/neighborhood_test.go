package sim_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// choosy is a swarm of which everybody pushes to ten peers of a cyclon view of 20, of
// whom so many are random.
func choosy(t testing.TB, choose node.Choice, atRandom int) sim.Config {
	return sim.Config{
		Seed: 3, Peers: 300, Copies: 3, Overlay: sim.Cyclon,
		Peer: node.Config{
			Push: 30 * node.Millisecond, Scheduler: schedulerNamed(t, "lu/up"), Policy: node.Window, Buffer: 64,
			View: 20, Shuffle: 8, Gossip: node.Second, Stagger: true,
			Neighbourhood: node.Neighbourhood{Size: 10, Keep: 30 * node.Second, Choose: choose, AtRandom: atRandom},
		},
		Knowledge: sim.Clairvoyant,
		Link:      link.Config{Regions: continents(4)},
		Join:      sim.Join{Spread: node.Second},
		Period:    40 * node.Millisecond, ChunkSize: 1128,
		Duration: 100 * node.Second, From: 80 * node.Second, To: 98 * node.Second, Deadline: 2 * node.Second,
	}
}

// continents are n regions of 10 ms, with 100 ms between them.
func continents(n int) *link.Regions {
	r := &link.Regions{}
	for i := range n {
		r.Names, r.Shares = append(r.Names, string(rune('a'+i))), append(r.Shares, 1)
		row := make([]node.Time, n)
		for k := range row {
			row[k] = 100 * node.Millisecond
		}
		row[i] = 10 * node.Millisecond
		r.OneWay = append(r.OneWay, row)
	}
	return r
}

// TestNearestNeighbours: chosen by round trips that peers have measured themselves, the
// links that are pushed over get the shorter, the fewer are random; chunks arrive
// sooner; the overlay stays one part.
// (What a link takes is the time from a push to its arrival.)
func TestNearestNeighbours(t *testing.T) {
	longest, latest := 1e9, 1e9
	for _, atRandom := range []int{10, 6, 3} {
		c := choosy(t, node.ChooseLatency, atRandom)
		sent := map[[3]uint32]node.Time{}
		var sum node.Time
		n := 0
		c.Trace = func(e sim.Event) {
			switch {
			case e.At < c.From:
			case e.What == sim.Sent:
				sent[[3]uint32{uint32(e.Peer), uint32(e.Other), uint32(e.Chunk)}] = e.At
			case e.What == sim.First:
				if at, ok := sent[[3]uint32{uint32(e.Other), uint32(e.Peer), uint32(e.Chunk)}]; ok {
					sum += e.At - at
					n++
				}
			}
		}
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(c.Duration)
		v := w.Result().Values
		link, delay := sum.Seconds()/float64(n), v[measure.DelayMean]
		t.Logf("%d of 10 at random: a push takes %.1f ms, delay %.0f ms, delivery %.4f, %d parts", atRandom, 1000*link, 1000*delay, v[measure.Delivery], len(w.Components()))
		if link > 0.95*longest || delay > 0.97*latest {
			t.Errorf("%d of 10 at random: a push takes %.4f s, delay %.4f s; with more at random %.4f, %.4f", atRandom, link, delay, longest, latest)
		}
		if len(w.Components()) != 1 {
			t.Errorf("%d of 10 at random: parts of %v", atRandom, w.Components())
		}
		longest, latest = link, delay
	}
}

// TestRandomShareHoldsTogether: where all are chosen by latency, two continents come to
// push to nobody but their own; a tenth at random keeps them one.
func TestRandomShareHoldsTogether(t *testing.T) {
	for atRandom, want := range []int{2, 1} {
		c := choosy(t, node.ChooseLatency, atRandom)
		c.Link.Regions = continents(2)
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(c.Duration)
		if parts := w.Components(); len(parts) != want {
			t.Errorf("%d of 10 at random: parts of %v, want %d", atRandom, parts, want)
		}
	}
}

// TestFastestNeighbours: where a tenth pushes ten times as fast as the others, a few
// places for the fastest, and most at random, deliver more than all at random.
func TestFastestNeighbours(t *testing.T) {
	var delivery [2]float64
	for i, atRandom := range []int{10, 8} {
		c := choosy(t, node.ChooseUpload, atRandom)
		c.Peer.Scheduler = schedulerNamed(t, "lu/el")
		c.Classes = []sim.Class{
			{Share: 0.1, Push: c.Period / 6, Link: c.Link},
			{Share: 0.9, Push: c.Period * 10 / 6, Link: c.Link},
		}
		c.Duration, c.From, c.To = 60*node.Second, 40*node.Second, 58*node.Second
		w, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(c.Duration)
		delivery[i] = w.Result().Values[measure.Delivery]
		t.Logf("%d of 10 at random: delivery %.4f", atRandom, delivery[i])
		if len(w.Components()) != 1 {
			t.Errorf("%d of 10 at random: parts of %v", atRandom, w.Components())
		}
	}
	if delivery[1] < delivery[0]+0.02 {
		t.Errorf("delivery %.4f with places for the fastest, %.4f without", delivery[1], delivery[0])
	}
}
