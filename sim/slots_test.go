package sim_test

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/sim"
)

// schedulerNamed finds a scheduler, or stops the test.
func schedulerNamed(t testing.TB, name string) node.Scheduler {
	t.Helper()
	s, err := node.FindScheduler(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// slotted is the world of the literature: a full mesh in slots of a second, a
// chunk a slot, one push a slot; the chunks from first to last measured, the source
// going on for 100 slots after the last. Chunks older than 100 slots are not
// pushed any more.
func slotted(t testing.TB, n int, push string, know sim.Knowledge, first, last int, seed uint64) sim.Config {
	slots := func(n int) node.Time { return node.Time(n) * node.Second }
	return sim.Config{
		Seed: seed, Peers: n, Copies: 1,
		Peer: node.Config{
			Push: node.Second, Ticks: node.Synchronous, Scheduler: schedulerNamed(t, push),
			Policy: node.Window, Buffer: 128,
		},
		Knowledge: know, Slots: true,
		Period: node.Second, ChunkSize: 1000,
		From: slots(first), To: slots(last + 1), Duration: slots(last + 102),
		Deadline: slots(101),
	}
}

// TestFMin: the latest, or the most overdue, useful chunk to the peer that is
// furthest behind takes every chunk to every peer in the least possible time:
// delivery, greatest and mean delay are those of theory.md 1.2, exactly, and no
// push is in vain.
func TestFMin(t *testing.T) {
	for _, n := range []int{64, 100, 256, 1000, 1024, 10_000} {
		if !everything && n > 256 {
			continue
		}
		measured := 50
		if n > 1024 {
			measured = 10
		}
		log := bits.Len(uint(n - 1)) // ⌈log₂n⌉
		// Times are whole seconds: the mean is one division of whole numbers.
		longest, mean := float64(log+1), float64((log+1)*n-(1<<log-1))/float64(n)
		for _, push := range []string{"LUc/ELp", "DLc/ELp"} {
			t.Run(fmt.Sprintf("%s/N=%d", push, n), func(t *testing.T) {
				r, err := sim.Run(slotted(t, n, push, sim.Clairvoyant, 100, 99+measured, 1))
				if err != nil {
					t.Fatal(err)
				}
				v := r.Values
				t.Logf("delivery %v, delay %v … %v; theory 1, %v … %v", v[measure.Delivery], v[measure.DelayMean], v[measure.DelayMax], mean, longest)
				if v[measure.Delivery] != 1 || v[measure.DelayMax] != longest || math.Abs(v[measure.DelayMean]-mean) > 1e-14*mean {
					t.Errorf("delivery %v, mean delay %v, longest %v slots; theory says 1, %v, %v",
						v[measure.Delivery], v[measure.DelayMean], v[measure.DelayMax], mean, longest)
				}
				if r.Counts.Duplicates+r.Counts.Late > 0 {
					t.Errorf("%d pushes were in vain", r.Counts.Duplicates+r.Counts.Late)
				}
				checkSends(t, r.Counts)
			})
		}
	}
}

// TestNothingBeatsTheBound: with a latency of l further slots holders grow as
// u(t) = u(t−1) + u(t−1−l), and with two copies from the source they begin with two:
// no scheduler takes a chunk to all faster than that, and the optimal ones take some
// chunk exactly so (theory.md 1.2).
func TestNothingBeatsTheBound(t *testing.T) {
	for _, c := range []struct{ n, latency, copies int }{{100, 1, 1}, {100, 2, 1}, {100, 4, 1}, {64, 1, 1}, {256, 2, 1}, {100, 0, 2}, {256, 0, 2}} {
		holders := []int{c.copies}
		for t := 1; holders[t-1] < c.n; t++ {
			more := holders[t-1]
			if t > c.latency {
				more += holders[t-1-c.latency]
			}
			holders = append(holders, more)
		}
		bound := float64(len(holders) + c.latency) // the source's own copy takes 1 + latency
		for _, push := range []string{"LUc/ELp", "DLc/ELp", "lu/up", "rp/lu"} {
			cfg := slotted(t, c.n, push, sim.Clairvoyant, 100, 119, 1)
			cfg.Copies = c.copies
			latency := node.Time(c.latency) * node.Second
			cfg.Link.Latency = link.Span{Min: latency, Max: latency}
			least := node.Time(0) // of the chunks' times to the last receiver
			got, last := map[node.ChunkID]int{}, node.Time(0)
			cfg.Trace = func(e sim.Event) {
				if e.What != sim.First {
					return
				}
				if got[e.Chunk]++; got[e.Chunk] == c.n {
					last = e.At - node.Time(e.Chunk)*node.Second
					if least == 0 || last < least {
						least = last
					}
				}
			}
			if _, err := sim.Run(cfg); err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v %s: fastest chunk %v slots, bound %v", c, push, least.Seconds(), bound)
			if least > 0 && least.Seconds() < bound {
				t.Errorf("%+v: %s takes a chunk to all in %v slots, the bound is %v", c, push, least.Seconds(), bound)
			}
			if optimal := strings.HasSuffix(push, "ELp"); optimal && least.Seconds() != bound {
				t.Errorf("%+v: %s takes its fastest chunk to all in %v slots, and could in %v", c, push, least.Seconds(), bound)
			}
		}
	}
}

// TestUnseen: without seeing what others decide in the same slot there is no
// F_min: 0.646, and a collapse (theory.md 1.1; chunks 100 to 299 of 400).
func TestUnseen(t *testing.T) {
	seeds := 2
	if everything {
		seeds = 10
	}
	for _, c := range []struct {
		push     string
		from, to float64
	}{{"LUc/ELp", 0.636, 0.656}, {"DLc/ELp", 0, 0.45}} {
		results := runs(t, seeds, func(seed uint64) sim.Config {
			return slotted(t, 1000, c.push, sim.Landed, 100, 298, seed)
		})
		got, se := meanOf(results, measure.Delivery)
		t.Logf("%s: %.4f ± %.4f", c.push, got, se)
		if got < c.from || got > c.to {
			t.Errorf("%s delivers %.4f, want %.3f to %.3f", c.push, got, c.from, c.to)
		}
	}
}

// TestSchedulerTable: theory.md 2.2 at N = 100; scenarios/paper has all of it, with
// proofs. The reference's chunks are
// 150 to 249: at this load some have no steady state.
func TestSchedulerTable(t *testing.T) {
	seeds := 10
	rows := []tableRow{
		{"rp/lu", sim.Clairvoyant, 0.965, 11.3, 70},
		{"rp/ru", sim.Clairvoyant, 0.998, 29.0, 75},
		{"dp/lu", sim.Landed, 0.816, 8.5, 19},
		{"lb/rp", sim.NoKnowledge, 0.633, 7.02, 12},
	}
	if everything {
		seeds = 30
		rows = append(rows, otherRows...)
	}
	for _, c := range rows {
		results := runs(t, seeds, func(seed uint64) sim.Config { return slotted(t, 100, c.push, c.know, 150, 249, seed) })
		delivery, _ := meanOf(results, measure.Delivery)
		delay, _ := meanOf(results, measure.DelayMean)
		p99, _ := meanOf(results, measure.DelayP99)
		t.Logf("%s, knowledge %d: %.4f / %.2f / %.1f, reference %.3f / %.2f / %.0f", c.push, c.know, delivery, delay, p99, c.delivery, c.delay, c.p99)
		if math.Abs(delivery-c.delivery) > 0.01 || math.Abs(delay-c.delay) > 0.03*c.delay || math.Abs(p99-c.p99) > max(2, 0.05*c.p99) {
			t.Errorf("%s, knowledge %d: delivery %.4f, mean delay %.2f, p99 %.1f slots; want %.3f ± 0.01, %.2f ± 3 %%, %.0f ± 2 or 5 %%",
				c.push, c.know, delivery, delay, p99, c.delivery, c.delay, c.p99)
		}
	}
}

// tableRow is what a scheduler comes to at N = 100: delivery, mean and 99th
// percentile of the delay in slots.
type tableRow struct {
	push                 string
	know                 sim.Knowledge
	delivery, delay, p99 float64
}

// otherRows are those that take longer.
var otherRows = []tableRow{
	{"lu/up", sim.Clairvoyant, 1, 7.62, 20},
	{"lb/up", sim.Clairvoyant, 0.938, 7.09, 10},
	{"rp/ed", sim.Clairvoyant, 1, 51.1, 71},
	{"dp/lu", sim.Clairvoyant, 1, 7.80, 16},
	{"dp/ru", sim.Clairvoyant, 1, 16.2, 29},
	{"dp/ru", sim.Landed, 0.992, 46.4, 91},
}

// TestLatestBlindRecursion: the recursions of theory.md 2.1 for the latest chunk,
// pushed to anybody and to somebody who lacks it, at a chunk every one and every
// two slots.
func TestLatestBlindRecursion(t *testing.T) {
	const n = 400
	for _, useful := range []bool{false, true} {
		for _, per := range []int{1, 2} {
			// x is who has a chunk at each age, l who pushes it, having none newer.
			x := []float64{0, 1.0 / n}
			for a := 1; a < 90; a++ {
				l := x[a]
				for older := a - per; older > 0; older -= per {
					l *= 1 - x[older]
				}
				missed := math.Pow(1-1.0/(n-1), n*l)
				if x[a] == 1 {
					missed = 1
				} else if useful {
					missed = math.Exp(-l / (1 - x[a]))
				}
				x = append(x, x[a]+(1-x[a])*(1-missed))
			}
			want, delay := x[len(x)-1], 0.0
			for a := 1; a < len(x); a++ {
				delay += float64(a) * (x[a] - x[a-1]) / want
			}
			push, know := "lb/rp", sim.NoKnowledge
			if useful {
				push, know = "lb/up", sim.Landed
			}
			results := runs(t, 5, func(seed uint64) sim.Config {
				c := slotted(t, n, push, know, 100, 299, seed)
				c.Period *= node.Time(per)
				c.Duration, c.To = c.Duration+c.To, 2*c.To
				return c
			})
			got, _ := meanOf(results, measure.Delivery)
			took, _ := meanOf(results, measure.DelayMean)
			t.Logf("%s, a chunk every %d slots: %.4f after %.2f, recursion %.4f after %.2f", push, per, got, took, want, delay)
			if math.Abs(got-want) > 0.01 || math.Abs(took-delay) > 0.03*delay {
				t.Errorf("%s, a chunk every %d slots: delivery %.4f after %.2f slots, recursion %.4f after %.2f", push, per, got, took, want, delay)
			}
		}
	}
}

// TestSlots: what is sent in a slot lands at its end, latency and all, and is
// pushed on in the next one.
func TestSlots(t *testing.T) {
	c := slotted(t, 2, "latest", sim.NoKnowledge, 1, 1, 1)
	c.Period = 3 * node.Second / 2 // 0, 1.5, 3 … s: published in slots 0, 2, 3 …
	c.Link.Latency = link.Span{Min: 200 * node.Millisecond, Max: 200 * node.Millisecond}
	c.From, c.To, c.Duration, c.Deadline = 0, 3*node.Second, 7*node.Second, 0
	var got []string
	c.Trace = func(e sim.Event) {
		if e.Chunk == 1 && (e.What == sim.First || e.What == sim.Sent) {
			got = append(got, fmt.Sprintf("%v %s", e.At/node.Millisecond, e.What))
		}
	}
	if _, err := sim.Run(c); err != nil {
		t.Fatal(err)
	}
	want := []string{"2000 sent", "3200 first", "4000 sent", "5000 sent", "5200 first"}
	if len(got) < 5 || fmt.Sprint(got[:5]) != fmt.Sprint(want) {
		t.Errorf("%v, want %v and so on", got, want)
	}
}

// TestSlotsRefused: what cannot be in slots says so.
func TestSlotsRefused(t *testing.T) {
	for _, change := range []func(*sim.Config){
		func(c *sim.Config) { c.Peer.Ticks = node.RandomPhase },
		func(c *sim.Config) { c.Peer.Push = 0 },
		func(c *sim.Config) { c.Knowledge = sim.NoKnowledge },
		func(c *sim.Config) { c.Knowledge = 9 },
		func(c *sim.Config) { c.Peer.Scheduler = node.Random },
		func(c *sim.Config) { c.SourceKnowsAll = true },
		func(c *sim.Config) { c.Overlay, c.View, c.Shape = sim.GammaOut, 6, 5 },
		func(c *sim.Config) { c.Overlay, c.View, c.Shape = sim.GammaOut, 5, 0 },
	} {
		c := slotted(t, 10, "lu/el", sim.Clairvoyant, 10, 20, 1)
		change(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("accepted: %+v", c)
		}
	}
}
