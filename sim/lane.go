package sim

import "pushcast/node"

// lane is a share of the peers, next to each other by slot, with all that happens to them:
// their events, what is on its way to them, and what is counted of them. A small run has
// one. Lanes share the World, of which each writes what belongs to its own peers; so they
// can be computed side by side (windows.go).
type lane struct {
	*World
	number      int
	first, size uint32 // its slots: first … first+size−1
	now         node.Time
	receivers   int       // in its slots
	up          int       // of these, who are up
	queue       *queue    // events in their order; nil where there are windows
	calendar    *calendar // events by window; nil where there are none
	views       slab      // messages in flight, but for chunks
	transcoder  transcoder
	out         node.Outbox
	arrived     node.Message // the chunk that is being taken in
	counts      Counts
	tally       tally

	limit    node.Time // end of the present window
	present  uint32    // the slot that is being computed
	soon     []event   // what it causes to itself before limit
	nextSoon int
	sorter   sorter
	warmth   uint64       // means nothing
	sent     [2][]letters // by turn and lane: what the others are to take in
}

// layLanes divides the peers, in equal numbers.
func (w *World) layLanes(how order) {
	w.window = w.windowOf(how)
	n := 1
	if w.window > 0 {
		n = min(max(w.cfg.Workers, 1), len(w.peers))
	}
	w.share = (len(w.peers) + n - 1) / n
	if n > 1 {
		w.net.attachAll()
	}
	span := min(max(w.cfg.Period, w.cfg.Peer.Push)+w.cfg.Link.Usual(), 10*node.Second)
	for first := 0; first < len(w.peers); first += w.share {
		l := &lane{
			World: w, number: len(w.lanes),
			first: uint32(first), size: uint32(min(w.share, len(w.peers)-first)),
		}
		l.receivers = int(l.size)
		if first == 0 {
			l.receivers-- // the source
		}
		l.out.NoStore = true
		l.views.stride = max(w.cfg.Peer.View+1, w.cfg.Peer.EntriesPerMessage())
		l.tally.init(&w.cfg)
		if w.window == 0 {
			l.queue = newQueue(span)
		} else {
			l.calendar = newCalendar(w.window, span)
		}
		w.lanes = append(w.lanes, l)
	}
	for _, l := range w.lanes {
		for turn := range l.sent {
			l.sent[turn] = make([]letters, len(w.lanes))
			for k := range l.sent[turn] {
				l.sent[turn][k].stride = l.views.stride
			}
		}
	}
}

// owner is the number of the lane of a peer.
func (w *World) owner(id node.PeerID) int {
	if len(w.lanes) == 1 {
		return 0 // whoever it may be
	}
	return int(slot(id)) / w.share
}

// laneOf is the lane of a slot.
func (w *World) laneOf(i uint32) *lane { return w.lanes[int(i)/w.share] }

// advance computes everything that happens before the instant to, event by event.
func (l *lane) advance(to node.Time) {
	for l.queue.until(to) {
		e := l.queue.pop()
		l.now = e.at
		l.counts.Events++
		l.happen(&e)
	}
}

func (l *lane) happen(e *event) {
	switch {
	case e.what < isView:
		l.arriveChunk(e)
	case e.what == isWake:
		s := &l.stations[slot(e.to)]
		if s.wakeAt != e.at {
			return // superseded by an earlier one, or its peer has left
		}
		p := &l.peers[slot(e.to)]
		if l.clairvoyance != nil {
			l.foresee()
		}
		p.Tick(e.at, &l.out)
		s.wakeAt = node.Never
		l.out.Wake = true
		l.perform(e.to, p)
	case e.what == isBorn:
		l.bear(e.at)
	case e.what == isJoin:
		l.enter(slot(e.to))
	case e.what == isLeave:
		l.leave(e.to)
	case e.what == isBegin || e.what == isEnd:
		l.change(int(e.to), e.what == isBegin)
	default:
		l.arriveMessage(e)
	}
}

// bear gives the source its next chunk.
func (l *lane) bear(now node.Time) {
	c, p := l.published, &l.peers[sourceID]
	l.published++
	l.trace(Born, sourceID, sourceID, c)
	if l.clairvoyance != nil {
		l.clairvoyance.bear(c)
		l.foresee()
	}
	p.Publish(now, c, l.sizeOf(c), &l.out)
	if l.published < l.chunks {
		l.schedule(sourceID, l.publishing(l.published), isBorn)
	}
	l.perform(sourceID, p)
}

// start makes a peer and lets it know whom it knows.
func (l *lane) start(id node.PeerID, cfg *node.Config, seed uint64) {
	p := &l.peers[slot(id)]
	p.Init(cfg, id, seed, l.now)
	l.stations[slot(id)].wakeAt = node.Never
	p.Bootstrap(l.now, l.contacts(id), &l.out)
	l.perform(id, p)
}

// perform carries out what a peer wants done.
func (l *lane) perform(id node.PeerID, p *node.Peer) {
	if l.clairvoyance != nil {
		l.sendSeen(id)
	} else {
		for i := range l.out.Sends {
			l.send(id, &l.out.Sends[i])
		}
	}
	for _, c := range l.out.Played {
		l.played(slot(id), c)
		l.trace(Played, id, id, c)
	}
	if l.out.Wake {
		s := &l.stations[slot(id)]
		// What was due before now is due now: a gap in the output, say, that was too
		// old when it was found.
		if at := max(l.deciding(p.Wakeup()), l.now); at < s.wakeAt {
			s.wakeAt = at
			l.schedule(id, at, isWake)
		}
	}
	l.out.Reset()
}

// schedule lets a peer cause an event to itself.
func (l *lane) schedule(id node.PeerID, at node.Time, what uint32) {
	l.causes(&l.stations[slot(id)], id, id, at, what)
}

// born is a number of chunks such that all ids below it that a peer can have are those of
// chunks already born. Where lanes are computed side by side, none can tell how far the
// source has got; but there nothing makes ids up.
func (l *lane) born() node.ChunkID {
	if l.window > 0 {
		return l.chunks
	}
	return l.published
}

// isUp tells whether the peer of this handle is there.
func (w *World) isUp(id node.PeerID) bool {
	i := slot(id)
	return int(i) < len(w.peers) && w.peers[i].Up() && w.peers[i].ID() == id
}
