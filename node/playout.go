package node

import "math/bits"

// playout is the output's reorder window of W slots. Chunks leave it in
// strictly ascending order; a gap is waited for until a chunk arrives that is
// W or more ahead of it (the original's rule, dumbstreamer.md 3.6), or until
// the missing chunk is due (Config.Deadline).
type playout struct {
	next ChunkID // the lowest id that may still be put out
	top  ChunkID // the highest id so far. Deadline only
	// dueAt is when the gap at next is given up; Never while nothing waits.
	dueAt Time
	// begin is the instant at which chunk 0 would have arrived, had it been as
	// fast as the fastest chunk so far. Deadline only.
	begin  Time
	period Time     // Config.Period, or as the mesh follows it (Config.Follow)
	held   register // bit i: next+i waits, i < W; bit 0 is never set for long
}

func (o *playout) init(cfg *Config) {
	*o = playout{held: newRegister(cfg.Window), begin: Never, dueAt: Never, period: cfg.Period}
}

// holds tells whether c waits in the window.
func (o *playout) holds(c ChunkID) bool { return c >= o.next && o.held.get(uint32(c-o.next)) }

// add offers c to the window; what may leave now is appended to out.Played.
func (o *playout) add(cfg *Config, now Time, c ChunkID, out *Outbox) {
	if cfg.Deadline > 0 {
		o.reckon(cfg, now, c)
	}
	if c < o.next {
		return
	}
	w := ChunkID(cfg.Window)
	if c-o.next >= w {
		o.giveUp(uint32(min(c-o.next-w+1, w)), out)
		o.next = c - w + 1
	}
	o.held.set(uint32(c - o.next))
	o.release(cfg, out)
	o.setDue(cfg)
}

// keepTime takes over when chunk 0 would have been born, and the period.
func (o *playout) keepTime(cfg *Config, begin, period Time) {
	o.begin, o.period = begin, period
	o.setDue(cfg)
}

// reckon takes the arrival of c into account of the stream's start. A chunk newer than
// all before it that comes after its time says that the stream has paused, or that its
// clock is slow: then the start is what this chunk says. Were it left as it was, every
// later chunk would be overdue when it comes, and no gap waited for.
func (o *playout) reckon(cfg *Config, now Time, c ChunkID) {
	start := now - steps(c, o.period)
	if c > o.top && o.begin != Never && start-o.begin > cfg.Deadline {
		o.begin = start
	}
	o.begin = min(o.begin, start)
	o.top = max(o.top, c)
}

// startAt empties the window, and goes on at id.
func (o *playout) startAt(id ChunkID) {
	o.held.clear()
	o.next, o.top, o.begin, o.dueAt = id, 0, Never, Never
}

// each calls f for every chunk that waits, in ascending order.
func (o *playout) each(f func(ChunkID)) {
	for i, last := uint32(0), 64*uint32(1+len(o.held.hi)); i < last; i++ {
		if o.held.get(i) {
			f(o.next + ChunkID(i))
		}
	}
}

// flush puts out what waits, gaps or not.
func (o *playout) flush(cfg *Config, out *Outbox) {
	for {
		gap, ok := o.held.first()
		if !ok {
			break
		}
		o.held.down(gap)
		o.next += ChunkID(gap)
		o.release(cfg, out)
	}
	o.setDue(cfg)
}

// expire gives up the gap at next if its time has come.
func (o *playout) expire(cfg *Config, now Time, out *Outbox) {
	for now >= o.dueAt {
		if gap, ok := o.held.first(); ok {
			o.giveUp(gap, out)
			o.next += ChunkID(gap)
			o.release(cfg, out)
		}
		o.setDue(cfg)
	}
}

// giveUp puts out what is held in the first d slots, skips the rest of them,
// and moves the slots on; next is the caller's to move.
func (o *playout) giveUp(d uint32, out *Outbox) {
	for {
		i, ok := o.held.first()
		if !ok || i >= d {
			break
		}
		out.Played = append(out.Played, o.next+ChunkID(i))
		*o.held.word(int(i / 64)) &^= 1 << (i % 64)
	}
	o.held.down(d)
}

// release puts out the run of chunks from next on; nobody waits for repair chunks.
func (o *playout) release(cfg *Config, out *Outbox) {
	for {
		run := uint32(bits.TrailingZeros64(^o.held.lo))
		for range run {
			out.Played = append(out.Played, o.next)
			o.next++
		}
		if run == 0 {
			if !cfg.FEC.IsRepair(o.next) {
				return
			}
			o.next++
			run = 1
		}
		o.held.down(run)
	}
}

func (o *playout) setDue(cfg *Config) {
	if cfg.Deadline == 0 {
		return
	}
	o.dueAt = Never
	if _, waits := o.held.first(); waits {
		o.dueAt = o.begin + steps(o.next, o.period) + cfg.Deadline
	}
}
