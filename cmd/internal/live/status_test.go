package live

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"pushcast/net/driver"
	"pushcast/node"
	"pushcast/node/measure"
)

// reports are three, of a peer that gets worse.
func reports() []driver.Report {
	at := func(seconds node.Time, due, received uint32, bytes, arrived, copies uint64) driver.Report {
		r := driver.Report{At: seconds * node.Second, Due: due, Received: received, Neighbours: 30, Values: measure.None()}
		r.Values[measure.DelayP95] = 12.3456
		r.Traffic.InBytes, r.Traffic.OutBytes = bytes, bytes/2
		r.Chunks = measure.Traffic{Arrived: arrived, Duplicates: copies}
		r.Published = uint64(due)
		return r
	}
	last := at(20, 300, 250, 200_000_000, 4000, 3500)
	last.Traffic.BadLength, last.Peer.Strays, last.SkippedTicks = 3, 2, 1
	last.KernelDrops, last.DropsKnown = 9, true
	return []driver.Report{at(1, 0, 0, 1000, 0, 0), at(10, 100, 100, 100_000, 1000, 500), last}
}

// TestStatusLine: on a terminal one line is written over, of the last ten
// seconds, and fits 80 columns; log lines stand above it; at the end it is gone.
func TestStatusLine(t *testing.T) {
	var b bytes.Buffer
	s := &screen{w: &b, terminal: true}
	st := newStatus(s, logger(s, slog.LevelInfo, "text"), true)
	var lines []string
	for _, r := range reports() {
		st.report(&r)
		lines = append(lines, s.status)
	}
	want := []string{
		"delivered -  p95 12.35s  neighbours 30  down 8.0k up 4.0kbit/s  dup -",
		"delivered 100.0%  p95 12.35s  neighbours 30  down 80.0k up 40.0kbit/s  dup 50%",
		"delivered 75.0%  p95 12.35s  neighbours 30  down 160M up 80.0Mbit/s  dup 100%",
	}
	for i := range want {
		if len(lines[i]) > 79 {
			t.Errorf("report %d has %d columns", i, len(lines[i]))
		}
		if lines[i] != want[i] {
			t.Errorf("report %d: %q, must be %q", i, lines[i], want[i])
		}
	}
	if !strings.Contains(b.String(), clearLine+"time=") || !strings.Contains(b.String(), "the kernel drops datagrams") {
		t.Errorf("the warning is not above the line: %q", b.String())
	}
	st.end(false)
	if !strings.Contains(b.String(), clearLine+"time=") || s.status != "" || !strings.HasSuffix(b.String(), "received=250 of=300 put_out=0 delay.p95=12.35s\n") {
		t.Errorf("ends with %q", b.String())
	}
}

// TestStatusLog: elsewhere a log line, with what is rare only where it is.
func TestStatusLog(t *testing.T) {
	for _, peer := range []bool{true, false} {
		var b bytes.Buffer
		s := &screen{w: &b}
		st := newStatus(s, logger(s, slog.LevelInfo, "text"), peer)
		for _, r := range reports() {
			st.report(&r)
		}
		lines := strings.Split(b.String(), "\n")
		want := "msg=status delivered=100.0% delay_p95=12.35s duplicates=50.0% put_out=0 down=80.0kbit/s up=40.0kbit/s neighbours=30"
		rare := " refused=3 strays=2 late_ticks=1"
		if !peer {
			want = "msg=status chunks=100 up=40.0kbit/s neighbours=30"
		}
		if !strings.HasSuffix(lines[0], want) || !strings.HasSuffix(lines[2], rare) {
			t.Errorf("peer %v:\n%s", peer, &b)
		}
	}
}

func TestRate(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 999: "999", 999.6: "1.0k", 99_940: "99.9k", 99_960: "100k", 999_600: "1.0M", 5e12: "5000G"} {
		if got := rate(x); got != want {
			t.Errorf("%v is %q, must be %q", x, got, want)
		}
	}
}
