// Package fec computes the payload of repair chunks, and from them that of chunks that
// were lost: a Reed–Solomon code across the chunks of a block (node.Code). Which blocks
// there are, what has come of them, and when there is enough, is the peer's to know.
//
// The code works on shards of equal length, and chunks are of unequal ones. So a data
// chunk's shard is
//
//	length of the payload 2, timestamp 8, payload, zeros up to the longest of the block
//
// and a repair chunk's payload is
//
//	magic 4 ("\xffFEC"), data chunks of a block 1, repair chunks 1, which of them 1, 0, shard
//
// with numbers big-endian. Data chunks travel as they are; who knows nothing of the code sees
// chunks that it does not understand among those that it does.
//
//	e, err := fec.NewEncoder(code)
//	e.Add(timestamp, payload)      // k times, then:
//	for _, payload := range e.Repair() { … }
//
//	d, err := fec.NewDecoder(code)
//	d.Data(i, timestamp, payload)  // and d.Repair(i, payload): any k of the block, then:
//	err = d.Recover(func(i int, timestamp uint64, payload []byte) { … })
//
// It never trusts a chunk: whatever came, Recover gives payloads or an error. A block's memory
// is bounded by its k+r datagrams.
package fec

import (
	"encoding/binary"
	"errors"

	"github.com/klauspost/reedsolomon"

	"pushcast/node"
)

// Layout of a repair chunk's payload.
const (
	header   = 8     // before the shard
	ofData   = 2 + 8 // in a shard, before the payload
	overhead = header + ofData
)

var magic = [4]byte{0xff, 'F', 'E', 'C'}

// A repair chunk is longer than the longest data chunk by what the peer's world reckons.
var _ = [1]struct{}{}[overhead-node.RepairHeader]

// Parse tells of which code, and there which one, the payload of a repair chunk is; ok is
// false for every other payload.
func Parse(payload []byte) (code node.Code, which int, ok bool) {
	if len(payload) < overhead || [4]byte(payload) != magic || payload[7] != 0 {
		return code, 0, false
	}
	code = node.Code{Data: int(payload[4]), Repair: int(payload[5])}
	which = int(payload[6])
	return code, which, code.Validate() == nil && which < code.Repair
}

// Encoder makes the repair chunks of one block after another.
type Encoder struct {
	code   node.Code
	coder  reedsolomon.Encoder
	shards [][]byte
	out    [][]byte // payloads of the repair chunks, of which shards[k:] are parts
	n      int      // data chunks of the present block
}

// NewEncoder makes an encoder. The error is that of an invalid code.
func NewEncoder(code node.Code) (*Encoder, error) {
	coder, err := newCoder(code)
	if err != nil {
		return nil, err
	}
	return &Encoder{code: code, coder: coder, shards: make([][]byte, code.Block()), out: make([][]byte, code.Repair)}, nil
}

func newCoder(code node.Code) (reedsolomon.Encoder, error) {
	if err := code.Validate(); err != nil {
		return nil, err
	}
	return reedsolomon.New(code.Data, code.Repair, reedsolomon.WithMaxGoroutines(1))
}

// Add takes the next data chunk, of at most 65535 bytes. There must be room in the block:
// after the last one Repair begins another.
func (e *Encoder) Add(timestamp uint64, payload []byte) {
	e.shards[e.n] = appendShard(e.shards[e.n][:0], timestamp, payload)
	e.n++
}

func appendShard(to []byte, timestamp uint64, payload []byte) []byte {
	to = binary.BigEndian.AppendUint16(to, uint16(len(payload)))
	to = binary.BigEndian.AppendUint64(to, timestamp)
	return append(to, payload...)
}

// Repair gives the payloads of the block's repair chunks, which are valid until the next
// call, and begins another block. All data chunks must have been added.
func (e *Encoder) Repair() [][]byte {
	longest := 0
	for _, s := range e.shards[:e.code.Data] {
		longest = max(longest, len(s))
	}
	for i, s := range e.shards[:e.code.Data] {
		e.shards[i] = padded(s, longest)
	}
	for i := range e.out {
		p := append(e.out[i][:0], magic[:]...)
		p = append(p, byte(e.code.Data), byte(e.code.Repair), byte(i), 0)
		e.out[i] = padded(p, header+longest)
		e.shards[e.code.Data+i] = e.out[i][header:]
	}
	if err := e.coder.Encode(e.shards); err != nil {
		panic("fec: shards of equal length cannot be encoded: " + err.Error())
	}
	e.n = 0
	return e.out
}

// padded lengthens b with zeros.
func padded(b []byte, n int) []byte {
	if n <= len(b) {
		return b
	}
	return append(b, make([]byte, n-len(b))...)
}

// What can be wrong with a block.
var (
	ErrFew     = errors.New("fec: fewer chunks than the code takes")
	ErrForeign = errors.New("fec: a repair chunk of another code, or of another block")
)

// Decoder computes what is missing of one block after another.
type Decoder struct {
	code    node.Code
	coder   reedsolomon.Encoder
	shards  [][]byte // empty: missing
	wanted  []bool
	size    int // of a shard; 0 while no repair chunk has come
	foreign bool
}

// NewDecoder makes a decoder. The error is that of an invalid code.
func NewDecoder(code node.Code) (*Decoder, error) {
	coder, err := newCoder(code)
	if err != nil {
		return nil, err
	}
	return &Decoder{code: code, coder: coder, shards: make([][]byte, code.Block()), wanted: make([]bool, code.Block())}, nil
}

// Data takes data chunk i of the present block, 0 ≤ i < k.
func (d *Decoder) Data(i int, timestamp uint64, payload []byte) {
	d.shards[i] = appendShard(d.shards[i][:0], timestamp, payload)
}

// Repair takes repair chunk i of the present block, 0 ≤ i < r.
func (d *Decoder) Repair(i int, payload []byte) {
	code, which, ok := Parse(payload)
	if !ok || code != d.code || which != i || d.size != 0 && d.size != len(payload)-header {
		d.foreign = true
		return
	}
	d.size = len(payload) - header
	at := d.code.Data + i
	d.shards[at] = append(d.shards[at][:0], payload[header:]...)
}

// Recover computes the data chunks that were not taken in, calls f for each, and begins
// another block. It fails where fewer than k have come, or what has come cannot be of one
// block; then it calls f for none.
func (d *Decoder) Recover(f func(i int, timestamp uint64, payload []byte)) error {
	defer d.begin()
	came, missing := 0, 0
	for i, s := range d.shards {
		if len(s) == 0 {
			if d.wanted[i] = i < d.code.Data; d.wanted[i] {
				missing++
			}
			continue
		}
		d.wanted[i] = false
		if came++; len(s) > d.size {
			d.foreign = true // or no repair chunk has come
		}
		d.shards[i] = padded(s, d.size)
	}
	switch {
	case missing == 0:
		return nil
	case came < d.code.Data:
		return ErrFew
	case d.foreign:
		return ErrForeign
	}
	if err := d.coder.ReconstructSome(d.shards, d.wanted); err != nil {
		return err
	}
	for i, wanted := range d.wanted {
		if s := d.shards[i]; wanted && int(binary.BigEndian.Uint16(s)) > len(s)-ofData {
			return ErrForeign
		}
	}
	for i, wanted := range d.wanted {
		if s := d.shards[i]; wanted {
			f(i, binary.BigEndian.Uint64(s[2:]), s[ofData:ofData+int(binary.BigEndian.Uint16(s))])
		}
	}
	return nil
}

// begin forgets the block, and keeps the memory.
func (d *Decoder) begin() {
	for i := range d.shards {
		d.shards[i] = d.shards[i][:0]
	}
	d.size, d.foreign = 0, false
}
