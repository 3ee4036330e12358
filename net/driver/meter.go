package driver

import (
	"pushcast/node"
	"pushcast/node/measure"
)

// meter computes the simulator's metrics of one real peer, from what it sees: a
// chunk is due once Deadline has passed since its birth, which lateness
// reckons; received if its first copy came before; played if it was put out
// before. Ids are counted from the first one on, up to the newest.
//
// It remembers the last rememberedIDs ids.
type meter struct {
	deadline node.Time
	code     node.Code // repair chunks are due to nobody, and no payload
	late     lateness
	window   measure.Receiver
	delay    measure.Histogram
	hops     measure.Histogram // none: no datagram carries them
	traffic  measure.Traffic

	// By id modulo rememberedIDs: that a copy came, that the first one came in time,
	// that it was put out in time.
	seen, received, played bits
	begun                  bool
	newest                 node.ChunkID // the highest id seen
	settled                node.ChunkID // ids below it are counted
	startup                node.Time
}

// rememberedIDs bounds the memory of a meter: at 25 chunks a second, that of
// three quarters of an hour. Ids further back count as they are.
const rememberedIDs = 1 << 16

func newMeter(cfg *Config) *meter {
	m := &meter{deadline: cfg.Deadline, code: cfg.Peer.FEC, late: newLateness(cfg.Peer.Period), startup: node.Never}
	if m.deadline == 0 {
		m.deadline = DefaultDeadline
	}
	return m
}

// beginAnew forgets ids and births, because the peer has found the stream
// elsewhere. What was counted stays counted.
func (m *meter) beginAnew(cfg *Config) {
	m.late = newLateness(cfg.Peer.Period)
	m.begun = false
	m.forget()
}

func (m *meter) forget() {
	clear(m.seen[:])
	clear(m.received[:])
	clear(m.played[:])
}

// chunk counts a chunk datagram that a Receiver believed, of so many bytes on
// the wire.
func (m *meter) chunk(now node.Time, c node.ChunkID, bytes int) {
	m.traffic.Arrived++
	if !m.begun {
		m.begun, m.newest, m.settled = true, c, c
	}
	m.advance(c)
	if m.newest-min(c, m.newest) >= rememberedIDs || bit(&m.seen, c) {
		m.traffic.Duplicates++
		return
	}
	m.first(now, c, bytes)
}

// recovered counts a chunk that was computed from others.
func (m *meter) recovered(now node.Time, c node.ChunkID, bytes int) {
	if m.newest-min(c, m.newest) < rememberedIDs && !bit(&m.seen, c) {
		m.first(now, c, bytes)
	}
}

// first counts a chunk that the peer has from now on.
func (m *meter) first(now node.Time, c node.ChunkID, bytes int) {
	set(&m.seen, c)
	if m.code.IsRepair(c) {
		return
	}
	m.traffic.FirstBytes += uint64(bytes)
	late := m.late.add(now, c)
	if late > m.deadline {
		return
	}
	set(&m.received, c)
	if m.late.ready() && c >= m.settled {
		m.delay.Add(late)
	}
}

// advance makes c the newest id, if it is.
func (m *meter) advance(c node.ChunkID) {
	if c <= m.newest {
		return
	}
	if c-m.newest >= rememberedIDs {
		m.forget()
		m.newest, m.settled = c, c
		return
	}
	for id := m.newest + 1; id <= c; id++ {
		if id-m.settled >= rememberedIDs {
			m.settle()
		}
		unset(&m.seen, id)
		unset(&m.received, id)
		unset(&m.played, id)
	}
	m.newest = c
}

// put counts a chunk put out.
func (m *meter) put(now node.Time, c node.ChunkID) {
	m.startup = min(m.startup, now)
	inTime := !m.late.ready() || now-m.late.due(c) <= m.deadline
	if inTime && m.newest-min(c, m.newest) < rememberedIDs {
		set(&m.played, c)
	}
}

// due counts the chunks whose time is over.
func (m *meter) due(now node.Time) {
	if !m.begun || !m.late.ready() {
		return
	}
	for m.settled <= m.newest && m.late.due(m.settled)+m.deadline <= now {
		m.settle()
	}
}

// settle counts the lowest id that is not counted yet.
func (m *meter) settle() {
	if m.code.IsRepair(m.settled) {
		m.settled++
		return
	}
	m.window.Due++
	if bit(&m.received, m.settled) {
		m.window.Received++
	}
	if bit(&m.played, m.settled) {
		m.window.Played++
	}
	m.settled++
}

func (m *meter) values() measure.Values {
	r := m.window
	r.Startup = m.startup
	s := measure.Swarm{
		Receivers: []measure.Receiver{r}, Delay: &m.delay, Hops: &m.hops, Traffic: m.traffic,
		Playing: true,
	}
	return s.Values()
}

type bits = [rememberedIDs / 64]uint64

func bit(b *bits, c node.ChunkID) bool { return b[c%rememberedIDs/64]>>(c%64)&1 != 0 }
func set(b *bits, c node.ChunkID)      { b[c%rememberedIDs/64] |= 1 << (c % 64) }
func unset(b *bits, c node.ChunkID)    { b[c%rememberedIDs/64] &^= 1 << (c % 64) }
