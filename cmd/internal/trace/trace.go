// Package trace writes one simulated run down: every event as a line of text for
// people, every pair of a peer and a chunk as a row of CSV or Parquet for those who plot
// themselves, or a stretch of it as a page that moves. It also compares two such texts, to the event. What it writes is
// written as the run goes on: a run of any length takes the same memory (a page is kept until
// its end, and bounded). It computes
// nothing of its own, and judges nothing.
//
//	err := trace.Record(ctx, cfg, trace.NewText(out, title, selection))
//	same, err := trace.Diff(report, trace.Recorded{"old", a}, trace.Recorded{"new", b})
package trace

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pushcast/node"
	"pushcast/scenarios"
	"pushcast/sim"
)

// Format is what a trace is written as.
type Format string

// The formats.
const (
	AsText    Format = "text"    // a line per event
	AsCSV     Format = "csv"     // a row per pair
	AsParquet Format = "parquet" // the same, for programs that read columns
	AsHTML    Format = "html"    // a page on which chunks spread as time goes on
)

// Formats lists the formats.
var Formats = []Format{AsText, AsCSV, AsParquet, AsHTML}

// Recorder takes a run in, event by event.
type Recorder interface {
	// Event takes the next event.
	Event(w *sim.World, e *sim.Event) error
	// Until is when the recorder has seen what it wants, at the latest the run's end.
	Until() node.Time
	// End finishes what was written; w stands at Until, or at its end.
	End(w *sim.World) error
}

// slice is how much simulated time passes between two looks at the context.
const slice = 10 * node.Millisecond

// Record computes a run, as far as the recorder wants it, and gives it to the recorder.
// It ends with the context's error, or with the recorder's first.
func Record(ctx context.Context, c sim.Config, to Recorder) error {
	var w *sim.World
	var failed error
	c.Trace = func(e sim.Event) {
		if failed == nil {
			failed = to.Event(w, &e)
		}
	}
	w, err := sim.New(c)
	if err != nil {
		return err
	}
	until := min(to.Until(), c.Duration)
	for w.Now() < until && failed == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.Advance(min(w.Now()+max(slice, c.Duration/100_000), until)) // a run of a year has few events in 10 ms
	}
	if failed != nil {
		return failed
	}
	return to.End(w)
}

// Selection is what of a run is wanted. The zero Selection is all of it.
type Selection struct {
	From, To node.Time      // events at From or later, and before To; 0 for To: to the end
	Peers    []node.PeerID  // events at one of these, or from one; none: all peers
	Chunks   []node.ChunkID // events about one of these; none: all events
}

func (s *Selection) until() node.Time {
	if s.To > 0 {
		return s.To
	}
	return node.Never
}

// event tells whether an event is wanted.
func (s *Selection) event(e *sim.Event) bool {
	return e.At >= s.From && e.At < s.until() &&
		(len(s.Peers) == 0 || slices.Contains(s.Peers, sim.ReceiverOf(e.Peer)) || slices.Contains(s.Peers, sim.ReceiverOf(e.Other))) &&
		(len(s.Chunks) == 0 || e.What.HasChunk() && slices.Contains(s.Chunks, e.Chunk))
}

// pair tells whether a pair is wanted.
func (s *Selection) pair(id node.PeerID, c node.ChunkID) bool {
	return (len(s.Peers) == 0 || slices.Contains(s.Peers, id)) && (len(s.Chunks) == 0 || slices.Contains(s.Chunks, c))
}

// String says what is wanted, for people: it stands in a trace's second line.
func (s *Selection) String() string {
	var words []string
	switch {
	case s.To > 0:
		words = append(words, "from "+scenarios.FormatTime(s.From)+" to "+scenarios.FormatTime(s.To))
	case s.From > 0:
		words = append(words, "from "+scenarios.FormatTime(s.From)+" on")
	}
	if len(s.Peers) > 0 {
		words = append(words, "of peer "+join(s.Peers))
	}
	if len(s.Chunks) > 0 {
		words = append(words, "about chunk "+join(s.Chunks))
	}
	return strings.Join(append([]string{"events"}, words...), " ")
}

func join[T ~uint32](list []T) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = fmt.Sprint(uint32(x))
	}
	return strings.Join(words, ", ")
}
