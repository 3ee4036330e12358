package sim

import (
	"pushcast/node"
	"pushcast/node/measure"
)

// Counts is what happened in a run. Every chunk datagram sent ends in exactly
// one of eleven ways, and so does every copy that the network makes:
//
//	Sends + Doubled = Useful + Duplicates + Late + ToSource + ToNobody +
//	                  Lost + Dropped + Cut + Spoiled + Forged + InFlight
type Counts struct {
	Sends      uint64 `json:"sends"`      // chunk datagrams sent, by the source and by peers
	Useful     uint64 `json:"useful"`     // first copies
	Duplicates uint64 `json:"duplicates"` // later copies
	Late       uint64 `json:"late"`       // behind the window (policy Window only)
	ToSource   uint64 `json:"toSource"`   // arrived at the source, which has it
	ToNobody   uint64 `json:"toNobody"`   // arrived at a peer that is not up
	Lost       uint64 `json:"lost"`       // by the network
	Dropped    uint64 `json:"dropped"`    // from a full queue of an access link
	Cut        uint64 `json:"cut"`        // by a partition, a class that is dark, a NAT
	Spoiled    uint64 `json:"spoiled"`    // damaged on the way, and not let in
	Forged     uint64 `json:"forged"`     // damaged, let in, and of an id that no chunk has yet
	Doubled    uint64 `json:"doubled"`    // copies that the network has made
	InFlight   uint64 `json:"inFlight"`   // when the run ended

	// Repair are those of Useful that are repair chunks; Recovered are data chunks that
	// were computed from others before any copy of them came, and not one of the ways above.
	Repair    uint64 `json:"repair,omitempty"`
	Recovered uint64 `json:"recovered,omitempty"`

	Views  uint64 `json:"views"`  // view exchanges sent: queries and replies
	Bytes  uint64 `json:"bytes"`  // of all datagrams sent, headers of UDP and IP included
	Left   uint64 `json:"left"`   // receivers that have left, each time
	Events uint64 `json:"events"` // that the simulator worked through
}

// add adds what another lane has counted.
func (c *Counts) add(d *Counts) {
	c.Sends += d.Sends
	c.Useful += d.Useful
	c.Duplicates += d.Duplicates
	c.Late += d.Late
	c.ToSource += d.ToSource
	c.ToNobody += d.ToNobody
	c.Lost += d.Lost
	c.Dropped += d.Dropped
	c.Cut += d.Cut
	c.Spoiled += d.Spoiled
	c.Forged += d.Forged
	c.Doubled += d.Doubled
	c.InFlight += d.InFlight
	c.Repair += d.Repair
	c.Recovered += d.Recovered
	c.Views += d.Views
	c.Bytes += d.Bytes
	c.Left += d.Left
	c.Events += d.Events
}

// Result is what a run has shown.
type Result struct {
	Seed        uint64
	Fingerprint uint64
	Values      measure.Values
	Counts      Counts
}

// Run computes a whole run.
func Run(cfg Config) (Result, error) {
	w, err := New(cfg)
	if err != nil {
		return Result{}, err
	}
	w.Advance(cfg.Duration)
	return w.Result(), nil
}

// Result gives what the run has shown up to Now; after Done, its result.
func (w *World) Result() Result {
	counts := w.counts()
	for _, l := range w.lanes {
		l.pending(func(e *event) {
			if e.what < isView || e.what < isWorld && l.views.messages[e.what&placeMask].Kind.IsChunk() {
				counts.InFlight++
			}
		})
	}
	return Result{
		Seed:        w.cfg.Seed,
		Fingerprint: w.Fingerprint(),
		Values:      w.values(),
		Counts:      counts,
	}
}

// Events is the number of events that the simulator has worked through.
func (w *World) Events() (n uint64) {
	for _, l := range w.lanes {
		n += l.counts.Events
	}
	return n
}

// Fingerprint folds the fingerprints of all peers, in the order of their
// handles. It says which histories the peers have had, and nothing of how
// their events interleaved.
func (w *World) Fingerprint() uint64 {
	h := uint64(len(w.peers))
	for i := range w.peers {
		h = node.Mix(h ^ w.peers[i].Fingerprint())
		if w.crowd.past != nil {
			h ^= w.crowd.past[i] // of the sessions that have ended
		}
	}
	return h
}

// Peer gives the peer of a handle, to look at; the source is 0.
func (w *World) Peer(id node.PeerID) *node.Peer { return &w.peers[slot(id)] }
