package sim

import (
	"math/bits"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/node/wire"
)

// observer watches from outside and computes the metrics. What it keeps of each peer is
// written by the peer's lane only; what it counts of all lies with the lanes.
//
// It remembers how many hops from the source the first copy of a chunk had come that a
// peer holds: that is on no wire, and goes with every copy that the peer sends on. Where
// the peer itself cannot tell a first copy from a later one, this memory does, with a byte
// for every pair of a peer and a chunk. Else a ring of as many as the buffer holds will do.
type observer struct {
	window   measure.Window
	births   births
	code     node.Code // of Config.Peer.FEC: repair chunks are due to nobody
	end      node.Time // of the run
	chunks   int
	hops     []uint8 // [slot·stride + chunk&mask]: hops, or unseen, or many
	stride   int
	mask     node.ChunkID
	ring     bool        // only what the peer holds is remembered
	startups []node.Time // by slot, from joining to the first chunk put out; nil where nothing is
	present  []presence  // by slot
	past     []uint32    // by slot: pairs due to sessions that have ended; nil where nobody leaves
	gone     []bool      // by slot: it was there before; nil where nobody leaves
}

// Values of observer.hops beside the number itself.
const (
	unseen = 0
	many   = 255 // this many or more: look into the lane's deep
)

// account is what is counted of a receiver.
type account struct {
	due              dues
	received, played uint32 // due pairs, in time
}

// tally is what a lane has seen of first copies.
type tally struct {
	delay, hop measure.Histogram
	series     series
	deep       map[uint64]uint32 // by slot<<32 | chunk: hops that are too many for a byte
}

func (o *observer) init(c *Config, leaving bool) {
	n := c.Peers + 1
	*o = observer{
		window:  measure.Window{From: c.From, To: c.To, Deadline: c.Deadline, Grace: c.Grace},
		births:  newBirths(c.Period, c.Churn.Changes),
		code:    c.Peer.FEC,
		end:     c.Duration,
		chunks:  c.Chunks(),
		stride:  c.Chunks(),
		mask:    1<<32 - 1,
		present: make([]presence, n),
	}
	if size := 1 << bits.Len(uint(c.Peer.Buffer-1)); c.tellsFirst() && size < o.chunks {
		o.ring, o.stride, o.mask = true, size, node.ChunkID(size-1)
	}
	o.hops = make([]uint8, n*o.stride)
	for i := range o.present {
		o.present[i] = nobody
	}
	if c.Peer.Window > 0 {
		o.startups = make([]node.Time, n)
		for i := range o.startups {
			o.startups[i] = node.Never
		}
	}
	if leaving {
		o.gone, o.past = make([]bool, n), make([]uint32, n)
	}
}

// tellsFirst says whether a receiver accepts exactly the first copies of chunks, and holds
// those that it sends on: one that pushes blindly from a window of ids, and believes them.
// (A trace asks later which pairs were never received.)
func (c *Config) tellsFirst() bool {
	p := &c.Peer
	return p.Policy == node.Window && p.PushesBlindly() && p.Ahead == 0 && c.Trace == nil && !c.garbles()
}

func (t *tally) init(c *Config) {
	t.deep = map[uint64]uint32{}
	if c.Series {
		t.series.init(c.Chunks())
	}
}

// isFirst notes the arrival of a chunk that was not seen at the receiver in slot i before,
// of a copy that has come hops from the source, and tells whether that is so.
func (l *lane) isFirst(i uint32, c node.ChunkID, hops uint32) bool {
	o := &l.observer
	seen := &o.hops[int(i)*o.stride+int(c&o.mask)]
	if o.ring {
		if l.out.Outcome != node.Accepted {
			return false
		}
	} else if *seen != unseen {
		return false
	}
	l.has(i, c, hops)
	return true
}

// has notes that the receiver in slot i has a chunk from now on, which has come so many
// hops.
func (l *lane) has(i uint32, c node.ChunkID, hops uint32) {
	o := &l.observer
	at := &o.hops[int(i)*o.stride+int(c&o.mask)]
	if *at = many; hops < many {
		*at = uint8(hops)
	} else {
		l.tally.deep[uint64(i)<<32|uint64(c)] = hops
	}
	if o.code.IsRepair(c) {
		return
	}
	birth, a := o.births.at(c), &l.stations[i].account
	delay := l.now - birth
	if c >= a.due.first && c < a.due.end {
		if o.window.InTime(delay) {
			a.received++
		}
		l.tally.delay.Add(delay)
		l.tally.hop.Add(node.Time(hops))
	}
	if l.tally.series.got != nil && o.window.InTime(delay) {
		l.tally.series.add(&o.present[i], c, birth)
	}
}

// isRecovered notes that the receiver in slot i has computed a chunk, and tells whether it
// did not have it before; hops are those of the chunk that it took.
func (l *lane) isRecovered(i uint32, c node.ChunkID, hops uint32) bool {
	if l.observer.hops[int(i)*l.observer.stride+int(c)] != unseen {
		return false
	}
	l.has(i, c, hops)
	return true
}

// hopsOf is how many hops the first copy of a chunk had come that the peer in slot i has.
func (l *lane) hopsOf(i uint32, c node.ChunkID) uint32 {
	if i == uint32(sourceID) {
		return 0
	}
	if c >= l.chunks { // an id that damage has made
		return unseen
	}
	if h := l.observer.hops[int(i)*l.observer.stride+int(c&l.observer.mask)]; h != many {
		return uint32(h)
	}
	return l.tally.deep[uint64(i)<<32|uint64(c)]
}

// played notes that the receiver in slot i puts a chunk out.
func (l *lane) played(i uint32, c node.ChunkID) {
	o, a := &l.observer, &l.stations[i].account
	if o.startups[i] == node.Never {
		o.startups[i] = l.now - o.present[i].joined
	}
	if c >= l.born() { // an id that damage has made
		return
	}
	if c >= a.due.first && c < a.due.end && o.window.InTime(l.now-o.births.at(c)) {
		a.played++
	}
}

// values computes the metrics as they stand.
func (w *World) values() measure.Values {
	swarm := w.swarm()
	swarm.Shape = w.shape()
	v := swarm.Values()
	w.recovery(&v)
	return v
}

// swarm is what the metrics are computed from, but for the shape of the overlay.
func (w *World) swarm() measure.Swarm {
	receivers, counts, total := w.receivers(), w.counts(), w.tally()
	w.degrees(receivers)
	first := node.Message{Kind: node.Chunk, Size: w.cfg.ChunkSize}
	data := counts.Useful - counts.Repair + counts.Recovered
	return measure.Swarm{
		Receivers: receivers,
		Delay:     &total.delay,
		Hops:      &total.hop,
		Playing:   w.observer.startups != nil,
		Viewed:    true,
		Traffic: measure.Traffic{
			Arrived:    counts.Useful + counts.Duplicates + counts.Late,
			Duplicates: counts.Duplicates,
			Bytes:      counts.Bytes,
			FirstBytes: data * wire.Size(&first),
		},
	}
}

// receivers is what has been counted of each receiver so far, but for its degree.
func (w *World) receivers() []measure.Receiver {
	o := &w.observer
	list := make([]measure.Receiver, len(w.peers)-1)
	for i := range list {
		r, at := &list[i], uint32(i+1)
		first, end := w.dueOf(at, w.published)
		*r = measure.Receiver{
			Due:      o.data(first, end),
			Received: w.stations[at].received,
			Played:   w.stations[at].played,
			Startup:  node.Never,
			Absent:   o.present[at].joined == node.Never,
		}
		if o.gone != nil {
			r.Due += o.past[at]
			r.Absent = r.Absent && !o.gone[at]
		}
		if o.startups != nil {
			r.Startup = o.startups[at]
		}
	}
	return list
}

// counts adds up what the lanes have counted.
func (w *World) counts() (c Counts) {
	for _, l := range w.lanes {
		c.add(&l.counts)
	}
	return c
}

// tally adds up what the lanes have seen of first copies.
func (w *World) tally() *tally {
	if len(w.lanes) == 1 {
		return &w.lanes[0].tally
	}
	var sum tally
	for _, l := range w.lanes {
		sum.delay.Merge(&l.tally.delay)
		sum.hop.Merge(&l.tally.hop)
		sum.series.merge(&l.tally.series)
	}
	return &sum
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
			receivers[i].Degree = uint32(w.Online())
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
	moments := w.moments()
	var shocks []measure.Shock
	for i := range w.cfg.Churn.Changes {
		ch := &w.cfg.Churn.Changes[i]
		shocks = append(shocks, measure.Shock{At: ch.At, Healed: ch.At + ch.For})
	}
	if len(moments) == 0 || len(shocks) == 0 {
		return
	}
	v[measure.Recovery] = measure.RecoveryOf(moments, shocks)
}
