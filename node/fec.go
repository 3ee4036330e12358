package node

import (
	"fmt"
	"math/bits"
)

// Forward error correction across chunks. The stream is cut into blocks of k data
// chunks, and the source adds r repair chunks to each, of a Reed–Solomon code that is
// systematic (Reed, Solomon: Polynomial codes over certain finite fields, 1960): from any
// k of the k+r all others can be computed.
//
// Repair chunks are chunks. They have ids of the one id space, the last r of a block's
// k+r, and nothing that chooses, pushes, stores or tells of chunks looks at what they
// are. So every scheduler and every overlay spreads them, and a peer without payload,
// as this one, needs to do no more than count:
//
//   - Once a peer has any k of a block, it has the block: it tells its driver which data
//     chunks are recovered (Outbox.Recovered), and goes on as if they had just arrived.
//   - Until then what has come of an open block is kept (Accepted, Dropped), whether buffer
//     and output want it or not.
//   - Repair chunks are never put out, waited for, or asked for: the output passes over
//     them. They are not recovered either, because nobody needs one any more.
//
// The ids come evenly: a stream of one data chunk every 40 ms that has 20+2 has an id
// every 40·20/22 ms, and Config.Period is that. So the source is to smooth the stream over
// a block; what that takes, (k−1)·r/(k+r) of its ids, is no part of any delay, as a
// coder's time is none.
//
// Given up: repair chunks that a peer has no use for any more are pushed to it all the
// same, and cost r/k of the traffic however little is lost.

// Code is a Reed–Solomon code across chunks: Data chunks make a block, and Repair chunks
// are added to each. The zero value is no code.
type Code struct{ Data, Repair int }

// MaxBlock is the most chunks of a block, repair chunks included.
const MaxBlock = 64

// RepairHeader is what a repair chunk's payload has beyond that of the longest data chunk
// of its block, in bytes: what it is, a length, and a timestamp (package net/fec).
const RepairHeader = 18

// String is the code as one writes it, 20+2; none where there is none.
func (c Code) String() string {
	if c == (Code{}) {
		return "none"
	}
	return fmt.Sprintf("%d+%d", c.Data, c.Repair)
}

// Block is the number of chunks of a block; 0 where there is no code.
func (c Code) Block() int { return c.Data + c.Repair }

// IsRepair tells whether an id is that of a repair chunk.
func (c Code) IsRepair(id ChunkID) bool {
	return c.Repair > 0 && int(id%ChunkID(c.Block())) >= c.Data
}

// First is the first chunk of the block of a chunk. There must be a code.
func (c Code) First(id ChunkID) ChunkID { return id - id%ChunkID(c.Block()) }

// DataBefore is the number of data chunks whose id is below the given one.
func (c Code) DataBefore(id ChunkID) int {
	if c.Repair == 0 {
		return int(id)
	}
	n := ChunkID(c.Block())
	return int(id/n)*c.Data + min(int(id%n), c.Data)
}

// Period is the time from one id to the next, of a stream that has a data chunk every
// period.
func (c Code) Period(period Time) Time {
	if c.Repair == 0 {
		return period
	}
	return max(period*Time(c.Data)/Time(c.Block()), 1)
}

// Validate tells what is wrong with c.
func (c Code) Validate() error {
	if c != (Code{}) && (c.Data < 1 || c.Repair < 1 || c.Block() > MaxBlock) {
		return fmt.Errorf("node: FEC is %d+%d, must be at least 1+1, and %d chunks together at most", c.Data, c.Repair, MaxBlock)
	}
	return nil
}

// decoder keeps of the newest blocks which chunks have come. Its memory is bounded: blocks
// that lie further back than buffer and output reach, and than 64 chunks, are forgotten.
type decoder struct {
	code   Code
	blocks []openBlock // by number of the block, modulo their number
}

// openBlock is a block of which chunks have come.
type openBlock struct {
	first ChunkID
	came  uint64 // bit i: chunk first+i has come; 0: there is no such block
	whole bool   // all data chunks are there
}

func newDecoder(cfg *Config) *decoder {
	reach := max(cfg.Buffer, cfg.Window, 64)
	n := cfg.FEC.Block()
	return &decoder{code: cfg.FEC, blocks: make([]openBlock, 2+(reach+n-1)/n)}
}

// block gives the place of a chunk's block.
func (d *decoder) block(c ChunkID) *openBlock {
	return &d.blocks[int(c)/d.code.Block()%len(d.blocks)]
}

// keeps tells whether a chunk has come whose payload is wanted to recover others.
func (d *decoder) keeps(c ChunkID) bool {
	if d == nil {
		return false
	}
	b := d.block(c)
	return !b.whole && b.first == d.code.First(c) && b.came>>(c-b.first)&1 != 0
}

// add notes that a chunk has come. What is missing of the block's data is told where it
// can be recovered now: bit i is chunk first+i. Chunks that are not kept any more are
// appended to out.evicted.
func (d *decoder) add(c ChunkID, out *Outbox) (first ChunkID, missing uint64) {
	b := d.block(c)
	switch first = d.code.First(c); {
	case b.came != 0 && b.first > first:
		return first, 0 // too old
	case b.first != first:
		d.close(b, out)
		*b = openBlock{first: first}
	}
	b.came |= 1 << (c - first)
	if b.whole || bits.OnesCount64(b.came) < d.code.Data {
		return first, 0
	}
	d.close(b, out)
	b.whole = true
	return first, (1<<d.code.Data - 1) &^ b.came
}

// close lets the chunks of a block go.
func (d *decoder) close(b *openBlock, out *Outbox) {
	if out.NoStore || b.whole {
		return
	}
	for came := b.came; came != 0; came &= came - 1 {
		out.evicted = append(out.evicted, b.first+ChunkID(bits.TrailingZeros64(came)))
	}
}

// clear forgets all blocks.
func (d *decoder) clear(out *Outbox) {
	for i := range d.blocks {
		d.close(&d.blocks[i], out)
	}
	clear(d.blocks)
}

// decode notes that a chunk has come, and takes in what can be recovered with it.
func (p *Peer) decode(now Time, c ChunkID, out *Outbox) {
	first, missing := p.decoder.add(c, out)
	for ; missing != 0; missing &= missing - 1 {
		id := first + ChunkID(bits.TrailingZeros64(missing))
		out.Recovered = append(out.Recovered, id)
		p.stats.Recovered++
		if p.cfg.Window > 0 {
			p.out.add(p.cfg, now, id, out)
		}
		if p.buffer.add(p.cfg.Policy, id, out) == Accepted {
			p.stats.Accepted++
		}
		p.note(now, noteRecovered, NoPeer, id)
	}
}

// settleDecoded is settle of a peer that recovers chunks: their payload may be needed for
// others longer than by buffer and output.
func (p *Peer) settleDecoded(out *Outbox) {
	drop := func(c ChunkID) {
		if !p.keeps(c) && !hasChunk(out.Dropped, c) {
			out.Dropped = append(out.Dropped, c)
		}
	}
	for _, c := range out.Played {
		drop(c)
	}
	for _, c := range out.evicted {
		drop(c)
	}
	// Those for which there was no place at all.
	for _, c := range out.Recovered {
		drop(c)
	}
}

// keeps tells whether the driver is to keep a chunk's payload.
func (p *Peer) keeps(c ChunkID) bool {
	return p.out.holds(c) || p.buffer.holds(p.cfg.Policy, c) || p.decoder.keeps(c)
}
