package driver

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
)

// TestBook: against a plain map; a handle that the peer holds never changes its
// owner, and one address has one handle.
func TestBook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := netip.MustParseAddrPort("10.0.0.1:1")
		b := newBook(own)
		var peer node.Peer
		cfg := Dumbstreamer()
		peer.Init(&cfg, self, 1, 0)
		var out node.Outbox
		address := func(i int) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 7)
		}
		for i := range bookSize - 5 { // nearly full
			b.enter(address(i), &peer)
		}
		b.begin()
		held := map[node.PeerID]netip.AddrPort{}
		datagram := map[node.PeerID]netip.AddrPort{} // what the present one has entered
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			if len(datagram) == 32 {
				clear(datagram)
				b.begin()
			}
			addr := address(rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 3*bookSize)).Draw(t, "address"))
			id := b.enter(addr, &peer)
			if id == self || id == node.NoPeer || b.addr(id) != addr || b.lookup(addr) != id {
				t.Fatalf("%v has handle %d, of %v", addr, id, b.addr(id))
			}
			datagram[id] = addr
			for h, a := range datagram {
				if b.addr(h) != a {
					t.Fatalf("within one datagram handle %d was %v, is %v", h, a, b.addr(h))
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "met") == 0 {
				peer.Handle(0, &node.Message{Kind: node.Reply, From: id}, []node.Entry{{ID: id, Age: 1}}, &out)
				held[id] = addr
			}
			for h, a := range held {
				if !peer.Holds(h) {
					delete(held, h)
				} else if b.addr(h) != a {
					t.Fatalf("handle %d was %v, is %v", h, a, b.addr(h))
				}
			}
		}
		if len(b.ids) != len(b.addrs) || len(b.addrs) > bookSize || b.lookup(own) != self {
			t.Fatalf("%d addresses, %d handles", len(b.ids), len(b.addrs))
		}
	})
}
