package sim

import "pushcast/node"

// What tells the kinds of traced events apart.
type What uint8

// What can happen. Peer is where it happens, Other the other end.
const (
	Joined    What = iota // a receiver starts
	Born                  // the source has a new chunk
	Sent                  // a chunk is pushed
	SentView              // a view is sent
	Lost                  // the network loses a datagram of Peer's
	ToNobody              // a datagram arrives where nobody is up
	ToSource              // a chunk arrives at the source
	First                 // a chunk arrives for the first time
	Again                 // a chunk arrives that was received before
	Late                  // a chunk arrives behind the window
	View                  // a view arrives
	Played                // a chunk is put out
	Dropped               // a queue of an access link is full; Peer's, or Other's download
	Cut                   // a partition or a NAT keeps Peer's datagram from Other
	Spoiled               // the network damages a datagram of Peer's
	Left                  // a receiver leaves
	Recovered             // a chunk is computed from others (node.Config.FEC), with the one of Other's
)

// String names the kind of event, for traces.
func (w What) String() string {
	names := [...]string{"joined", "born", "sent", "sent view", "lost", "to nobody",
		"to source", "first", "again", "late", "view", "played", "dropped", "cut", "spoiled", "left", "recovered"}
	if int(w) < len(names) {
		return names[w]
	}
	return "unknown"
}

// Event is one line of a trace.
type Event struct {
	At          node.Time
	What        What
	Peer, Other node.PeerID
	Chunk       node.ChunkID // where there is one
	Hops        uint32       // from the source, of what is First or Recovered
}

// HasChunk tells whether events of this kind are about a chunk. Of a view that is
// lost, or arrives where nobody is, the chunk is 0.
func (w What) HasChunk() bool {
	return w != Joined && w != Left && w != SentView && w != View
}

// Brings tells whether the peer has the chunk from now on.
func (w What) Brings() bool { return w == First || w == Recovered }

func (l *lane) trace(what What, peer, other node.PeerID, c node.ChunkID) {
	if l.cfg.Trace != nil { // short, to be inlined
		l.tell(what, peer, other, c)
	}
}

func (l *lane) tell(what What, peer, other node.PeerID, c node.ChunkID) {
	e := Event{At: l.now, What: what, Peer: peer, Other: other, Chunk: c}
	if what.Brings() {
		e.Hops = l.hopsOf(slot(peer), c)
	}
	l.cfg.Trace(e)
}

// Due tells whether a chunk counts for a receiver in its present session: it was born
// inside the window, Grace after the receiver joined, and the receiver stays for its
// deadline.
func (w *World) Due(id node.PeerID, c node.ChunkID) bool {
	d := &w.stations[slot(id)].due
	return id != sourceID && !w.cfg.Peer.FEC.IsRepair(c) && c >= d.first && c < d.end
}

// Birth is when the source makes a chunk.
func (w *World) Birth(c node.ChunkID) node.Time { return w.observer.births.at(c) }

// Missed yields the chunks that are due to receivers in their present sessions and have
// not come so far, by receiver, then by chunk. It needs a Config.Trace: without, that is
// not remembered.
func (w *World) Missed(yield func(node.PeerID, node.ChunkID) bool) {
	for id := 1; id < len(w.peers); id++ {
		for c := range w.MissedBy(node.PeerID(id)) {
			if !yield(node.PeerID(id), c) {
				return
			}
		}
	}
}

// MissedBy yields those of one receiver. At the event Left its session is still the
// present one.
func (w *World) MissedBy(id node.PeerID) func(yield func(node.ChunkID) bool) {
	return func(yield func(node.ChunkID) bool) {
		for c := range w.published {
			if w.observer.hops[int(slot(id))*w.observer.stride+int(c)] == unseen && w.Due(id, c) && !yield(c) {
				return
			}
		}
	}
}

// ReceiverOf is the number of the receiver, 1 … Peers, that has this handle or, under
// Churn.NewIdentity, had it in one of its sessions; 0 is the source.
func ReceiverOf(id node.PeerID) node.PeerID { return node.PeerID(slot(id)) }
