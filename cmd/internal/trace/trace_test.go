package trace_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"pushcast/cmd/internal/trace"
	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// small is a lossy swarm in which some chunks never come.
func small(t testing.TB, assignments ...string) sim.Config {
	t.Helper()
	s, err := scenarios.Parse("small", []byte("name: small\nstream: { duration: 4s, measure: 1s..3s }\nswarm: { peers: 12, view: 4, deadline: 1s }\nnetwork: { loss: 5% }\n"))
	if err == nil {
		err = s.Set(assignments...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.Config(3)
}

func text(t testing.TB, c sim.Config, want trace.Selection) string {
	t.Helper()
	var b bytes.Buffer
	if err := trace.Record(context.Background(), c, trace.NewText(&b, "small", want)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// events are the lines between the head and the end.
func events(trace string) []string {
	lines := strings.SplitAfter(trace, "\n")
	return lines[3 : len(lines)-2]
}

func table(t testing.TB, c sim.Config, as trace.Format, want trace.Selection) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := trace.Record(context.Background(), c, trace.NewPairs(&b, as, want)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPairsAreTheMetrics: what the rows come to is what the run's metrics say, under churn
// and while the source pauses, too.
func TestPairsAreTheMetrics(t *testing.T) {
	churn := []string{"overlay=newscast", "lifetime=exp mean 2s", "downtime=exp mean 200ms", "grace=0s"}
	for _, settings := range [][]string{
		nil,
		{"fec=4+1"},
		churn,
		append(churn, "identity=new"),
		append(churn, "events.1.at=2s", "events.1.for=300ms", "events.1.pause=source"),
	} {
		pairsAreTheMetrics(t, small(t, settings...))
	}
}

func pairsAreTheMetrics(t *testing.T, c sim.Config) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(table(t, c, trace.AsCSV, trace.Selection{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "peer,chunk,due,birth,arrival,delay,hop,from" {
		t.Fatalf("the header is %s", got)
	}
	var due, inTime, missed int
	var delays, longest, hops, most float64
	received := 0.0
	for _, row := range rows[1:] {
		if peer, _ := strconv.Atoi(row[0]); peer < 1 || peer > c.Peers {
			t.Fatalf("there is no receiver %s", row[0])
		}
		if row[2] == "true" {
			due++
		}
		if row[4] == "" {
			missed++
			continue
		}
		delay, _ := strconv.ParseFloat(row[5], 64)
		hop, _ := strconv.ParseFloat(row[6], 64)
		if row[2] == "true" {
			received++
			delays, longest = delays+delay, max(longest, delay)
			hops, most = hops+hop, max(most, hop)
			if delay <= 1 {
				inTime++
			}
		}
	}
	result, err := sim.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	if missed == 0 || inTime == due {
		t.Fatal("nothing is missed: the test tests nothing")
	}
	for m, got := range map[measure.Metric]float64{
		measure.Delivery: float64(inTime) / float64(due), measure.DelayMean: delays / received, measure.DelayMax: longest,
		measure.HopsMean: hops / received, measure.HopsMax: most,
	} {
		if want := result.Values[m]; got-want > 1e-9 || want-got > 1e-9 {
			t.Errorf("%s: the rows say %v, the run %v", measure.Definitions[m].Name, got, want)
		}
	}
}

// TestParquet: the same rows as the CSV, in columns.
func TestParquet(t *testing.T) {
	c := small(t)
	file := table(t, c, trace.AsParquet, trace.Selection{})
	rows, err := parquet.Read[trace.Row](bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("peer,chunk,due,birth,arrival,delay,hop,from\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%d,%d,%t,%.9f,", r.Peer, r.Chunk, r.Due, r.Birth)
		if r.Arrival == nil {
			b.WriteString(",,,\n")
		} else {
			fmt.Fprintf(&b, "%.9f,%.9f,%d,%d\n", *r.Arrival, *r.Delay, *r.Hop, *r.From)
		}
	}
	if want := string(table(t, c, trace.AsCSV, trace.Selection{})); b.String() != want {
		t.Errorf("Parquet has\n%.400s\nCSV has\n%.400s", b.String(), want)
	}
}

// TestStretches: two stretches of a run are the run; a peer's and a chunk's events are
// those of the whole that name them.
func TestStretches(t *testing.T) {
	c := small(t)
	whole := text(t, c, trace.Selection{})
	at := 2345 * node.Millisecond
	parts := append(events(text(t, c, trace.Selection{To: at})), events(text(t, c, trace.Selection{From: at}))...)
	if strings.Join(events(whole), "") != strings.Join(parts, "") {
		t.Error("two stretches are not the whole")
	}
	var named []string
	for _, line := range events(whole) {
		words := strings.Fields(strings.Replace(strings.Replace(line, "to source", "to-source", 1), "sent view", "sent-view", 1))
		isAbout := len(words) > 3 && words[3] == "30" || len(words) == 4 && (words[1] == "played" || words[1] == "born") && words[3] == "30" || len(words) > 4 && words[4] == "30"
		if isAbout && words[1] != "joined" {
			named = append(named, line)
		}
	}
	got := events(text(t, c, trace.Selection{Chunks: []node.ChunkID{30}}))
	if strings.Join(got, "") != strings.Join(named, "") || len(got) < 24 {
		t.Errorf("%d events are about chunk 30, of the whole run %d", len(got), len(named))
	}
	for _, line := range events(text(t, c, trace.Selection{Peers: []node.PeerID{7}})) {
		if !strings.Contains(line, " 7 ") && !strings.Contains(line, " 7\n") {
			t.Fatalf("not of peer 7: %s", line)
		}
	}
}

// TestDiff finds the first event that differs, wherever it is.
func TestDiff(t *testing.T) {
	whole := text(t, small(t), trace.Selection{})
	lines := strings.SplitAfter(whole, "\n")
	diff := func(a, b string) (report string, same bool, err error) {
		var out strings.Builder
		same, err = trace.Diff(&out, trace.Recorded{Name: "a", Text: strings.NewReader(a)}, trace.Recorded{Name: "b", Text: strings.NewReader(b)})
		return out.String(), same, err
	}
	if report, same, err := diff(whole, whole); !same || err != nil || !strings.HasPrefix(report, "the same: ") {
		t.Errorf("with itself: %v %v %s", same, err, report)
	}
	for _, at := range []int{3, 4, 100, len(lines) - 3} {
		changed := append([]string(nil), lines...)
		changed[at] = "x" + lines[at]
		report, same, err := diff(whole, strings.Join(changed, ""))
		if same || err != nil || !strings.Contains(report, fmt.Sprintf("first difference: event %d, in line %d\n", at-2, at+1)) ||
			!strings.Contains(report, "\n- "+lines[at]) || !strings.Contains(report, "\n+ "+changed[at]) {
			t.Errorf("line %d changed: %v %v\n%s", at+1, same, err, report)
		}
		less := append(append([]string(nil), lines[:at]...), lines[at+1:]...)
		if report, same, err := diff(strings.Join(less, ""), whole); same || err != nil || !strings.Contains(report, "+ "+lines[at]) {
			t.Errorf("line %d missing: %v %v\n%s", at+1, same, err, report)
		}
	}
	end := strings.Replace(whole, "fingerprint ", "fingerprint 0", 1)
	if report, same, err := diff(whole, end); same || err != nil || !strings.Contains(report, "events are the same; the runs end otherwise") {
		t.Errorf("another end: %v %v\n%s", same, err, report)
	}
}

// TestDiffRefuses: what is no whole trace, or of another stretch, is not compared.
func TestDiffRefuses(t *testing.T) {
	c := small(t)
	whole := text(t, c, trace.Selection{To: 60 * node.Millisecond})
	for name, other := range map[string]string{
		"nothing":         "",
		"no trace":        "peer,chunk\n1,2\n3,4\n",
		"a line too long": strings.Replace(whole, "sent", strings.Repeat("s", 10_000), 1),
		"another stretch": text(t, c, trace.Selection{To: 2 * node.Second}),
		"another peer":    text(t, c, trace.Selection{To: 60 * node.Millisecond, Peers: []node.PeerID{3}}),
	} {
		var damaged *trace.Damaged
		if _, err := trace.Diff(io.Discard, trace.Recorded{Name: "a", Text: strings.NewReader(whole)}, trace.Recorded{Name: "b", Text: strings.NewReader(other)}); !errors.As(err, &damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range len(whole) - 1 {
		var damaged *trace.Damaged
		same, err := trace.Diff(io.Discard, trace.Recorded{Name: "a", Text: strings.NewReader(whole)}, trace.Recorded{Name: "b", Text: strings.NewReader(whole[:n])})
		if same || err != nil && !errors.As(err, &damaged) {
			t.Fatalf("cut off after %d of %d bytes: %v %v", n, len(whole), same, err)
		}
	}
}

// largest remembers the longest write.
type largest struct{ most, writes int }

func (l *largest) Write(b []byte) (int, error) {
	l.most, l.writes = max(l.most, len(b)), l.writes+1
	return len(b), nil
}

// TestStreams: a trace of any length goes through a bounded buffer.
func TestStreams(t *testing.T) {
	c := small(t, "peers=100", "view=20", "duration=60s", "measure=10s..50s")
	var b bytes.Buffer
	for _, as := range []trace.Format{trace.AsText, trace.AsCSV, trace.AsParquet} {
		out := &largest{}
		var to trace.Recorder = trace.NewText(out, "long", trace.Selection{})
		if as != trace.AsText {
			to = trace.NewPairs(io.MultiWriter(out, &b), as, trace.Selection{})
		}
		b.Reset()
		if err := trace.Record(context.Background(), c, to); err != nil {
			t.Fatal(err)
		}
		if out.most > 1<<20 || out.writes < 3 {
			t.Errorf("%s: %d writes, the longest %d bytes", as, out.writes, out.most)
		}
	}
	file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(file.RowGroups()) < 2 {
		t.Errorf("all rows are one group: %v", err)
	}
}

// full is a disk that is full after so many bytes.
type full int

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// TestFull: the error of a write ends the run, at once or at its end; so does a context.
func TestFull(t *testing.T) {
	c := small(t)
	for _, room := range []full{0, 100, 70_000} {
		for _, as := range trace.Formats {
			left := room
			var to trace.Recorder = trace.NewText(&left, "full", trace.Selection{})
			if as != trace.AsText {
				to = trace.NewPairs(&left, as, trace.Selection{})
			}
			if err := trace.Record(context.Background(), c, to); !errors.Is(err, errFull) && (room < 70_000 || as == trace.AsText) {
				t.Errorf("%s, %d bytes of room: %v", as, room, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := trace.Record(ctx, c, trace.NewText(io.Discard, "ended", trace.Selection{})); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
