package sim_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/sim"
)

// TestLimitedDegree: where everybody knows but a few others, who know him, the most
// overdue useful chunk still takes every chunk to all, not much later than in a full
// mesh, where the last one has it after 11 slots; the latest useful one forgets some
// (theory.md 1.1: mean over chunks of the time to the last peer, and delivery within 60
// slots; N = 1,000, random symmetric graphs).
func TestLimitedDegree(t *testing.T) {
	seeds, views := 2, []int{20}
	if everything {
		seeds, views = 10, []int{10, 14, 20, 40}
	}
	last := map[int]float64{10: 15.6, 14: 14.9, 20: 14.05, 40: 14.0}
	latest := map[int]float64{10: 0.9967, 14: 0.9980, 20: 0.9986, 40: 0.9996}
	const from, to = 100, 149
	limited := func(push string, view int, seed uint64) sim.Config {
		c := slotted(t, 1000, push, sim.Clairvoyant, from, to, seed)
		c.Overlay, c.View, c.SourceKnowsAll = sim.Regular, view, true
		return c
	}
	for _, view := range views {
		sum := node.Time(0)
		for seed := range uint64(seeds) {
			c := limited("DLc/ELp", view, seed)
			var lastAt [to + 1]node.Time
			got := 0
			c.Trace = func(e sim.Event) {
				if e.What == sim.First && from <= e.Chunk && e.Chunk <= to {
					got++
					lastAt[e.Chunk] = e.At - node.Time(e.Chunk)*node.Second
				}
			}
			if _, err := sim.Run(c); err != nil {
				t.Fatal(err)
			}
			if got != 1000*(to+1-from) {
				t.Errorf("DLc/ELp, %d neighbours, seed %d: %d of %d receptions", view, seed, got, 1000*(to+1-from))
			}
			for _, at := range lastAt {
				sum += at
			}
		}
		mean := sum.Seconds() / float64(seeds*(to+1-from))
		results := runs(t, seeds, func(seed uint64) sim.Config {
			c := limited("LUc/ELp", view, seed)
			c.Deadline = 60 * node.Second
			return c
		})
		delivery, _ := meanOf(results, measure.Delivery)
		t.Logf("%d neighbours: DLc/ELp to the last %.2f, reference %.2f; LUc/ELp %.4f, reference %.4f", view, mean, last[view], delivery, latest[view])
		if math.Abs(mean-last[view]) > 0.03*last[view] || math.Abs(delivery-latest[view]) > 0.002 {
			t.Errorf("%d neighbours: DLc/ELp reaches the last after %.2f slots, LUc/ELp delivers %.4f; want %.2f, %.4f", view, mean, delivery, last[view], latest[view])
		}
	}
}
