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
	push1 = "20 00000001 0000000000000028 00000002 00000000 4869" + // a chunk as in format J
		"012c 01 03 000000000000000b 8000000000000001" // 300 ms old, mended, newest 4, map, path
	state1 = "21 01 2a 07 00000064 00000000000000ff 00000003 00000004 00000001 0aff1e"          // three stripes
	state2 = "21 09 ea 07 00000064 00000000000000ff 00000003 00000004 00000001 0aff1e 00009c40" // and a period of 40 ms
	state3 = "21 01 6a 07 00000064 00000000000000ff 0000000f 00000000 00000000 01020304"        // one is asked for; an odd number of words
	ask1   = "22 00000007"
	deny1  = "23 00000007 00000064 8000000000000001"
)

// againStripes parses a datagram of stripes, and appends what was parsed.
func againStripes(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, wire.ErrLength
	}
	switch b[0] {
	case 0x20:
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
	}{
		{push1, node.Message{Kind: node.Push, Size: 2}},
		{state1, node.Message{Kind: node.State, Size: 3}},
		{state2, node.Message{Kind: node.State, Size: 3 + wire.PeriodSize}},
		{state3, node.Message{Kind: node.State, Size: 4}},
		{ask1, node.Message{Kind: node.Ask}},
		{deny1, node.Message{Kind: node.Deny}},
	} {
		b := unhex(t, c.text)
		if got, err := againStripes(b); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s is %x again, %v", c.text, got, err)
		}
		if got := wire.Size(&c.m); got != uint64(len(b))+wire.Headers {
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
		{push1[:len(push1)-2], wire.ErrLength},
		{strings.Replace(push1, "012c 01", "012c 02", 1), wire.ErrID},
		{strings.Replace(push1, "20 00000001", "20 7fffffff", 1), wire.ErrID}, // the map would go beyond
		{state1[:len(state1)-6], wire.ErrLength},                              // no stripes
		{state1 + strings.Repeat("00", 30), wire.ErrLength},
		{strings.Replace(state1, "00000003", "00000008", 1), wire.ErrStripes},
		{strings.Replace(state1, "00000064", "80000064", 1), wire.ErrID},
		{strings.Replace(state2, "00009c40", "00000063", 1), wire.ErrPeriod},
		{strings.Replace(state2, "00009c40", "00989681", 1), wire.ErrPeriod},
		{strings.Replace(state2, "0aff1e", "", 1), wire.ErrLength}, // a period, and no stripes
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
	for _, text := range []string{push1, state1, state2, state3, ask1, deny1} {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := againStripes(b); err == nil && !bytes.Equal(got, b) {
			t.Fatalf("%x is accepted, and is %x again", b, got)
		}
	})
}
