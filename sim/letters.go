package sim

// letters are what one lane has for another after a window: events, and the messages that
// some of them name by their place in here.
type letters struct {
	events []event
	slab
}

// post leaves an event for another lane.
func (l *lane) post(to int, e event) {
	box := &l.sent[l.turn][to]
	box.events = append(box.events, e)
}

// collect takes in what another lane has left in the window before.
func (l *lane) collect(box *letters) {
	for _, e := range box.events {
		if e.what >= isView && e.what < isWorld {
			m, entries, hops := box.get(e.what & placeMask)
			e.what = isView | l.views.put(&m, entries, hops)
		}
		l.calendar.push(e)
	}
	box.events = box.events[:0]
	box.empty()
}

// collectAll has all letters taken in.
func (w *World) collectAll() {
	for _, l := range w.lanes {
		for _, other := range w.lanes {
			for turn := range other.sent {
				l.collect(&other.sent[turn][l.number])
			}
		}
	}
}
