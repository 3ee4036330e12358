package sim_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// w1 is the yardstick workload W1: n peers, of whom the source is one; 30 s of
// 25 chunks a second; everybody pushes one random chunk of a window of 50 to one
// of 20 random neighbours, once a chunk time.
func w1(n int, seed uint64) sim.Config {
	return sim.Config{
		Seed:  seed,
		Peers: n - 1,
		Peer: node.Config{
			Push: 40 * node.Millisecond, Scheduler: node.Random,
			Policy: node.Window, Buffer: 50,
		},
		Copies: 5, Overlay: sim.RandomOut, View: 20, SourceInViews: true,
		Link: link.Config{
			Latency: link.Span{Min: 10 * node.Millisecond, Max: 100 * node.Millisecond},
			Loss:    link.Loss{Rate: 0.01},
		},
		Period: 40 * node.Millisecond, ChunkSize: 1128,
		Duration: 30 * node.Second, From: 5 * node.Second, To: 25 * node.Second,
	}
}

// TestW1 compares with what seven independent programs agree on.
func TestW1(t *testing.T) {
	for _, want := range []struct {
		n                           int
		delivery, duplicates, delay float64
	}{
		{100, 0.54, 0.33, 1.48},
		{1000, 0.49, 0.35, 2.19},
		{10_000, 0.45, 0.46, 2.39},
	} {
		if !everything && want.n > 1000 {
			continue
		}
		results := runs(t, 5, func(seed uint64) sim.Config { return w1(want.n, seed) })
		delivery, _ := meanOf(results, measure.Delivery)
		duplicates, _ := meanOf(results, measure.Duplicates)
		delay, _ := meanOf(results, measure.DelayMean)
		t.Logf("N=%d: delivery %.4f (%.2f), duplicates %.3f (%.2f), mean delay %.3f s (%.2f)",
			want.n, delivery, want.delivery, duplicates, want.duplicates, delay, want.delay)
		if math.Abs(delivery-want.delivery) > 0.01 {
			t.Errorf("N=%d: delivery %.4f, want %.2f ± 0.01", want.n, delivery, want.delivery)
		}
		if math.Abs(duplicates-want.duplicates) > 0.02 {
			t.Errorf("N=%d: duplicates %.3f, want %.2f ± 0.02", want.n, duplicates, want.duplicates)
		}
		if math.Abs(delay-want.delay) > 0.03*want.delay {
			t.Errorf("N=%d: mean delay %.3f s, want %.2f s ± 3 %%", want.n, delay, want.delay)
		}
		for _, r := range results {
			checkSends(t, r.Counts)
		}
	}
}

// TestW1Workers: one, two, four or eight workers compute the same run to the last bit.
func TestW1Workers(t *testing.T) {
	c := shortened(w1(1000, 1))
	want := mustRun(t, c)
	for _, workers := range []int{2, 4, 8} {
		c.Workers = workers
		if got := mustRun(t, c); !same(got, want) {
			t.Errorf("%d workers: %+v, one: %+v", workers, got, want)
		}
	}
}
