package trace

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"pushcast/node"
	"pushcast/sim"
)

// Pair is what became of one chunk at one peer.
type Pair struct {
	Peer     node.PeerID
	Chunk    node.ChunkID
	Due      bool // it counts for the metrics
	Birth    node.Time
	Received bool // the following exist
	Arrival  node.Time
	Hop      uint32 // from the source
	From     node.PeerID
}

// Pairs writes a row per pair: every first copy in the order of arrival; where a peer
// leaves, the pairs that were due to it and never came; those of the peers that have
// stayed at the end, by peer, then by chunk.
type Pairs struct {
	want Selection
	to   table
}

// table is a file of rows.
type table interface {
	add(p *Pair) error
	end() error
}

// NewPairs begins a table of the pairs of a run.
func NewPairs(w io.Writer, as Format, want Selection) *Pairs {
	p := &Pairs{want: want}
	if as == AsParquet {
		p.to = newParquet(w)
	} else {
		p.to = newCSV(w)
	}
	return p
}

// Until is the run's end: what is missed is known only then.
func (p *Pairs) Until() node.Time { return node.Never }

// Event writes the row of a first copy, or of what is computed from others, and those of what who leaves has missed.
func (p *Pairs) Event(w *sim.World, e *sim.Event) error {
	id := sim.ReceiverOf(e.Peer)
	switch {
	case e.What == sim.Left:
		for c := range w.MissedBy(id) {
			if err := p.missed(w, id, c); err != nil {
				return err
			}
		}
	case e.What.Brings() && p.want.pair(id, e.Chunk):
		return p.to.add(&Pair{
			Peer: id, Chunk: e.Chunk, Due: w.Due(id, e.Chunk), Birth: w.Birth(e.Chunk),
			Received: true, Arrival: e.At, Hop: e.Hops, From: sim.ReceiverOf(e.Other),
		})
	}
	return nil
}

// End writes the rows of what was missed by those who are there.
func (p *Pairs) End(w *sim.World) error {
	for id, c := range w.Missed {
		if err := p.missed(w, id, c); err != nil {
			return err
		}
	}
	return p.to.end()
}

func (p *Pairs) missed(w *sim.World, id node.PeerID, c node.ChunkID) error {
	if !p.want.pair(id, c) {
		return nil
	}
	return p.to.add(&Pair{Peer: id, Chunk: c, Due: true, Birth: w.Birth(c)})
}

// csvTable is text: times in seconds, nothing where nothing came.
type csvTable struct {
	out *csv.Writer
	row []string
}

func newCSV(w io.Writer) *csvTable {
	t := &csvTable{out: csv.NewWriter(w)}
	_ = t.out.Write([]string{"peer", "chunk", "due", "birth", "arrival", "delay", "hop", "from"}) // end tells
	return t
}

func (t *csvTable) add(p *Pair) error {
	t.row = append(t.row[:0], number(p.Peer), number(p.Chunk), strconv.FormatBool(p.Due), seconds(p.Birth))
	if p.Received {
		t.row = append(t.row, seconds(p.Arrival), seconds(p.Arrival-p.Birth), number(p.Hop), number(p.From))
	} else {
		t.row = append(t.row, "", "", "", "")
	}
	return t.out.Write(t.row)
}

func (t *csvTable) end() error {
	t.out.Flush()
	return t.out.Error()
}

func number[T ~uint32](x T) string { return strconv.FormatUint(uint64(x), 10) }

// Row is a row of a Parquet file, with the columns of the CSV: times in seconds, null
// where nothing came.
type Row struct {
	Peer    uint32   `parquet:"peer"`
	Chunk   uint32   `parquet:"chunk"`
	Due     bool     `parquet:"due"`
	Birth   float64  `parquet:"birth"`
	Arrival *float64 `parquet:"arrival,optional"`
	Delay   *float64 `parquet:"delay,optional"`
	Hop     *uint32  `parquet:"hop,optional"`
	From    *uint32  `parquet:"from,optional"`
}

// parquetTable hands rows on in lots; a group of rows is what lies in memory.
type parquetTable struct {
	out *parquet.GenericWriter[Row]
	lot []Row
}

const (
	rowsPerLot   = 1024
	rowsPerGroup = 128 * rowsPerLot
)

func newParquet(w io.Writer) *parquetTable {
	return &parquetTable{out: parquet.NewGenericWriter[Row](w,
		parquet.MaxRowsPerRowGroup(rowsPerGroup), parquet.Compression(&parquet.Snappy), parquet.CreatedBy("pushcast", "", ""))}
}

func (t *parquetTable) add(p *Pair) error {
	row := Row{Peer: uint32(p.Peer), Chunk: uint32(p.Chunk), Due: p.Due, Birth: p.Birth.Seconds()}
	if p.Received {
		arrival, delay, hop, from := p.Arrival.Seconds(), (p.Arrival - p.Birth).Seconds(), p.Hop, uint32(p.From)
		row.Arrival, row.Delay, row.Hop, row.From = &arrival, &delay, &hop, &from
	}
	if t.lot = append(t.lot, row); len(t.lot) < rowsPerLot {
		return nil
	}
	return t.flush()
}

func (t *parquetTable) flush() error {
	_, err := t.out.Write(t.lot)
	t.lot = t.lot[:0]
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	return nil
}

func (t *parquetTable) end() error {
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.out.Close(); err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	return nil
}
