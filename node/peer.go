package node

// Peer is one peer of the swarm, or its source. Its methods are called by one
// owner, one at a time, in the order of their instants. See the package's
// documentation for the loop.
type Peer struct {
	// Every call needs the beginning, which is four lines of a cache, and few the end.
	cfg     *Config
	hash    uint64
	tickAt  Time // the next push tick
	push    Rand
	known   []PeerID // neighbours, but under Full
	id      PeerID
	turn    uint32 // of round robin: neighbours that had theirs
	*extras        // never nil; shared by those who have none
	buffer  buffer
	out     playout
	stats   Stats
}

// Init makes p a new peer with an empty buffer, in place. cfg must be valid,
// and is shared, not copied; id is p's own handle; seed is the run's root seed,
// from which p derives streams of its own.
func (p *Peer) Init(cfg *Config, id PeerID, seed uint64, now Time) {
	*p = Peer{cfg: cfg, id: id, hash: Mix(uint64(id) + 1), push: Stream(seed, ForPush, uint64(id)), extras: &noExtras}
	if cfg.hasExtras() {
		p.extras = &extras{}
	}
	size := cfg.Buffer
	policy := cfg.Policy
	if cfg.Role == Source && !cfg.keepsStream() {
		size, policy = 1, Top
	}
	p.buffer.init(policy, size)
	p.out.init(cfg)
	if cfg.Sampler.gossips() {
		p.known = make([]PeerID, 0, cfg.View)
		p.views = newMembership(cfg, id, seed, now)
	}
	if cfg.Ahead > 0 {
		p.guard = &guard{}
	}
	if cfg.RNG == Original {
		p.libc = newGlibc(1)
	}
	if cfg.Scheduler == Stripes {
		p.mesh = newMesh(cfg, id, seed, now)
	}
	if cfg.hasCircle() {
		p.circle = newCircle(cfg, id, seed, now)
	}
	if cfg.FEC.Repair > 0 && cfg.Role == Receiver {
		p.decoder = newDecoder(cfg)
	}
	if cfg.Adaptive && cfg.Role == Receiver {
		p.pace = newPace(cfg)
	}
	p.tickAt = p.firstTick(seed, now)
}

// Bootstrap tells p whom it may know at first. Under Static these are its
// neighbours for good; p keeps the slice, which must not change afterwards.
// Under Newscast and Cyclon they are asked for their views; none for the first
// peer.
// Under Full there is nothing to tell.
func (p *Peer) Bootstrap(now Time, contacts []PeerID, out *Outbox) {
	switch p.cfg.Sampler {
	case Static:
		p.known = contacts
	case Newscast, Cyclon:
		p.views.contacts = contacts
		p.join(now, out)
		p.settleIn(now, out)
		p.circle.charge(now, out.Sends)
		p.charge(now, out.Sends)
	}
	out.Wake = true
	p.note(now, noteBootstrap, NoPeer, ChunkID(len(contacts)))
}

// Publish gives a Source its next chunk, of size bytes, which it sends Copies
// times. It is also the Source's tick. On a Receiver it does nothing.
func (p *Peer) Publish(now Time, c ChunkID, size uint32, out *Outbox) {
	if p.cfg.Role != Source || c > MaxChunk {
		return
	}
	p.buffer.add(p.policy(), c, out)
	if !out.NoStore {
		out.Accepted = append(out.Accepted, c)
		out.Dropped = append(out.Dropped, out.evicted...)
	}
	p.note(now, notePublish, NoPeer, c)
	if p.mesh != nil {
		p.mesh.settleSize(p.cfg, size)
		p.weigh(now, size, out)
		p.forward(now, c, 0, false, out)
		p.tickGossip(now, out)
		return
	}
	if p.circle != nil {
		p.circle.settle(size)
		p.arrives(now, c, 0)
		if p.cfg.Scheduler == Offer {
			p.deal(now, out)
			p.tickGossip(now, out)
			return
		}
	}
	first := len(out.Sends)
	for range p.cfg.Copies {
		p.pushOne(now, out)
	}
	for i := first; i < len(out.Sends); i++ {
		out.Sends[i].Size = size
	}
	p.tickGossip(now, out)
	out.Wake = true
}

// Tick does what is due at now: a push, the beginning of a view exchange, a
// gap in the output given up. One call makes up for one push: while Wakeup is
// not after now, more are due. A call before Wakeup does nothing.
func (p *Peer) Tick(now Time, out *Outbox) {
	begun := len(out.Sends)
	switch {
	case now < p.tickAt:
	case p.pace != nil:
		p.pushPaced(now, out)
	default:
		if !p.pushOne(now, out) {
			p.note(now, noteIdle, NoPeer, 0)
		}
		if p.cfg.Ticks == Poisson {
			p.tickAt += p.ticks.Exp(p.cfg.Push)
		} else {
			p.tickAt += p.cfg.Push
		}
		p.tickGossip(now, out)
	}
	if now >= p.out.dueAt {
		p.out.expire(p.cfg, now, out)
		p.settle(out)
	}
	if p.mesh != nil {
		if now >= p.mesh.sweepAt {
			p.sweep(now, out)
		}
		p.pump(now, out)
	}
	if p.circle != nil {
		p.tickCircle(now, out)
	}
	if now >= p.nextGossip() {
		first := len(out.Sends)
		p.tickMembership(now, out)
		p.circle.charge(now, out.Sends[first:])
	}
	p.charge(now, out.Sends[begun:])
}

// Flush puts out what waits in the output window, gaps or not: the end of a
// peer that is shut down in order. The original never does.
func (p *Peer) Flush(now Time, out *Outbox) {
	p.out.flush(p.cfg, out)
	p.note(now, noteFlush, NoPeer, ChunkID(len(out.Played)))
	p.settle(out)
}

// pushOne lets the scheduler choose, and sends.
func (p *Peer) pushOne(now Time, out *Outbox) bool {
	if p.circle != nil && p.cfg.Role != Source && p.grantWish(now, out) {
		return true
	}
	to, c, ok := p.cfg.Scheduler.Pick(p)
	if !ok {
		return false
	}
	if p.circle != nil {
		return p.pushByMaps(now, to, c, out)
	}
	// Field by field: a literal would be written elsewhere first, in words, and copied in
	// larger ones, for which a processor must wait.
	out.Sends = append(out.Sends, Message{})
	m := &out.Sends[len(out.Sends)-1]
	m.Kind, m.From, m.To, m.Chunk = Chunk, p.id, to, c
	p.stats.Pushed++
	if p.cfg.Knowledge != nil {
		p.cfg.Knowledge.Sent(p.id, to, c)
	}
	p.note(now, notePush, to, c)
	return true
}

// Wakeup is the earliest instant at which Tick has something to do, or Never.
func (p *Peer) Wakeup() Time {
	return min(p.tickAt, p.out.dueAt, p.nextGossip(), p.mesh.wakeup(), p.circle.wakeup())
}

// Handle takes a message in. entries are those of a Query or Reply; they are
// not kept. Whatever the message, Handle does not panic, and its cost is
// bounded by the sizes in Config.
func (p *Peer) Handle(now Time, m *Message, entries []Entry, out *Outbox) {
	switch {
	case p.extras == nil: // the zero Peer is nobody
	case p.pace == nil:
		p.handle(now, m, entries, out)
	default:
		p.handlePaced(now, m, entries, out)
	}
}

func (p *Peer) handle(now Time, m *Message, entries []Entry, out *Outbox) {
	switch m.Kind {
	case Chunk:
		if p.circle == nil {
			out.Outcome = p.handleChunk(now, m, out)
		} else {
			out.Outcome = p.takeChunk(now, m, -1, out)
		}
		p.note(now, noteChunk+noteKind(out.Outcome), m.From, m.Chunk)
	case Query, Reply:
		first := len(out.Sends)
		p.handleView(now, m, entries, out)
		p.circle.charge(now, out.Sends[first:])
		p.note(now, noteView+noteKind(m.Kind), m.From, ChunkID(len(entries)))
	case Push:
		out.Outcome = p.handlePush(now, m, entries, out)
		p.note(now, noteChunk+noteKind(out.Outcome), m.From, m.Chunk)
	case Carry:
		out.Outcome = p.handleCarry(now, m, entries, out)
		p.note(now, noteChunk+noteKind(out.Outcome), m.From, m.Chunk)
	case Add, Added, Remove:
		p.handleNeighbour(now, m, out)
	default:
		if p.circle != nil {
			p.handleCircle(now, m, entries, out)
			return
		}
		p.handleMesh(now, m, entries, out)
	}
}

func (p *Peer) handleChunk(now Time, m *Message, out *Outbox) Outcome {
	p.stats.Received++
	p.askStranger(now, m.From, out)
	if p.cfg.Role == Source {
		return ToSource
	}
	c := m.Chunk
	if c > MaxChunk {
		p.stats.Refused++
		return Refused
	}
	policy := p.cfg.Policy
	held := p.out.holds(c) || p.decoder.keeps(c)
	if p.guard != nil && !held && !p.buffer.holds(policy, c) && !p.believe(now, c, out) {
		return Stray
	}
	if p.mesh != nil && !p.mesh.begun {
		p.startOutput(c)
	}
	next := p.out.next
	stored := !out.NoStore && (held || p.buffer.holds(policy, c))
	due := p.out.dueAt
	if p.decoder != nil {
		p.decode(now, c, out) // before the output gives up what can be recovered
	}
	if p.cfg.Window > 0 && !p.cfg.FEC.IsRepair(c) {
		// Output first, then the buffer, as the original: what is too old to be
		// pushed on may yet be watched.
		p.out.add(p.cfg, now, c, out)
	}
	outcome := p.buffer.add(policy, c, out)
	switch outcome {
	case Accepted:
		p.stats.Accepted++
	case Duplicate:
		p.stats.Duplicates++
	case Late:
		p.stats.Late++
	case Stale:
		p.stats.Stale++
	}
	if p.guard != nil && (outcome == Accepted || !held && p.out.holds(c) || hasChunk(out.Played, c)) {
		p.guard.accepted(p.cfg, now, c, next, out.Played)
	}
	if p.out.dueAt < due {
		out.Wake = true
	}
	if !out.NoStore && !stored {
		if outcome == Accepted || p.out.holds(c) || hasChunk(out.Played, c) || p.decoder.keeps(c) || len(out.Recovered) > 0 {
			out.Accepted = append(out.Accepted, c)
		}
	}
	p.settle(out)
	return outcome
}

// settle counts what the call put out, and tells which chunks have lost their
// last place.
func (p *Peer) settle(out *Outbox) {
	if len(out.Played) > 0 { // else that line of the cache is not needed
		p.stats.Played += uint64(len(out.Played))
	}
	if out.NoStore {
		return
	}
	if p.decoder != nil {
		p.settleDecoded(out)
		return
	}
	for _, c := range out.Played {
		if !p.buffer.holds(p.cfg.Policy, c) {
			out.Dropped = append(out.Dropped, c)
		}
	}
	for _, c := range out.evicted {
		if !p.out.holds(c) && !hasChunk(out.Played, c) {
			out.Dropped = append(out.Dropped, c)
		}
	}
}

func hasChunk(ids []ChunkID, c ChunkID) bool {
	for _, id := range ids {
		if id == c {
			return true
		}
	}
	return false
}

// Up tells whether p was ever initialised: the zero Peer is nobody.
func (p *Peer) Up() bool { return p.cfg != nil }

// ID is p's own handle.
func (p *Peer) ID() PeerID { return p.id }

// Stats tells what p has done so far.
func (p *Peer) Stats() Stats { return p.stats }

// Fingerprint is a hash over all that p has processed since Init, in its own
// order: instants, kinds, other ends, chunks, outcomes. Two peers with equal
// histories have equal fingerprints.
func (p *Peer) Fingerprint() uint64 { return p.hash }

// Holds tells whether p may still name the peer of this handle: only when it
// does not may a driver give the handle to somebody else.
func (p *Peer) Holds(id PeerID) bool {
	if id == p.id || id == p.cfg.Hidden || has(p.known, id) {
		return true
	}
	if p.cfg.Sampler == Full && uint32(id-p.cfg.Everyone.First) < p.cfg.Everyone.Count {
		return true
	}
	return p.views != nil && p.views.holds(id) || p.mesh.holds(id) || p.circle.holds(id)
}

// Chunks is the number of places taken in p's buffer.
func (p *Peer) Chunks() uint32 { return p.buffer.n }

// ChunkAt is the chunk in the i-th place of p's buffer, i < Chunks(): in
// ascending order of ids, under FIFO in that of arrival.
func (p *Peer) ChunkAt(i uint32) ChunkID { return p.buffer.at(p.policy(), i) }

// Newest is the chunk of the highest id in p's buffer, which must not be empty.
func (p *Peer) Newest() ChunkID { return p.buffer.highest(p.policy()) }

// policy is the buffer's discipline: a source's one place has one of its own.
func (p *Peer) policy() Policy {
	if p.cfg.Role == Source && !p.cfg.keepsStream() {
		return Top
	}
	return p.cfg.Policy
}

// DrawPush draws from 0 … n−1 for a scheduler; n must be positive.
func (p *Peer) DrawPush(n uint32) uint32 {
	if p.libc != nil {
		return p.libc.below(n)
	}
	return p.push.Below(n)
}
