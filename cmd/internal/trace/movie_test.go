package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"pushcast/cmd/internal/trace"
	"pushcast/node"
	"pushcast/sim"
)

// shown is what a page's script is given.
type shown struct {
	Peers  int
	Start  int64
	Length int64
	Up     []int
	Chunks [][2]int64
	Turns  [][3]int64
	Pushes [][6]int64
	Gains  [][4]int64
}

func movie(t *testing.T, c sim.Config, want trace.Selection) (page string, run shown) {
	t.Helper()
	var b bytes.Buffer
	m, err := trace.NewMovie(&b, "small <script>alert(1)</script>", &c, want)
	if err == nil {
		err = trace.Record(context.Background(), c, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile(`(?s)<script type="application/json" id="run">(.*?)</script>`).FindStringSubmatch(b.String())
	if parts == nil {
		t.Fatal("the page has no data")
	}
	if err := json.Unmarshal([]byte(parts[1]), &run); err != nil {
		t.Fatal(err)
	}
	return b.String(), run
}

// TestMovieIsTheTrace: the pushes of the page are the events of the text, to the microsecond,
// with what became of them.
func TestMovieIsTheTrace(t *testing.T) {
	c := small(t, "lifetime=exp mean 2s", "downtime=exp mean 200ms", "overlay=newscast", "grace=0s")
	want := trace.Selection{From: 1 * node.Second, To: 3 * node.Second}
	_, run := movie(t, c, want)
	if run.Start != 1_000_000 || run.Length != 2_000_000 || run.Peers != 12 || len(run.Up) != 13 {
		t.Errorf("from %d, for %d, %d peers, %d of them known", run.Start, run.Length, run.Peers, len(run.Up))
	}
	sent, first, again, born, turns := 0, 0, 0, 0, 0
	for _, line := range events(text(t, c, want)) {
		switch words := strings.Fields(line); words[1] {
		case "sent":
			if words[2] != "view" {
				sent++
			}
		case "first":
			first++
		case "again":
			again++
		case "born":
			born++
		case "joined", "left":
			turns++
		}
	}
	is := map[int64]int{}
	clock := int64(0)
	for _, p := range run.Pushes {
		clock += p[0]
		is[p[5]]++
		if p[0] < 0 || p[1] < 0 || clock+p[1] > run.Length || p[2] > 12 || p[3] > 12 || p[2] == p[3] {
			t.Fatalf("push %v at %d", p, clock)
		}
	}
	// Some arrivals are of what was sent before the stretch: about as many as are underway at its end.
	if len(run.Pushes) != sent || is[1] > first || is[2] > again || first-is[1]+again-is[2] > 2*is[0] || is[0] == 0 || is[4] == 0 {
		t.Errorf("%d pushes, of which %v; the trace has %d, %d first, %d again", len(run.Pushes), is, sent, first, again)
	}
	if len(run.Chunks) != born || len(run.Turns) != turns || turns == 0 {
		t.Errorf("%d chunks and %d turns; the trace has %d and %d", len(run.Chunks), len(run.Turns), born, turns)
	}
}

// TestMovieShowsWhatIsComputed: chunks that repair chunks have brought are there, too.
func TestMovieShowsWhatIsComputed(t *testing.T) {
	c := small(t, "fec=4+1")
	_, run := movie(t, c, trace.Selection{})
	recovered := 0
	for _, line := range events(text(t, c, trace.Selection{})) {
		if strings.Fields(line)[1] == "recovered" {
			recovered++
		}
	}
	if recovered == 0 || len(run.Gains) != recovered {
		t.Errorf("%d chunks are computed, the trace has %d", len(run.Gains), recovered)
	}
}

// TestMovieIsBounded: an endless stretch ends by itself, one that is too long is refused, and
// so are too many peers; a page of one chunk is small.
func TestMovieIsBounded(t *testing.T) {
	c := small(t, "peers=100", "view=20", "rate=20x", "duration=60s", "measure=1s..20s")
	_, run := movie(t, c, trace.Selection{From: node.Second})
	if len(run.Pushes) != 20_000 || run.Length >= 10_000_000 {
		t.Errorf("%d pushes in %d", len(run.Pushes), run.Length)
	}
	page, run := movie(t, c, trace.Selection{To: 30 * node.Second, Chunks: []node.ChunkID{30}})
	if len(run.Chunks) != 1 || len(page) > 500_000 || len(run.Pushes) < 100 {
		t.Errorf("of one chunk: %d chunks, %d pushes, %d bytes", len(run.Chunks), len(run.Pushes), len(page))
	}
	var much *trace.TooMuch
	m, err := trace.NewMovie(&bytes.Buffer{}, "long", &c, trace.Selection{To: 59 * node.Second})
	if err == nil {
		err = trace.Record(context.Background(), c, m)
	}
	if !errors.As(err, &much) || !strings.Contains(much.Error(), "over 60000 pushes between 0s and 59s") {
		t.Errorf("a minute: %v", err)
	}
	c.Peers = 401
	if _, err := trace.NewMovie(&bytes.Buffer{}, "wide", &c, trace.Selection{}); !errors.As(err, &much) {
		t.Errorf("401 peers: %v", err)
	}
}

// TestMoviePage: the same bytes again, and nothing of anybody else's.
func TestMoviePage(t *testing.T) {
	c := small(t)
	page, _ := movie(t, c, trace.Selection{})
	if again, _ := movie(t, c, trace.Selection{}); again != page {
		t.Error("the second page is another one")
	}
	for _, wrong := range []string{"alert(1)</script>", "src=", "href=", "url(", "http:", "https:", "fetch(", "import"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page contains %s", wrong)
		}
	}
}
