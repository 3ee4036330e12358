package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// The messages of maps and offers, byte for byte: what was laid down once stays readable.
const (
	carry1 = "24 00000001 0000000000000028 00000002 00000000 4869" + // a chunk as in format J
		"012c 03 000000000000000b 0007" // 300 ms old, newest 4, map, with offer 7
	map1    = "25 01 00000064 00000000000000ff"
	offer1  = "26 0007 00000064 8000000000000001"
	select1 = "27 0007 00000064 00000000000000ff 0001073f02" // five chunks
)

// againCircle parses a datagram of maps or offers, and appends what was parsed.
func againCircle(b []byte) ([]byte, []node.Entry, error) {
	if len(b) == 0 {
		return nil, nil, wire.ErrLength
	}
	switch b[0] {
	case 0x24:
		c, words, err := wire.ParseCarry(b, nil)
		if err != nil {
			return nil, nil, err
		}
		return wire.AppendCarry(nil, &c, words), words, nil
	case 0x25:
		words, err := wire.ParseMap(b, nil)
		return wire.AppendMap(nil, words), words, err
	case 0x26:
		words, err := wire.ParseOffer(b, nil)
		return wire.AppendOffer(nil, words), words, err
	}
	chunks, words, err := wire.ParseSelect(b, nil)
	return wire.AppendSelect(nil, chunks, words), words, err
}

// TestCircle: each message is read and written to the byte, in the size that the link is
// charged, with the words that package node lays down, and no peer of the original's
// format takes it for one of its own.
func TestCircle(t *testing.T) {
	for _, c := range []struct {
		text  string
		m     node.Message
		words []node.Entry
	}{
		{carry1, node.Message{Kind: node.Carry, Size: 2}, []node.Entry{{ID: 300, Age: 4}, {ID: 11}, {ID: 7}}},
		{map1, node.Message{Kind: node.Map}, []node.Entry{{ID: 100, Age: 255}, {Age: 1}}},
		{offer1, node.Message{Kind: node.Proposal}, []node.Entry{{ID: 100, Age: 1}, {ID: 1 << 31, Age: 7}}},
		{select1, node.Message{Kind: node.Select, Size: 5}, []node.Entry{{ID: 100, Age: 255}, {Age: 7}, {ID: 0x3f070100, Age: 2}}},
	} {
		b := unhex(t, c.text)
		got, words, err := againCircle(b)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s is %x again, %v", c.text, got, err)
		}
		if !equal(words, c.words) {
			t.Errorf("a %v says %v, want %v", c.m.Kind, words, c.words)
		}
		if got := wire.Size(&c.m); got != uint64(len(b))+wire.Headers {
			t.Errorf("a %v of %d bytes is charged %d", c.m.Kind, len(b), got)
		}
		if wire.J.KindOf(b) != wire.Unknown {
			t.Errorf("format J takes a %v for its own", c.m.Kind)
		}
	}
}

// TestBrokenCircle: what is cut, too long, or says what cannot be is refused.
func TestBrokenCircle(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{carry1[:len(carry1)-2], wire.ErrLength},
		{strings.Replace(carry1, "24 00000001", "24 7fffffff", 1), wire.ErrID}, // the map would go beyond
		{map1 + "00", wire.ErrLength},
		{strings.Replace(map1, "25 01", "25 02", 1), wire.ErrPlace},
		{strings.Replace(map1, "00000064", "80000064", 1), wire.ErrID},
		{offer1[:len(offer1)-2], wire.ErrLength},
		{strings.Replace(offer1, "00000064", "80000064", 1), wire.ErrID},
		{select1 + "01020304", wire.ErrLength}, // nine chunks
		{strings.Replace(select1, "3f", "40", 1), wire.ErrPlace},
		{strings.Replace(select1, "00000064", "80000064", 1), wire.ErrID},
		{"27 0007", wire.ErrLength},
	} {
		if _, _, err := againCircle(unhex(t, c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.text, err, c.want)
		}
	}
}

// FuzzCircle: nothing panics, and what is accepted is canonical.
func FuzzCircle(f *testing.F) {
	for _, text := range []string{carry1, map1, offer1, select1} {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, _, err := againCircle(b); err == nil && !bytes.Equal(got, b) {
			t.Fatalf("%x is accepted, and is %x again", b, got)
		}
	})
}
