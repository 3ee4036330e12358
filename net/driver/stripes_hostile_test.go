package driver

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// stripesRecipes are datagrams of stripes that are formed as no peer should, or that lie.
// Refused ones change nothing.
var stripesRecipes = []struct {
	name, datagram string
	refused        bool
}{
	{"a push", push("00000014", "00"), false},
	{"a push of an id far ahead", push("00100000", "00"), false},
	{"a push of the largest id", push("7fffffff", "00"), false},
	{"a push of a negative id", push("80000000", "00"), true},
	{"a push whose map goes beyond the ids", push("7fffffff", "01"), true},
	{"a push of an unknown form", strings.Replace(push("00000014", "00"), "80 ", "84 ", 1), true},
	{"a push cut short", push("00000014", "00")[:50], true},
	{"a push with more attributes than there is", strings.Replace(push("00000014", "00"), "80 ", "82 ", 1), true},
	{"a push that is a chunk only", "80 00000014 0000000000000028 00000002 4869", true},
	{"a state", stateOf("01 2a 07", "0300400000010000", strings.Repeat("05", 20)), false},
	{"a state that wants, gives and owns all", stateOf("01 2a ff", "ffffffffffffff0f", strings.Repeat("00", 20)), false},
	{"a state of other stripes", stateOf("01 2a 07", "6300", "0aff1e"), false},
	{"a state of 33 stripes", stateOf("01 2a 07", strings.Repeat("00", 13), strings.Repeat("05", 33)), true},
	{"a state of no stripes", stateOf("01 2a 07", "", ""), true},
	{"a state of stripe 20 of 20", stateOf("01 2a 07", "0300400000010010", strings.Repeat("05", 20)), true},
	{"a state with a period of 1 ms", stateOf("01 aa 07", "0300400000010000", strings.Repeat("05", 20)+"000003e8"), false},
	{"a state with a period of 0", stateOf("01 aa 07", "0300400000010000", strings.Repeat("05", 20)+"00000000"), true},
	{"a state with a period of an hour", stateOf("01 aa 07", "0300400000010000", strings.Repeat("05", 20)+"d693a400"), true},
	{"a state that announces a period", stateOf("01 aa 07", "00", "01"), true},
	{"a state without a proof", strings.TrimSuffix(stateOf("01 2a 07", "0300400000010000", strings.Repeat("05", 20)), "00000007 00000000") + "00000000 00000000", true},
	{"an ask", "22 00000003", false},
	{"an ask for nothing there is", "22 7fffffff", false},
	{"an ask for a negative id", "22 80000003", true},
	{"an ask and more", "22 00000003 00", true},
	{"a deny", "23 00000003 00000064 8000000000000001", false},
	{"a deny of a negative newest", "23 00000003 80000064 8000000000000001", true},
	{"a deny cut short", "23 00000003 00000064", true},
	{"a map, which is of another scheduler", "25 01 00000064 8000000000000001", true},
	{"an offer", "26 0001 00000064 8000000000000001", true},
	{"a view of format J", "10 01 0100000000000000 0200 1a0a 0a000009 0000000000000000 03000000", false},
	{"a chunk of format J", "11 00000014 0000000000000028 00000002 00000000 4869", false},
}

func push(id, lead string) string {
	return "80 " + id + " 00000028 012c " + lead + " 000000000000000b 8000000000000001 4869"
}

func stateOf(head, sets, ages string) string {
	return "21 " + head + " 00000014 00000000000000ff " + sets + " " + ages + " 00000007 00000000"
}

func unhex(t testing.TB, text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(text, err)
	}
	return b
}

// stripesVictim is a peer with a partner that it has chunks from, or their source.
func stripesVictim(t testing.TB, role node.Role) (*Driver, *recorder) {
	own, other := netip.MustParseAddrPort("10.0.0.1:6666"), netip.MustParseAddrPort("10.0.0.2:6666")
	cfg := stripesWatcher(own, other)
	if role == node.Source {
		cfg = stripesFilm(own)
	}
	cfg.Seed = 1
	conn := &recorder{}
	d, err := New(conn, cfg)
	if err == nil {
		err = d.start(0)
	}
	say := func(now node.Time, b []byte) {
		if err == nil {
			err = d.receive(now, b, other)
		}
	}
	entry := &wire.Entry{Addr: other, Age: 1, Descriptor: wire.StripesDescriptor}
	say(1, wire.J.AppendEntry(wire.J.AppendTopology(nil, role == node.Source), entry))
	b := unhex(t, stateOf("05 aa 50", "0000f0ffff000000", strings.Repeat("05", 20)+"00009c40"))
	say(2, prove(d, other, b))
	for c := range uint32(20) {
		if now := node.Time(c) * 40 * node.Millisecond; role == node.Source {
			err = d.tick(now)
		} else {
			b := unhex(t, push("00000000", "00"))
			binary.BigEndian.PutUint32(b[1:], c)
			say(now+3, b)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if d.peer.Chunks() != 20 {
		t.Fatalf("%d chunks", d.peer.Chunks())
	}
	conn.sent = nil
	return d, conn
}

// TestStripesRecipes: as TestRecipes; to a peer that pushes along stripes, these and those,
// and to one that does not, these, all of which it refuses.
func TestStripesRecipes(t *testing.T) {
	type recipe struct {
		name     string
		datagram []byte
		refused  bool
	}
	var all []recipe
	for _, r := range recipes {
		all = append(all, recipe{r.name, r.datagram, r.refused})
	}
	blind := len(all)
	for _, r := range stripesRecipes {
		all = append(all, recipe{r.name, unhex(t, r.datagram), r.refused})
	}
	for _, role := range []node.Role{node.Receiver, node.Source} {
		for i, r := range all {
			d, conn := stripesVictim(t, role)
			checkRecipe(t, d, conn, r.name, r.datagram, r.refused)
			if i >= blind && r.datagram[0] >= 0x20 {
				d, conn = victim(t, role)
				checkRecipe(t, d, conn, r.name+", to who has no stripes", r.datagram, true)
			}
		}
	}
}

// checkRecipe hands a peer a datagram, and looks that it is refused and changes nothing, or
// does no harm.
func checkRecipe(t *testing.T, d *Driver, conn *recorder, name string, datagram []byte, refuse bool) {
	t.Helper()
	before, refused := state(d), d.traffic.Refused()
	if err := d.receive(node.Second, bytes.Clone(datagram), stranger); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got := d.traffic.Refused() - refused; (got == 1) != refuse {
		t.Errorf("%s: refused %d time(s)", name, got)
	}
	if refuse && state(d) != before {
		t.Errorf("%s: is refused, and changes\n%s\ninto\n%s", name, before, state(d))
	}
	for _, p := range conn.sent {
		if p.to != stranger && p.to != netip.MustParseAddrPort("10.0.0.2:6666") {
			t.Errorf("%s: makes the peer send to %v", name, p.to)
		}
	}
	if err := d.peer.Check(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestStripesFlood: a hundred thousand hostile datagrams, a million in CI, leave the peer
// in order, and its partners few.
func TestStripesFlood(t *testing.T) {
	n := 100_000
	if everything {
		n = 1_000_000
	}
	d, conn := stripesVictim(t, node.Receiver)
	r := rand.New(rand.NewPCG(3, 4))
	now := node.Second
	for i := range n {
		now += node.Time(r.Int64N(int64(node.Millisecond)))
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(r.Uint32()), byte(r.Uint32())}), 6666)
		b := unhex(t, stripesRecipes[r.IntN(len(stripesRecipes))].datagram)
		if r.IntN(2) == 0 {
			binary.BigEndian.PutUint32(b[1:], r.Uint32()>>r.IntN(32))
		}
		for len(b) > 0 && r.IntN(4) == 0 {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if err := d.receive(now, b, from); err != nil {
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
	if len(d.store.at) > d.cfg.Peer.Buffer+d.cfg.Peer.Window || len(d.book.ids) > bookSize {
		t.Errorf("%d chunks, %d addresses", len(d.store.at), len(d.book.ids))
	}
	t.Logf("%d refused, %d foreign, %+v", d.traffic.Refused(), d.traffic.Foreign, d.peer.Stats())
}

// FuzzStripes: any sequence of datagrams and ticks leaves a peer with stripes in order; the
// input is as that of FuzzDatagrams.
func FuzzStripes(f *testing.F) {
	var all []byte
	for _, r := range stripesRecipes {
		b := unhex(f, r.datagram)
		one := append(binary.BigEndian.AppendUint16([]byte{1}, uint16(len(b))), b...)
		one = append(one, 0, 0xff, 0xff) // a tick
		f.Add(one)
		all = append(all, one...)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, script []byte) {
		d, conn := stripesVictim(t, node.Role(len(script)%2))
		endure(t, d, conn, script, math.MaxInt, ours) // a push goes to all children, say
	})
}

// ours tells whether a datagram is one that a peer with stripes sends.
func ours(b []byte) (err error) {
	switch wire.StripesKindOf(b) {
	case wire.IsPush:
		_, _, err = wire.ParsePush(b, nil)
	case wire.IsState:
		if b, _, _, err = wire.CutProof(b); err == nil {
			_, _, err = wire.ParseState(b, nil)
		}
	case wire.IsAsk:
		_, err = wire.ParseAsk(b)
	case wire.IsDeny:
		_, _, err = wire.ParseDeny(b, nil)
	default:
		_, err = wire.J.ParseTopology(b)
	}
	return err
}

// TestTwoKinds: a peer with stripes that joins through one without, and the other way
// round: one line in a log says what to do, one datagram is counted, the one with stripes
// sends nothing but views, and neither is in the other's view.
func TestTwoKinds(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:6666"), netip.MustParseAddrPort("10.0.0.2:6666")
	for _, c := range []struct {
		name            string
		joiner, contact Config
	}{
		{"stripes join format J", stripesWatcher(a, b), film(b)},
		{"format J joins stripes", watcher(a, b), stripesFilm(b)},
	} {
		var said [2]bytes.Buffer
		var drivers [2]*Driver
		var conns [2]recorder
		for i, cfg := range []Config{c.joiner, c.contact} {
			cfg.Log = slog.New(slog.NewTextHandler(&said[i], nil))
			d, err := New(&conns[i], cfg)
			if err == nil {
				err = d.start(0)
			}
			if err != nil {
				t.Fatal(err)
			}
			drivers[i] = d
		}
		for now := node.Time(0); now < 20*node.Second; now += 20 * node.Millisecond {
			for i, d := range drivers {
				if err := d.tick(now); err != nil {
					t.Fatal(err)
				}
				for _, p := range conns[i].sent {
					if err := drivers[1-i].receive(now, p.payload, d.cfg.Local); err != nil {
						t.Fatal(err)
					}
					if d.striped && wire.J.KindOf(p.payload) != wire.IsTopology {
						t.Errorf("%s: %x is sent to who cannot read it", c.name, p.payload)
					}
				}
				conns[i].sent = nil
			}
		}
		lines := strings.Count(said[0].String()+said[1].String(), "--push random")
		counted := drivers[0].traffic.Foreign + drivers[1].traffic.Foreign
		if lines == 0 || lines > 2 || counted == 0 || drivers[0].peer.Stats().Accepted > 0 {
			t.Errorf("%s: %d lines, %d foreign: %s%s", c.name, lines, counted, &said[0], &said[1])
		}
		if n := drivers[1].peer.Neighbours(); n > 0 {
			t.Errorf("%s: the contact knows %d", c.name, n)
		}
		t.Logf("%s: %d foreign\n%s%s", c.name, counted, &said[0], &said[1])
	}
}
