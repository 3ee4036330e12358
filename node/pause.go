package node

// farOff is by how much an honest age is never wrong.
const farOff = Second

// reckonStart gives what clock, the reckoned birth of chunk 0, is after a chunk that says
// start: a sixteenth of the way to it. What is far off is no error of an age but a stream
// that has paused, or a clock that was wrong; then the chunk is believed at once, lest all
// that follow seem overdue.
func reckonStart(clock, start Time) Time {
	d := start - clock
	if d > farOff || d < -farOff {
		return start
	}
	return clock + d/16
}

// pauses tells whether no stripe has come for a round, and no partner shows anything newer
// than we have: then no parent is to blame.
func (m *mesh) pauses(now, round Time) bool {
	if now-m.came <= round {
		return false
	}
	for i := range m.partners {
		if f := &m.partners[i]; f.id != NoPeer && f.held != 0 && f.newest > m.newest {
			return false
		}
	}
	return true
}
