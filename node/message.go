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
	Chunk    Kind = iota + 1 // a chunk of the stream, pushed
	Query                    // a view exchange, asking for one in return; also how a peer joins
	Reply                    // the answer to a Query
	Push                     // a chunk of the stream, along a stripe: with what its sender holds
	State                    // what a partner holds, serves and wants (stripes)
	Ask                      // asks for a chunk that is missing (stripes)
	Deny                     // the answer to an Ask: not held, or not now (stripes)
	Map                      // what its sender holds (maps)
	Carry                    // a chunk of the stream, with what its sender holds, and maybe an offer
	Proposal                 // an offer: what its sender would send (offer)
	Select                   // the answer to an offer: which chunks are wanted, maybe none (offer)
	Add                      // asks to be neighbours of each other (mutual neighbourhoods)
	Added                    // agrees to that
	Remove                   // refuses it, or ends it
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
	case Push:
		return "push"
	case State:
		return "state"
	case Ask:
		return "ask"
	case Deny:
		return "deny"
	case Map:
		return "map"
	case Carry:
		return "carry"
	case Proposal:
		return "offer"
	case Select:
		return "select"
	case Add:
		return "add"
	case Added:
		return "added"
	case Remove:
		return "remove"
	}
	return "unknown"
}

// IsChunk tells whether a chunk's payload travels with the message.
func (k Kind) IsChunk() bool { return k == Chunk || k == Push || k == Carry }

// Message is one datagram as the peer sees it: a value without pointers, which
// the garbage collector never looks into however many are in flight.
type Message struct {
	From, To PeerID
	Chunk    ChunkID // of a Chunk, Push, Carry, Ask or Deny
	// Size is the payload of a Chunk, Push or Carry in bytes, of a State its number
	// of stripes, of a Select that of its chunks. Whoever hands a chunk in sets it; in a peer's own sends it is zero, because chunk and size lie in the
	// driver's store.
	Size uint32
	// Offset and Count name the entries of the message: in the Outbox for those
	// sent, in the slice passed to Handle for those received (there Offset is
	// zero). A Query or Reply has those of a view; in all others an
	// entry is two words of 32 bits, see stripes_words.go and circle_words.go.
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
