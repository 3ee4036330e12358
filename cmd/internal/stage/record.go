package stage

import (
	"math/bits"
	"net/netip"
	"time"

	"pushcast/net/driver"
	"pushcast/node"
	"pushcast/sim"
)

// record is what is noted of one stay of a peer, by the goroutine that runs it, and read
// when the run is over. It is a driver.Observer.
type record struct {
	stay sim.Session
	end  node.Time // when it leaves, and no later than the run's end: nothing counts from then on
	last node.ChunkID
	notes
}

// notes are what has to be known of a stay in the end. Names are exported for the sake of
// encoding/gob.
type notes struct {
	Local   netip.AddrPort
	Began   node.Time // when its peer was there; about when it was to be
	Seen    []sighting
	Births  []node.Time // of the source: by id
	Started node.Time   // the first chunk put out; Never: none
	Counts  Counts
	Delays  lateness
	Report  driver.Report
	Knows   []netip.AddrPort // at the end
}

// sighting is what a peer has seen of a chunk.
type sighting struct {
	At     node.Time    // the first copy; Never: none
	Played node.Time    // Never: not put out
	With   node.ChunkID // the chunk that brought it: itself, or one that it was computed from
	Port   uint16       // of whom it came from
	hops   uint16       // from the source; counted when the run is over
}

func newRecord(c *sim.Config, stay sim.Session) *record {
	r := &record{stay: stay, end: min(stay.Until, c.Duration)}
	r.Started, r.Seen = node.Never, make([]sighting, c.Chunks())
	for i := range r.Seen {
		r.Seen[i] = sighting{At: node.Never, Played: node.Never}
	}
	return r
}

// whole tells whether notes are those of a stay in a run.
func (n *notes) whole(c *sim.Config) bool {
	if len(n.Seen) != c.Chunks() || len(n.Births) > c.Chunks() {
		return false
	}
	for i := range n.Seen {
		if n.Seen[i].At != node.Never && int(n.Seen[i].With) >= len(n.Seen) {
			return false
		}
	}
	return true
}

// matters tells whether a chunk exists and its time is not over: ids can be damaged, and a
// peer that leaves in order still takes in what is there.
func (r *record) matters(at node.Time, c node.ChunkID) bool {
	return at < r.end && int(c) < len(r.Seen)
}

// Published notes a birth.
func (r *record) Published(at node.Time, c node.ChunkID) {
	if int(c) == len(r.Births) && r.matters(at, c) {
		r.Births = append(r.Births, at)
	}
}

// Arrived notes a first copy, and counts the others.
func (r *record) Arrived(at node.Time, c node.ChunkID, from netip.AddrPort, what node.Outcome) {
	r.last = c
	if at >= r.end {
		return
	}
	switch {
	case what == node.ToSource:
		r.Counts.ToSource++
	case what == node.Late:
		r.Counts.Late++
	case int(c) >= len(r.Seen):
		r.Counts.Forged++
	case what == node.Duplicate || r.Seen[c].At != node.Never:
		// A chunk that the peer does not hold may have passed through it before.
		r.Counts.Duplicates++
	default:
		r.Counts.Useful++
		s := &r.Seen[c]
		s.At, s.With, s.Port = at, c, from.Port()
	}
}

// Recovered notes a chunk that was computed.
func (r *record) Recovered(at node.Time, c node.ChunkID) {
	if r.matters(at, c) && int(r.last) < len(r.Seen) && r.Seen[c].At == node.Never {
		r.Counts.Recovered++
		s := &r.Seen[c]
		s.At, s.With, s.Port = at, r.last, r.Seen[r.last].Port
	}
}

// Played notes that a chunk was put out.
func (r *record) Played(at node.Time, c node.ChunkID) {
	if at >= r.end {
		return
	}
	r.Started = min(r.Started, at)
	if int(c) < len(r.Seen) {
		r.Seen[c].Played = min(r.Seen[c].Played, at)
	}
}

// Late counts.
func (r *record) Late(by node.Time) { r.Delays.add(by) }

// lateness counts how late things were done, by the bits of the microseconds.
type lateness [32]uint64

func (l *lateness) add(by node.Time) {
	l[min(bits.Len64(uint64(max(by, 0)/node.Microsecond)), len(l)-1)]++
}

// beyond is the share of what was later than a power of two of microseconds.
func (l *lateness) beyond(power int) float64 {
	var all, more uint64
	for i, n := range l {
		if all += n; i > power {
			more += n
		}
	}
	if all == 0 {
		return 0
	}
	return float64(more) / float64(all)
}

// quantile is the power of two that a share of all do not exceed.
func (l *lateness) quantile(q float64) time.Duration {
	for i := range l {
		if l.beyond(i) <= 1-q {
			return time.Microsecond << i
		}
	}
	return time.Microsecond << len(l)
}
