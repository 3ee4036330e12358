package node

import "math/bits"

// What a Push, State or Deny says beside its Message travels as words of 32
// bits, two to an Entry, so that messages stay values without pointers:
//
//	Push   age of the chunk in ms | mended<<31, newest id held, map (2), path (2)
//	State  flags | mark<<8 | free<<16 | stripes<<24, newest id held, map (2), wants, gives, own, ages (4 a word)
//	Deny   newest id held, map (2)
//
// A map's bit i says that newest−i is held. Their layout as datagrams is that
// of package wire, whose sizes are these.
const (
	udpBytes  = 28                       // headers of UDP and IPv4
	pushBytes = udpBytes + 28            // a Push without its payload
	proofSize = 4 + 4                    // what a State ends in on a socket; see package wire
	askBytes  = udpBytes + 1 + 4         // an Ask
	denyBytes = udpBytes + 1 + 4 + 4 + 8 // a Deny
	PushWords = 6                        // words of a Push
	DenyWords = 3                        // words of a Deny, and one of padding
	// StateWords is the words of a State before its ages.
	StateWords = 7

	maxTold    = 0x7fff // ms of age that a Push tells, at most
	maxLead    = 255    // chunks that the map of a Push goes beyond it
	flagAnswer = 1 << 0 // of a State: it is to be answered
	flagSource = 1 << 1 // of a State: by the source
	flagReply  = 1 << 2 // of a State: it answers
	flagBits   = 3      // of a State: from here on 5 bits of its turn
	flagMended = 1 << 31
)

// Of a State, above its mark: the period of the stream is asked for, or told, in µs, in a
// word after the ages (and a word of padding).
const (
	flagAsksPeriod = 1 << 14
	flagHasPeriod  = 1 << 15
)

// StateEntries is how many entries a State has whose first word this is.
func StateEntries(head uint32) int {
	n := (StateWords + (int(head>>24)+3)/4 + 1) / 2
	if head&flagHasPeriod != 0 {
		n++
	}
	return n
}

// Wishless makes a State say that its sender wants no stripe: of one who may not be who it
// says.
func Wishless(entries []Entry) {
	if len(entries) > 2 {
		entries[2].ID = 0
	}
}

// stateBytes is the size of a State for so many stripes.
func stateBytes(stripes int) int64 {
	return udpBytes + 4 + 4 + 8 + int64(3*stripes+7)/8 + int64(stripes) + proofSize
}

// EntriesPerMessage is the most entries that a message of the mesh or of maps has; 0
// without.
func (c *Config) EntriesPerMessage() int {
	if c.hasCircle() {
		return circleEntries
	}
	if c.Scheduler != Stripes {
		return 0
	}
	return max(StateEntries(uint32(c.Stripes)<<24|flagHasPeriod), PushWords/2)
}

// bytesOf is the size of a message of the mesh as a datagram.
func (m *mesh) bytesOf(kind Kind) int64 {
	switch kind {
	case Push:
		return pushBytes + int64(m.size)
	case State:
		return stateBytes(m.stripes)
	case Ask:
		return askBytes
	}
	return denyBytes
}

// words writes the words of a message into an Outbox.
type words struct {
	out  *Outbox
	half bool
}

func (w *words) put(x uint32) {
	if w.half {
		w.out.Entries[len(w.out.Entries)-1].Age = x
	} else {
		w.out.Entries = append(w.out.Entries, Entry{ID: PeerID(x)})
	}
	w.half = !w.half
}

func (w *words) put64(x uint64) {
	w.put(uint32(x))
	w.put(uint32(x >> 32))
}

// Word gives the i-th word of a message's entries; 0 where there is none.
func Word(entries []Entry, i int) uint32 {
	if i/2 >= len(entries) {
		return 0
	}
	if i%2 == 0 {
		return uint32(entries[i/2].ID)
	}
	return entries[i/2].Age
}

func word64(entries []Entry, i int) uint64 {
	return uint64(Word(entries, i)) | uint64(Word(entries, i+1))<<32
}

// begin starts a message of the mesh; its words follow, then end.
func (p *Peer) begin(m Message, out *Outbox) words {
	m.From = p.id
	m.Offset = uint32(len(out.Entries))
	out.Sends = append(out.Sends, m)
	return words{out: out}
}

// end closes a message, and puts its bytes on the upload link as we reckon it.
func (p *Peer) end(now Time, w *words) {
	m := &w.out.Sends[len(w.out.Sends)-1]
	m.Count = uint16(uint32(len(w.out.Entries)) - m.Offset)
	p.mesh.freeAt = max(p.mesh.freeAt, now) + p.cfg.takes(p.mesh.bytesOf(m.Kind))
}

func count32(x uint32) int { return bits.OnesCount32(x) }

// mapOf says that a chunk is held, in a map that may have to move up for it.
func mapAdd(newest *ChunkID, held *uint64, c ChunkID) {
	if *held == 0 {
		*newest = c
	}
	if c > *newest {
		*held <<= min(uint64(c-*newest), 64)
		*newest = c
	}
	if d := *newest - c; d < 64 {
		*held |= 1 << d
	}
}

// mapHas asks a map for a chunk.
func mapHas(newest ChunkID, held uint64, c ChunkID) bool {
	return c <= newest && newest-c < 64 && held>>(newest-c)&1 != 0
}

// mapDrop says that a chunk is not held.
func mapDrop(newest ChunkID, held *uint64, c ChunkID) {
	if c <= newest && newest-c < 64 {
		*held &^= 1 << (newest - c)
	}
}

// mapMerge adds what a map says to another one.
func mapMerge(newest *ChunkID, held *uint64, from ChunkID, more uint64) {
	switch {
	case more == 0:
	case *held == 0 || from > *newest:
		*newest, *held = from, more
	default:
		*held |= more << min(uint64(*newest-from), 64)
	}
}
