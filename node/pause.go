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

// ahead is by how many chunks the partner who shows the newest is ahead of us.
func (m *mesh) ahead() (d ChunkID) {
	for i := range m.partners {
		if f := &m.partners[i]; f.id != NoPeer && f.held != 0 && f.newest > m.newest {
			d = max(d, f.newest-m.newest)
		}
	}
	return d
}

// pauses tells whether no stripe has come for a round, and no partner shows anything newer
// than we have.
func (m *mesh) pauses(now, round Time) bool { return now-m.came > round && m.ahead() == 0 }

// blame notes from when on parents are to blame for a silence: not while the stream pauses.
// Is a partner far ahead then, it was us who were cut off, and they are since ever.
func (m *mesh) blame(now, round Time) {
	switch {
	case m.pauses(now, round):
		m.paused = now
	case now-m.came > round && m.ahead() > ChunkID(rounds*m.stripes):
		m.paused = 0
	}
}
