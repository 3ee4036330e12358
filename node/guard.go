package node

// guard keeps ids that cannot belong to the stream from moving buffer and
// output window (Config.Ahead), and finds the stream again when it really has
// gone elsewhere: a source that was restarted begins anew at 0.
//
// A chunk is a stray when its id is more than Ahead above the newest accepted
// one, or more than 2·(Window+Buffer) below it. It moves nothing by itself. But
// when no new id was accepted for Config.Restart (or eight chunk intervals,
// whichever is longer) and three different strays that fit one Window came
// meanwhile, the peer starts anew at the smallest of them. (Their payload was not
// kept: the output waits for other copies, as for any gap.)
//
// An id that leaps further ahead than Window, but no further than that, does
// move the output window, and what it leaps over would be lost. So a leap is
// doubted until three ids at or above the window's beginning, and more than came
// below it, confirm it: meanwhile ids below the window count as strays do, though
// the buffer takes them; and who starts anew takes the leap back, and puts out nothing
// older than what has come out meanwhile. (So two false ids a window apart, neither
// further ahead than a stray may be behind, cost the output what they leap over.)
//
// After that, what the peer has left behind is still being pushed by those
// that have not noticed yet: ids near the newest that was abandoned are strays
// as soon as they are as far above the stream as others may be below it.
type guard struct {
	newest ChunkID // the highest id accepted since the start
	any    bool    // an id was accepted at all
	// first and began are the first id since the start, and when it came; the
	// chunk interval is reckoned from them.
	first ChunkID
	began Time
	ended Time // when the newest id came
	heard Time // when a new id was last accepted
	fresh Time // the same, leaving out ids below a window that is doubted
	// abandoned is the newest id before the last start; left is false while
	// there was none.
	abandoned ChunkID
	left      bool
	// doubted is whether the last leap is not confirmed; before is where the output
	// goes on without it.
	doubted      bool
	before       ChunkID
	above, below int // new ids that spoke for the leap, and against it

	strays [maxStrays]ChunkID // different ones, the last to come
	n      int                // strays remembered
	oldest int                // the next to be overwritten
}

const (
	// maxStrays bounds the memory of strays.
	maxStrays = 32
	// quorum is how many different strays start a peer anew.
	quorum = 3
	// silence is for how many chunk intervals no new id may have been accepted.
	silence = 8
)

// Defaults of the guard.
const (
	// DefaultAhead is a usual Config.Ahead.
	DefaultAhead = 512
	// DefaultRestart is a usual Config.Restart.
	DefaultRestart = 2 * Second
)

// behind is how far below the newest id a chunk may be: what buffers and
// windows of the swarm can still hold, twice.
func (c *Config) behind() ChunkID { return 2 * ChunkID(c.Window+c.Buffer) }

// stray tells whether c is too far from the newest accepted id to be believed.
func (g *guard) stray(cfg *Config, c ChunkID) bool {
	behind := cfg.behind()
	switch {
	case !g.any:
		return false
	case c <= g.newest:
		return g.newest-c > behind
	case c-g.newest > ChunkID(cfg.Ahead):
		return true
	}
	return g.left && apart(c, g.abandoned) <= behind && c-g.newest > behind
}

// interval is the time from one chunk to the next, as far as it is known.
func (g *guard) interval(cfg *Config) Time {
	if cfg.Period > 0 || !g.any || g.newest == g.first {
		return cfg.Period
	}
	return (g.ended - g.began) / Time(g.newest-g.first)
}

// restart takes a stray in, and tells at which id to start anew, if the time
// has come.
func (g *guard) restart(cfg *Config, now Time, c ChunkID) (at ChunkID, ok bool) {
	g.remember(c)
	wait := max(cfg.Restart, silence*min(g.interval(cfg), Never/silence))
	if now-g.fresh < wait {
		return 0, false
	}
	lowest := ChunkID(0) // while ids are accepted, only the leap is at stake
	if now-g.heard < wait {
		if g.below <= g.above {
			return 0, false
		}
		lowest = g.before
	}
	w := ChunkID(cfg.Window)
	at = c
	for _, s := range g.strays[:g.n] {
		if s < lowest || s > c || c-s >= w || s > at {
			continue
		}
		near := 0
		for _, x := range g.strays[:g.n] {
			if x >= s && x-s < w {
				near++
			}
		}
		if near >= quorum {
			at, ok = s, true
		}
	}
	if ok && g.doubted && at < g.before && g.before-at <= cfg.behind() {
		at = g.before
	}
	return at, ok
}

func (g *guard) remember(c ChunkID) {
	for _, s := range g.strays[:g.n] {
		if s == c {
			return
		}
	}
	if g.n < maxStrays {
		g.strays[g.n] = c
		g.n++
		return
	}
	g.strays[g.oldest] = c
	g.oldest = (g.oldest + 1) % maxStrays
}

// accepted notes a new id, before which the output window began at next, and what it
// made come out.
func (g *guard) accepted(cfg *Config, now Time, c, next ChunkID, played []ChunkID) {
	g.heard = now
	leap := !g.any || c > g.newest && c-g.newest > ChunkID(cfg.Window)
	switch {
	case leap:
		if !g.doubted {
			g.before, g.above, g.below = next, 0, 0
		}
		g.doubted = true
		g.above++
	case g.doubted && c < next:
		g.below++
		return
	case g.doubted:
		if g.above++; g.above >= quorum && g.above > g.below {
			g.doubted = false
		}
	}
	for _, waited := range played {
		if waited < c || !leap { // a leap of a window of one chunk puts itself out
			g.before = max(g.before, waited+1)
		}
	}
	if !g.any {
		g.any, g.first, g.newest, g.began, g.ended = true, c, c, now, now
	}
	if c > g.newest {
		// A pause of the stream is not part of its interval.
		steps, interval := Time(c-g.newest), g.interval(cfg)
		if gap := now - g.ended; interval > 0 && gap > silence*steps*min(interval, Never/(silence*steps)) {
			g.began += gap - steps*interval
		}
		g.newest, g.ended = c, now
	}
	g.fresh, g.n, g.oldest = now, 0, 0
}

// leave forgets all but what is left behind.
func (g *guard) leave() { *g = guard{abandoned: g.newest, left: true} }

// believe tells whether a chunk that p does not hold may move anything, and
// starts p anew if it is time for that.
func (p *Peer) believe(now Time, c ChunkID, out *Outbox) bool {
	g := p.guard
	stray := g.stray(p.cfg, c)
	if stray || g.doubted && c < p.out.next {
		if at, ok := g.restart(p.cfg, now, c); ok {
			p.startAnew(at, out)
		} else if stray {
			p.stats.Strays++
			return false
		}
	}
	return true
}

// startAnew empties buffer and output window; the stream goes on at id.
func (p *Peer) startAnew(id ChunkID, out *Outbox) {
	p.guard.leave()
	p.stats.Restarts++
	if p.decoder != nil {
		p.decoder.clear(out)
	}
	if !out.NoStore {
		policy := p.cfg.Policy
		for i := range p.buffer.n {
			if c := p.buffer.at(policy, i); !p.out.holds(c) && !hasChunk(out.evicted, c) {
				out.evicted = append(out.evicted, c)
			}
		}
		p.out.each(func(c ChunkID) { out.evicted = append(out.evicted, c) })
		out.Dropped = append(out.Dropped, out.evicted...)
		out.evicted = out.evicted[:0]
	}
	p.buffer.clear(p.cfg.Policy)
	if p.mesh != nil {
		p.mesh.restart()
	}
	if p.circle != nil {
		p.circle.restart()
	}
	p.out.startAt(id)
}

func apart(a, b ChunkID) ChunkID { return max(a, b) - min(a, b) }
