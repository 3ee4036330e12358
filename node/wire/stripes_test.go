package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// The messages of stripes, byte for byte: what was laid down once stays readable.
const (
	push1  = "80 00000001 00000028 812c 03 000000000000000b 8000000000000001 4869"              // 300 ms old, mended, newest 4, map, path
	push2  = "81 00000001 0000000100000028 012c 03 000000000000000b 8000000000000001 4869"      // a timestamp of more than 32 bits
	push3  = "82 00000001 00000028 012c 03 000000000000000b 8000000000000001 0001 4869 61"      // an attribute
	push4  = "83 00000001 0000000100000028 012c 03 000000000000000b 8000000000000001 0002 6162" // both, and no data
	state1 = "21 01 2a 07 00000064 00000000000000ff 6300 0aff1e"                                // three stripes
	state2 = "21 09 ea 07 00000064 00000000000000ff 6300 0aff1e 00009c40"                       // and a period of 40 ms
	state3 = "21 01 6a 07 00000064 00000000000000ff 0f00 01020304"                              // one is asked for; an odd number of words
	ask1   = "22 00000007"
	deny1  = "23 00000007 00000064 8000000000000001"
)

// againStripes parses a datagram of stripes, and appends what was parsed.
func againStripes(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, wire.ErrLength
	}
	switch b[0] {
	case 0x80, 0x81, 0x82, 0x83, 0x84:
		c, words, err := wire.ParsePush(b, nil)
		if err != nil {
			return nil, err
		}
		return wire.AppendPush(nil, &c, words), nil
	case 0x21:
		stripes, words, err := wire.ParseState(b, nil)
		if err != nil {
			return nil, err
		}
		return wire.AppendState(nil, stripes, words), nil
	case 0x22:
		c, err := wire.ParseAsk(b)
		return wire.AppendAsk(nil, c), err
	}
	c, words, err := wire.ParseDeny(b, nil)
	if err != nil {
		return nil, err
	}
	return wire.AppendDeny(nil, c, words), nil
}

// TestStripes: each message is read and written to the byte, in the size that the link
// is charged, and no peer of the original's format takes it for one of its own.
func TestStripes(t *testing.T) {
	for _, c := range []struct {
		text string
		m    node.Message
		more uint64 // than a datagram without what is rare
	}{
		{push1, node.Message{Kind: node.Push, Size: 2}, 0},
		{push2, node.Message{Kind: node.Push, Size: 2}, 4},
		{push3, node.Message{Kind: node.Push, Size: 2}, 2 + 1},
		{push4, node.Message{Kind: node.Push}, 4 + 2 + 2},
		{state1, node.Message{Kind: node.State, Size: 3}, 0},
		{state2, node.Message{Kind: node.State, Size: 3}, wire.PeriodSize},
		{state3, node.Message{Kind: node.State, Size: 4}, 0},
		{ask1, node.Message{Kind: node.Ask}, 0},
		{deny1, node.Message{Kind: node.Deny}, 0},
	} {
		b := unhex(t, c.text)
		if got, err := againStripes(b); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s is %x again, %v", c.text, got, err)
		}
		if c.m.Kind == node.State {
			b = wire.AppendProof(b, 1, 0)
		}
		if got := wire.Size(&c.m) + c.more; got != uint64(len(b))+wire.Headers {
			t.Errorf("a %v of %d bytes is charged %d", c.m.Kind, len(b), got)
		}
		if wire.J.KindOf(b) != wire.Unknown {
			t.Errorf("format J takes a %v for its own", c.m.Kind)
		}
	}
}

// TestStripesWords: the words are those that package node lays down.
func TestStripesWords(t *testing.T) {
	_, push, err := wire.ParsePush(unhex(t, push1), nil)
	if want := []node.Entry{{ID: 300 | 1<<31, Age: 4}, {ID: 11}, {ID: 1, Age: 1 << 31}}; err != nil || !equal(push, want) {
		t.Errorf("a push says %v, %v; want %v", push, err, want)
	}
	_, state, err := wire.ParseState(unhex(t, state1), nil)
	want := []node.Entry{{ID: 1 | 0x2a<<8 | 7<<16 | 3<<24, Age: 100}, {ID: 255}, {ID: 3, Age: 4}, {ID: 1, Age: 0x1eff0a}}
	if err != nil || !equal(state, want) {
		t.Errorf("a state says %v, %v; want %v", state, err, want)
	}
}

func equal(a, b []node.Entry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestBrokenStripes: what is cut, too long, or says what cannot be is refused.
func TestBrokenStripes(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{strings.Replace(push1, "01 4869", "", 1), wire.ErrLength},
		{strings.Replace(push2, "00000001 4869", "", 1), wire.ErrLength},
		{strings.Replace(push1, "80 00000001", "80 7fffffff", 1), wire.ErrID}, // the map would go beyond
		{strings.Replace(push1, "80 00000001", "80 80000001", 1), wire.ErrID},
		{strings.Replace(push1, "80 00000001", "84 00000001", 1), wire.ErrType},
		{strings.Replace(push2, "0000000100000028", "0000000000000028", 1), wire.ErrLength}, // 32 bits would do
		{strings.Replace(push3, "0001 4869 61", "0004 4869 61", 1), wire.ErrLength},         // more attributes than there is
		{strings.Replace(push3, "0001 4869 61", "0000 4869 61", 1), wire.ErrLength},         // and none
		{strings.Replace(push3, "0001 4869 61", "00", 1), wire.ErrLength},                   // half a length
		{strings.Replace(state1, "6300 0aff1e", "", 1), wire.ErrLength},                     // no stripes
		{state1 + strings.Repeat("00", 40), wire.ErrLength},
		{strings.Replace(state1, "6300", "6302", 1), wire.ErrStripes}, // a tenth bit of nine
		{strings.Replace(state1, "00000064", "80000064", 1), wire.ErrID},
		{strings.Replace(state2, "00009c40", "00000063", 1), wire.ErrPeriod},
		{strings.Replace(state2, "00009c40", "00989681", 1), wire.ErrPeriod},
		{strings.Replace(state2, "6300 0aff1e", "", 1), wire.ErrLength}, // a period, and no stripes
		{state2 + "00000000", wire.ErrPeriod},
		{strings.Replace(state1, "01 2a", "01 aa", 1), wire.ErrLength},
		{ask1 + "00", wire.ErrLength},
		{"22 80000007", wire.ErrID},
		{"23 00000007 80000064 8000000000000001", wire.ErrID},
	} {
		if _, err := againStripes(unhex(t, c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.text, err, c.want)
		}
	}
}

// FuzzStripes: nothing panics, and what is accepted is canonical.
func FuzzStripes(f *testing.F) {
	for _, text := range []string{push1, push2, push3, push4, state1, state2, state3, ask1, deny1} {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := againStripes(b); err == nil && !bytes.Equal(got, b) {
			t.Fatalf("%x is accepted, and is %x again", b, got)
		}
	})
}
