package sim_test

import (
	"fmt"
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// The simulator, configured as the original, against the original itself: its
// processes were run on loopback and measured (dumbstreamer.md, section 6).

// parameterSet is one choice of the original's flags, and what it delivered.
type parameterSet struct {
	name           string
	period         node.Time // -t of the source
	copies         int       // ⌊c·t/1000⌋ of the source
	push           node.Time // 1/c of the clients
	buffer         int       // -b of the clients
	delivered      map[int]float64
	like           float64 // tolerance with the original's generator
	independent    float64 // tolerance with independent streams
	lag, toSource  map[int]float64
	lagTolerance   float64 // relative
	shareTolerance float64
}

var parameterSets = []parameterSet{
	{
		name: "defaults", period: 500 * node.Millisecond, copies: 2, push: 250 * node.Millisecond, buffer: 8,
		delivered: map[int]float64{2: 0.880, 5: 0.723, 10: 0.610, 20: 0.540},
		like:      0.06, independent: 0.06,
	},
	{
		name: "-t 100 -c 40", period: 100 * node.Millisecond, copies: 4, push: 25 * node.Millisecond, buffer: 16,
		delivered: map[int]float64{2: 0.992, 5: 0.916, 10: 0.823, 20: 0.714},
		like:      0.025, independent: 0.06,
		lag:          map[int]float64{5: 0.31, 10: 0.54, 20: 0.74},
		toSource:     map[int]float64{2: 0.56, 5: 0.28, 10: 0.16, 20: 0.08},
		lagTolerance: 0.10, shareTolerance: 0.03,
	},
	{
		name: "-t 40 -c 50", period: 40 * node.Millisecond, copies: 2, push: 250 * node.Millisecond, buffer: 8,
		delivered: map[int]float64{2: 0.781, 5: 0.397, 10: 0.226, 20: 0.127},
		like:      0.012, independent: 0.016,
	},
}

// config is a source and n clients as they were started: the source 200 ms
// before the first client, the clients 20 ms apart, each up to 2 ms later.
func (s *parameterSet) config(n int, rng node.Generator, seed uint64) sim.Config {
	return sim.Config{
		Seed: seed, Peers: n, Copies: s.copies,
		Peer: node.Config{
			Push: s.push, Ticks: node.Immediate, Scheduler: node.Random,
			Policy: node.TopDup, Buffer: s.buffer, Window: 8,
			View: 30, Gossip: 10 * node.Second, GossipCheck: 10, RNG: rng,
		},
		Overlay: sim.Newscast, SourceInViews: true,
		Join: sim.Join{From: 200 * node.Millisecond, Every: 20 * node.Millisecond, Spread: 2 * node.Millisecond},
		Link: link.Config{Latency: link.Span{Min: 50 * node.Microsecond, Max: 50 * node.Microsecond}},

		Period: s.period, ChunkSize: 10,
		Duration: 30 * node.Second, To: 30 * node.Second, Grace: 5 * node.Second,
	}
}

// TestAsTheOriginal compares delivery, lag and wasted sends in every cell of
// the measured table. mutants_ci_test.go shows that it can fail.
func TestAsTheOriginal(t *testing.T) {
	for _, rng := range []node.Generator{node.Original, node.Split} {
		for _, set := range parameterSets {
			for _, n := range []int{2, 5, 10, 20} {
				name := fmt.Sprintf("%s/N=%d/original generator %v", set.name, n, rng == node.Original)
				t.Run(name, func(t *testing.T) { checkOriginal(t, &set, n, rng) })
			}
		}
	}
}

func checkOriginal(t *testing.T, set *parameterSet, n int, rng node.Generator) {
	const seeds = 24
	watches := make([]lagWatch, seeds)
	results := runs(t, seeds, func(seed uint64) sim.Config {
		c := set.config(n, rng, seed)
		watches[seed].period = c.Period
		c.Trace = watches[seed].see
		return c
	})
	var lag, share float64
	for i := range watches {
		lag += watches[i].lag.Mean() / float64(node.Second) / seeds
		share += float64(watches[i].toSource) / float64(watches[i].sends) / seeds
		checkSends(t, results[i].Counts)
	}
	played, se := meanOf(results, measure.Played)
	want, allowed := set.delivered[n], set.independent
	if rng == node.Original {
		allowed = set.like
	}
	t.Logf("played %.3f ± %.3f (original %.3f), lag %.3f s (%.2f), to the source %.3f (%.2f)",
		played, se, want, lag, set.lag[n], share, set.toSource[n])
	if math.Abs(played-want) > allowed {
		t.Errorf("played %.4f, the original %.3f ± %.3f", played, want, allowed)
	}
	if want, ok := set.lag[n]; ok && math.Abs(lag-want) > set.lagTolerance*want {
		t.Errorf("mean lag %.3f s, the original %.2f s ± %.0f %%", lag, want, 100*set.lagTolerance)
	}
	if want, ok := set.toSource[n]; ok && math.Abs(share-want) > set.shareTolerance {
		t.Errorf("share of sends to the source %.3f, the original %.2f ± %.2f", share, want, set.shareTolerance)
	}
}

// lagWatch measures, from a trace, the time from a chunk's birth to its output,
// and how many of the clients' sends go to the source.
type lagWatch struct {
	period          node.Time
	lag             measure.Histogram
	sends, toSource uint64
}

func (w *lagWatch) see(e sim.Event) {
	switch {
	case e.What == sim.Played:
		w.lag.Add(e.At - node.Time(e.Chunk)*w.period)
	case e.What == sim.Sent && e.Peer != 0:
		w.sends++
		if e.Other == 0 {
			w.toSource++
		}
	}
}
