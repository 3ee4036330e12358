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
	id    node.PeerID
	seed  uint64
	from  node.Time
	until node.Time // from this instant on nothing counts; Never: the run's end
	end   node.Time // the same, and no later than the run's
	local netip.AddrPort

	seen    []sighting  // by id
	births  []node.Time // of the source: by id
	started node.Time   // the first chunk put out; Never: none
	last    node.ChunkID
	counts  Counts
	late    lateness
	report  driver.Report
	knows   []netip.AddrPort // at the end
}

// sighting is what a peer has seen of a chunk.
type sighting struct {
	at     node.Time    // the first copy; Never: none
	played node.Time    // Never: not put out
	with   node.ChunkID // the chunk that brought it: itself, or one that it was computed from
	port   uint16       // of whom it came from
	hops   uint16       // from the source; counted when the run is over
}

func newRecord(c *sim.Config, stay sim.Session, chunks int) *record {
	r := &record{id: stay.ID, seed: stay.Seed, from: stay.From, until: stay.Until, end: min(stay.Until, c.Duration), started: node.Never, seen: make([]sighting, chunks)}
	for i := range r.seen {
		r.seen[i] = sighting{at: node.Never, played: node.Never}
	}
	return r
}

// counts tells whether a chunk exists and its time is not over: ids can be damaged, and a
// peer that leaves in order still takes in what is there.
func (r *record) matters(at node.Time, c node.ChunkID) bool {
	return at < r.end && int(c) < len(r.seen)
}

// Published notes a birth.
func (r *record) Published(at node.Time, c node.ChunkID) {
	if int(c) == len(r.births) && r.matters(at, c) {
		r.births = append(r.births, at)
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
		r.counts.ToSource++
	case what == node.Late:
		r.counts.Late++
	case int(c) >= len(r.seen):
		r.counts.Forged++
	case what == node.Duplicate || r.seen[c].at != node.Never:
		// A chunk that the peer does not hold may have passed through it before.
		r.counts.Duplicates++
	default:
		r.counts.Useful++
		s := &r.seen[c]
		s.at, s.with, s.port = at, c, from.Port()
	}
}

// Recovered notes a chunk that was computed.
func (r *record) Recovered(at node.Time, c node.ChunkID) {
	if r.matters(at, c) && int(r.last) < len(r.seen) && r.seen[c].at == node.Never {
		r.counts.Recovered++
		s := &r.seen[c]
		s.at, s.with, s.port = at, r.last, r.seen[r.last].port
	}
}

// Played notes that a chunk was put out.
func (r *record) Played(at node.Time, c node.ChunkID) {
	if at >= r.end {
		return
	}
	r.started = min(r.started, at)
	if int(c) < len(r.seen) {
		r.seen[c].played = min(r.seen[c].played, at)
	}
}

// Late counts.
func (r *record) Late(by node.Time) { r.late.add(by) }

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
