package driver

import (
	"crypto/rand"
	"encoding/binary"

	"pushcast/node"
)

// Whoever is served is to be who it says: else one false state would let a peer push the
// stream to somebody who has never heard of it. So every state asks for a number to be
// given back, and gives back what was asked for (package wire). A state that does not is
// heard, but its wishes are not; what else comes without a fresh proof is from nobody.
// This costs a newcomer nothing: it knows what to wish for when it has an answer.

// proof is what is known of whether somebody receives what is sent to it.
type proof struct {
	ours   uint32    // what it is to give back; 0: nothing was sent to it yet
	theirs uint32    // what it is to be given back
	until  node.Time // it has given it back, which counts until then
}

// provenFor is for how many of the own reports a proof counts: that so many states in a
// row are lost happens to nobody who is still there.
const provenFor = 4

// ask is the number that somebody is to give back.
func (p *proof) ask() uint32 {
	for p.ours == 0 {
		var b [4]byte
		rand.Read(b[:]) // never fails
		p.ours = binary.BigEndian.Uint32(b[:])
	}
	return p.ours
}

// hear takes in the proof of a state, and tells whether it is one.
func (p *proof) hear(now node.Time, asked, given uint32, report node.Time) bool {
	p.theirs = asked
	if p.ours == 0 || given != p.ours {
		return false
	}
	p.until = now + provenFor*report
	return true
}

// proven gives the handle of somebody who has a fresh proof, and NoPeer for others.
func (d *Driver) proven(now node.Time, id node.PeerID) node.PeerID {
	if id == node.NoPeer || now >= d.book.proofs[id].until {
		return node.NoPeer
	}
	return id
}
