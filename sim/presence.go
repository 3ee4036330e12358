package sim

import "pushcast/node"

// presence is one receiver's present session, as the observer needs it: what is due to
// it. When a session ends is known when it begins, so a pair can be told to be due or
// not when its chunk arrives.
type presence struct {
	joined node.Time // Never: it is not there
	last   node.Time // the last birth whose deadline it lives to see; Never: all
}

// dues are the chunks that are due to a session: first ≤ c < end.
type dues struct{ first, end node.ChunkID }

var nobody = presence{joined: node.Never}

// begins notes that a receiver starts, and when it will leave; Never where it stays.
func (l *lane) begins(i uint32, leaves node.Time) {
	o, now := &l.observer, l.now
	w := &o.window
	last := node.Never // the last birth whose deadline it lives to see
	switch {
	case w.Deadline > 0 && leaves != node.Never:
		last = leaves - w.Deadline
	case w.Deadline == 0 && leaves < o.end:
		last = -1
	}
	from, until := max(w.From, now+w.Grace), w.To
	if last < w.To {
		until = last + 1
	}
	var d dues
	if from < until {
		d = dues{o.births.before(from), o.births.before(until)}
	}
	if o.gone != nil && o.gone[i] {
		// What it had received is gone with it, and counts anew.
		clear(o.hops[int(i)*o.stride : (int(i)+1)*o.stride])
	}
	o.present[i], l.stations[i].due = presence{now, last}, d
}

// ends notes that a receiver has left.
func (l *lane) ends(i uint32) {
	o := &l.observer
	p := &o.present[i]
	first, end := l.dueOf(i, l.born())
	o.past[i] += o.data(first, end)
	if ups := l.tally.series.ups; ups != nil {
		o.count(p, ups)
	}
	o.gone[i] = true
	*p, l.stations[i].due = nobody, dues{}
}

// dueOf gives the chunks, of those born so far, that are due to the present session of
// the receiver in slot i: first ≤ c < end.
func (w *World) dueOf(i uint32, born node.ChunkID) (first, end node.ChunkID) {
	d := &w.stations[i].due
	end = min(d.end, born)
	return min(d.first, end), end
}

// data is the number of data chunks, first ≤ c < end.
func (o *observer) data(first, end node.ChunkID) uint32 {
	return uint32(o.code.DataBefore(end) - o.code.DataBefore(first))
}

// series is delivery over time: of every chunk, how many receivers are up from its birth
// to its deadline, and how many of these have it in time. It knows no warm-up and no
// grace: it is what an event of churn is seen by.
type series struct {
	got []uint32
	ups []int32 // by chunk: how many more are up than for the chunk before; of sessions that have ended
}

func (s *series) init(chunks int) { s.got, s.ups = make([]uint32, chunks), make([]int32, chunks+1) }

// add notes that a receiver has got a chunk in time.
func (s *series) add(p *presence, c node.ChunkID, birth node.Time) {
	if birth >= p.joined && birth <= p.last {
		s.got[c]++
	}
}

// merge adds what another lane has seen.
func (s *series) merge(t *series) {
	if t.got == nil {
		return
	}
	if s.got == nil {
		s.init(len(t.got))
	}
	for i := range t.got {
		s.got[i] += t.got[i]
		s.ups[i] += t.ups[i]
	}
	s.ups[len(t.got)] += t.ups[len(t.got)]
}

// count adds the chunks for which a session is up to ups.
func (o *observer) count(p *presence, ups []int32) {
	if p.joined == node.Never || p.last < p.joined {
		return
	}
	first, end := o.births.before(p.joined), node.ChunkID(o.chunks)
	if p.last != node.Never {
		end = min(end, o.births.before(p.last+1))
	}
	if first < end {
		ups[first]++
		ups[end]--
	}
}

// Moment is a point of a series: what became of one chunk.
type Moment struct {
	Birth    node.Time
	Up       uint32 // receivers up from its birth to its deadline
	Received uint32 // of these, who have it in time
}

// Series is delivery over time, a moment a chunk, of the chunks whose deadline has
// passed; nil where Config.Series is false.
func (w *World) Series() (list []Moment) {
	o, s := &w.observer, &w.tally().series
	if s.got == nil {
		return nil
	}
	ups := append([]int32(nil), s.ups...)
	for i := range o.present {
		o.count(&o.present[i], ups)
	}
	up := int32(0)
	for c := range w.published {
		up += ups[c]
		birth := o.births.at(c)
		if birth+o.window.Deadline > w.now {
			break
		}
		if o.code.IsRepair(c) {
			continue
		}
		list = append(list, Moment{birth, uint32(up), s.got[c]})
	}
	return list
}
