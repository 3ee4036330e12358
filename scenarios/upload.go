package scenarios

import "errors"

// ParseUpload reads what a real peer's link sends, in bits a second, in the words of a
// scenario's upload: 5Mbit, or none, which is 0. A multiple of the stream's rate is
// refused: a peer does not know it.
func ParseUpload(text string) (bits uint64, err error) {
	b, err := parseBitrate(text)
	if err == nil && b.multiple > 0 {
		err = errors.New("a peer does not know the stream's rate; write it in bits, as 5Mbit")
	}
	return b.bits, err
}
