package sim

import "pushcast/node"

// What tells the kinds of traced events apart.
type What uint8

// What can happen. Peer is where it happens, Other the other end.
const (
	Joined   What = iota // a receiver starts
	Born                 // the source has a new chunk
	Sent                 // a chunk is pushed
	SentView             // a view is sent
	Lost                 // the network loses a datagram of Peer's
	ToNobody             // a datagram arrives where nobody is up
	ToSource             // a chunk arrives at the source
	First                // a chunk arrives for the first time
	Again                // a chunk arrives that was received before
	Late                 // a chunk arrives behind the window
	View                 // a view arrives
	Played               // a chunk is put out
)

// String names the kind of event, for traces.
func (w What) String() string {
	names := [...]string{"joined", "born", "sent", "sent view", "lost", "to nobody",
		"to source", "first", "again", "late", "view", "played"}
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
}

func (w *World) trace(what What, peer, other node.PeerID, c node.ChunkID) {
	if w.cfg.Trace != nil {
		w.cfg.Trace(Event{At: w.now, What: what, Peer: peer, Other: other, Chunk: c})
	}
}
