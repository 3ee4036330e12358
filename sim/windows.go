package sim

import (
	"math/bits"

	"pushcast/node"
)

// A datagram takes at least the least latency of all links. So what a peer does in a time
// that is shorter than that, a window, no other peer notices in it: the peers can be
// computed one after another, each through the whole window, and side by side. (Chandy,
// Misra: Distributed Simulation, IEEE TSE 5(5), 1979: this latency is the lookahead.)
//
// For a large run that is faster even on one core: the memory of a peer is gone from the
// cache when its next event comes, and in the order of the slots it can be fetched ahead.
// What a peer sends goes into later windows. What it causes to itself, such as its next
// wake-up, may still fall into this one.
//
// Each peer meets its events in their total order, whatever the order of the peers. So
// everything is the same as in a run that works through all events in their order; but only
// such a run can show that order (Config.Trace), and has one state of the world at a time
// that peers may see (Knowledge), or that events change for all.

// leastWindow is the shortest window that is used, in bits of nanoseconds.
const leastWindow = 10

// busyWindow is how many events a window should have; where there are fewer, putting them
// into the order of the peers gains nothing.
const busyWindow = 32

// order is how a run is computed. It changes nothing in it.
type order uint8

const (
	automatic order = iota
	byEvents        // in the order of all events
	byWindows       // in windows, where that is possible
)

// windowOf gives the length of a run's windows, as a power of two in nanoseconds; 0 where it
// must or should be computed event by event.
func (w *World) windowOf(how order) uint {
	c := &w.cfg
	if c.Trace != nil || c.Knowledge != NoKnowledge || c.Slots || w.strange {
		return 0
	}
	for i := range c.Churn.Changes {
		switch c.Churn.Changes[i].Kind {
		case Partition, Dark, Loss:
			return 0
		}
	}
	shift := uint(bits.Len64(uint64(w.net.least()))) - 1
	if w.net.least() == 0 || shift < leastWindow {
		return 0
	}
	step := c.Period
	if c.Peer.Push > 0 {
		step = min(step, c.Peer.Push)
	}
	if how == byEvents || how == automatic && float64(int64(1)<<shift)/float64(step)*float64(c.Peers) < busyWindow {
		return 0
	}
	return shift
}

// advanceByWindows computes everything that happens before the instant to.
func (w *World) advanceByWindows(to node.Time) {
	t := w.assemble()
	k, ok := w.nextWindow()
	for end := node.Time(0); ok && node.Time(k)<<w.window < to && end < to; k, ok = w.windowAfter(k) {
		w.turn ^= 1
		end = min(node.Time(k+1)<<w.window, to)
		t.compute(stretch{k, end})
	}
	t.dismiss()
	w.collectAll()
}

// nextWindow is the number of the first window in which something is to happen.
func (w *World) nextWindow() (first int64, ok bool) {
	for _, l := range w.lanes {
		k, some := l.calendar.next()
		if some && (!ok || k < first) {
			first, ok = k, true
		}
	}
	return first, ok
}

// windowAfter is the same after window k, from which letters may still lie about.
func (w *World) windowAfter(k int64) (next int64, ok bool) {
	for _, l := range w.lanes {
		for i := range l.sent[w.turn] {
			if len(l.sent[w.turn][i].events) > 0 {
				return k + 1, true
			}
		}
	}
	return w.nextWindow()
}

// stretch is what is computed at a time: a window, or what of it lies before an instant.
type stretch struct {
	window int64
	before node.Time
}

// compute works through a stretch.
func (l *lane) compute(s stretch) {
	for _, other := range l.lanes {
		l.collect(&other.sent[l.turn^1][l.number])
	}
	l.limit = s.before
	l.calendar.turnTo(s.window)
	if parts, n := l.calendar.take(s.before); n > 0 {
		l.work(l.sorter.sort(parts, n, l.first, l.size))
	}
	l.calendar.release()
	l.limit = 0
}

// work lets events happen that lie peer by peer, each peer's in their order.
func (l *lane) work(events []event) {
	l.counts.Events += uint64(len(events))
	for i := range events {
		if i%strip == 0 && l.size >= manyPeers {
			l.warm(events[i:min(i+strip, len(events))])
		}
		e := &events[i]
		if len(l.soon) > 0 {
			l.workSoon(e)
		}
		l.present, l.now = slot(e.to), e.at
		l.happen(e)
	}
	l.workSoon(nil)
}

// workSoon lets what the present peer has caused to itself happen, but for what comes after
// its next event; nil where there is none.
func (l *lane) workSoon(next *event) {
	for l.nextSoon < len(l.soon) {
		e := l.soon[l.nextSoon]
		if next != nil && slot(next.to) == l.present && next.before(&e) {
			return
		}
		l.nextSoon++
		l.counts.Events++
		l.now = e.at
		l.happen(&e)
	}
	l.soon, l.nextSoon = l.soon[:0], 0
}

// manyPeers is how many are more than a core has at hand.
const manyPeers = 2000

// strip is for how many events memory is fetched at a time.
const strip = 24

// warm has the memory fetched that some events will need.
func (l *lane) warm(events []event) {
	sum, hops, stride := uint64(0), l.observer.hops, l.observer.stride
	for i := range events {
		at := slot(events[i].to)
		sum ^= l.peers[at].Warm() ^ uint64(l.stations[at].events)
		if l.observer.ring {
			sum ^= uint64(hops[int(at)*stride])
		}
	}
	for i := range events {
		if events[i].what == isWake {
			sum ^= l.peers[slot(events[i].to)].WarmList()
		}
	}
	l.warmth ^= sum
}

// push adds an event to what is to happen, be it to a peer of another lane.
func (l *lane) push(e event) {
	switch {
	case l.window == 0:
		l.queue.push(e)
	case e.at < l.limit:
		l.pushSoon(e)
	case slot(e.to)-l.first < l.size:
		l.calendar.push(e)
	default:
		l.post(l.owner(e.to), e)
	}
}

// pushSoon adds an event of the peer that is being computed.
func (l *lane) pushSoon(e event) {
	if slot(e.to) != l.present {
		panic("sim: a datagram arrives sooner than any can")
	}
	i := len(l.soon)
	l.soon = append(l.soon, e)
	for ; i > l.nextSoon && e.before(&l.soon[i-1]); i-- {
		l.soon[i] = l.soon[i-1]
	}
	l.soon[i] = e
}

// pending calls f for every event that is to happen, in no order.
func (l *lane) pending(f func(*event)) {
	if l.window == 0 {
		l.queue.each(f)
		return
	}
	l.calendar.each(f)
}
