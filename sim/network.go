package sim

import (
	"pushcast/node"
	"pushcast/node/link"
)

// network is everything between the peers: their access links, their classes, and what
// is cut or worse than usual at the moment.
type network struct {
	models  []link.Model  // by class; the last one is the source's
	access  []link.Access // by slot; nil where every link is plain
	classes []uint8       // by slot; nil where there is one
	nats    []nat         // by slot; nil where nobody is behind one
	cuts    []*cut        // that hold now
	worse   []worse       // further loss now
	quick   bool          // one plain class, nothing cut: the usual case
	plain   bool          // the same, while nothing is cut
	ready   []bool        // by slot: its access link is attached
}

// worse is a further loss of all datagrams, for as long as a change holds.
type worse struct {
	change int
	below  uint64 // lost if the draw is below; 2⁶⁴−1: all
	root   uint64
}

// worsening is the further loss of a change.
func worsening(c *Config, change int) worse {
	below := uint64(1<<64 - 1)
	if p := c.Churn.Changes[change].Loss; p < 1 {
		below = uint64(float64(p*(1<<32)) * (1 << 32))
	}
	r := node.Stream(c.Seed, node.ForEvent, uint64(change))
	return worse{change, below, r.Uint64()}
}

// loses tells whether it takes the count-th datagram of a sender.
func (w *worse) loses(from node.PeerID, count uint32) bool {
	return node.Mix(w.root^(uint64(from)<<32|uint64(count))) < w.below
}

// darkness cuts a class off, of so many slots.
func (n *network) darkness(class, slots int) cut {
	inside := make([]bool, slots)
	for k := range inside {
		inside[k] = k > 0 && int(n.classes[k]) == class+1
	}
	return cut{inside: inside, dark: true}
}

// init makes the links of a run.
func (n *network) init(c *Config) {
	n.models = []link.Model{link.New(&c.Link, c.Seed)}
	n.plain = n.models[0].Plain() && !n.models[0].Limited()
	natted := false
	for i := range c.Classes {
		k := &c.Classes[i]
		n.models = append(n.models, link.New(&k.Link, c.Seed))
		natted = natted || k.NAT > 0
		n.plain = false
	}
	if c.SourceLink != nil {
		n.models = append(n.models, link.New(c.SourceLink, c.Seed))
		n.plain = false
	}
	n.quick = n.plain
	if n.plain {
		return
	}
	slots := c.Peers + 1
	n.access, n.ready = make([]link.Access, slots), make([]bool, slots)
	n.classes = make([]uint8, slots)
	if len(c.Classes) > 0 {
		assign(c, n.classes[1:])
	}
	if c.SourceLink != nil {
		n.classes[0] = uint8(len(n.models) - 1)
	}
	if natted {
		n.nats = make([]nat, slots)
		for i := range n.nats[1:] {
			n.nats[i+1].holds = c.Classes[n.classes[i+1]-1].NAT
		}
	}
}

// garbles tells whether a damaged datagram may arrive.
func (c *Config) garbles() bool {
	garbles := c.Link.NoChecksum || c.SourceLink != nil && c.SourceLink.NoChecksum
	for i := range c.Classes {
		garbles = garbles || c.Classes[i].Link.NoChecksum
	}
	return garbles
}

// assign deals the classes out: each has its share of the receivers, to the nearest
// whole number, and who is in which is drawn.
func assign(c *Config, into []uint8) {
	filled := 0
	for i, size := range c.Members() {
		for range size {
			into[filled] = uint8(i + 1)
			filled++
		}
	}
	r := node.Stream(c.Seed, node.ForClass, 0)
	shuffle(into, &r)
}

// Members counts the receivers of each class.
func (c *Config) Members() []int {
	sum, done, filled := 0.0, 0.0, 0
	for i := range c.Classes {
		sum += c.Classes[i].Share
	}
	sizes := make([]int, len(c.Classes))
	for i := range c.Classes {
		done += c.Classes[i].Share
		end := min(int(float64(float64(c.Peers)*done/sum)+0.5), c.Peers)
		sizes[i] = end - filled
		filled = end
	}
	return sizes
}

// shuffle puts a slice into a random order (Fisher and Yates).
func shuffle[T any](list []T, r *node.Rand) {
	for i := len(list) - 1; i > 0; i-- {
		k := r.Below(uint32(i + 1))
		list[i], list[k] = list[k], list[i]
	}
}

// accessOf gives the access link of a slot. A handle's line is drawn when it is first used.
func (n *network) accessOf(id node.PeerID) *link.Access {
	i := slot(id)
	if !n.ready[i] {
		n.ready[i] = true
		n.models[n.classes[i]].Attach(&n.access[i], id)
	}
	return &n.access[i]
}

// attachAll draws all lines now: lanes that send to one peer must not do it both.
func (n *network) attachAll() {
	for i := range n.access {
		n.accessOf(node.PeerID(i))
	}
}

// least is what every datagram takes at least.
func (n *network) least() node.Time {
	least := node.Never
	for i := range n.models {
		least = min(least, n.models[i].Least())
	}
	return least
}

// send puts a datagram on the sender's link.
func (n *network) send(now node.Time, from, to node.PeerID, count uint32, size int64) (f link.Fate, bytes int64, isCut bool) {
	if n.nats != nil {
		n.nats[slot(from)].open(now, to)
	}
	if n.plain {
		bytes = size
		var lost bool
		if f.Delay, lost = n.models[0].Quick(from, count); lost {
			f.Outcome = link.Lost
		}
	} else {
		m := &n.models[n.classes[slot(from)]]
		bytes = m.Bytes(size)
		if int(slot(to)) >= len(n.access) { // a handle that damage has made
			return link.Fate{Outcome: link.Lost}, bytes, false
		}
		f = m.Send(n.accessOf(from), now, from, n.accessOf(to), count, size)
	}
	if f.Outcome != link.Arrives {
		return f, bytes, false
	}
	for _, c := range n.cuts {
		if c.stops(from, to) {
			return f, bytes, true
		}
	}
	for i := range n.worse {
		if n.worse[i].loses(from, count) {
			return link.Fate{Outcome: link.Lost}, bytes, false
		}
	}
	return f, bytes, false
}

// limited tells whether a datagram must queue for its receiver's download link.
func (n *network) limited(to node.PeerID) bool {
	return !n.plain && int(slot(to)) < len(n.access) && n.models[n.classes[slot(to)]].Limited()
}

// receive puts a datagram on its receiver's download link.
func (n *network) receive(now node.Time, to node.PeerID, size int64) (at node.Time, ok bool) {
	return n.models[n.classes[slot(to)]].Receive(n.accessOf(to), now, size)
}

// admits tells whether the receiver's NAT lets a datagram in.
func (n *network) admits(now node.Time, to, from node.PeerID) bool {
	return n.nats == nil || int(slot(to)) >= len(n.nats) || n.nats[slot(to)].admits(now, from)
}

// nat is an address translator that lets in what comes from whom its peer has sent to
// (address-restricted; RFC 4787, section 5), for some time after it has.
type nat struct {
	holds node.Time // 0: there is none
	peers []node.PeerID
	until []node.Time
}

// maxBindings bounds the table of a NAT. The binding that ends first makes room.
const maxBindings = 256

func (n *nat) open(now node.Time, to node.PeerID) {
	if n.holds == 0 {
		return
	}
	oldest := 0
	for i, id := range n.peers {
		if id == to {
			n.until[i] = now + n.holds
			return
		}
		if n.until[i] < n.until[oldest] {
			oldest = i
		}
	}
	if len(n.peers) < maxBindings && (len(n.peers) == 0 || n.until[oldest] >= now) {
		n.peers, n.until = append(n.peers, to), append(n.until, now+n.holds)
		return
	}
	n.peers[oldest], n.until[oldest] = to, now+n.holds
}

func (n *nat) admits(now node.Time, from node.PeerID) bool {
	if n.holds == 0 {
		return true
	}
	for i, id := range n.peers {
		if id == from {
			return n.until[i] >= now
		}
	}
	return false
}

// cut is a cut through the network: datagrams between the two sides are lost.
type cut struct {
	change int
	inside []bool // by slot: who is cut off
	dark   bool   // those inside do not reach each other either
	way    Way
}

func (c *cut) stops(from, to node.PeerID) bool {
	if int(slot(to)) >= len(c.inside) {
		return false
	}
	a, b := c.inside[slot(from)], c.inside[slot(to)]
	switch {
	case c.dark:
		return a || b
	case a == b:
		return false
	case c.way == In: // nothing gets in
		return b
	case c.way == Out:
		return a
	}
	return true
}
