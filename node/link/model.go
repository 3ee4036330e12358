package link

import (
	"math/bits"

	"pushcast/node"
	"pushcast/node/law"
)

// Model is a Config made ready to be asked once a datagram. Models of one seed draw the
// same numbers, so that peers of different links share a network's luck.
type Model struct {
	seed                     uint64
	latency, jitter, loss    draw
	duplicate, reorder       draw
	corrupt, access, regions draw

	least     node.Time
	spread    uint64 // size of the range drawn from; 0 or 1: no draw
	wobble    law.Drawer
	lossy     threshold
	bursty    bool
	enter     threshold
	stay      threshold
	doubled   threshold
	held      threshold
	heldFor   node.Time
	flipped   threshold
	unchecked bool
	line      Span
	table     *Regions
	upload    BitsPerSecond
	download  BitsPerSecond
	queue     Queue
	mtu       int64
	plain     bool // nothing but latency and Bernoulli loss of whole datagrams
}

// draw is the root of one part's random numbers.
type draw uint64

const golden = 0x9e3779b97f4a7c15

// at gives the part's draw for the sender's n-th datagram: SplitMix64 with the
// sender's own start.
func (d draw) at(sender node.PeerID, n uint32) uint64 {
	return node.Mix(uint64(d) + (uint64(sender)<<32|uint64(n))*golden)
}

// further gives the k-th draw beside the first, for packets and copies of one datagram.
func further(x uint64, k int) uint64 { return node.Mix(x + uint64(k)*golden) }

// New makes a model whose draws derive from seed. c must be valid.
func New(c *Config, seed uint64) Model {
	root := func(p node.Purpose) draw { r := node.Stream(seed, p, 0); return draw(r.Uint64()) }
	m := Model{
		seed:      seed,
		latency:   root(node.ForLatency),
		jitter:    root(node.ForJitter),
		loss:      root(node.ForLoss),
		duplicate: root(node.ForDuplicate),
		reorder:   root(node.ForReorder),
		corrupt:   root(node.ForCorrupt),
		access:    root(node.ForAccess),
		regions:   root(node.ForRegion),
		least:     c.Latency.Min,
		spread:    uint64(c.Latency.Max-c.Latency.Min) + 1,
		wobble:    c.Jitter.Ready(),
		lossy:     thresholdOf(c.Loss.Rate),
		bursty:    c.Loss.Burst > 0 && c.Loss.Rate > 0,
		doubled:   thresholdOf(c.Duplicate),
		held:      thresholdOf(c.Reorder),
		heldFor:   c.ReorderBy,
		flipped:   thresholdOf(c.Corrupt),
		unchecked: c.NoChecksum,
		line:      c.Access,
		table:     c.Regions,
		upload:    c.Upload,
		download:  c.Download,
		queue:     c.Queue,
		mtu:       int64(c.MTU),
	}
	if m.bursty {
		m.enter, m.stay = thresholdOf(c.Loss.enter()), thresholdOf(1-1/c.Loss.Burst)
	}
	m.plain = !m.bursty && m.doubled.never() && m.held.never() && m.flipped.never() && m.table == nil &&
		m.line == (Span{}) && m.upload == 0 && m.mtu == 0
	return m
}

// Attach makes the access link of a peer ready: its region and line, and its burst loss.
func (m *Model) Attach(a *Access, id node.PeerID) {
	*a = Access{delay: m.line.Min}
	if m.line.Max > m.line.Min {
		hi, _ := bits.Mul64(m.access.at(id, 0), uint64(m.line.Max-m.line.Min)+1)
		a.delay += node.Time(hi)
	}
	if m.table != nil {
		a.region = m.table.of(m.regions.at(id, 0))
	}
	if m.bursty {
		a.chain.begin(m.seed, id, m.lossy)
	}
}

// Region is the number of the region that a peer lives in.
func (a *Access) Region() int { return int(a.region) }

// Plain tells whether Quick does all that the model does.
func (m *Model) Plain() bool { return m.plain }

// Quick is Send for plain models, which need no Access and no size: latency, jitter and
// Bernoulli loss.
func (m *Model) Quick(sender node.PeerID, n uint32) (delay node.Time, lost bool) {
	if m.lossy.always || m.lossy.below > 0 && m.loss.at(sender, n) < m.lossy.below {
		return 0, true
	}
	delay = m.least
	if m.spread > 1 {
		hi, _ := bits.Mul64(m.latency.at(sender, n), m.spread)
		delay += node.Time(hi)
	}
	if !m.wobble.None() {
		delay += m.wobble.Draw(m.jitter.at(sender, n))
	}
	return delay, false
}

// Least is the time that every datagram takes at least, from its sender's call to its
// arrival at the receiver's access link.
func (m *Model) Least() node.Time { return m.least + m.table.shortest() + 2*m.line.Min }

// Outcome is what becomes of a datagram on its way.
type Outcome uint8

// The outcomes.
const (
	Arrives   Outcome = iota
	Overflows         // the sender's queue had no room
	Lost              // on the way
	Spoiled           // a bit was flipped, and the checksum found it
)

// Fate is what happens to one datagram.
type Fate struct {
	Outcome Outcome
	// Delay is from sending to arriving at the receiver's access link.
	Delay node.Time
	// Copy is the delay of a second copy that the network has made; 0 where there is none.
	Copy node.Time
	// Flips, where not 0, says that a bit was flipped and nothing found it: bit Flips−1
	// modulo the number of bits of the datagram.
	Flips uint64
}

// Send puts the n-th datagram of sender on its link at now, and tells what happens to it.
// size is its length with one header of UDP and IP. The calls for one sender must be in
// the order of their instants.
func (m *Model) Send(a *Access, now node.Time, sender node.PeerID, to *Access, n uint32, size int64) (f Fate) {
	if m.plain {
		var lost bool
		if f.Delay, lost = m.Quick(sender, n); lost {
			f.Outcome = Lost
		}
		return f
	}
	packets, bytes := m.packets(size)
	leaves := now
	if m.upload > 0 {
		var ok bool
		if leaves, ok = m.queue.enqueue(&a.upFree, now, m.upload, bytes); !ok {
			return Fate{Outcome: Overflows}
		}
	}
	if m.loses(a, sender, n, packets) {
		return Fate{Outcome: Lost}
	}
	f.Delay = leaves - now + m.travels(a, to, sender, n, false)
	if m.doubled.hit(m.duplicate.at(sender, n)) {
		f.Copy = max(leaves-now+m.travels(a, to, sender, n, true), 1)
	}
	if !m.flipped.never() && m.flipped.hit(m.corrupt.at(sender, n)) {
		if !m.unchecked {
			return Fate{Outcome: Spoiled}
		}
		f.Flips = further(m.corrupt.at(sender, n), 1)>>1 + 1
	}
	return f
}

// loses tells whether one of a datagram's packets is lost. All of them go out, the
// others after a lost one too.
func (m *Model) loses(a *Access, sender node.PeerID, n uint32, packets int) (lost bool) {
	if m.bursty {
		for range packets {
			lost = a.chain.next(m.enter, m.stay) || lost
		}
		return lost
	}
	if m.lossy.never() {
		return false
	}
	x := m.loss.at(sender, n)
	for k := range packets {
		if k > 0 {
			x = further(x, k)
		}
		if m.lossy.hit(x) {
			return true
		}
	}
	return false
}

// travels is the time from the sender's link to the receiver's; second is the copy that the network has made.
func (m *Model) travels(a, to *Access, sender node.PeerID, n uint32, second bool) node.Time {
	draw := func(d draw) uint64 {
		if second {
			return further(d.at(sender, n), 1)
		}
		return d.at(sender, n)
	}
	delay := m.least + a.delay + to.delay
	if m.table != nil {
		delay += m.table.OneWay[a.region][to.region]
	}
	if m.spread > 1 {
		hi, _ := bits.Mul64(draw(m.latency), m.spread)
		delay += node.Time(hi)
	}
	if !m.wobble.None() {
		delay += m.wobble.Draw(draw(m.jitter))
	}
	if !m.held.never() && m.held.hit(draw(m.reorder)) {
		delay += m.heldFor
	}
	return delay
}

// Usual is a time that most datagrams need at most, for the queue of events.
func (c *Config) Usual() node.Time {
	return c.Latency.Max + c.Regions.longest() + 2*c.Access.Max + c.Jitter.Typical() + c.Queue.Time
}
