package link

import (
	"math/bits"

	"pushcast/node"
)

// Access is the state of one peer's access link: when its two directions are free
// again, and where its burst loss stands. Attach makes it ready.
type Access struct {
	upFree, downFree node.Time
	chain            chain
	delay            node.Time // of the peer's own line
	region           uint16
}

// State is an Access written down, for another process to go on from.
type State struct {
	UpFree, DownFree, Delay node.Time
	Region                  uint16
	Draws                   uint64
	Bad                     bool
}

// State writes a down.
func (a *Access) State() State {
	return State{a.upFree, a.downFree, a.delay, a.region, a.chain.draws.State(), a.chain.bad}
}

// Resume is the access link of a state, for a model that is configured alike.
func (s *State) Resume() Access {
	return Access{upFree: s.UpFree, downFree: s.DownFree, delay: s.Delay, region: s.Region, chain: chain{draws: node.Resume(s.Draws), bad: s.Bad}}
}

// maxWait bounds what waits for a link whose queue has no bound: some 70 years, which no
// run sees the end of, and to which further times can be added.
const maxWait = node.Never / 4

// takes is the time that bytes take at a rate, rounded up to whole nanoseconds.
func (r BitsPerSecond) takes(bytes int64) node.Time {
	hi, lo := bits.Mul64(uint64(bytes)*8, uint64(node.Second))
	lo, carry := bits.Add64(lo, uint64(r)-1, 0)
	if hi += carry; hi >= uint64(r) {
		return maxWait
	}
	q, _ := bits.Div64(hi, lo, uint64(r))
	return node.Time(min(q, uint64(maxWait)))
}

// carries is the number of bytes that a rate carries in a time, rounded up.
func (r BitsPerSecond) carries(t node.Time) int64 {
	hi, lo := bits.Mul64(uint64(t), uint64(r))
	const perByte = 8 * uint64(node.Second)
	lo, carry := bits.Add64(lo, perByte-1, 0)
	if hi += carry; hi >= perByte {
		return maxBytes
	}
	q, _ := bits.Div64(hi, lo, perByte)
	return int64(min(q, maxBytes))
}

// enqueue puts bytes on a link that is free again at *free, and gives the instant at
// which their last bit has left it; ok is false where the queue has no room.
func (q *Queue) enqueue(free *node.Time, now node.Time, rate BitsPerSecond, bytes int64) (done node.Time, ok bool) {
	waits := max(*free-now, 0)
	if q.Time > 0 && waits > q.Time || q.Bytes > 0 && rate.carries(waits)+bytes > q.Bytes {
		return 0, false
	}
	*free = now + min(waits+rate.takes(bytes), maxWait)
	return *free, true
}

// Backlog is how long a datagram that is sent now would wait for its first bit to leave.
func (a *Access) Backlog(now node.Time) node.Time { return max(a.upFree-now, 0) }

// packets tells how many IP packets a datagram makes, and their bytes with all headers.
// size is that of the datagram with one header of IP and UDP, 28 bytes.
func (m *Model) packets(size int64) (n int, bytes int64) {
	const ip = 20
	if m.mtu == 0 || size <= m.mtu {
		return 1, size
	}
	// A fragment but the last carries a multiple of 8 bytes (RFC 791).
	room := (m.mtu - ip) &^ 7
	k := (size - ip + room - 1) / room
	return int(k), size + (k-1)*ip
}

// Bytes is what a datagram costs on the wire: with the headers of all its packets. size
// includes one header of IP and UDP.
func (m *Model) Bytes(size int64) int64 {
	_, bytes := m.packets(size)
	return bytes
}

// Limited tells whether Receive has something to do.
func (m *Model) Limited() bool { return m.download > 0 }

// Receive puts a datagram that has arrived at now on the receiver's download link, and
// gives the instant at which it is there; ok is false where the queue is full. Calls for
// one receiver must be in the order of their instants.
func (m *Model) Receive(a *Access, now node.Time, size int64) (at node.Time, ok bool) {
	if m.download == 0 {
		return now, true
	}
	return m.queue.enqueue(&a.downFree, now, m.download, m.Bytes(size))
}
