package live

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"pushcast/net/driver"
	"pushcast/node/measure"
	"pushcast/results"
)

// status tells how the peer is doing: a line a second on a terminal, a log line
// every ten seconds else. Rates and ratios are those of the last ten seconds.
type status struct {
	screen  *screen
	log     *slog.Logger
	peer    bool
	skipped func() uint64 // chunks that the reader was too slow for
	past    []driver.Report
	last    driver.Report
	drops   uint64
	next    time.Duration // when the next log line is due
}

// recent is how far the ratios look back.
const recent = 10 * time.Second

func newStatus(s *screen, log *slog.Logger, peer bool) *status {
	return &status{screen: s, log: log, peer: peer, skipped: func() uint64 { return 0 }, past: make([]driver.Report, 1), next: recent}
}

// report takes what the driver says.
func (s *status) report(r *driver.Report) {
	if s.last = *r; r.Last {
		return
	}
	for len(s.past) > 1 && time.Duration(r.At-s.past[1].At) >= recent {
		s.past = s.past[1:]
	}
	if r.KernelDrops > s.drops {
		s.log.Warn("the kernel drops datagrams: the receive buffer is full", "dropped", r.KernelDrops)
		s.drops = r.KernelDrops
	}
	switch {
	case s.screen.terminal:
		s.screen.show(s.line(r))
	case time.Duration(r.At) >= s.next:
		s.log.Info("status", s.attributes(r)...)
		s.next = time.Duration(r.At).Truncate(recent) + recent
	}
	s.past = append(s.past, *r)
}

// end removes the status line, and sums up, unless it is to be silent.
func (s *status) end(silent bool) {
	if s.screen.terminal {
		s.screen.show("")
	}
	if silent {
		return
	}
	r := &s.last
	if !s.peer {
		s.log.Info("ended", "chunks", r.Published)
		return
	}
	attributes := []any{"received", r.Received, "of", r.Due, "put_out", r.Peer.Played}
	for m, d := range measure.Definitions { // what the simulator would print of this peer
		if x := r.Values[m]; !math.IsNaN(x) {
			attributes = append(attributes, d.Name, results.Format(x, d.Unit))
		}
	}
	if n := s.skipped(); n > 0 {
		attributes = append(attributes, "reader_too_slow_for", n)
	}
	s.log.Info("ended", attributes...)
}

// span gives what has happened since the oldest report that is remembered.
func (s *status) span(r *driver.Report) (delivered, duplicates, down, up float64) {
	old := &s.past[0]
	seconds := (r.At - old.At).Seconds()
	delivered = ratio(uint64(r.Received-old.Received), uint64(r.Due-old.Due))
	duplicates = ratio(r.Chunks.Duplicates-old.Chunks.Duplicates, r.Chunks.Arrived-old.Chunks.Arrived)
	return delivered, duplicates, float64(r.Traffic.InBytes-old.Traffic.InBytes) * 8 / seconds,
		float64(r.Traffic.OutBytes-old.Traffic.OutBytes) * 8 / seconds
}

// line is for a terminal of 80 columns, and never longer than 79.
func (s *status) line(r *driver.Report) string {
	delivered, duplicates, down, up := s.span(r)
	if !s.peer {
		return fmt.Sprintf("chunk %d  neighbours %d  up %sbit/s", r.Published, r.Neighbours, rate(up))
	}
	return fmt.Sprintf("delivered %s  p95 %s  neighbours %d  down %s up %sbit/s  dup %s", percent(delivered),
		seconds(r.Values[measure.DelayP95]), r.Neighbours, rate(down), rate(up), wholePercent(duplicates))
}

// attributes is the same for a log; what is rare stands there only if it is.
func (s *status) attributes(r *driver.Report) []any {
	delivered, duplicates, down, up := s.span(r)
	var a []any
	if s.peer {
		a = append(a, "delivered", percent(delivered), "delay_p95", seconds(r.Values[measure.DelayP95]),
			"duplicates", percent(duplicates), "put_out", r.Peer.Played, "down", rate(down)+"bit/s")
	} else {
		a = append(a, "chunks", r.Published)
	}
	a = append(a, "up", rate(up)+"bit/s", "neighbours", r.Neighbours)
	for _, rare := range []struct {
		name string
		n    uint64
	}{
		{"refused", r.Traffic.Refused()}, {"foreign", r.Traffic.Foreign}, {"strays", r.Peer.Strays}, {"restarts", r.Peer.Restarts},
		{"late_ticks", r.SkippedTicks}, {"send_errors", r.Traffic.SendErrors}, {"read_errors", r.Traffic.ReadErrors},
		{"reader_too_slow_for", s.skipped()},
	} {
		if rare.n > 0 {
			a = append(a, rare.name, rare.n)
		}
	}
	return a
}

func ratio(n, of uint64) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(n) / float64(of)
}

// unknown stands for a figure that does not exist yet.
const unknown = "-"

func percent(x float64) string {
	if math.IsNaN(x) {
		return unknown
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
}

func wholePercent(x float64) string {
	if math.IsNaN(x) {
		return unknown
	}
	return strconv.FormatFloat(100*x, 'f', 0, 64) + "%"
}

func seconds(x float64) string {
	if math.IsNaN(x) {
		return unknown
	}
	return strconv.FormatFloat(x, 'f', 2, 64) + "s"
}

// rate has three digits and a prefix.
func rate(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return unknown
	}
	prefix := ""
	for _, p := range []string{"k", "M", "G"} {
		if x < 999.5 {
			break
		}
		x, prefix = x/1000, p
	}
	digits := 0
	if prefix != "" && x < 99.95 {
		digits = 1
	}
	return strconv.FormatFloat(x, 'f', digits, 64) + prefix
}
