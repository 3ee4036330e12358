package sim

import "pushcast/node"

// Forward error correction is the peers' affair (node.Config.FEC): the world bears repair
// chunks as any others. What differs is how they count: due to nobody, no payload, and of
// a size of their own.

// sizeOf is the payload of a chunk.
func (w *World) sizeOf(c node.ChunkID) uint32 {
	if w.cfg.Peer.FEC.IsRepair(c) {
		return w.cfg.ChunkSize + node.RepairHeader
	}
	return w.cfg.ChunkSize
}

// recovered counts what a peer has computed when a chunk came.
func (l *lane) recovered(e *event, m *node.Message) {
	hops := uint32(1)
	if m.Chunk < l.born() {
		hops = max(hops, l.hopsOf(slot(e.to), m.Chunk))
	}
	for _, c := range l.out.Recovered {
		if c >= l.born() { // with an id that damage has made
			continue
		}
		if l.isRecovered(slot(e.to), c, hops) {
			l.counts.Recovered++
			l.trace(Recovered, e.to, m.From, c)
		}
		if l.clairvoyance != nil {
			l.clairvoyance.gets(e.to, c)
		}
	}
}
