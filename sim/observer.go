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
	births     births
	code       node.Code    // of Config.Peer.FEC: repair chunks are due to nobody
	born       node.ChunkID // so far
	end        node.Time    // of the run
	chunks     int
	hops       []uint8 // [peer·chunks + chunk]: hops, or unseen, or many
	deep       map[uint64]uint32
	receivers  []measure.Receiver // by handle; that of the source is unused
	present    []presence         // by slot
	due        []dues             // by slot
	gone       []bool             // by slot: it was there before; nil where nobody leaves
	series     series
	delay, hop measure.Histogram
	playing    bool
}

// Values of observer.hops beside the number itself.
const (
	unseen = 0
	many   = 255 // this many or more: look into deep
)

func (o *observer) init(c *Config, leaving bool) {
	n := c.Peers + 1
	*o = observer{
		window:    measure.Window{From: c.From, To: c.To, Deadline: c.Deadline, Grace: c.Grace},
		births:    newBirths(c.Period, c.Churn.Changes),
		code:      c.Peer.FEC,
		end:       c.Duration,
		chunks:    c.Chunks(),
		hops:      make([]uint8, n*c.Chunks()),
		deep:      map[uint64]uint32{},
		receivers: make([]measure.Receiver, n),
		present:   make([]presence, n),
		due:       make([]dues, n),
		playing:   c.Peer.Window > 0,
	}
	for i := range o.receivers {
		o.receivers[i].Startup = node.Never
		o.present[i], o.due[i] = nobody, nothing
	}
	if leaving {
		o.gone = make([]bool, n)
	}
	if c.Series {
		o.series.init(o.chunks)
	}
}

// first notes the arrival of a chunk that was not seen at the receiver in slot i
// before, and tells whether that is so.
func (o *observer) first(i uint32, from node.PeerID, c node.ChunkID, now node.Time) bool {
	pair := int(i)*o.chunks + int(c)
	if o.hops[pair] != unseen {
		return false
	}
	hops := uint32(1)
	if from != sourceID {
		hops += o.hopsOf(slot(from), c)
	}
	o.has(i, c, hops, now)
	return true
}

// has notes that the receiver in slot i has a chunk from now on, which has come so many
// hops.
func (o *observer) has(i uint32, c node.ChunkID, hops uint32, now node.Time) {
	pair := int(i)*o.chunks + int(c)
	if hops < many {
		o.hops[pair] = uint8(hops)
	} else {
		o.hops[pair] = many
		o.deep[uint64(pair)] = hops
	}
	if o.code.IsRepair(c) {
		return
	}
	birth := o.births.at(c)
	delay := now - birth
	if d := &o.due[i]; birth >= d.from && birth < d.until {
		if o.window.InTime(delay) {
			o.receivers[i].Received++
		}
		o.delay.Add(delay)
		o.hop.Add(node.Time(hops))
	}
	if o.series.got != nil && o.window.InTime(delay) {
		o.series.add(&o.present[i], c, birth)
	}
}

// recovered notes that the receiver in slot i has computed a chunk, and tells whether it
// did not have it before; hops are those of the chunk that it took.
func (o *observer) recovered(i uint32, c node.ChunkID, hops uint32, now node.Time) bool {
	if o.hops[int(i)*o.chunks+int(c)] != unseen {
		return false
	}
	o.has(i, c, hops, now)
	return true
}

func (o *observer) hopsOf(i uint32, c node.ChunkID) uint32 {
	pair := int(i)*o.chunks + int(c)
	if h := o.hops[pair]; h != many {
		return uint32(h)
	}
	return o.deep[uint64(pair)]
}

// played notes that the receiver in slot i puts a chunk out.
func (o *observer) played(i uint32, c node.ChunkID, now node.Time) {
	r, d := &o.receivers[i], &o.due[i]
	if r.Startup == node.Never {
		r.Startup = now - o.present[i].joined
	}
	if c >= o.born { // an id that damage has made
		return
	}
	birth := o.births.at(c)
	if birth >= d.from && birth < d.until && o.window.InTime(now-birth) {
		r.Played++
	}
}

// values computes the metrics as they stand.
func (w *World) values() measure.Values {
	o := &w.observer
	receivers := make([]measure.Receiver, len(o.receivers)-1)
	copy(receivers, o.receivers[1:])
	for i := range receivers {
		first, end := o.dueOf(uint32(i+1), w.published)
		receivers[i].Due += o.data(first, end)
		was := o.gone != nil && o.gone[i+1]
		receivers[i].Absent = o.present[i+1].joined == node.Never && !was
	}
	w.degrees(receivers)
	arrived := w.counts.Useful + w.counts.Duplicates + w.counts.Late
	first := node.Message{Kind: node.Chunk, Size: w.cfg.ChunkSize}
	data := w.counts.Useful - w.counts.Repair + w.counts.Recovered
	swarm := measure.Swarm{
		Receivers: receivers,
		Delay:     &o.delay,
		Hops:      &o.hop,
		Playing:   o.playing,
		Viewed:    true,
		Shape:     w.shape(),
		Traffic: measure.Traffic{
			Arrived:    arrived,
			Duplicates: w.counts.Duplicates,
			Bytes:      w.counts.Bytes,
			FirstBytes: data * wire.Size(&first),
		},
	}
	v := swarm.Values()
	w.recovery(&v)
	return v
}

// degrees counts in whose views each receiver stands, of those who are up. The first
// receiver is in slot 1.
func (w *World) degrees(receivers []measure.Receiver) {
	up := func(i int) bool { return w.peers[i+1].Up() }
	for i := range receivers {
		receivers[i].Gone = !up(i)
	}
	if w.cfg.Overlay == FullMesh {
		// Everybody who is up stands in the view of everybody else who is.
		for i := range receivers {
			receivers[i].Degree = uint32(w.up)
			receivers[i].Alone = up(i) && w.peers[i+1].Neighbours() == 0
		}
		return
	}
	leaving := w.crowd.sessions != nil
	for i := range w.peers {
		p := &w.peers[i]
		if !p.Up() {
			continue
		}
		for k := range p.Neighbours() {
			// A static list names those who are to come; who has left counts nowhere.
			id := p.Neighbour(k)
			if at := int(slot(id)); at > 0 && at < len(w.peers) && (!leaving || w.isUp(id)) {
				receivers[at-1].Degree++
			}
		}
	}
	for i := range receivers {
		receivers[i].Alone = up(i) && (w.peers[i+1].Neighbours() == 0 || receivers[i].Degree == 0)
	}
}

// recovery computes what the metric of this name is, where there are events to recover
// from.
func (w *World) recovery(v *measure.Values) {
	moments := w.Series()
	var shocks []measure.Shock
	for i := range w.cfg.Churn.Changes {
		ch := &w.cfg.Churn.Changes[i]
		shocks = append(shocks, measure.Shock{At: ch.At, Healed: ch.At + ch.For})
	}
	if len(moments) == 0 || len(shocks) == 0 {
		return
	}
	over := make([]measure.Moment, len(moments))
	for i, m := range moments {
		over[i] = measure.Moment(m)
	}
	v[measure.Recovery] = measure.RecoveryOf(over, shocks)
}
