package node

// Outbox takes a peer's effects: data, not calls. Its owner empties it with
// Reset, hands it to one method of a peer, and reads it; the slices keep their
// memory, so that in the steady state nothing is allocated.
type Outbox struct {
	// Sends are the messages to send, in this order. The entries of a Query or
	// Reply are Entries[Offset : Offset+Count].
	Sends   []Message
	Entries []Entry

	// Accepted are chunks whose payload the driver is to keep from now on,
	// Played those to put out now, in this order, Dropped those that neither
	// buffer nor output window needs any more. A chunk may stand in all three.
	Accepted, Played, Dropped []ChunkID
	// Recovered are data chunks of one block that are to be computed now, from those of it
	// that are kept, Accepted included, before anything is put out, sent or dropped; their
	// payload is to be kept, too. See Config.FEC.
	Recovered []ChunkID

	// Outcome is what became of the chunk that Handle was given.
	Outcome Outcome
	// Wake is set when Wakeup may have become earlier other than by Tick.
	Wake bool

	// NoStore is the owner's to set, and survives Reset: no payload is kept,
	// Accepted and Dropped are not wanted.
	NoStore bool

	evicted []ChunkID // from the buffer, by the present call
}

// Reset empties the outbox and keeps its memory.
func (out *Outbox) Reset() {
	out.Sends = out.Sends[:0]
	out.Entries = out.Entries[:0]
	out.Accepted = out.Accepted[:0]
	out.Played = out.Played[:0]
	out.Dropped = out.Dropped[:0]
	out.Recovered = out.Recovered[:0]
	out.evicted = out.evicted[:0]
	out.Outcome = NoOutcome
	out.Wake = false
}

// Outcome is what became of a chunk that arrived.
type Outcome uint8

// The outcomes. Their values are part of every fingerprint.
const (
	NoOutcome Outcome = iota
	Accepted          // taken into the buffer
	Duplicate         // held already, or known to have been
	Late              // behind the window of ids that count
	Stale             // older than all that the buffer keeps; it may still have been put out
	ToSource          // pushed to the source, which has it
	Refused           // not a chunk: its id is beyond MaxChunk
	Stray             // too far from the stream to be believed (Config.Ahead)
)

// String names the outcome, for traces.
func (o Outcome) String() string {
	names := [...]string{"none", "accepted", "duplicate", "late", "stale", "to source", "refused", "stray"}
	if int(o) < len(names) {
		return names[o]
	}
	return "unknown"
}

// Stats counts what a peer has done since Init.
type Stats struct {
	// What most calls count stands first: see Peer.
	Pushed     uint64 // chunks sent
	Received   uint64 // chunks arrived, of every Outcome
	Accepted   uint64
	Duplicates uint64
	Late       uint64
	Stale      uint64
	Refused    uint64 // chunks and messages that are none
	Played     uint64 // chunks put out
	Strays     uint64 // chunks too far from the stream (Config.Ahead)
	Restarts   uint64 // times that the stream was found elsewhere (Config.Restart)
	Skipped    uint64 // push ticks left out by SkipTicks
	Exchanges  uint64 // views received
	Asked      uint64 // view exchanges begun
	Recalled   uint64 // of these, with who is no neighbour now (Config.Remember)
	Recovered  uint64 // chunks computed from others (Config.FEC)
}
