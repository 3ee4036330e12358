package driver

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/wire"
)

// chunkHeader makes the first 21 bytes of a chunk, whatever they announce.
func chunkHeader(id, size, attributes uint32) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0x11}, id)
	b = binary.BigEndian.AppendUint64(b, 40*uint64(id))
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, size), attributes)
}

func chunkOf(id uint32, data string) []byte {
	return append(chunkHeader(id, uint32(len(data)), 0), data...)
}

// view makes a topology datagram.
func view(sub byte, entries ...[]byte) []byte {
	return append([]byte{0x10, sub}, bytes.Join(entries, nil)...)
}

// entry makes a line of it.
func entry(age uint64, addr string) []byte {
	return wire.J.AppendEntry(nil, &wire.Entry{Age: age, Addr: netip.MustParseAddrPort(addr), Descriptor: 3})
}

// changed gives b with one byte replaced.
func changed(b []byte, at int, v byte) []byte {
	b = bytes.Clone(b)
	b[at] = v
	return b
}

func many(n int, age uint64) (entries [][]byte) {
	for i := range n {
		entries = append(entries, entry(age, fmt.Sprintf("10.1.%d.%d:6666", i/250, 1+i%250)))
	}
	return entries
}

// recipes are datagrams that kill or silence legacy peers, or are formed as no
// peer should: dumbstreamer.md 2.1 to 2.3, 4 and 8, reliability.md 1.2 (its L1 to
// L15, in format J). Refused ones change nothing.
var recipes = []struct {
	name     string
	datagram []byte
	refused  bool
}{
	// Chunks.
	{"empty", nil, true},
	{"type only", []byte{0x11}, true},
	{"a byte short of a header", chunkHeader(1, 0, 0)[:20], true},
	{"empty chunk, which is legal", chunkOf(1, ""), false},
	{"L1: size that overflows with the header", append(chunkHeader(1, 0x7ffffff0, 0), make([]byte, 7)...), true},
	{"L2: attributes 20 bytes past the end", append(chunkHeader(1, 4, 20), "data"...), true},
	{"L3: attributes of 2 GB", append(chunkHeader(1, 4, 0x7fffffff), "data"...), true},
	{"negative size", append(chunkHeader(1, 0xfffffffc, 0), "data"...), true},
	{"sizes whose sum wraps to what there is", append(chunkHeader(1, 0xffffffff, 5), "data"...), true},
	{"a byte behind the chunk", append(chunkOf(1, "data"), 0), true},
	{"negative id", chunkOf(1<<31, "data"), true},
	{"id -1", chunkOf(1<<32-1, "data"), true},
	{"L10, L11: the largest id", chunkOf(1<<31-1, "data"), false},
	{"timestamp of all ones", changed(changed(chunkOf(2, "data"), 5, 0xff), 12, 0xff), false},
	{"L12: attributes", append(chunkHeader(3, 4, 4), "dataattr"...), false},
	{"L12: and then none", chunkOf(4, "data"), false},
	{"the largest chunk", append(chunkHeader(5, wire.MaxChunk, 0), make([]byte, wire.MaxChunk)...), false},
	{"the oldest type of chunk", changed(chunkOf(1, "data"), 0, 0x0c), true},
	// Views.
	{"L7: a query without entries", view(1), true},
	{"no second byte", []byte{0x10}, true},
	{"a query of age 0", view(1, entry(0, "10.0.0.9:6666")), true},
	{"L9: ten entries of age 0", view(2, many(10, 0)...), true},
	{"L4: a byte behind the entries", append(view(1, entry(1, "10.0.0.9:6666")), 0), true},
	{"half an entry", view(1, entry(1, "10.0.0.9:6666"))[:16], true},
	{"entries of 24 bytes, as from February 2010 on", view(1, entry(1, "10.0.0.9:6666")[:24]), true},
	{"51 entries", view(1, many(51, 1)...), true},
	{"32 entries", view(1, many(32, 1)...), true},
	{"31 entries", view(2, many(31, 7)...), false},
	{"L5: a count of 2^27 and nothing", []byte{0x10, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, true},
	{"big-endian age and family", view(1, slices.Concat(binary.BigEndian.AppendUint64(nil, 1), []byte{0, 2}, entry(1, "10.0.0.9:6666")[10:])), true},
	{"family IPv6", changed(view(1, entry(1, "10.0.0.9:6666")), 10, 10), true},
	{"padding that is not zero", changed(view(1, entry(1, "10.0.0.9:6666")), 20, 1), true},
	{"L8: entry 0 is a victim", view(1, entry(1, "203.0.113.9:53")), false},
	{"addresses that are nobody's", view(2, entry(1, "0.0.0.0:6666"), entry(1, "224.0.0.1:6666"), entry(1, "255.255.255.255:6666"), entry(1, "10.0.0.9:0")), false},
	{"the receiver itself", view(2, entry(1, "10.0.0.1:6666")), false},
	{"the same one thrice", view(2, entry(9, "10.0.0.9:6666"), entry(1, "10.0.0.9:6666"), entry(5, "10.0.0.9:6666")), false},
	{"the oldest age", view(2, entry(1<<64-1, "10.0.0.9:6666")), false},
	{"neither query nor reply", view(77, entry(1, "10.0.0.9:6666")), false},
	// Other formats.
	{"signalling", []byte{0x12, 0, 0, 0, 1, 0, 0, 0, 0}, true},
	{"L13: fragment 1 of 2", []byte{1, 1, 2, 0x11}, true},
	{"a leading byte, as from March 2010 on", append([]byte{1}, chunkOf(7, "data")...), true},
	{"three leading bytes, as of 2011", append([]byte{2, 1, 1}, view(1, entry(1, "10.0.0.9:6666"))...), true},
	{"a transaction id", slices.Concat([]byte{0x11, 0, 0}, chunkOf(7, "data")[1:]), true},
	{"text", []byte("GET / HTTP/1.1\r\n\r\n"), true},
}

var stranger = netip.MustParseAddrPort("10.0.0.66:6666")

// victim is a peer among others, that has seen some of the stream.
func victim(t testing.TB, role node.Role) (*Driver, *recorder) {
	own := netip.MustParseAddrPort("10.0.0.1:6666")
	cfg := Config{Local: own, Peer: Dumbstreamer(), Contacts: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:6666")}, Seed: 1}
	if role == node.Source {
		cfg = film(own)
	}
	conn := &recorder{}
	d, err := New(conn, cfg)
	if err == nil {
		err = d.start(0)
	}
	for c := range uint32(20) {
		if err == nil && role == node.Receiver {
			err = d.receive(node.Time(c)*node.Second/25, chunkOf(c, "data"), cfg.Contacts[0])
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	conn.sent = nil
	return d, conn
}

// state is everything that a refused datagram must leave alone.
func state(d *Driver) string {
	var b strings.Builder
	fmt.Fprintln(&b, d.peer.Fingerprint(), d.peer.Stats(), d.peer.Wakeup(), len(d.book.ids), len(d.store.at), d.meter.values())
	for i := range d.peer.Chunks() {
		fmt.Fprint(&b, d.peer.ChunkAt(i), " ")
	}
	for i := range d.peer.Neighbours() {
		fmt.Fprint(&b, d.book.addr(d.peer.Neighbour(i)), " ")
	}
	return b.String()
}

// TestRecipes: every one is refused and changes nothing, or is taken in without
// harm; none makes a peer send to an address that it has read in a datagram.
func TestRecipes(t *testing.T) {
	for _, role := range []node.Role{node.Receiver, node.Source} {
		for _, r := range recipes {
			d, conn := victim(t, role)
			before, refused := state(d), d.traffic.Refused()
			if err := d.receive(node.Second, r.datagram, stranger); err != nil {
				t.Fatalf("%s: %v", r.name, err)
			}
			if got := d.traffic.Refused() - refused; (got == 1) != r.refused {
				t.Errorf("%s: refused %d time(s)", r.name, got)
			}
			if r.refused && state(d) != before {
				t.Errorf("%s: is refused, and changes\n%s\ninto\n%s", r.name, before, state(d))
			}
			for _, p := range conn.sent {
				if p.to != stranger {
					t.Errorf("%s: makes the peer send to %v", r.name, p.to)
				}
			}
			if err := d.peer.Check(); err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
		}
	}
}

// TestAttributes: what came behind the payload is forwarded, and not put out.
func TestAttributes(t *testing.T) {
	d, conn := victim(t, node.Receiver)
	o := &kept{}
	d.cfg.Output = o
	datagram := append(chunkHeader(20, 4, 4), "dataattr"...)
	if err := d.receive(node.Second, datagram, stranger); err != nil {
		t.Fatal(err)
	}
	for now := 2 * node.Second; !slices.ContainsFunc(conn.sent, func(p packet) bool { return bytes.Equal(p.payload, datagram) }); now += node.Second / 4 {
		if err := d.tick(now); err != nil || now > 60*node.Second {
			t.Fatalf("not forwarded as it came: %v", err)
		}
	}
	if string(*o) != "data" {
		t.Errorf("puts out %q", *o)
	}
}

// kept is an Output that keeps the payload.
type kept []byte

func (k *kept) Put(_ node.ChunkID, payload []byte) error {
	*k = append(*k, payload...)
	return nil
}

// TestFlood: a million hostile datagrams, from as many addresses, leave the peer
// in order, and its memory where it was.
func TestFlood(t *testing.T) {
	n := 100_000
	if everything {
		n = 1_000_000
	}
	d, conn := victim(t, node.Receiver)
	r := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 0, 1<<16)
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	now := node.Second
	for i := range n {
		now += node.Time(r.Int64N(int64(node.Millisecond)))
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}), uint16(r.Uint32()))
		buf = hostile(r, buf)
		if err := d.receive(now, buf, from); err != nil {
			t.Fatal(err)
		}
		if err := d.tick(now); err != nil {
			t.Fatal(err)
		}
		conn.sent = conn.sent[:0]
		if i%1000 == 0 {
			if err := d.peer.Check(); err != nil {
				t.Fatalf("datagram %d: %v", i, err)
			}
		}
	}
	conn.sent = nil
	grown := int64(inUse()) - int64(before)
	t.Logf("%d datagrams, %d refused, %d strays, %d addresses; the heap grew by %d KiB", n, d.traffic.Refused(), d.peer.Stats().Strays, len(d.book.ids), grown>>10)
	if grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if d.traffic.In != uint64(n)+20 || d.traffic.Refused() < uint64(n/10) || d.peer.Stats().Accepted < 100 {
		t.Errorf("%+v, %+v", d.traffic, d.peer.Stats())
	}
}

// hostile makes a datagram: a recipe, with an id or some bytes replaced.
func hostile(r *rand.Rand, buf []byte) []byte {
	buf = append(buf[:0], recipes[r.IntN(len(recipes))].datagram...)
	if len(buf) > 5 && r.IntN(2) == 0 {
		id := r.Uint32() >> r.IntN(32)
		binary.BigEndian.PutUint32(buf[1:], id)
		if buf[0] == 0x10 {
			buf[1] = byte(1 + id%2)
		}
	}
	for len(buf) > 0 && r.IntN(4) == 0 {
		buf[r.IntN(min(len(buf), 60))] = byte(r.Uint32())
	}
	return buf
}

// FuzzDatagrams: any sequence of datagrams and ticks leaves a peer in order.
// The input is a list: a byte for what it is, two for a length; a tick that much
// later, or so many bytes of a datagram.
func FuzzDatagrams(f *testing.F) {
	var all []byte
	for _, r := range recipes {
		if len(r.datagram) > 1000 {
			continue
		}
		one := binary.BigEndian.AppendUint16([]byte{1}, uint16(len(r.datagram)))
		one = append(one, r.datagram...)
		one = append(one, 0, 0xff, 0xff) // a tick
		f.Add(one)
		all = append(all, one...)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, script []byte) {
		d, conn := victim(t, node.Role(len(script)%2))
		endure(t, d, conn, script, 2, blind)
	})
}

// endure lets a peer take in a script of FuzzDatagrams, and looks after each step whether
// it is in order. One datagram may cause so many others; ours tells what is wrong with one
// that the peer sends.
func endure(t *testing.T, d *Driver, conn *recorder, script []byte, most int, ours func([]byte) error) {
	for now := node.Second; len(script) >= 3; {
		what, n := script[0], int(binary.BigEndian.Uint16(script[1:]))
		script = script[3:]
		conn.sent = conn.sent[:0]
		if what%2 == 0 {
			now += node.Time(n) * 100 * node.Microsecond
			if err := d.tick(now); err != nil {
				t.Fatal(err)
			}
		} else {
			n = min(n, len(script))
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, what}), 6666)
			before, refused := state(d), d.traffic.Refused()
			if err := d.receive(now, script[:n], from); err != nil {
				t.Fatal(err)
			}
			if d.traffic.Refused() > refused && state(d) != before {
				t.Fatal("a refused datagram has changed something")
			}
			if len(conn.sent) > most {
				t.Fatalf("one datagram causes %d", len(conn.sent))
			}
			script = script[n:]
		}
		for _, p := range conn.sent {
			if !sendable(wire.J, p.to) || p.to == d.cfg.Local {
				t.Fatalf("sends to %v", p.to)
			}
			if err := ours(p.payload); err != nil {
				t.Fatalf("sends %x: %v", p.payload, err)
			}
		}
		if err := d.peer.Check(); err != nil {
			t.Fatal(err)
		}
		if n := len(d.store.at); n > d.cfg.Peer.Buffer+d.cfg.Peer.Window {
			t.Fatalf("%d chunks are kept", n)
		}
	}
}

// blind tells what is wrong with a datagram that a peer of format J sends.
func blind(b []byte) (err error) {
	if wire.J.KindOf(b) == wire.IsChunk {
		_, err = wire.J.ParseChunk(b)
	} else {
		_, err = wire.J.ParseTopology(b)
	}
	return err
}

var _ media.Output = (*kept)(nil)
