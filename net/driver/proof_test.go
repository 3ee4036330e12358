package driver

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// prove lets a state give back what d asks of who is at an address, as if that had come.
func prove(d *Driver, from netip.AddrPort, state []byte) []byte {
	id := d.book.enter(from, &d.peer)
	binary.BigEndian.PutUint32(state[len(state)-4:], d.book.proofs[id].ask())
	return state
}

// pushed counts the pushes to an address among what was sent.
func (r *recorder) pushed(to netip.AddrPort) (n int) {
	for _, p := range r.sent {
		if p.to == to && wire.StripesKindOf(p.payload) == wire.IsPush {
			n++
		}
	}
	return n
}

// TestUnproven: states and asks in the name of somebody who has never said anything make a
// source push nothing to it; it is sent no more than it seems to send. As soon as it gives
// back what was asked for it is served; and not any longer when it stops, though somebody
// goes on in its name.
func TestUnproven(t *testing.T) {
	d, conn := stripesVictim(t, node.Source)
	wishes := func() []byte {
		return unhex(t, stateOf("01 2a 00", "ffff0f0000000000", strings.Repeat("ff", 20)))
	}
	now := 2 * node.Second
	in := 0
	live := func(span node.Time, say ...[]byte) {
		for end := now + span; now < end; now += 20 * node.Millisecond {
			for _, b := range say {
				in += len(b)
				if err := d.receive(now, append([]byte(nil), b...), stranger); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.tick(now); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask := func() []byte { return wire.AppendAsk(nil, d.source.published-1) }
	live(5*node.Second, wishes(), ask())
	out := 0
	for _, p := range conn.sent {
		if p.to == stranger {
			out += len(p.payload)
		}
	}
	if n := conn.pushed(stranger); n > 0 || out > in {
		t.Errorf("who has proven nothing is pushed %d chunks, and sent %d bytes for %d", n, out, in)
	}
	conn.sent = nil
	live(node.Second, prove(d, stranger, wishes()))
	if n := conn.pushed(stranger); n < 20 {
		t.Errorf("who gives back what is asked for is pushed %d chunks in a second", n)
	}
	live(provenFor*d.cfg.Peer.Report, ask(), unhex(t, push("00000014", "00")), wire.AppendDeny(nil, 3, make([]node.Entry, 2)))
	live(4*node.Second, ask(), unhex(t, push("00000014", "00")), wire.AppendDeny(nil, 3, make([]node.Entry, 2)))
	conn.sent = nil
	live(node.Second, wishes(), ask())
	if n := conn.pushed(stranger); n > 0 {
		t.Errorf("who is gone is pushed %d chunks, because somebody speaks in its name", n)
	}
}

// TestForeignInOnesName: one chunk of format J in the name of a partner does not stop it
// from being served.
func TestForeignInOnesName(t *testing.T) {
	d, conn := stripesVictim(t, node.Source)
	partner := netip.MustParseAddrPort("10.0.0.2:6666")
	now := 900 * node.Millisecond
	wishes := unhex(t, stateOf("01 2a 00", "ffff0f0000000000", strings.Repeat("ff", 20)))
	for _, b := range [][]byte{prove(d, partner, wishes), unhex(t, "11 00000014 0000000000000028 00000002 00000000 4869")} {
		if err := d.receive(now, b, partner); err != nil {
			t.Fatal(err)
		}
	}
	conn.sent = nil
	for end := now + 800*node.Millisecond; now < end; now += 20 * node.Millisecond {
		if err := d.tick(now); err != nil {
			t.Fatal(err)
		}
	}
	if n := conn.pushed(partner); n < 15 || d.traffic.Foreign != 1 {
		t.Errorf("%d chunks are pushed, %d datagrams are foreign", n, d.traffic.Foreign)
	}
}
