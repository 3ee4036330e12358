package node

// What messages of the circle say beside their Message travels as words of 32 bits,
// two to an Entry, as those of stripes do; their layout is that of package wire:
//
//	Map       newest id held, map (2), 1 if the sender may push to the receiver
//	Carry     age of the chunk in ms, newest id held, map (2), offer or 0
//	Proposal  newest id held, map (2), offer
//	Select    newest id held or accepted, map (2), offer, places (2): of the chunks
//	          that are wanted, 8 bits each, how far below the newest
//
// A map's bit i says that newest−i is held. Size of a Select is the number of chunks.
const (
	MapWords      = 4
	CarryWords    = 5
	ProposalWords = 4
	SelectWords   = 6
	// MaxSelect is the most chunks that answer one offer.
	MaxSelect = 8

	carryBytes    = udpBytes + 21 + 13 // a Carry without its payload
	mapBytes      = udpBytes + 14
	proposalBytes = udpBytes + 15
	selectBytes   = udpBytes + 15 // a Select of nothing
)

// circleEntries is the most entries that a message of the circle has.
const circleEntries = 3

// start begins a message of the circle; its words follow, then close.
func (p *Peer) start(m Message, out *Outbox) words {
	m.From = p.id
	m.Offset = uint32(len(out.Entries))
	out.Sends = append(out.Sends, m)
	return words{out: out}
}

// close ends a message.
func (w *words) close() {
	m := &w.out.Sends[len(w.out.Sends)-1]
	m.Count = uint16(uint32(len(w.out.Entries)) - m.Offset)
}
