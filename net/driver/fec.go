package driver

import (
	"fmt"
	"log/slog"

	"pushcast/net/fec"
	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/wire"
)

// repair is what a driver has for a code across chunks: a Source makes repair chunks, a
// Receiver computes what its peer says is recovered. Ids of chunks count repair chunks,
// those that Input and Output see do not.
type repair struct {
	encoder *fec.Encoder
	decoder *fec.Decoder
	ready   [][]byte // repair chunks of the last block, not published yet
	warned  bool     // that the stream's code is another
}

func newRepair(cfg *Config) (r repair, err error) {
	switch code := cfg.Peer.FEC; {
	case code.Repair == 0:
	case cfg.Peer.Role == node.Source:
		r.encoder, err = fec.NewEncoder(code)
	default:
		r.decoder, err = fec.NewDecoder(code)
	}
	return r, err
}

// contentID is a data chunk's place among data chunks.
func (d *Driver) contentID(c node.ChunkID) node.ChunkID {
	return node.ChunkID(d.cfg.Peer.FEC.DataBefore(c))
}

// fetchRepair makes the next repair chunk the one to be published, if its turn has come.
// Where the Input says when chunks are due, repair chunks follow the last of their block at
// once.
func (d *Driver) fetchRepair(now node.Time) bool {
	s, r := &d.source, &d.repair
	if !d.cfg.Peer.FEC.IsRepair(s.published) {
		return false
	}
	if len(r.ready) == 0 {
		r.ready = r.encoder.Repair()
	}
	s.next.Payload = append(s.next.Payload[:0], r.ready[0]...)
	r.ready = r.ready[1:]
	s.waiting, s.idle = true, false
	if s.next.Due == media.ByPeriod {
		s.skipped += s.onTick(now, d.cfg.Peer.Period)
	} else {
		s.at = now
	}
	return true
}

// noteData gives the encoder a data chunk that is published.
func (d *Driver) noteData(c node.ChunkID, chunk *media.Chunk) {
	if d.repair.encoder != nil && !d.cfg.Peer.FEC.IsRepair(c) {
		d.repair.encoder.Add(chunk.Timestamp, chunk.Payload)
	}
}

// recover computes the chunks that the peer says are recovered, and stores them. Where that
// fails, because somebody has lied, they are missing: nobody is sent or shown them.
func (d *Driver) recover(now node.Time) {
	ids := d.out.Recovered
	if len(ids) == 0 {
		return
	}
	code, decoder := d.cfg.Peer.FEC, d.repair.decoder
	first := code.First(ids[0])
	for i := range code.Block() {
		datagram, payload := d.store.get(first + node.ChunkID(i))
		switch {
		case datagram == nil:
		case i < code.Data:
			if m, err := d.cfg.Format.ParseChunk(datagram); err == nil {
				decoder.Data(i, m.Timestamp, payload)
			}
		default:
			decoder.Repair(i-code.Data, payload)
		}
	}
	most := d.cfg.MostChunk()
	err := decoder.Recover(func(i int, timestamp uint64, payload []byte) {
		c := first + node.ChunkID(i)
		if len(payload) > most {
			return
		}
		d.rebuilt = d.cfg.Format.AppendChunk(d.rebuilt[:0], &wire.ChunkMessage{ID: c, Timestamp: timestamp, Data: payload})
		d.store.put(c, d.rebuilt, headerOf, len(d.rebuilt))
		d.meter.recovered(now, c, len(d.rebuilt)+d.headers)
		if d.cfg.Observer != nil {
			d.cfg.Observer.Recovered(now, c)
		}
	})
	if err != nil {
		d.traffic.Unrecovered += uint64(len(ids))
		d.warnOfCode("chunks could not be recovered", slog.String("error", err.Error()))
	}
}

// checkCode tells the user, once, where the stream has another code than this peer.
func (d *Driver) checkCode(c node.ChunkID, payload []byte) {
	if d.repair.warned {
		return
	}
	code := d.cfg.Peer.FEC
	switch theirs, _, ok := fec.Parse(payload); {
	case ok && theirs != code:
		d.warnOfCode(fmt.Sprintf("the stream has repair chunks of fec %v, and this peer is told %v: it must be told the same", theirs, code))
	case ok != code.IsRepair(c):
		d.warnOfCode(fmt.Sprintf("chunk %d should be a repair chunk of fec %v, and is none: the stream has no fec, or another, and this peer must be told the same", c, code))
	}
}

func (d *Driver) warnOfCode(message string, args ...any) {
	if !d.repair.warned {
		d.repair.warned = true
		d.log.Warn(message, args...)
	}
}
