package driver

import "pushcast/node"

// lateness reckons the delay of chunks from their arrivals alone: nobody's
// clock but the own is known, and no birth. Had all chunks been as fast as the
// fastest, chunk c would have come at (fastest's arrival) + (c − fastest)·period;
// a chunk's lateness is how much later it came. It is the true delay less the
// smallest one.
//
// A stream that paused, or a false id that seemed to be fast, would make all that
// follows late for ever: where nothing was on time for a span, the fastest of that
// span counts from then on.
//
// Where the period is not told, it is the mean over all arrivals of new highest
// ids; because that estimate moves, the fastest chunk is then sought among the
// last ten to twenty seconds only.
type lateness struct {
	period node.Time
	known  bool

	first, newest arrival // of the highest ids so far
	begun         bool
	best, before  arrival // the fastest of the present span, and of the one before
	has, had      bool
	until         node.Time // the end of the present span
	lately        arrival   // the fastest of the present span, where the period is known
	near          bool
}

type arrival struct {
	at    node.Time
	chunk node.ChunkID
}

const (
	// span is how long the fastest chunk counts where the period is estimated.
	span = 10 * node.Second
	// shifted is how late all of a span must be to have a fastest chunk of its own.
	shifted = node.Second
	// enough is the number of periods from which on an estimate is used.
	enough = 16
	// maxPeriod bounds an estimate, maxSteps a difference of ids: their product
	// does not overflow.
	maxPeriod = 3600 * node.Second
	maxSteps  = 1 << 20
)

func newLateness(period node.Time) lateness {
	return lateness{period: min(period, maxPeriod), known: period > 0}
}

// ready tells whether the period is known well enough.
func (l *lateness) ready() bool {
	return l.begun && (l.known || l.newest.chunk-l.first.chunk >= enough)
}

// steps is how many periods a lies before b.
func steps(a, b node.ChunkID) node.Time {
	return min(max(node.Time(b)-node.Time(a), -maxSteps), maxSteps)
}

// add takes an arrival, and gives its lateness.
func (l *lateness) add(now node.Time, c node.ChunkID) node.Time {
	here := arrival{now, c}
	switch {
	case !l.begun:
		l.begun, l.first, l.newest, l.until = true, here, here, now+span
	case c > l.newest.chunk:
		l.newest = here
	}
	if !l.known {
		l.estimate(now)
	}
	var late node.Time
	if l.has || l.had {
		late = max(0, now-l.due(c))
	}
	if !l.has || now < l.best.later(c, l.period) {
		l.best, l.has = here, true
	}
	if l.known {
		l.recover(here)
	}
	return late
}

// later is when c comes if it is as fast as a was.
func (a arrival) later(c node.ChunkID, period node.Time) node.Time {
	return a.at + steps(a.chunk, c)*period
}

// recover forgets a fastest chunk that nothing has come near to for a span.
func (l *lateness) recover(here arrival) {
	if !l.near || here.at < l.lately.later(here.chunk, l.period) {
		l.lately, l.near = here, true
	}
	if here.at < l.until {
		return
	}
	if l.lately.at-l.best.later(l.lately.chunk, l.period) > shifted {
		l.best = l.lately
	}
	l.near, l.until = false, here.at+span
}

func (l *lateness) estimate(now node.Time) {
	over := now >= l.until
	if n := l.newest.chunk - l.first.chunk; n > 0 && (over || !l.had) {
		l.period = min((l.newest.at-l.first.at)/node.Time(n), maxPeriod)
	}
	if over {
		l.before, l.had = l.best, l.has
		l.has = false
		l.until = now + span
	}
}

// due is when chunk c comes if it is as fast as the fastest. There must have
// been an arrival.
func (l *lateness) due(c node.ChunkID) node.Time {
	due := node.Never
	if l.has {
		due = l.best.later(c, l.period)
	}
	if l.had {
		due = min(due, l.before.later(c, l.period))
	}
	return due
}
