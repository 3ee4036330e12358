package sim_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/node/wire"
	"pushcast/sim"
)

// star is a source that sends every chunk once to one receiver, who pushes nothing.
func star(code node.Code, loss float64, blocks int) sim.Config {
	const period = 10 * node.Millisecond
	chunks := node.Time(max(code.Block(), 1) * blocks)
	return sim.Config{
		Seed: 1, Peers: 1, Copies: 1,
		Peer: node.Config{Scheduler: node.Random, Policy: node.Window, Buffer: 16, Window: 64, FEC: code},
		Link: link.Config{Loss: link.Loss{Rate: loss}, Latency: link.Span{Min: 3 * node.Millisecond, Max: 3 * node.Millisecond}},
		// A little longer than the chunks that count, so that the last ones arrive.
		Period: period, ChunkSize: 1000, Duration: chunks*period + node.Second, From: 0, To: chunks * period,
	}
}

// choose is the number of ways to choose k of n.
func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

// lostOf is the mean number of data chunks of a block that stay lost, and that of its
// square, where each of the k+r is lost with probability p: all that are lost, as soon as
// they are more than r with the repair chunks that are.
func lostOf(code node.Code, p float64) (mean, square float64) {
	n := code.Block()
	for data := range code.Data + 1 {
		for repair := range code.Repair + 1 {
			if lost := data + repair; lost > code.Repair {
				share := choose(code.Data, data) * choose(code.Repair, repair) * math.Pow(p, float64(lost)) * math.Pow(1-p, float64(n-lost))
				mean += share * float64(data)
				square += share * float64(data*data)
			}
		}
	}
	return mean, square
}

// TestBinomial: what a direct link loses, each chunk by itself, comes back as the binomial
// formula says; nothing recovered is older than its block.
func TestBinomial(t *testing.T) {
	const blocks = 20_000
	for _, c := range []struct {
		code node.Code
		loss float64
	}{{node.Code{Data: 20, Repair: 2}, 0.01}, {node.Code{Data: 20, Repair: 2}, 0.05}, {node.Code{Data: 4, Repair: 1}, 0.1}, {node.Code{Data: 3, Repair: 5}, 0.5}, {node.Code{Data: 1, Repair: 1}, 0.3}} {
		config := star(c.code, c.loss, blocks)
		r := mustRun(t, config)
		lost, square := lostOf(c.code, c.loss)
		want := 1 - lost/float64(c.code.Data)
		sd := math.Sqrt((square-lost*lost)/blocks) / float64(c.code.Data)
		if got := r.Values[measure.Delivery]; math.Abs(got-want) > 4*sd {
			t.Errorf("%v at a loss of %g: delivery %.6f, closed form %.6f ± %.6f", c.code, c.loss, got, want, sd)
		}
		if played, got := r.Values[measure.Played], r.Values[measure.Delivery]; played != got {
			t.Errorf("%v at a loss of %g: delivery %v, played %v", c.code, c.loss, got, played)
		}
		if got, most := r.Values[measure.DelayMax], (3*node.Millisecond + node.Time(c.code.Block()-1)*config.Period).Seconds(); got > 1.001*most {
			t.Errorf("%v: a delay of %v s, longer than a block takes, %v s", c.code, got, most)
		}
		checkSends(t, r.Counts)
	}
}

// TestRepairIsOverhead: bytes of repair chunks, headers of theirs included, are no payload;
// data that was computed is.
func TestRepairIsOverhead(t *testing.T) {
	code := node.Code{Data: 20, Repair: 2}
	for _, loss := range []float64{0, 0.05} {
		c := star(code, loss, 1000)
		r := mustRun(t, c)
		data := float64(wire.Size(&node.Message{Kind: node.Chunk, Size: c.ChunkSize}))
		got := r.Values[measure.Overhead]
		n := r.Counts
		if want := float64(n.Bytes) / (data * float64(n.Useful-n.Repair+n.Recovered)); got != want {
			t.Errorf("overhead %v, want %v", got, want)
		}
		if want := (20*data + 2*(data+node.RepairHeader)) / (20 * data); loss == 0 && math.Abs(got-want) > 1e-3 {
			t.Errorf("nothing is lost: overhead %.5f, want %.5f", got, want)
		}
		if (n.Recovered > 0) != (loss > 0) || n.Repair == 0 {
			t.Errorf("at a loss of %g: %+v", loss, n)
		}
	}
}

// TestEverySchedulerSpreadsRepair: chunks that are lost for good come back, whoever
// chooses what is pushed, and the rest of the world agrees on what happened.
func TestEverySchedulerSpreadsRepair(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(c *sim.Config)
	}{
		{"random", func(*sim.Config) {}},
		{"random, cyclon", func(c *sim.Config) {
			c.Overlay = sim.Cyclon
			c.Peer.View, c.Peer.Shuffle, c.Peer.Gossip, c.Peer.Stagger = 8, 4, node.Second, true
		}},
		{"rp/lu, clairvoyant", func(c *sim.Config) {
			c.Peer.Scheduler, c.Knowledge, c.Peer.Push = schedulerNamed(t, "rp/lu"), sim.Clairvoyant, 25*node.Millisecond
		}},
		{"rp/lu, maps", func(c *sim.Config) {
			c.Peer.Scheduler, c.Peer.Maps, c.Peer.Push = schedulerNamed(t, "rp/lu"), 200*node.Millisecond, 20*node.Millisecond
		}},
		{"stripes", func(c *sim.Config) {
			c.Peer.Scheduler, c.Peer.Push, c.Copies = node.Stripes, 0, 0
			c.Peer.Stripes, c.Peer.Report, c.Peer.Patience, c.Peer.Policy, c.Peer.Buffer = 5, node.DefaultReport, node.DefaultPatience, node.Window, 192
		}},
		{"offer", func(c *sim.Config) {
			c.Peer.Scheduler, c.Peer.Push = node.Offer, 0
			c.Peer.Offers, c.Peer.Select, c.Peer.Lock, c.Peer.Policy, c.Peer.Buffer = node.DefaultOffers, 2, node.DefaultLock, node.Window, 192
		}},
	} {
		config := sim.Config{
			Seed: 1, Peers: 40, Copies: 3, Overlay: sim.Regular, View: 8, SourceInViews: true,
			Peer:   node.Config{Scheduler: node.Random, Push: 15 * node.Millisecond, Buffer: 16, Window: 64},
			Link:   link.Config{Loss: link.Loss{Rate: 0.05}, Latency: link.Span{Min: 5 * node.Millisecond, Max: 60 * node.Millisecond}},
			Period: 40 * node.Millisecond, ChunkSize: 1128, Duration: 40 * node.Second, From: 10 * node.Second, To: 35 * node.Second, Deadline: 5 * node.Second,
		}
		c.set(&config)
		plain := mustRun(t, config).Values[measure.Delivery]
		config.Peer.FEC = node.Code{Data: 10, Repair: 2}
		r := mustRun(t, config)
		if got := r.Values[measure.Delivery]; 1-got > 0.6*(1-plain) || r.Counts.Recovered == 0 {
			t.Errorf("%s: delivery %.5f without and %.5f with FEC, %d chunks recovered", c.name, plain, got, r.Counts.Recovered)
		}
		checkSends(t, r.Counts)
		config.Wire = true
		if other := mustRun(t, config); !same(r, other) {
			t.Errorf("%s: another result by datagrams", c.name)
		}
	}
}
