package driver

import (
	"net/netip"

	"pushcast/node"
	"pushcast/node/wire"
)

// self is the own peer's handle.
const self node.PeerID = 0

// bookSize is the number of handles: far more than a peer holds (a view,
// contacts, whom it has asked) and one datagram names (32).
const bookSize = 8192

// book is the bounded address book: from addresses to the handles that the peer
// knows, and back.
type book struct {
	addrs  []netip.AddrPort // by handle
	ids    map[netip.AddrPort]node.PeerID
	avoid  []node.Time // by handle: nothing is sent before
	reads  []bool      // by handle: it is known to push along stripes
	proofs []proof     // by handle
	used   []uint32    // by handle: the last turn in which it was entered
	turn   uint32
	hand   int // the handle that was given out last
}

func newBook(own netip.AddrPort) *book {
	return &book{
		addrs:  append(make([]netip.AddrPort, 0, 64), own),
		ids:    map[netip.AddrPort]node.PeerID{own: self},
		avoid:  make([]node.Time, 1, 64),
		reads:  make([]bool, 1, 64),
		proofs: make([]proof, 1, 64),
		used:   make([]uint32, 1, 64),
	}
}

// begin begins the next datagram: handles that are entered from now on stay who
// they are until the next call of begin, whether the peer holds them or not.
func (b *book) begin() { b.turn++ }

// lookup gives the handle of an address, NoPeer if it has none.
func (b *book) lookup(addr netip.AddrPort) node.PeerID {
	if id, ok := b.ids[addr]; ok {
		return id
	}
	return node.NoPeer
}

// enter gives the handle of an address, a new one if need be: one that was never
// given out, or else one that the peer no longer holds. NoPeer if there is none.
func (b *book) enter(addr netip.AddrPort, peer *node.Peer) node.PeerID {
	if id, ok := b.ids[addr]; ok {
		b.used[id] = b.turn
		return id
	}
	if len(b.addrs) < bookSize {
		b.addrs = append(b.addrs, addr)
		b.used = append(b.used, b.turn)
		b.avoid = append(b.avoid, 0)
		b.reads = append(b.reads, false)
		b.proofs = append(b.proofs, proof{})
		b.hand = len(b.addrs) - 1
		b.ids[addr] = node.PeerID(b.hand)
		return node.PeerID(b.hand)
	}
	for range bookSize {
		if b.hand++; b.hand == bookSize {
			b.hand = int(self) + 1
		}
		if id := node.PeerID(b.hand); b.used[id] != b.turn && !peer.Holds(id) {
			delete(b.ids, b.addrs[id])
			b.addrs[id], b.ids[addr], b.used[id] = addr, id, b.turn
			b.avoid[id], b.reads[id], b.proofs[id] = 0, false, proof{}
			return id
		}
	}
	return node.NoPeer
}

// addr gives the address of a handle.
func (b *book) addr(id node.PeerID) netip.AddrPort { return b.addrs[id] }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// sendable tells whether a datagram can go to an address: one of the format's
// family, somebody's and not everybody's.
func sendable(f wire.Format, a netip.AddrPort) bool {
	ip := a.Addr()
	return ip.Is4() != f.Is6() && ip.IsValid() && ip.Zone() == "" && a.Port() != 0 && !ip.IsUnspecified() && !ip.IsMulticast() && ip != broadcast
}
