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
	Lost uint64 `json:"lost"`
	// Tardy is how much later than the script has it a stay began, at most.
	Tardy     time.Duration `json:"tardy"`
	datagrams uint64
}

// resources is what a run has used.
type resources struct {
	CPU  time.Duration `json:"cpu"`
	Wall time.Duration `json:"wall"`
	// Memory is the bytes that all processes have from the system at their end, but for the
	// program's code, which they share.
	Memory uint64 `json:"memory"`
	// Processes is how many played a peer, each for one stay; 0: all played in this one.
	Processes int `json:"processes,omitempty"`
}

func (a resources) since(b resources) resources {
	a.CPU -= b.CPU
	a.Wall -= b.Wall
	return a
}

// and adds what others have used in the same time.
func (a resources) and(b resources) resources {
	a.CPU += b.CPU
	a.Memory += b.Memory
	a.Processes += b.Processes
	return a
}

var started = time.Now()

func usage() resources {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return resources{CPU: processorTime(), Wall: time.Since(started), Memory: m.Sys - m.HeapReleased}
}

func (m *Machine) add(r *record) {
	m.Skipped += r.Report.SkippedTicks
	m.Lost += r.Report.KernelDrops + r.Report.Traffic.SendErrors
	m.datagrams += r.Report.Traffic.In
	m.Tardy = max(m.Tardy, time.Duration(r.Began-r.stay.From))
	for i, n := range r.Delays {
		m.Late[i] += n
	}
}

// Bounds of what a machine may be late for. Beyond them delays and losses are its own, and
// the run says nothing about the protocol.
const (
	tooLate   = 12      // 2¹² µs = 4 ms
	lateShare = 0.02    // of all that was due; what was left out was late, too
	lostShare = 0.00001 // of all datagrams
	tooTardy  = 250 * time.Millisecond
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
	case m.Tardy > tooTardy:
		return fmt.Sprintf("a peer was there %v late", m.Tardy.Round(time.Millisecond))
	}
	return ""
}

// String says it in a line.
func (m *Machine) String() string {
	cores := m.CPU.Seconds() / m.Wall.Seconds()
	where := ""
	if m.Processes > 0 {
		where = fmt.Sprintf(", in %d processes", m.Processes)
	}
	return fmt.Sprintf("%.2f cores, %.1f ms of CPU time a peer and second, %.1f MB a peer, 99%% done within %v, %d ticks left out, %d of %d datagrams lost inside%s",
		cores, 1000*cores/float64(m.Peers+1), float64(m.Memory)/1e6/float64(m.Peers+1), m.Late.quantile(0.99), m.Skipped, m.Lost, m.datagrams, where)
}
