package sim_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// BenchmarkW1 runs the common yardstick workload, whole: set-up, real peers,
// network model, metrics and fingerprint. Compare its messages per CPU second
// with the bare loop's, run alternately (CONTRIBUTING.md, "Performance").
// A million peers run for 10 s; -short leaves them and the 100,000 out.
func BenchmarkW1(b *testing.B) {
	sizes := []int{100, 1000, 10_000}
	if !testing.Short() {
		sizes = append(sizes, 100_000, 1_000_000)
	}
	benchmarkW1(b, w1, sizes...)
}

// BenchmarkWorkers is W1 for 10 s by one worker and by two: compare their messages per
// second, of a machine that has nothing else to do.
func BenchmarkWorkers(b *testing.B) {
	for _, n := range []int{20_000, 100_000} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("peers=%d/workers=%d", n, workers), func(b *testing.B) {
				var messages uint64
				for i := range b.N {
					b.StopTimer()
					c := shortened(w1(n, uint64(i)))
					c.Workers = workers
					w, err := sim.New(c)
					if err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					w.Advance(c.Duration)
					b.StopTimer()
					messages += w.Result().Counts.Sends
					b.StartTimer()
				}
				b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "msgs/s")
			})
		}
	}
}

// shortened is a W1 of 10 s.
func shortened(c sim.Config) sim.Config {
	c.Duration, c.From, c.To = 10*node.Second, 3*node.Second, 8*node.Second
	return c
}

// BenchmarkW1Everything is the same with upload rates and queues, classes and burst loss,
// whose cost is to be paid by who switches them on, and by nobody else.
func BenchmarkW1Everything(b *testing.B) {
	benchmarkW1(b, func(n int, seed uint64) sim.Config {
		c := w1(n, seed)
		c.Link.Loss.Burst = 4
		slow, fast := c.Link, c.Link
		slow.Upload, slow.Queue = 2_000_000, link.Queue{Time: node.Second}
		fast.Upload, fast.Queue = 100_000_000, link.Queue{Time: node.Second}
		c.Classes = []sim.Class{{Share: 0.8, Link: slow, Push: c.Peer.Push}, {Share: 0.2, Link: fast, Push: c.Peer.Push}}
		c.SourceLink = &fast
		return c
	}, 1000, 10_000)
}

func benchmarkW1(b *testing.B, config func(n int, seed uint64) sim.Config, sizes ...int) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("peers=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var messages, events, allocs, bytes uint64
			before := cpuSeconds(b)
			var m runtime.MemStats
			for i := range b.N {
				c := config(n, uint64(i))
				if n > 100_000 {
					c = shortened(c)
				}
				w, err := sim.New(c)
				if err != nil {
					b.Fatal(err)
				}
				// Outboxes, pages and the slab grow in the first seconds.
				w.Advance(c.Duration / 6)
				runtime.ReadMemStats(&m)
				mallocs, was := m.Mallocs, w.Events()
				w.Advance(c.Duration)
				runtime.ReadMemStats(&m)
				r := w.Result()
				allocs += m.Mallocs - mallocs
				events += r.Counts.Events - was
				messages += r.Counts.Sends
				bytes = m.HeapAlloc
			}
			cpu := cpuSeconds(b) - before
			b.ReportMetric(float64(messages)/cpu, "msgs/cpu-s")
			b.ReportMetric(cpu*1e9/float64(messages)/2, "cpu-ns/event")
			b.ReportMetric(float64(allocs)/float64(events), "allocs/event")
			b.ReportMetric(float64(bytes)/float64(n), "B/peer")
		})
	}
}

// TestNoAllocationPerEvent: once buffers have grown, a second of the yardstick
// workload, some 49,000 events, allocates nothing.
func TestNoAllocationPerEvent(t *testing.T) {
	w, err := sim.New(w1(1000, 1))
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(10 * node.Second)
	if n := testing.AllocsPerRun(10, func() { w.Advance(w.Now() + node.Second) }); n != 0 {
		t.Errorf("%v allocations in a simulated second", n)
	}
}

// cpuSeconds is the processor time, user and system, that this process has
// taken: wall time says little on a shared machine.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
