package sim

// team computes lanes side by side: the first by who asks, each of the others by a
// goroutine. This is the one place where a run has goroutines. They meet after every
// stretch; between two meetings a lane reads and writes what belongs to its own peers, reads
// what does not change in a run, and writes letters that are read after the next meeting.
// So nothing depends on which of them is faster.
type team struct {
	lanes []*lane
	work  []chan stretch // of the lanes but the first
	done  chan struct{}
}

// assemble makes a team, which must be dismissed.
func (w *World) assemble() team {
	if len(w.lanes) == 1 {
		return team{lanes: w.lanes}
	}
	done, work := make(chan struct{}, len(w.lanes)), make([]chan stretch, len(w.lanes)-1)
	for i, l := range w.lanes[1:] {
		mine := make(chan stretch, 1)
		work[i] = mine
		go func() {
			for s := range mine {
				l.compute(s)
				done <- struct{}{}
			}
		}()
	}
	return team{w.lanes, work, done}
}

// compute works through a stretch.
func (t *team) compute(s stretch) {
	for _, work := range t.work {
		work <- s
	}
	t.lanes[0].compute(s)
	for range t.work {
		<-t.done
	}
}

// dismiss ends the goroutines.
func (t *team) dismiss() {
	for _, work := range t.work {
		close(work)
	}
}
