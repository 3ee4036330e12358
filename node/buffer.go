package node

// buffer holds the chunks that a peer pushes from, under one of the four
// disciplines. What it does with a chunk is its Outcome:
//
//	Accepted   taken in
//	Duplicate  held already (TopDup takes it in once more), or under FIFO
//	           accepted before
//	Late       behind the window (Window only)
//	Stale      older than all that a full buffer holds (Top, TopDup), or too
//	           old for the memory of what was accepted (FIFO)
type buffer struct {
	newest ChunkID // the highest id taken in; meaningless while n is 0
	n      uint32  // places taken
	size   uint32  // places
	head   uint32  // FIFO: index of the oldest in ids
	// seen: under Window, bit i is set when newest−i is held; under FIFO when
	// it was ever accepted. Unused else.
	seen register
	ids  []ChunkID
}

// minMemory is how many ids back FIFO remembers what it accepted, at least.
// In the slowest of the reference runs (theory.md 3.7, A8) a chunk is 400 ids
// old when its last copy moves.
const minMemory = 1024

func (b *buffer) init(policy Policy, size int) {
	*b = buffer{size: uint32(size)}
	switch policy {
	case Window:
		b.seen = newRegister(size)
	case FIFO:
		b.seen = newRegister(int(b.memory()))
		b.ids = make([]ChunkID, size)
	default:
		b.ids = make([]ChunkID, 0, size)
	}
}

// clear empties the buffer, and keeps its memory.
func (b *buffer) clear(policy Policy) {
	b.n, b.newest, b.head = 0, 0, 0
	b.seen.clear()
	if policy == Top || policy == TopDup {
		b.ids = b.ids[:0]
	}
}

// memory is the number of ids that FIFO remembers: a multiple of 64.
func (b *buffer) memory() uint32 { return max(minMemory, 8*b.size+63) &^ 63 }

// holds tells whether c lies in the buffer.
func (b *buffer) holds(policy Policy, c ChunkID) bool {
	switch policy {
	case Window:
		return b.n > 0 && c <= b.newest && b.seen.get(uint32(b.newest-c))
	case FIFO:
		// What was never accepted is not searched for; what is older than the
		// memory of that may still be held.
		if b.n == 0 || c > b.newest || uint32(b.newest-c) < b.memory() && !b.seen.get(uint32(b.newest-c)) {
			return false
		}
	}
	for _, id := range b.ids[:b.n] {
		if id == c {
			return true
		}
	}
	return false
}

// at gives the chunk in place i: the places are in ascending order of ids,
// under FIFO in that of arrival.
func (b *buffer) at(policy Policy, i uint32) ChunkID {
	switch policy {
	case Window:
		return b.newest - ChunkID(b.seen.nth(b.n-1-i))
	case FIFO:
		if i += b.head; i >= b.n {
			i -= b.n
		}
	}
	return b.ids[i]
}

// highest gives the highest id held; the buffer must not be empty.
func (b *buffer) highest(policy Policy) ChunkID {
	switch policy {
	case Window:
		return b.newest
	case FIFO:
		top := b.ids[0]
		for _, id := range b.ids[1:b.n] {
			top = max(top, id)
		}
		return top
	}
	return b.ids[b.n-1]
}

// add offers c to the buffer. Chunks that lose their last place are appended
// to out.evicted, unless nobody wants to know.
func (b *buffer) add(policy Policy, c ChunkID, out *Outbox) Outcome {
	switch policy {
	case Window:
		return b.addWindow(c, out)
	case FIFO:
		return b.addFIFO(c, out)
	}
	return b.addTop(c, policy == TopDup, out)
}

func (b *buffer) addWindow(c ChunkID, out *Outbox) Outcome {
	switch {
	case b.n == 0:
		b.newest = c
	case c > b.newest:
		d := uint32(min(c-b.newest, ChunkID(b.size)))
		if !out.NoStore {
			for i := b.size - d; i < b.size; i++ {
				if b.seen.get(i) {
					out.evicted = append(out.evicted, b.newest-ChunkID(i))
				}
			}
		}
		b.seen.up(d, b.size)
		b.newest = c
	default:
		i := uint32(b.newest - c)
		if i >= b.size {
			return Late
		}
		if b.seen.get(i) {
			return Duplicate
		}
		b.seen.set(i)
		b.n++
		return Accepted
	}
	b.seen.set(0)
	b.n = b.seen.count()
	return Accepted
}

func (b *buffer) addFIFO(c ChunkID, out *Outbox) Outcome {
	switch memory := b.memory(); {
	case b.n == 0:
		b.newest = c
		b.seen.set(0)
	case c > b.newest:
		b.seen.up(uint32(min(c-b.newest, ChunkID(memory))), memory)
		b.newest = c
		b.seen.set(0)
	default:
		i := uint32(b.newest - c)
		if i >= memory {
			return Stale
		}
		if b.seen.get(i) {
			return Duplicate
		}
		b.seen.set(i)
	}
	if b.n < b.size {
		b.ids[b.n] = c
		b.n++
		return Accepted
	}
	if !out.NoStore {
		out.evicted = append(out.evicted, b.ids[b.head])
	}
	b.ids[b.head] = c
	if b.head++; b.head == b.size {
		b.head = 0
	}
	return Accepted
}

// addTop keeps b.ids ascending. Full, it lets the lowest id go for a higher
// one, and refuses everything else (GRAPES, chunk buffer; dumbstreamer.md 3.5).
func (b *buffer) addTop(c ChunkID, dup bool, out *Outbox) Outcome {
	i := len(b.ids) // where c belongs: after the last id ≤ c
	for i > 0 && b.ids[i-1] > c {
		i--
	}
	outcome := Accepted
	if i > 0 && b.ids[i-1] == c {
		if outcome = Duplicate; !dup {
			return Duplicate
		}
	}
	if b.n < b.size {
		b.ids = append(b.ids, 0)
		copy(b.ids[i+1:], b.ids[i:])
		b.ids[i] = c
		b.n++
		return outcome
	}
	low := b.ids[0]
	if c <= low {
		if c < low {
			return Stale
		}
		return Duplicate
	}
	copy(b.ids, b.ids[1:i])
	b.ids[i-1] = c
	if b.ids[0] != low && !out.NoStore {
		out.evicted = append(out.evicted, low)
	}
	return outcome
}
