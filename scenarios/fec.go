package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pushcast/node"
	"pushcast/sim"
)

// Forward error correction across chunks. Rates and multiples of a scenario are those of
// the data, with and without repair chunks: period, rate: 4x, upload: 1.25x. So repair
// chunks take from what there is to push with, and a sweep over fec compares like with
// like.

// fecFields are its keys.
var fecFields = []field{
	{"stream.fec", "none", "repair chunks, from which lost ones are computed (Reed-Solomon): 20+2 adds 2 to every 20 data chunks, 64 together at most; they come in the time of the 20, and take from rate and upload, whose multiples are of the data; or none",
		func(s *settings, text string) (err error) { s.fec, err = ParseCode(text); return err },
		func(s *settings) string { return s.fec.String() }, nil},
}

// ParseCode reads a code across chunks: 20+2, data and repair chunks of a block; or none.
func ParseCode(text string) (c node.Code, err error) {
	if text == "none" {
		return c, nil
	}
	data, repair, found := strings.Cut(text, "+")
	k, ok := parsePlain(data)
	r, ok2 := parsePlain(repair)
	switch {
	case !found || !ok || !ok2:
		return c, errors.New("want data and repair chunks of a block, as 20+2, or none")
	case k < 1 || r < 1 || k+r > node.MaxBlock:
		return c, fmt.Errorf("must be at least 1+1, and %d chunks together at most", node.MaxBlock)
	}
	return node.Code{Data: k, Repair: r}, nil
}

// parsePlain reads a whole number as it is written back.
func parsePlain(text string) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && strconv.Itoa(n) == text && n < 1e6
}

// firstMeasured is the birth of the first data chunk that counts.
func (s *settings) firstMeasured() node.Time {
	id := s.fec.Period(s.period)
	c := (s.from + id - 1) / id
	for s.fec.IsRepair(node.ChunkID(c)) {
		c++
	}
	return c * id
}

// fecConflict finds what a code may not be said with.
func (s *settings) fecConflict() *conflict {
	switch {
	case s.fec == (node.Code{}):
	case s.slots:
		return &conflict{path: "stream.fec", message: "with slots: true a chunk is born in every slot, and none is left for repair chunks; remove one of them"}
	case s.chunk > sim.MaxChunkSize-node.RepairHeader:
		return &conflict{path: "stream.chunk", message: fmt.Sprintf("with fec a chunk is at most %dB: repair chunks are %dB larger, and a datagram carries %dB", sim.MaxChunkSize-node.RepairHeader, node.RepairHeader, sim.MaxChunkSize)}
	}
	return nil
}
