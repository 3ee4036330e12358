package sim

import "pushcast/node"

// births says when the chunks are born: one every period, but while the source pauses.
// Ids go on after a pause where they have stopped.
type births struct {
	period node.Time
	pauses []pause // in the order of their beginnings, apart from each other
}

// pause is a time without births: a chunk that would be born from at on, and all after
// it, come for longer.
type pause struct {
	at, lasts node.Time
	before    node.ChunkID // chunks born before it
}

// newBirths makes the births of a stream with the pauses among changes.
func newBirths(period node.Time, changes []Change) births {
	b := births{period: period}
	for i := range changes {
		if c := &changes[i]; c.Kind == Pause {
			b.pauses = append(b.pauses, pause{at: c.At, lasts: c.For})
		}
	}
	for i := range b.pauses { // few: an insertion sort
		for k := i; k > 0 && b.pauses[k].at < b.pauses[k-1].at; k-- {
			b.pauses[k], b.pauses[k-1] = b.pauses[k-1], b.pauses[k]
		}
	}
	for i := range b.pauses {
		p := b.pauses[i]
		b.pauses[i].before = 1<<31 - 1 // not yet, for before
		b.pauses[i].before = b.before(p.at)
	}
	return b
}

// at is the birth of chunk c. A pause shifts all later births to its end, in the phase
// that they have: the first chunk after it is born when it ends.
func (b *births) at(c node.ChunkID) node.Time {
	if len(b.pauses) == 0 {
		return node.Time(c) * b.period // the usual case, to be inlined
	}
	return b.after(c)
}

func (b *births) after(c node.ChunkID) node.Time {
	for i := len(b.pauses) - 1; i >= 0; i-- {
		if p := &b.pauses[i]; c >= p.before {
			return p.at + p.lasts + node.Time(c-p.before)*b.period
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
		if p.before == 1<<31-1 {
			break // those from here on are not placed yet
		}
		if t <= p.at+p.lasts {
			end = p.before
			break
		}
		first, from = p.before, p.at+p.lasts
	}
	if t <= from {
		return min(first, end)
	}
	return min(first+node.ChunkID((t-from+b.period-1)/b.period), end)
}
