package node

// circle is those with whom a peer exchanges buffer maps: what it knows of what they
// hold, from messages alone. It is the Knowledge of schedulers under Config.Maps, and
// what the scheduler offer chooses by. Nothing in it grows after Init.
//
// A peer pushes to those whom it knows. They need not know it; so whoever pushes
// shows itself, by a map or a chunk, and is told in return what it could push.
//
// What was sent counts as held until the receiver has spoken after a round trip; from
// then on its map wins. So nothing is sent twice in a row, and what was lost is sent
// again.
type circle struct {
	cfg      *Config
	contacts [maxContacts]contact
	notes    [noteCount]arrival // of chunks, by id modulo their number
	draws    Rand
	sweepAt  Time
	renewAt  Time // when the next neighbour is taken in where there are enough

	begun bool
	first ChunkID // that came
	low   ChunkID // nothing is missing below
	clock Time    // birth of chunk 0 as we reckon it
	aged  bool    // the clock comes from ages that senders told
	usual Time    // mean age of chunks when they first come
	known uint8   // contacts
	asked parcels // chunks that others miss and have asked for

	trade // of the scheduler offer
}

const (
	maxContacts = 64
	noteCount   = 256
	// MaxMapView is the most neighbours that maps serve: others than these may show
	// themselves too.
	MaxMapView = 40

	firstTrip  = 200 * Millisecond // a round trip that was not measured
	tripSlack  = 60 * Millisecond  // that an answer may take longer
	sentMemory = 8                 // chunks sent to a contact that are remembered
	showEvery  = Second            // to whom we may push, but have not lately
	isShown    = 5 * Second / 2    // who has shown itself is told for so long
	isGone     = 5 * Second        // who has said nothing for so long
)

// contact is what we know of one of the circle.
type contact struct {
	id     PeerID
	heard  Time // last sign of life
	shown  Time // when it last showed that it may push to us
	told   Time // when we last told it our map
	trip   Time // round trip, smoothed; 0: unknown
	askAt  Time // it is not asked for chunks before
	newest ChunkID
	held   uint64 // bit i: it holds newest−i
	mapAt  Time   // when it last said so

	// What it has claimed beside: chunks that it has accepted from others.
	claimTop ChunkID
	claims   uint64
	claimAt  Time

	sent   [sentMemory]ChunkID
	sentAt [sentMemory]Time // 0: none
	sentN  uint8

	dealings // of the scheduler offer
}

// arrival is what is remembered of a chunk.
type arrival struct {
	id    ChunkID
	have  bool
	tries uint8 // times that it was asked for
	sent  uint8 // times that we have pushed it
	born  Time
	until Time // an answer is waited for
	lock  Time // it was accepted, and is waited for
}

func newCircle(cfg *Config, id PeerID, seed uint64, now Time) *circle {
	h := &circle{cfg: cfg, draws: Stream(seed, ForCircle, uint64(id))}
	for i := range h.contacts {
		h.contacts[i].id = NoPeer
	}
	h.sweepAt = now + h.draws.Span(h.beat(cfg))
	return h
}

// restart forgets the stream, and keeps the contacts: another one has begun.
func (h *circle) restart() {
	h.begun, h.first, h.low, h.clock, h.aged, h.usual = false, 0, 0, 0, false, 0
	h.asked.n, h.queue.n = 0, 0
	clear(h.notes[:])
	for i := range h.contacts {
		f := &h.contacts[i]
		f.newest, f.held, f.claims, f.sentAt = 0, 0, 0, [sentMemory]Time{}
	}
}

// beat is the time between two looks at everything that waits.
func (h *circle) beat(cfg *Config) Time { return min(max(cfg.Period, 5*Millisecond), 20*Millisecond) }

// find gives a contact; nil for a stranger.
func (h *circle) find(id PeerID) *contact {
	for i := range h.contacts {
		if h.contacts[i].id == id {
			return &h.contacts[i]
		}
	}
	return nil
}

func (h *circle) holds(id PeerID) bool { return h != nil && h.find(id) != nil }

// meet finds a contact, or makes one; nil where there is no room. Who is a neighbour
// takes the place of one who is not, and of those goes who was silent longest.
func (p *Peer) meet(now Time, id PeerID) *contact {
	h := p.circle
	if id == NoPeer || id == p.id {
		return nil
	}
	if f := h.find(id); f != nil {
		return f
	}
	room := h.find(NoPeer)
	if room == nil && has(p.neighbours(), id) {
		for i := range h.contacts {
			f := &h.contacts[i]
			if !has(p.neighbours(), f.id) && (room == nil || f.heard < room.heard) {
				room = f
			}
		}
	}
	if room == nil {
		return nil
	}
	if room.id == NoPeer {
		h.known++
	} else {
		p.forgetDealings(room)
	}
	*room = contact{id: id, heard: now, told: now - h.draws.Span(max(p.cfg.Maps, 1))}
	return room
}

// part forgets a contact.
func (p *Peer) part(f *contact) {
	p.forgetDealings(f)
	*f = contact{id: NoPeer}
	p.circle.known--
}

// tripOf is a contact's round trip, as far as it is known; f may be nil.
func (f *contact) tripOf() Time {
	if f == nil || f.trip == 0 {
		return firstTrip
	}
	return f.trip
}

// note gives what is remembered of a chunk.
func (h *circle) note(c ChunkID) *arrival {
	n := &h.notes[c%noteCount]
	if n.id != c {
		*n = arrival{id: c}
	}
	return n
}

// aligned shifts a map whose bit 0 is newest so that bit 0 is top. What lies below the
// map counts as held: nobody can tell, and it is too old to care.
func aligned(newest ChunkID, held uint64, top ChunkID) uint64 {
	if top >= newest {
		return held << min(uint64(top-newest), 64)
	}
	d := newest - top
	if d >= 64 {
		return ^uint64(0)
	}
	return held>>d | ^(^uint64(0) >> d)
}

// has tells which of the 64 chunks from top downwards a contact holds, or is about
// to get as far as we know.
func (f *contact) has(top ChunkID, lock Time) (held uint64) {
	if f.held != 0 {
		held = aligned(f.newest, f.held, top)
	}
	trip := f.tripOf() + tripSlack
	if f.claims != 0 && f.mapAt < f.claimAt+trip+lock {
		held |= aligned(f.claimTop, f.claims, top)
	}
	for i, at := range f.sentAt {
		if at > 0 && f.mapAt < at+trip && f.sent[i] <= top && top-f.sent[i] < 64 {
			held |= 1 << (top - f.sent[i])
		}
	}
	return held
}

// Lacks is Knowledge's: of a contact, what its map does not show.
func (h *circle) Lacks(j PeerID, top ChunkID) uint64 {
	f := h.find(j)
	if f == nil {
		return 0
	}
	return ^f.has(top, h.cfg.Lock)
}

// Newest is Knowledge's.
func (h *circle) Newest(j PeerID) (c ChunkID, ok bool) {
	f := h.find(j)
	if f == nil {
		return 0, false
	}
	if ok = f.held != 0; ok {
		c = f.newest
	}
	for i, at := range f.sentAt {
		if at > 0 && (!ok || f.sent[i] > c) {
			c, ok = f.sent[i], true
		}
	}
	return c, ok
}

// Sent is Knowledge's. What was sent is noted where the instant is known.
func (*circle) Sent(_, _ PeerID, _ ChunkID) {}

// sends notes that a chunk was sent.
func (f *contact) sends(now Time, c ChunkID) {
	f.sent[f.sentN%sentMemory], f.sentAt[f.sentN%sentMemory] = c, max(now, 1)
	f.sentN++
}

// hears takes in what a contact says that it holds.
func (f *contact) hears(now Time, newest ChunkID, held uint64) {
	f.heard, f.mapAt = now, now
	f.newest, f.held = newest, held
	if held == 0 {
		f.newest = 0
	}
}

// holding is what p tells of what it holds: a map, bit i of which is newest−i.
func (p *Peer) holding() (newest ChunkID, held uint64) {
	if p.buffer.n == 0 {
		return 0, 0
	}
	policy := p.policy()
	newest = p.buffer.highest(policy)
	if policy == Window {
		return newest, p.buffer.seen.lo
	}
	for _, c := range p.buffer.ids[:p.buffer.n] {
		if d := newest - c; d < 64 {
			held |= 1 << d
		}
	}
	return newest, held
}

// heldFrom tells which of the 64 chunks from top downwards lie in a window buffer.
func (b *buffer) heldFrom(top ChunkID) (held uint64) {
	switch {
	case b.n == 0:
		return 0
	case top >= b.newest:
		return b.seen.lo << min(uint64(top-b.newest), 64)
	}
	d := uint32(min(b.newest-top, 1<<20))
	k, i := int(d/64), d%64
	if k > len(b.seen.hi) {
		return 0
	}
	held = *b.seen.word(k) >> i
	if i > 0 && k < len(b.seen.hi) {
		held |= *b.seen.word(k + 1) << (64 - i)
	}
	return held
}

// arrives notes a chunk that came for the first time, of the age that its sender told;
// a negative one was not told.
func (p *Peer) arrives(now Time, c ChunkID, age Time) {
	h := p.circle
	n := h.note(c)
	start := now - age - p.cfg.instantOf(c)
	if age < 0 {
		start = now - p.cfg.instantOf(c)
	}
	switch {
	case !h.begun:
		h.begun, h.first, h.low, h.clock, h.aged = true, c, c, start, age >= 0
	case age < 0 && !h.aged:
		if newest, _ := p.holding(); c >= newest && start-h.clock > farOff {
			h.clock = start // the stream has paused
		}
		h.clock = min(h.clock, start)
	case age >= 0:
		h.clock = reckonStart(h.clock, start)
	}
	h.accepted++
	n.have, n.lock, n.born = true, 0, h.clock+p.cfg.instantOf(c)
	if age >= 0 {
		n.born = now - age
	}
	if d := now - n.born; p.cfg.Role != Source && n.tries == 0 {
		if h.usual == 0 {
			h.usual = max(d, 1)
		} else {
			h.usual = max(h.usual+(d-h.usual)/32, 1)
		}
	}
}
