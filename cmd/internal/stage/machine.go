package stage

import (
	"fmt"
	"runtime"
	"time"
)

// Machine is what the machine was to a run.
type Machine struct {
	resources
	Peers int `json:"peers"`
	// Skipped are ticks and chunks that were left out because they were more than
	// driver.MakeUp late; Late is how late was done what was due.
	Skipped uint64   `json:"skipped"`
	Late    lateness `json:"-"`
	// Lost are datagrams that the kernel dropped because a receive buffer was full, or
	// refused to send.
	Lost      uint64 `json:"lost"`
	datagrams uint64
}

// resources is what a process has used.
type resources struct {
	CPU    time.Duration `json:"cpu"`
	Wall   time.Duration `json:"wall"`
	Memory uint64        `json:"memory"` // bytes that it has from the system at the end
}

func (a resources) since(b resources) resources {
	return resources{a.CPU - b.CPU, a.Wall - b.Wall, a.Memory}
}

var started = time.Now()

func usage() resources {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return resources{processorTime(), time.Since(started), m.Sys - m.HeapReleased}
}

func (m *Machine) add(r *record) {
	m.Skipped += r.report.SkippedTicks
	m.Lost += r.report.KernelDrops + r.report.Traffic.SendErrors
	m.datagrams += r.report.Traffic.In
	for i, n := range r.late {
		m.Late[i] += n
	}
}

// Bounds of what a machine may be late for. Beyond them delays and losses are its own, and
// the run says nothing about the protocol.
const (
	tooLate   = 12      // 2¹² µs = 4 ms
	lateShare = 0.02    // of all that was due; what was left out was late, too
	lostShare = 0.00001 // of all datagrams
)

// Saturated tells why the machine was too busy to play the run; empty where it was not.
func (m *Machine) Saturated() string {
	due := m.Late
	due[len(due)-1] += m.Skipped
	share := due.beyond(tooLate)
	switch {
	case share > lateShare:
		return fmt.Sprintf("%.1f%% of what was due was done more than 4ms late, or left out", 100*share)
	case float64(m.Lost) > lostShare*float64(m.datagrams):
		return fmt.Sprintf("%d datagrams were lost inside the machine", m.Lost)
	}
	return ""
}

// String says it in a line.
func (m *Machine) String() string {
	cores := m.CPU.Seconds() / m.Wall.Seconds()
	return fmt.Sprintf("%.2f cores, %.1f ms of CPU time a peer and second, %.1f MB a peer, 99%% done within %v, %d ticks left out, %d of %d datagrams lost inside",
		cores, 1000*cores/float64(m.Peers+1), float64(m.Memory)/1e6/float64(m.Peers+1), m.Late.quantile(0.99), m.Skipped, m.Lost, m.datagrams)
}
