package wire_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// datagrams gives those of a capture: pcap, Ethernet, IPv4, UDP.
func datagrams(t testing.TB, file string) (all [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for raw = raw[24:]; len(raw) > 0; {
		n := binary.LittleEndian.Uint32(raw[8:])
		all = append(all, raw[16+14+20+8:16+n])
		raw = raw[16+n:]
	}
	return all
}

func captures(t testing.TB) (files []string) {
	t.Helper()
	files, err := filepath.Glob("../../sim/testdata/captures/*.pcap")
	if err != nil || len(files) != 2 {
		t.Fatalf("captures: %v, %v", files, err)
	}
	return files
}

// again parses a datagram, and appends what was parsed.
func again(b []byte) ([]byte, error) {
	switch wire.J.KindOf(b) {
	case wire.IsChunk:
		m, err := wire.J.ParseChunk(b)
		if err != nil {
			return nil, err
		}
		return wire.J.AppendChunk(nil, &m), nil
	case wire.IsTopology:
		v, err := wire.J.ParseTopology(b)
		if err != nil {
			return nil, err
		}
		if b[1] != 1 && b[1] != 2 {
			return v.Append(nil), nil
		}
		out := wire.J.AppendTopology(nil, v.Query())
		for i := range v.Len() {
			e := v.Entry(i)
			out = wire.J.AppendEntry(out, &e)
		}
		return out, nil
	}
	return nil, wire.ErrType
}

// TestCaptures: every datagram of the original decodes and encodes to the same
// bytes, and says what it should.
func TestCaptures(t *testing.T) {
	for _, file := range captures(t) {
		chunks, views := 0, 0
		for i, b := range datagrams(t, file) {
			got, err := again(b)
			if err != nil || !bytes.Equal(got, b) {
				t.Fatalf("%s: datagram %d: %v\n%x\n%x", file, i, err, b, got)
			}
			if m, err := wire.J.ParseChunk(b); err == nil {
				chunks++
				if m.Timestamp != 40*uint64(m.ID) || string(m.Data) != fmt.Sprintf("Chunk %d\x00", m.ID) || len(m.Attributes) > 0 {
					t.Errorf("%s: datagram %d: %+v", file, i, m)
				}
			} else if v, err := wire.J.ParseTopology(b); err == nil {
				views++
				if own := v.Entry(0); own.Age != 1 || !own.Addr.Addr().IsLoopback() || own.Descriptor != wire.Descriptor {
					t.Errorf("%s: datagram %d: %+v", file, i, own)
				}
			}
		}
		t.Logf("%s: %d chunks, %d views", filepath.Base(file), chunks, views)
		if chunks < 100 || views < 4 {
			t.Errorf("%s: %d chunks, %d views", file, chunks, views)
		}
	}
}

// chunk1 is the real packet that dumbstreamer.md 2.1 shows.
const chunk1 = "11 00000001 0000000000000028 00000008 00000000 4368756e6b203100"

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const entry = "0100000000000000 0200 1a0a 7f000001 0000000000000000 03000000"

// TestRefused: what is not exactly a message is none.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		what, hex string
		want      error
	}{
		{"nothing", "", wire.ErrLength},
		{"a type alone", "11", wire.ErrLength},
		{"one byte too many", chunk1 + "00", wire.ErrLength},
		{"one byte too few", chunk1[:len(chunk1)-2], wire.ErrLength},
		{"an attribute that is not there", "11 00000001 0000000000000028 00000000 00000001", wire.ErrLength},
		{"lengths that wrap around", "11 00000001 0000000000000028 80000004 80000004 4368756e6b203100", wire.ErrLength},
		{"a negative size", "11 00000001 0000000000000028 ffffffff 00000000 00", wire.ErrLength},
		{"a negative id", "11 80000000 0000000000000028 00000000 00000000", wire.ErrID},
		{"the type of January 25", "0c" + chunk1[2:], wire.ErrType},
		{"no entry", "10 01", wire.ErrLength},
		{"half an entry", "10 01" + entry[:16], wire.ErrLength},
		{"an entry and a half", "10 01" + entry + "00", wire.ErrLength},
		{"32 entries", "10 01" + strings.Repeat(entry, 32), wire.ErrLength},
		{"age 0", "10 01" + strings.Replace(entry, "01", "00", 1), wire.ErrAge},
		{"IPv6", "10 01" + strings.Replace(entry, "0200", "0a00", 1), wire.ErrEntry},
		{"padding", "10 01" + strings.Replace(entry, "7f000001 00", "7f000001 01", 1), wire.ErrEntry},
	} {
		b := unhex(t, c.hex)
		parse := func(b []byte) error { _, err := wire.J.ParseChunk(b); return err }
		if wire.J.KindOf(b) == wire.IsTopology {
			parse = func(b []byte) error { _, err := wire.J.ParseTopology(b); return err }
		}
		if err := parse(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	b := unhex(t, "10 07"+entry)
	if v, err := wire.J.ParseTopology(b); err != nil || v.Query() || v.Entry(0).Addr != netip.MustParseAddrPort("127.0.0.1:6666") {
		t.Errorf("an unknown second byte is a reply: %v", err)
	}
}

// TestNoAllocation: neither way allocates.
func TestNoAllocation(t *testing.T) {
	chunk, view := unhex(t, chunk1), unhex(t, "10 01"+entry+entry)
	out := make([]byte, 0, 2000)
	if n := testing.AllocsPerRun(1000, func() {
		m, _ := wire.J.ParseChunk(chunk)
		out = wire.J.AppendChunk(out[:0], &m)
		v, _ := wire.J.ParseTopology(view)
		out = wire.J.AppendTopology(out[:0], v.Query())
		for i := range v.Len() {
			e := v.Entry(i)
			out = wire.J.AppendEntry(out, &e)
		}
		if _, err := wire.J.ParseChunk(view); err == nil {
			panic("a view is a chunk")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// seed adds the captured datagrams of one kind, some of them.
func seed(f *testing.F, kind wire.Kind) {
	for _, file := range captures(f) {
		for i, b := range datagrams(f, file) {
			if i%40 == 0 && wire.J.KindOf(b) == kind {
				f.Add(b)
			}
		}
	}
}

// FuzzChunk: nothing panics, and what is accepted is canonical.
func FuzzChunk(f *testing.F) {
	seed(f, wire.IsChunk)
	f.Add(unhex(f, chunk1))
	f.Add(unhex(f, "11 00000001 0000000000000028 80000004 80000004 4368756e6b203100"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.J.ParseChunk(b)
		if err != nil {
			return
		}
		if m.ID > node.MaxChunk || len(m.Data)+len(m.Attributes) != len(b)-wire.ChunkHeader {
			t.Fatalf("%x is accepted as %+v", b, m)
		}
		if got := wire.J.AppendChunk(nil, &m); !bytes.Equal(got, b) {
			t.Fatalf("%x is accepted, and is %x again", b, got)
		}
	})
}

// FuzzTopology: nothing panics, what is accepted is canonical, every entry has
// an age and an address of the format's family.
func FuzzTopology(f *testing.F) {
	seed := func(b []byte) { f.Add(b, false) }
	for _, file := range captures(f) {
		for i, b := range datagrams(f, file) {
			if i%40 == 0 && wire.J.KindOf(b) == wire.IsTopology {
				seed(b)
			}
		}
	}
	seed(unhex(f, "10 07"+entry))
	seed(unhex(f, "10 01"+strings.Repeat(entry, 31)))
	f.Add(unhex(f, "10 01"+entry6), true)
	f.Fuzz(func(t *testing.T, b []byte, six bool) {
		format := wire.J
		if six {
			format = wire.J6
		}
		v, err := format.ParseTopology(b)
		if err != nil {
			return
		}
		got := format.AppendTopology(nil, v.Query())
		for i := range v.Len() {
			e := v.Entry(i)
			if e.Age == 0 || e.Addr.Addr().Is4() == six {
				t.Fatalf("%x has the entry %+v", b, e)
			}
			got = format.AppendEntry(got, &e)
		}
		got[1] = b[1] // whatever is no query is a reply
		if whole := v.Append(nil); !bytes.Equal(got, b) || !bytes.Equal(whole, b) {
			t.Fatalf("%x is accepted, and is %x or %x again", b, got, whole)
		}
	})
}

// entry6 is [2001:db8::7]:6666 of age 1.
const entry6 = "0100000000000000 0a00 1a0a 00000000 20010db8000000000000000000000007 00000000 03000000"

// TestIPv6: entries of 40 bytes, and nothing of the one format in the other.
func TestIPv6(t *testing.T) {
	b := unhex(t, "10 01"+entry6)
	v, err := wire.J6.ParseTopology(b)
	if err != nil || !v.Query() || v.Len() != 1 {
		t.Fatal(v, err)
	}
	e := v.Entry(0)
	if e.Addr != netip.MustParseAddrPort("[2001:db8::7]:6666") || e.Age != 1 || e.Descriptor != 3 {
		t.Errorf("entry %+v", e)
	}
	if got := wire.J6.AppendEntry(wire.J6.AppendTopology(nil, true), &e); !bytes.Equal(got, b) {
		t.Errorf("again it is %x", got)
	}
	zone := strings.Replace(entry6, "07 00000000 03", "07 00000001 03", 1)
	flow := strings.Replace(entry6, "1a0a 00000000", "1a0a 00000001", 1)
	mapped := strings.Replace(entry6, "20010db8000000000000000000000007", "00000000000000000000ffff7f000001", 1)
	for _, c := range []struct {
		what, hex string
		format    wire.Format
		want      error
	}{
		{"J in J6", "10 01" + entry, wire.J6, wire.ErrLength},
		{"J6 in J", "10 01" + entry6, wire.J, wire.ErrLength},
		{"ten entries of J in J6", "10 01" + strings.Repeat(entry, 10), wire.J6, wire.ErrEntry},
		{"seven entries of J6 in J", "10 01" + strings.Repeat(entry6, 7), wire.J, wire.ErrEntry},
		{"a scope", "10 01" + zone, wire.J6, wire.ErrEntry},
		{"a flow label", "10 01" + flow, wire.J6, wire.ErrEntry},
		{"IPv4 in IPv6's clothes", "10 01" + mapped, wire.J6, wire.ErrEntry},
		{"age 0", "10 01" + strings.Replace(entry6, "01", "00", 1), wire.J6, wire.ErrAge},
	} {
		if _, err := c.format.ParseTopology(unhex(t, c.hex)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}

func ExampleFormat_ParseChunk() {
	datagram := wire.J.AppendChunk(nil, &wire.ChunkMessage{ID: 1, Timestamp: 40, Data: []byte("Chunk 1\x00")})
	m, err := wire.J.ParseChunk(datagram)
	fmt.Printf("%d %q %v, %d bytes\n", m.ID, m.Data, err, len(datagram))
	// Output: 1 "Chunk 1\x00" <nil>, 29 bytes
}
