package wire_test

import (
	"bytes"
	"testing"

	"pushcast/node/wire"
)

// TestProof: a proof comes off a state as it was put on it; one that asks for nothing, or is
// cut short, is refused.
func TestProof(t *testing.T) {
	b := wire.AppendProof([]byte("state"), 0x01020304, 0)
	if want := "state\x01\x02\x03\x04\x00\x00\x00\x00"; string(b) != want || len(b) != 5+wire.ProofSize {
		t.Errorf("%q, not %q", b, want)
	}
	state, asked, given, err := wire.CutProof(b)
	if !bytes.Equal(state, []byte("state")) || asked != 0x01020304 || given != 0 || err != nil {
		t.Errorf("%q %x %x %v", state, asked, given, err)
	}
	if _, _, _, err := wire.CutProof(wire.AppendProof(nil, 0, 7)); err != wire.ErrProof {
		t.Errorf("asks for nothing: %v", err)
	}
	if _, _, _, err := wire.CutProof(b[:wire.ProofSize-1]); err != wire.ErrLength {
		t.Errorf("cut short: %v", err)
	}
}
