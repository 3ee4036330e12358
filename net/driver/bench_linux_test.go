package driver

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// cpuSeconds is the processor time, user and system, that this process has used.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkVirtualTime is 50 peers for 60 virtual seconds; it reports CPU time.
// A bubble wants a test around it.
func BenchmarkVirtualTime(b *testing.B) {
	datagrams := uint64(0)
	began := cpuSeconds(b)
	for b.Loop() {
		ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
			Name: "bubble", F: func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for _, o := range runSwarm(t, 50, 1, time.Minute) {
						datagrams += o.report.Traffic.In
					}
				})
			},
		}})
		if !ok {
			b.Fatal("the swarm failed")
		}
	}
	used := cpuSeconds(b) - began
	b.ReportMetric(used/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(datagrams)/used, "datagrams/cpu-s")
}
