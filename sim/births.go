package sim

import "pushcast/node"

// births says when the chunks are born: one every period, but while the source pauses.
// Ids go on after a pause where they have stopped.
type births struct {
	period node.Time
	pauses []pause // in the order of their beginnings, apart from each other
}

// pause is a time without births: the chunk that would be born from at on, and all after
// it, come later.
type pause struct {
	at, resumes node.Time    // resumes: the first birth after it
	before      node.ChunkID // chunks born before it
}

// newBirths makes the births of a stream with the pauses among changes.
func newBirths(period node.Time, changes []Change) births {
	b := births{period: period}
	for i := range changes {
		if c := &changes[i]; c.Kind == Pause {
			b.pauses = append(b.pauses, pause{at: c.At, resumes: c.At + c.For})
		}
	}
	for i := range b.pauses { // few: an insertion sort
		for k := i; k > 0 && b.pauses[k].at < b.pauses[k-1].at; k-- {
			b.pauses[k], b.pauses[k-1] = b.pauses[k-1], b.pauses[k]
		}
	}
	sorted := b.pauses
	for i := range sorted {
		b.pauses = sorted[:i] // those that are placed
		p := &sorted[i]
		p.before = b.before(p.at)
		// A pause that ends before the next chunk is due pauses nothing.
		p.resumes = max(p.resumes, b.at(p.before))
	}
	b.pauses = sorted
	return b
}

// at is the birth of chunk c. The first chunk after a pause is born when it ends, or a
// period after the one before, if that is later; all others follow it.
func (b *births) at(c node.ChunkID) node.Time {
	if len(b.pauses) == 0 {
		return node.Time(c) * b.period // the usual case, to be inlined
	}
	return b.after(c)
}

func (b *births) after(c node.ChunkID) node.Time {
	for i := len(b.pauses) - 1; i >= 0; i-- {
		if p := &b.pauses[i]; c >= p.before {
			return p.resumes + node.Time(c-p.before)*b.period
		}
	}
	return node.Time(c) * b.period
}

// before is the number of chunks that are born before t.
func (b *births) before(t node.Time) node.ChunkID {
	first, from := node.ChunkID(0), node.Time(0)
	end := node.ChunkID(1<<31 - 1)
	for i := range b.pauses {
		p := &b.pauses[i]
		if t <= p.resumes {
			end = p.before
			break
		}
		first, from = p.before, p.resumes
	}
	if t <= from {
		return min(first, end)
	}
	if n := (t - from + b.period - 1) / b.period; n < node.Time(end-first) {
		return first + node.ChunkID(n)
	}
	return end // or so late that the number would not fit
}
