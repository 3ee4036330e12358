package driver

import (
	"net/netip"

	"pushcast/node"
)

// self is the own peer's handle.
const self node.PeerID = 0

// bookSize is the number of handles. A peer holds a view, contacts, and whom it
// has asked; one call may need 32 more: handles are given out in turn, so that
// those of one call never meet.
const bookSize = 8192

// book is the bounded address book: from addresses to the handles that the peer
// knows, and back.
type book struct {
	addrs []netip.AddrPort // by handle
	ids   map[netip.AddrPort]node.PeerID
	hand  int // the handle that was given out last
}

func newBook(own netip.AddrPort) *book {
	return &book{
		addrs: append(make([]netip.AddrPort, 0, 64), own),
		ids:   map[netip.AddrPort]node.PeerID{own: self},
	}
}

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
		return id
	}
	if len(b.addrs) < bookSize {
		b.addrs = append(b.addrs, addr)
		b.hand = len(b.addrs) - 1
		b.ids[addr] = node.PeerID(b.hand)
		return node.PeerID(b.hand)
	}
	for range bookSize {
		if b.hand++; b.hand == bookSize {
			b.hand = int(self) + 1
		}
		if id := node.PeerID(b.hand); !peer.Holds(id) {
			delete(b.ids, b.addrs[id])
			b.addrs[id], b.ids[addr] = addr, id
			return id
		}
	}
	return node.NoPeer
}

// addr gives the address of a handle.
func (b *book) addr(id node.PeerID) netip.AddrPort { return b.addrs[id] }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// sendable tells whether a datagram can go to an address: somebody's address,
// not everybody's.
func sendable(a netip.AddrPort) bool {
	ip := a.Addr()
	return ip.Is4() && a.Port() != 0 && !ip.IsUnspecified() && !ip.IsMulticast() && ip != broadcast
}
