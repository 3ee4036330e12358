package link_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
)

// Each part of the model against its own law.

// TestBurstLoss: the share lost, and the mean length of a run of losses, are those asked
// for, within 2 % over 10⁶ packets of 20 senders.
func TestBurstLoss(t *testing.T) {
	for _, c := range []link.Loss{{Rate: 0.02, Burst: 4}, {Rate: 0.1, Burst: 2}, {Rate: 0.17, Burst: 20}, {Rate: 0.01, Burst: 1}} {
		m := link.New(&link.Config{Loss: c}, 5)
		lost, runs := 0, 0
		const senders, each = 20, 500_000
		for sender := range node.PeerID(senders) {
			var a link.Access
			m.Attach(&a, sender)
			before := false
			for n := range uint32(each) {
				gone := m.Send(&a, 0, sender, &a, n, 100).Outcome == link.Lost
				if gone {
					lost++
					if !before {
						runs++
					}
				}
				before = gone
			}
		}
		rate, burst := float64(lost)/(senders*each), float64(lost)/float64(runs)
		t.Logf("%.3g %% in bursts of %.3g: lost %.4f %%, mean run %.3f", 100*c.Rate, c.Burst, 100*rate, burst)
		if math.Abs(rate/c.Rate-1) > 0.02 || math.Abs(burst/c.Burst-1) > 0.02 {
			t.Errorf("%v: lost %.5f in runs of %.3f", c, rate, burst)
		}
	}
}

// TestShares: duplication, reordering and corruption strike the share asked for.
func TestShares(t *testing.T) {
	const n = 200_000
	m := link.New(&link.Config{Latency: link.Span{Min: 10, Max: 10}, Duplicate: 0.05, Reorder: 0.02, ReorderBy: 7, Corrupt: 0.01}, 5)
	unchecked := link.New(&link.Config{Corrupt: 0.01, NoChecksum: true}, 5)
	var a link.Access
	var doubled, held, spoiled, flipped float64
	for i := range uint32(n) {
		f := m.Send(&a, 0, 1, &a, i, 100)
		switch {
		case f.Outcome == link.Spoiled:
			spoiled++
		case f.Delay == 17:
			held++
		case f.Delay != 10:
			t.Fatalf("delay %d", f.Delay)
		}
		if f.Copy > 0 {
			doubled++
		}
		if f := unchecked.Send(&a, 0, 1, &a, i, 100); f.Flips > 0 {
			flipped++
		} else if f.Outcome != link.Arrives {
			t.Fatal("lost without a checksum")
		}
	}
	for name, c := range map[string][2]float64{"doubled": {doubled, 0.05 * 0.99}, "held": {held, 0.02 * 0.99}, "spoiled": {spoiled, 0.01}, "flipped": {flipped, 0.01}} {
		if got := c[0] / n; math.Abs(got-c[1]) > 4*math.Sqrt(c[1]/n) {
			t.Errorf("%s: %.5f, want %.5f", name, got, c[1])
		}
	}
}

// TestFragments: a datagram of k packets costs k headers, and is lost with 1−(1−p)^k.
func TestFragments(t *testing.T) {
	for _, c := range []struct {
		size, mtu, packets, bytes int64
	}{
		{1500, 1500, 1, 1500}, {1501, 1500, 2, 1521}, {2980, 1500, 2, 3000}, {2981, 1500, 3, 3021}, {1200, 600, 3, 1240}, {65507 + 28, 1500, 45, 65535 + 44*20}, {99, 0, 1, 99},
	} {
		m := link.New(&link.Config{MTU: int(c.mtu), Loss: link.Loss{Rate: 0.03}}, 1)
		if got := m.Bytes(c.size); got != c.bytes {
			t.Errorf("%d bytes at an MTU of %d cost %d, want %d", c.size, c.mtu, got, c.bytes)
		}
		const n = 100_000
		lost := 0.0
		var a link.Access
		for i := range uint32(n) {
			if m.Send(&a, 0, 1, &a, i, c.size).Outcome == link.Lost {
				lost++
			}
		}
		want := 1 - math.Pow(0.97, float64(c.packets))
		if math.Abs(lost/n-want) > 4*math.Sqrt(want*(1-want)/n) {
			t.Errorf("%d packets: lost %.4f, want %.4f", c.packets, lost/n, want)
		}
	}
}

// TestSerialisation: bits take their time, to the nanosecond, one datagram after another.
func TestSerialisation(t *testing.T) {
	m := link.New(&link.Config{Upload: 8_000_000, Latency: link.Span{Min: 5, Max: 5}}, 1)
	var a, b link.Access
	for i, want := range []node.Time{1000, 2000, 3000} {
		if f := m.Send(&a, 0, 1, &b, uint32(i), 1); f.Delay != want+5 {
			t.Errorf("byte %d at 8 Mbit/s takes %d ns, want %d", i, f.Delay, want+5)
		}
	}
	if a.Backlog(0) != 3000 || a.Backlog(5000) != 0 {
		t.Errorf("backlog %d, %d", a.Backlog(0), a.Backlog(5000))
	}
	// 10 bits a second do not divide a byte: rounded up.
	slow := link.New(&link.Config{Upload: 3}, 1)
	if f := slow.Send(&a, 10_000, 1, &b, 9, 1); f.Delay != 2_666_666_667 {
		t.Errorf("a byte at 3 bit/s takes %d ns", f.Delay)
	}
	d := link.New(&link.Config{Download: 8_000_000}, 1)
	if at, ok := d.Receive(&b, 7, 3); at != 3007 || !ok {
		t.Errorf("3 bytes down: %d %v", at, ok)
	}
}

// TestQueueBounds: what does not fit is dropped at the tail, by time or by bytes.
func TestQueueBounds(t *testing.T) {
	for _, q := range []link.Queue{{Time: 3000}, {Bytes: 4}} {
		m := link.New(&link.Config{Upload: 8_000_000, Queue: q}, 1)
		var a link.Access
		for i := range uint32(6) {
			f := m.Send(&a, 0, 1, &a, i, 1)
			if fits := i < 4; fits != (f.Outcome == link.Arrives) || !fits && f.Outcome != link.Overflows {
				t.Errorf("%+v: datagram %d: %+v", q, i, f)
			}
		}
		if f := m.Send(&a, 1001, 1, &a, 9, 1); f.Outcome != link.Arrives {
			t.Errorf("%+v: room again, and it is dropped", q)
		}
	}
}

// TestQueueingDelay: with Poisson arrivals the mean wait of an upload link is that of
// M/D/1, ρ/(2μ(1−ρ)) (Pollaczek-Khinchine), within 3 standard errors over 30 runs; at load
// 1.5 it carries 1/1.5 of what is sent, and what it carries waits as long as the queue is.
func TestQueueingDelay(t *testing.T) {
	const service = node.Millisecond // 125 bytes at 1 Mbit/s
	for _, load := range []float64{0.5, 0.8, 0.9} {
		m := link.New(&link.Config{Upload: 1_000_000}, 1)
		gap := law.Law{Kind: law.Exp, Mean: node.Time(float64(service) / load)}
		gaps := gap.Ready()
		const runs, each, warm = 30, 100_000, 5_000
		var means []float64
		for run := range uint64(runs) {
			var a link.Access
			r := node.Stream(run, 1, 0)
			now, sum := node.Time(0), 0.0
			for i := range uint32(each + warm) {
				now += gaps.Draw(r.Uint64())
				f := m.Send(&a, now, 1, &a, i, 125)
				if i >= warm {
					sum += (f.Delay - service).Seconds()
				}
			}
			means = append(means, sum/each)
		}
		mean, se := meanAndError(means)
		want := load / (2 * (1 - load)) * service.Seconds()
		t.Logf("load %.1f: mean wait %.4f ms ± %.4f, M/D/1 %.4f", load, 1000*mean, 1000*se, 1000*want)
		if math.Abs(mean-want) > 3*se {
			t.Errorf("load %.1f: mean wait %.6f s, want %.6f ± %.6f", load, mean, want, 3*se)
		}
	}
	m := link.New(&link.Config{Upload: 1_000_000, Queue: link.Queue{Time: 200 * service}}, 1)
	gap := law.Law{Kind: law.Exp, Mean: 2 * service / 3}
	gaps := gap.Ready()
	r := node.Stream(9, 1, 0)
	var a link.Access
	now, through, wait := node.Time(0), 0.0, 0.0
	const n = 1_000_000
	for i := range uint32(n) {
		now += gaps.Draw(r.Uint64())
		if f := m.Send(&a, now, 1, &a, i, 125); f.Outcome == link.Arrives {
			through++
			wait += (f.Delay - service).Seconds()
		}
	}
	share, mean := through/n, wait/through
	t.Logf("load 1.5: %.4f carried (1/1.5 = %.4f), mean wait %.4f s of a queue of 0.2 s", share, 1/1.5, mean)
	if math.Abs(share-1/1.5) > 0.003 || mean < 0.195 || mean > 0.2 {
		t.Errorf("load 1.5: %.4f carried, mean wait %.4f s", share, mean)
	}
}

func meanAndError(xs []float64) (mean, se float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		se += (x - mean) * (x - mean)
	}
	n := float64(len(xs))
	return mean, math.Sqrt(se / (n - 1) / n)
}

// TestRegions: peers live where the shares say, and a datagram takes its pair's latency
// and both ends' lines.
func TestRegions(t *testing.T) {
	table := &link.Regions{Names: []string{"a", "b", "c"}, Shares: []float64{3, 0, 1}, OneWay: [][]node.Time{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}}
	m := link.New(&link.Config{Regions: table, Access: link.Span{Min: 100, Max: 200}}, 1)
	const n = 10_000
	all := make([]link.Access, n)
	var in [3]float64
	for i := range all {
		m.Attach(&all[i], node.PeerID(i))
		in[all[i].Region()]++
	}
	if in[1] != 0 || math.Abs(in[0]-0.75*n) > 4*math.Sqrt(n*0.75*0.25) {
		t.Errorf("peers by region: %v", in)
	}
	for i := range n - 1 {
		from, to := &all[i], &all[i+1]
		f := m.Send(from, 0, node.PeerID(i), to, 0, 100)
		back := m.Send(to, 0, node.PeerID(i+1), from, 0, 100)
		lines := f.Delay - table.OneWay[from.Region()][to.Region()]
		if lines < 200 || lines > 400 || back.Delay-table.OneWay[to.Region()][from.Region()] != lines {
			t.Fatalf("from region %d to %d in %d, back in %d", from.Region(), to.Region(), f.Delay, back.Delay)
		}
	}
}

// TestJitterLaws: what is added follows the law asked for (package law holds each law to
// its distribution function; here that the link adds just it).
func TestJitterLaws(t *testing.T) {
	for _, l := range []law.Law{
		{Kind: law.Uniform, Max: 50}, {Kind: law.Exp, Mean: 50}, {Kind: law.Normal, Mean: 50, SD: 9},
		{Kind: law.Pareto, Mean: 50, Shape: 3}, {Kind: law.LogNormal, Mean: 50, SD: 20},
	} {
		m := link.New(&link.Config{Jitter: l, Latency: link.Span{Min: 1000, Max: 1000}}, 1)
		d := l.Ready()
		sum, want, r := 0.0, 0.0, node.Stream(3, 1, 0)
		const n = 200_000
		for i := range uint32(n) {
			delay, _ := m.Quick(1, i)
			sum += float64(delay - 1000)
			want += float64(d.Draw(r.Uint64()))
		}
		if math.Abs(sum/want-1) > 0.02 {
			t.Errorf("%s: adds %.2f in the mean, the law %.2f", law.Names[l.Kind], sum/n, want/n)
		}
	}
}

// TestNoAllocation: a datagram costs no memory.
func TestNoAllocation(t *testing.T) {
	c := everything()
	m := link.New(&c, 1)
	var a link.Access
	m.Attach(&a, 1)
	n := uint32(0)
	if allocs := testing.AllocsPerRun(1000, func() { n++; m.Send(&a, node.Time(n), 1, &a, n, 1200) }); allocs != 0 {
		t.Errorf("%v allocations a datagram", allocs)
	}
}

func BenchmarkSend(b *testing.B) {
	burst := everything()
	burst.Loss.Burst = 4
	for name, c := range map[string]link.Config{
		"plain":      {Latency: link.Span{Min: 10, Max: 100}, Loss: link.Loss{Rate: 0.01}},
		"everything": burst,
	} {
		b.Run(name, func(b *testing.B) {
			m := link.New(&c, 1)
			var a link.Access
			m.Attach(&a, 1)
			n := uint32(0)
			for b.Loop() {
				n++
				m.Send(&a, node.Time(n)*node.Millisecond, 1, &a, n, 1200)
			}
		})
	}
}
