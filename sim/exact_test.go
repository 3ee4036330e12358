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

// Facts of the blind scheme that hold exactly, whatever the parameters
// (theory.md 3.1), and spreading times that have closed forms (1.2).

// blind is a full mesh of n peers that push m chunks per chunk period.
func blind(n int, m float64, copies int, loss float64, seed uint64) sim.Config {
	push := node.Time(0)
	if m > 0 {
		push = node.Time(float64(oraclePeriod) / m)
	}
	return sim.Config{
		Seed: seed, Peers: n, Copies: copies,
		Peer:   node.Config{Push: push, Scheduler: node.Random, Buffer: 8, Window: 8},
		Link:   link.Config{Loss: link.Loss{Rate: loss}, Latency: link.Span{Min: 10 * node.Millisecond, Max: 30 * node.Millisecond}},
		Period: oraclePeriod, ChunkSize: 1000,
		Duration: 40 * node.Second, From: 10 * node.Second, To: 30 * node.Second,
	}
}

// TestEverySendEndsOnce: useful + duplicate + late + to the source + to nobody +
// lost + in flight = sends, in configurations of every kind.
func TestEverySendEndsOnce(t *testing.T) {
	for _, overlay := range []sim.Overlay{sim.FullMesh, sim.RandomOut, sim.Ring, sim.Newscast} {
		for _, policy := range []node.Policy{node.Top, node.TopDup, node.FIFO, node.Window} {
			for _, sourceInViews := range []bool{true, false} {
				c := blind(50, 2, 3, 0.1, 7)
				c.Overlay, c.View, c.SourceInViews = overlay, 8, sourceInViews
				c.Peer.View, c.Peer.Gossip = 8, 2*node.Second
				c.Peer.Policy = policy
				c.Join = sim.Join{From: node.Second, Every: 50 * node.Millisecond, Spread: node.Second}
				r, err := sim.Run(c)
				if err != nil {
					t.Fatal(err)
				}
				checkSends(t, r.Counts)
				if (r.Counts.ToSource > 0) != sourceInViews {
					t.Errorf("overlay %d, source in views %v: %d sends to it", overlay, sourceInViews, r.Counts.ToSource)
				}
				if r.Counts.Lost == 0 || r.Counts.InFlight == 0 || overlay != sim.Newscast && r.Counts.ToNobody == 0 {
					t.Errorf("overlay %d: a kind of end does not occur: %+v", overlay, r.Counts)
				}
			}
		}
	}
}

// TestCopiesPerChunk: with full buffers every place is sent with equal
// probability, so a chunk gets m·q·N copies from peers, whatever the buffer.
func TestCopiesPerChunk(t *testing.T) {
	const n, m, loss = 200, 2.0, 0.05
	for _, policy := range []node.Policy{node.Top, node.TopDup, node.FIFO, node.Window} {
		c := blind(n, m, 2, loss, 3)
		c.Peer.Policy = policy
		c.Duration, c.To = 120*node.Second, 110*node.Second
		var copies float64
		first, end := node.ChunkID(200), node.ChunkID(1000)
		c.Trace = func(e sim.Event) {
			if (e.What == sim.First || e.What == sim.Again || e.What == sim.Late) && e.Other != 0 &&
				e.Chunk >= first && e.Chunk < end {
				copies++
			}
		}
		if _, err := sim.Run(c); err != nil {
			t.Fatal(err)
		}
		got, want := copies/float64(end-first), m*(1-loss)*n
		if math.Abs(got-want) > 0.01*want {
			t.Errorf("policy %d: %.1f copies from peers per chunk, want %.1f ± 1 %%", policy, got, want)
		}
	}
}

// TestNobodyPushes: without pushes a chunk reaches those whom the source's
// copies hit, 1 − (1 − q/N)^k of the peers.
func TestNobodyPushes(t *testing.T) {
	const n, copies, loss = 40, 30, 0.2
	results := runs(t, 20, func(seed uint64) sim.Config { return blind(n, 0, copies, loss, seed) })
	got, se := meanOf(results, measure.Delivery)
	want := 1 - math.Pow(1-(1-loss)/n, copies)
	if math.Abs(got-want) > 3.5*se {
		t.Errorf("delivery %.4f ± %.4f, closed form %.4f", got, se, want)
	}
}

// TestEverythingLost: nothing arrives, and metrics of arrivals do not exist.
func TestEverythingLost(t *testing.T) {
	r, err := sim.Run(blind(40, 2, 3, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if r.Values[measure.Delivery] != 0 || r.Counts.Lost != r.Counts.Sends || r.Counts.Sends == 0 {
		t.Errorf("delivery %v with all lost: %+v", r.Values[measure.Delivery], r.Counts)
	}
	for _, m := range []measure.Metric{measure.DelayMean, measure.Duplicates, measure.Overhead, measure.StartupP95} {
		if !math.IsNaN(r.Values[m]) {
			t.Errorf("%s is %v where nothing arrived", measure.Definitions[m].Name, r.Values[m])
		}
	}
}

// TestBlindCeiling: no blind scheme delivers more than m·q random copies per
// peer can, 1 − (1−1/(N−1))^(q(mN+k)).
func TestBlindCeiling(t *testing.T) {
	for i, c := range []struct{ m, loss float64 }{{0.5, 0}, {1, 0.1}, {2, 0}, {3, 0.3}} {
		const n, copies = 100, 2
		for _, scheduler := range node.Schedulers() {
			if !node.IsBlind(scheduler) {
				continue
			}
			results := runs(t, 20, func(seed uint64) sim.Config {
				cfg := blind(n, c.m, copies, c.loss, seed)
				cfg.Peer.Scheduler = scheduler
				return cfg
			})
			got, se := meanOf(results, measure.Delivery)
			q := 1 - c.loss
			ceiling := 1 - math.Pow(1-1.0/(n-1), q*(c.m*n+copies))
			if got > ceiling+3*se {
				t.Errorf("case %d, %s: delivery %.4f ± %.4f exceeds the ceiling %.4f", i, scheduler.Name(), got, se, ceiling)
			}
		}
	}
}

// spreadTime runs one chunk, pushed by everybody who has it, until everybody
// has, and gives how long after the first peer the last one got it.
func spreadTime(n int, seed uint64, ticks node.Ticks, latency node.Time) (float64, error) {
	const long = 1000 * node.Second
	var firstAt, lastAt node.Time
	reached := 0
	w, err := sim.New(sim.Config{
		Seed: seed, Peers: n, Copies: 1,
		Peer: node.Config{Push: node.Second, Ticks: ticks, Scheduler: node.Random, Buffer: 1},
		Link: link.Config{Latency: link.Span{Min: latency, Max: latency}},
		// One chunk only: the second one would be born at the end.
		Period: long, Duration: long, To: long,
		Trace: func(e sim.Event) {
			if e.What != sim.First {
				return
			}
			if reached++; reached == 1 {
				firstAt = e.At
			}
			lastAt = e.At
		},
	})
	if err != nil {
		return 0, err
	}
	for reached < n && !w.Done() {
		w.Advance(w.Now() + node.Second)
	}
	if reached < n {
		return 0, fmt.Errorf("seed %d: %d of %d peers reached", seed, reached, n)
	}
	return (lastAt - firstAt).Seconds(), nil
}

// TestSpreadingTimes compares with exact expectations: rounds of synchronous
// push, and (N−1)·Σ 1/(i(N−i)) for Poisson push.
func TestSpreadingTimes(t *testing.T) {
	for _, c := range []struct {
		name    string
		ticks   node.Ticks
		latency node.Time
		want    map[int]float64
	}{
		// Half a period of latency: a round's pushes are seen in the next one.
		{"synchronous", node.Synchronous, node.Second / 2, map[int]float64{64: 11.158, 100: 12.305, 256: 14.670}},
		{"Poisson", node.Poisson, 0, map[int]float64{64: 9.309, 100: 10.251, 256: 12.193}},
	} {
		for n, want := range c.want {
			if !everything && n > 100 {
				continue
			}
			t.Run(fmt.Sprintf("%s/N=%d", c.name, n), func(t *testing.T) {
				times := make([]float64, 2000)
				for seed := range times {
					var err error
					if times[seed], err = spreadTime(n, uint64(seed), c.ticks, c.latency); err != nil {
						t.Fatal(err)
					}
				}
				mean, se := meanSE(times)
				t.Logf("%.3f ± %.3f, exactly %.3f", mean, se, want)
				if math.Abs(mean-want) > 3*se {
					t.Errorf("E[T] %.3f ± %.3f, exactly %.3f", mean, se, want)
				}
			})
		}
	}
}
