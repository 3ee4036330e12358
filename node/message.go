package node

// PeerID is a driver's handle for a peer: an index into the simulator's slice
// of peers, or into a socket driver's address book. It never travels.
type PeerID uint32

// NoPeer is the handle of nobody.
const NoPeer PeerID = 1<<32 - 1

// ChunkID numbers the chunks of a stream from 0 in steps of 1, as on the wire.
type ChunkID uint32

// MaxChunk is the largest chunk id: ids are signed 32-bit numbers on the wire,
// and negative ones are refused.
const MaxChunk ChunkID = 1<<31 - 1

// Kind tells the messages apart.
type Kind uint8

// The kinds of message.
const (
	Chunk Kind = iota + 1 // a chunk of the stream, pushed
	Query                 // a view exchange, asking for one in return; also how a peer joins
	Reply                 // the answer to a Query
)

// String names the kind, for traces.
func (k Kind) String() string {
	switch k {
	case Chunk:
		return "chunk"
	case Query:
		return "query"
	case Reply:
		return "reply"
	}
	return "unknown"
}

// Message is one datagram as the peer sees it: a value without pointers, which
// the garbage collector never looks into however many are in flight.
type Message struct {
	From, To PeerID
	Chunk    ChunkID // of a Chunk
	// Size is the payload of a Chunk in bytes. Whoever hands a message in sets
	// it; in a peer's own sends it is zero, because chunk and size lie in the
	// driver's store.
	Size uint32
	// Offset and Count name the entries of a Query or Reply: in the Outbox for
	// those sent, in the slice passed to Handle for those received (there
	// Offset is zero).
	Offset uint32
	Count  uint16
	Kind   Kind
}

// Entry is one line of a view as it travels: a peer, and how many gossip
// cycles ago it was heard of by itself. Age 1 is fresh; 0 does not occur, and
// Gone is said by who leaves, of itself.
type Entry struct {
	ID  PeerID
	Age uint32
}
