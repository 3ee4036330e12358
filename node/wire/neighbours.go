package wire

import "pushcast/node"

// The words about mutual neighbourhoods. Peers of the original never receive them.
//
//	neighbour   type 0x28, what 1: 0 add, 1 added, 2 remove
const typeNeighbour = 0x28

// ErrWord is why a word about the neighbourhood is refused.
const ErrWord Malformed = "a word about the neighbourhood that there is not"

// AppendNeighbour appends a word about the neighbourhood: node.Add, Added or Remove.
func AppendNeighbour(to []byte, word node.Kind) []byte {
	return append(to, typeNeighbour, byte(word-node.Add))
}

// ParseNeighbour reads such a word. Errors are ErrLength, ErrType and ErrWord.
func ParseNeighbour(datagram []byte) (word node.Kind, err error) {
	switch {
	case len(datagram) != NeighbourSize:
		return 0, ErrLength
	case datagram[0] != typeNeighbour:
		return 0, ErrType
	case datagram[1] > byte(node.Remove-node.Add):
		return 0, ErrWord
	}
	return node.Add + node.Kind(datagram[1]), nil
}
