package node_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/wire"
)

// TestStripesSizes: what a peer reckons that its messages take is what the link is charged.
func TestStripesSizes(t *testing.T) {
	for _, m := range []node.Message{
		{Kind: node.Push, Size: 1128}, {Kind: node.State, Size: 1}, {Kind: node.State, Size: 20},
		{Kind: node.State, Size: node.MaxStripes}, {Kind: node.Ask}, {Kind: node.Deny},
	} {
		if got, want := node.MeshBytes(&m), int64(wire.Size(&m)); got != want {
			t.Errorf("a peer reckons that a %v of %d takes %d bytes, and it takes %d", m.Kind, m.Size, got, want)
		}
	}
}
