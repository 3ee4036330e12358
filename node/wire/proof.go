package wire

import "encoding/binary"

// On a socket anybody can write any sender's address into a datagram. So a state ends
// there with a proof that its sender receives what is sent to its address (a cookie, as
// those of RFC 6347, 4.2.1, and RFC 9000, 8.1):
//
//	…      the state
//	asked  4, a number that the receiver is to give back; never 0
//	given  4, the number that the receiver has asked for last; 0 for none
//
// Nobody lies in the simulator, whose states are charged for a proof all the same.

// ProofSize is what a proof takes.
const ProofSize = 4 + 4

// AppendProof appends a proof to a state.
func AppendProof(to []byte, asked, given uint32) []byte {
	to = binary.BigEndian.AppendUint32(to, asked)
	return binary.BigEndian.AppendUint32(to, given)
}

// CutProof takes the proof off a state, which it does not look at. Errors are ErrLength
// and ErrProof.
func CutProof(datagram []byte) (state []byte, asked, given uint32, err error) {
	at := len(datagram) - ProofSize
	if at < 0 {
		return nil, 0, 0, ErrLength
	}
	asked, given = binary.BigEndian.Uint32(datagram[at:]), binary.BigEndian.Uint32(datagram[at+4:])
	if asked == 0 {
		return nil, 0, 0, ErrProof
	}
	return datagram[:at], asked, given, nil
}
