package sim

import (
	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/node/wire"
)

// observer watches from outside and computes the metrics. It remembers one
// byte of every pair of a peer and a chunk: how many hops from the source the
// first copy had come, which is also how it knows a first copy from a later one.
type observer struct {
	window     measure.Window
	period     node.Time
	chunks     int
	hops       []uint8 // [peer·chunks + chunk]: hops, or unseen, or many
	deep       map[uint64]uint32
	receivers  []measure.Receiver // by handle; that of the source is unused
	joinedAt   []node.Time
	delay, hop measure.Histogram
	playing    bool
}

// Values of observer.hops beside the number itself.
const (
	unseen = 0
	many   = 255 // this many or more: look into deep
)

func (o *observer) init(c *Config) {
	n := c.Peers + 1
	*o = observer{
		window:    measure.Window{From: c.From, To: c.To, Deadline: c.Deadline, Grace: c.Grace},
		period:    c.Period,
		chunks:    c.Chunks(),
		hops:      make([]uint8, n*c.Chunks()),
		deep:      map[uint64]uint32{},
		receivers: make([]measure.Receiver, n),
		joinedAt:  make([]node.Time, n),
		playing:   c.Peer.Window > 0,
	}
	for i := range o.receivers {
		o.receivers[i].Startup = node.Never
	}
}

// joins notes when a receiver starts.
func (o *observer) joins(id node.PeerID, at node.Time) { o.joinedAt[id] = at }

// bornAt is when chunk c is born.
func (o *observer) bornAt(c node.ChunkID) node.Time { return node.Time(c) * o.period }

// first notes the arrival of a chunk that was not seen at the peer before, and
// tells whether that is so.
func (o *observer) first(to, from node.PeerID, c node.ChunkID, now node.Time) bool {
	pair := int(to)*o.chunks + int(c)
	if o.hops[pair] != unseen {
		return false
	}
	hops := uint32(1)
	if from != sourceID {
		hops += o.hopsOf(from, c)
	}
	if hops < many {
		o.hops[pair] = uint8(hops)
	} else {
		o.hops[pair] = many
		o.deep[uint64(pair)] = hops
	}
	birth := o.bornAt(c)
	if o.window.Due(birth, o.joinedAt[to]) {
		delay := now - birth
		if o.window.InTime(delay) {
			o.receivers[to].Received++
		}
		o.delay.Add(delay)
		o.hop.Add(node.Time(hops))
	}
	return true
}

func (o *observer) hopsOf(id node.PeerID, c node.ChunkID) uint32 {
	pair := int(id)*o.chunks + int(c)
	if h := o.hops[pair]; h != many {
		return uint32(h)
	}
	return o.deep[uint64(pair)]
}

// played notes that a peer puts a chunk out.
func (o *observer) played(id node.PeerID, c node.ChunkID, now node.Time) {
	r := &o.receivers[id]
	if r.Startup == node.Never {
		r.Startup = now - o.joinedAt[id]
	}
	birth := o.bornAt(c)
	if o.window.Due(birth, o.joinedAt[id]) && o.window.InTime(now-birth) {
		r.Played++
	}
}

// due counts the chunks, of those born so far, that are due to a receiver.
func (o *observer) due(id node.PeerID, born node.ChunkID) uint32 {
	least := max(o.window.From, o.joinedAt[id]+o.window.Grace)
	first := (least + o.period - 1) / o.period
	end := min((o.window.To+o.period-1)/o.period, node.Time(born))
	return uint32(max(0, end-first))
}

// values computes the metrics as they stand.
func (w *World) values() measure.Values {
	o := &w.observer
	for i := 1; i < len(o.receivers); i++ {
		o.receivers[i].Due = o.due(node.PeerID(i), w.published)
	}
	w.degrees()
	arrived := w.counts.Useful + w.counts.Duplicates + w.counts.Late
	first := node.Message{Kind: node.Chunk, Size: w.cfg.ChunkSize}
	swarm := measure.Swarm{
		Receivers: o.receivers[1:],
		Delay:     &o.delay,
		Hops:      &o.hop,
		Playing:   o.playing,
		Viewed:    true,
		Shape:     w.shape(),
		Traffic: measure.Traffic{
			Arrived:    arrived,
			Duplicates: w.counts.Duplicates,
			Bytes:      w.counts.Bytes,
			FirstBytes: w.counts.Useful * wire.Size(&first),
		},
	}
	return swarm.Values()
}

// degrees counts in whose views each receiver stands.
func (w *World) degrees() {
	receivers := w.observer.receivers
	for i := range receivers {
		receivers[i].Degree = 0
	}
	if w.cfg.Overlay == FullMesh {
		// Everybody who is up stands in the view of everybody else who is.
		for i := 1; i < len(receivers); i++ {
			receivers[i].Degree = uint32(w.joined)
			receivers[i].Alone = w.peers[i].Up() && w.peers[i].Neighbours() == 0
		}
		return
	}
	for i := range w.peers {
		if p := &w.peers[i]; p.Up() {
			for k := range p.Neighbours() {
				receivers[p.Neighbour(k)].Degree++
			}
		}
	}
	for i := 1; i < len(receivers); i++ {
		p := &w.peers[i]
		receivers[i].Alone = p.Up() && (p.Neighbours() == 0 || receivers[i].Degree == 0)
	}
}
