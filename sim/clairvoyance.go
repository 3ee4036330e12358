package sim

import (
	"math/bits"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// Knowledge is what peers are told about each other for nothing.
type Knowledge uint8

// The kinds of knowledge.
const (
	// NoKnowledge: only what messages say.
	NoKnowledge Knowledge = iota
	// Clairvoyant: what everybody holds, and what is on its way to them. In slots
	// this is to see the decisions that others have made in the same slot.
	Clairvoyant
	// Landed: what everybody holds; what is on its way is not seen. In slots this
	// is the state at the start of the slot.
	Landed
)

// clairvoyance sees who lacks what: the Oracle of all peers of a world. A chunk
// that would come later than the deadline, or is behind the window of who should
// get it, is lacked by nobody.
//
// It keeps a bit of every pair of a peer and a chunk, and in a full mesh another.
type clairvoyance struct {
	landedOnly bool
	chunks     uint32
	window     uint32 // of a receiver's buffer under the policy Window; else 0

	handles []node.PeerID // by slot: who is up there; node.NoPeer where nobody is
	class   []uint8       // by slot

	// done has a row of bits for every peer: bit i is set when chunk last−i is of
	// no use to it, last being the run's last chunk: so a word reads downwards, as
	// Lacks wants it.
	done [][]uint64
	up   []uint64 // the receivers that are up, by slot
	// lackers has a row of bits for every chunk born, by slot, which is the handle
	// where anybody asks; nil where nobody does. n is their number.
	lackers   [][]uint64
	n         []uint32
	latest    []uint32  // by slot; see node.Oracle
	postponed [][]uint8 // by slot and chunk
	uploads   []uint32  // by class: chunks in 1,000 s
	decided   []decision

	oldest node.ChunkID // the oldest chunk that would still come in time
	born   node.ChunkID // chunks born so far
}

func newClairvoyance(w *World) *clairvoyance {
	c := &w.cfg
	peers, chunks := c.Peers+1, c.Chunks()
	v := &clairvoyance{
		landedOnly: c.Knowledge == Landed,
		chunks:     uint32(chunks),
		done:       rows[uint64](peers, chunks/64+2),
		up:         make([]uint64, peers/64+1),
		latest:     make([]uint32, peers),
		handles:    make([]node.PeerID, peers),
		class:      make([]uint8, peers),
	}
	for i := range v.handles {
		v.handles[i] = node.NoPeer
	}
	for i := range w.peerConfigs {
		at := &c.Link
		if i > 0 {
			at = &c.Classes[i-1].Link
		}
		v.uploads = append(v.uploads, uploadOf(&w.peerConfigs[i], at, c.ChunkSize))
		w.peerConfigs[i].Knowledge = v
	}
	w.sourceConfig.Knowledge = v
	if c.Peer.Policy == node.Window {
		v.window = uint32(c.Peer.Buffer)
	}
	if w.peerConfigs[0].Sampler == node.Full || w.sourceConfig.Sampler == node.Full {
		v.lackers = make([][]uint64, chunks)
		v.n = make([]uint32, chunks)
	}
	if node.NeedsOracle(c.Peer.Scheduler) {
		v.postponed = rows[uint8](peers, chunks)
	}
	return v
}

// uploadOf is how many chunks a peer can push in 1,000 s: as its rate of pushing and
// its link allow; 1 where it never pushes.
func uploadOf(peer *node.Config, at *link.Config, size uint32) uint32 {
	if peer.Push == 0 {
		return 1
	}
	chunks := uint64(1000 * node.Second / peer.Push)
	if at.Upload > 0 {
		chunks = min(chunks, 1000*uint64(at.Upload)/(8*wire.Size(&node.Message{Kind: node.Chunk, Size: size})))
	}
	return uint32(min(max(chunks, 1), 1<<32-1))
}

// rows makes n rows of equal length, of one piece of memory.
func rows[T any](n, length int) [][]T {
	all := make([]T, n*length)
	list := make([][]T, n)
	for i := range list {
		list[i] = all[i*length : (i+1)*length : (i+1)*length]
	}
	return list
}

// bear begins to keep who lacks a new chunk: every receiver that is up.
func (v *clairvoyance) bear(c node.ChunkID) {
	v.born = c + 1
	if v.lackers == nil {
		return
	}
	v.lackers[c] = append([]uint64(nil), v.up...)
	for _, word := range v.up {
		v.n[c] += uint32(bits.OnesCount64(word))
	}
}

// joins says that a receiver of a class is up: it lacks everything.
func (v *clairvoyance) joins(id node.PeerID, class int) {
	j := slot(id)
	v.handles[j], v.class[j], v.latest[j] = id, uint8(class), 0
	clear(v.done[j])
	v.up[j/64] |= 1 << (j % 64)
	if v.lackers == nil {
		return
	}
	for c := v.oldest; c < v.born; c++ {
		v.lackers[c][j/64] |= 1 << (j % 64)
		v.n[c]++
	}
}

// leaves says that a receiver is gone: it lacks nothing.
func (v *clairvoyance) leaves(id node.PeerID) {
	j := slot(id)
	v.handles[j] = node.NoPeer
	v.up[j/64] &^= 1 << (j % 64)
	if v.lackers == nil {
		return
	}
	for c := v.oldest; c < v.born; c++ {
		v.settle(j, c)
	}
}

// isUp tells whether id is the handle of a receiver that is up.
func (v *clairvoyance) isUp(id node.PeerID) bool {
	j := slot(id)
	return int(j) < len(v.handles) && v.handles[j] == id && id != node.NoPeer
}

// expire lets the chunks go that are older than oldest.
func (v *clairvoyance) expire(oldest node.ChunkID) {
	if v.lackers != nil {
		for ; v.oldest < min(oldest, v.born); v.oldest++ {
			v.lackers[v.oldest] = nil
			v.n[v.oldest] = 0
		}
	}
	v.oldest = max(v.oldest, oldest)
}

// Sent is node.Knowledge's. Whether the copy will arrive the world says right
// after the call in which it was decided; till then it counts as if.
func (v *clairvoyance) Sent(from, to node.PeerID, c node.ChunkID) {
	lacked := v.Lacks(to, c)&1 != 0
	j := slot(to)
	if v.postponed != nil && uint32(c) < v.chunks {
		off := &v.postponed[slot(from)][c]
		*off = min(*off, 254) + 1
		if lacked {
			v.postponed[j][c] = *off
		}
	}
	if lacked && !v.landedOnly {
		v.decided = append(v.decided, decision{to, c, v.latest[j]})
		v.settle(j, c)
		v.latest[j] = max(v.latest[j], uint32(c)+1)
	}
}

// decision is a copy that was decided on and is not on its way yet, and what was
// its receiver's latest chunk before.
type decision struct {
	to     node.PeerID
	c      node.ChunkID
	latest uint32
}

// underway notes that a copy has been put on its way, and whether it will arrive.
func (v *clairvoyance) underway(to node.PeerID, c node.ChunkID, arrives bool) {
	if len(v.decided) == 0 || v.decided[0].to != to || v.decided[0].c != c {
		return // it was of no use, or is not seen
	}
	v.latest[slot(to)] = v.decided[0].latest
	v.decided = v.decided[:copy(v.decided, v.decided[1:])]
	if arrives {
		v.gets(to, c)
	} else {
		v.fails(to, c)
	}
}

// sendSeen sends what a peer wants sent, and tells the clairvoyant what will arrive.
func (l *lane) sendSeen(id node.PeerID) {
	for i := range l.out.Sends {
		m := &l.out.Sends[i]
		to, c, isChunk := m.To, m.Chunk, m.Kind == node.Chunk // damage may change them
		if arrives := l.send(id, m); isChunk {
			l.clairvoyance.underway(to, c, arrives)
		}
	}
}

// fails notes that a copy that was underway does not arrive. (What the receiver's
// latest chunk would have been it may stay.)
func (v *clairvoyance) fails(id node.PeerID, c node.ChunkID) {
	if !v.isUp(id) || uint32(c) >= v.chunks {
		return
	}
	j, i := slot(id), v.chunks-1-uint32(c)
	if v.landedOnly || v.done[j][i/64]>>(i%64)&1 == 0 {
		return
	}
	v.done[j][i/64] &^= 1 << (i % 64)
	if v.lackers != nil && v.lackers[c] != nil {
		v.lackers[c][j/64] |= 1 << (j % 64)
		v.n[c]++
	}
}

// gets notes that a peer has, or is about to have, a chunk.
func (v *clairvoyance) gets(id node.PeerID, c node.ChunkID) {
	if !v.isUp(id) || uint32(c) >= v.chunks {
		return
	}
	j := slot(id)
	v.settle(j, c)
	was := v.latest[j]
	if uint32(c) < was {
		return
	}
	v.latest[j] = uint32(c) + 1
	if v.window == 0 {
		return
	}
	// What falls behind the window now is of no use any more.
	for old := max(was, v.window) - v.window; old+v.window <= uint32(c); old++ {
		v.settle(j, node.ChunkID(old))
	}
}

// settle notes that a chunk is of no use any more to the receiver in a slot.
func (v *clairvoyance) settle(j uint32, c node.ChunkID) {
	i := v.chunks - 1 - uint32(c)
	v.done[j][i/64] |= 1 << (i % 64)
	if v.lackers != nil && v.lackers[c] != nil && v.lackers[c][j/64]>>(j%64)&1 != 0 {
		v.lackers[c][j/64] &^= 1 << (j % 64)
		v.n[c]--
	}
}

// Lacks is node.Knowledge's.
func (v *clairvoyance) Lacks(id node.PeerID, top node.ChunkID) uint64 {
	if beyond := uint32(top) - v.chunks; uint32(top) >= v.chunks { // damage has made it
		if beyond >= 63 {
			return 0
		}
		return v.Lacks(id, node.ChunkID(v.chunks-1)) << (beyond + 1)
	}
	if top < v.oldest || !v.isUp(id) {
		return 0
	}
	i := v.chunks - 1 - uint32(top)
	row := v.done[slot(id)]
	done := row[i/64]>>(i%64) | row[i/64+1]<<1<<(63-i%64)
	alive := ^uint64(0)
	if span := uint32(top - v.oldest); span < 63 {
		alive = 2<<span - 1
	}
	return ^done & alive
}

// Newest is node.Knowledge's.
func (v *clairvoyance) Newest(id node.PeerID) (c node.ChunkID, ok bool) {
	if !v.isUp(id) || v.latest[slot(id)] == 0 {
		return 0, false
	}
	return node.ChunkID(v.latest[slot(id)] - 1), true
}

// Lackers is node.Oracle's.
func (v *clairvoyance) Lackers(c node.ChunkID) (set []uint64, n uint32) {
	if uint32(c) >= v.chunks {
		return nil, 0
	}
	return v.lackers[c], v.n[c]
}

// Latest is node.Oracle's.
func (v *clairvoyance) Latest() []uint32 { return v.latest }

// Upload is node.Oracle's: chunks in 1,000 s.
func (v *clairvoyance) Upload(id node.PeerID) uint32 {
	if !v.isUp(id) {
		return 1
	}
	return v.uploads[v.class[slot(id)]]
}

// Postponed is node.Oracle's.
func (v *clairvoyance) Postponed(id node.PeerID, c node.ChunkID) uint32 {
	if uint32(c) >= v.chunks {
		return 0
	}
	return uint32(v.postponed[slot(id)][c])
}
