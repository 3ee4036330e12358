package node

// What is done when chunks, answers or partners are missing.

// sweep looks, once a beat, at everything that waits.
func (p *Peer) sweep(now Time, out *Outbox) {
	m := p.mesh
	beat := m.beat()
	if m.sweepAt += beat; m.sweepAt <= now {
		m.sweepAt = now + beat // nobody wants the looks that were missed
	}
	p.recruit(now, out)
	p.lookAfter(now, out)
	if p.cfg.Role == Source || m.period == 0 {
		return
	}
	p.prune(now, out)
	if now >= m.urgentAt {
		m.urgentAt = now + 200*Millisecond
		p.loosen(now, out)
		p.seekParents(now, out)
	}
	if now >= m.improveAt {
		m.improveAt = now + improve*3/4 + m.draws.Span(improve/2)
		p.seekBetter(now, out)
	}
	if m.begun && p.cfg.Repair {
		p.mend(now, out)
	}
}

// lookAfter tells one partner our state if it is time, and gives up the silent.
func (p *Peer) lookAfter(now Time, out *Outbox) {
	m := p.mesh
	late, latest := -1, Time(0)
	for i := range m.partners {
		f := &m.partners[i]
		if f.id == NoPeer {
			continue
		}
		silence := 2*p.cfg.Report + 200*Millisecond
		if p.cfg.Role == Source && f.wants != 0 {
			silence = p.cfg.Report*4/5 + 50*Millisecond // its children tell it more often
		}
		if now-f.heard > silence {
			if p.cfg.Role == Source && now-f.heard <= 2*p.cfg.Report+200*Millisecond {
				f.wants = 0
				continue
			}
			p.lose(now, i, out)
			continue
		}
		if f.misses > 0 && f.asked > 0 && now-f.asked > max(f.trip, minPatient)+minPatient {
			if f.misses++; f.misses > 2 {
				p.lose(now, i, out)
				p.suspect(now, out)
				continue
			}
			p.tell(now, i, flagAnswer, out)
			continue
		}
		every := p.cfg.Report
		switch {
		case f.source && f.gives != 0:
			every /= 3
		case f.wants != 0 && m.period > 0:
			every *= 2 // it hears us by what we push, and our map
		}
		if over := now - f.told - every; over >= 0 && over >= latest {
			late, latest = i, over
		}
	}
	if late >= 0 {
		f := &m.partners[late]
		flags := uint32(0)
		if f.trip == 0 || m.draws.Below(8) == 0 {
			flags = flagAnswer
		}
		p.tell(now, late, flags, out)
	}
}

// suspect asks the partners who have been silent for a while whether they are there: who
// goes seldom goes alone, and an orphan has no time for asking the dead to be its parent.
func (p *Peer) suspect(now Time, out *Outbox) {
	for i := range p.mesh.partners {
		if f := &p.mesh.partners[i]; f.id != NoPeer && f.misses == 0 && now-f.heard > suspicious {
			f.misses = 1
			p.tell(now, i, flagAnswer, out)
		}
	}
}

// prune leaves parents from which a stripe has stopped coming.
func (p *Peer) prune(now Time, out *Outbox) {
	m := p.mesh
	m.blame(now, m.round())
	for k := range m.stripes {
		t := &m.trees[k]
		i := int(t.parent)
		if i < 0 || now-max(t.since, t.fresh, m.paused) <= rounds*m.round() {
			continue
		}
		t.parent = -1
		f := &m.partners[i]
		f.gives &^= 1 << k
		f.ages[k] = unknownAge
		p.tell(now, i, 0, out)
		p.seekParents(now, out)
	}
}

// mend asks for chunks that should have come.
func (p *Peer) mend(now Time, out *Outbox) {
	m := p.mesh
	if now < m.clock {
		return
	}
	top := ChunkID(min((now-m.clock)/m.period, Time(MaxChunk)))
	span := ChunkID(min(len(m.chunks), p.cfg.Buffer) - 1)
	if top > m.newest && top-m.newest > span {
		return // the stream has stopped, or begun anew
	}
	if m.pauses(now, m.round()) {
		top = min(top, m.newest)
	}
	m.low = max(m.low, m.first)
	if top > span {
		m.low = max(m.low, top-span)
	}
	if late := now - m.clock - p.cfg.Deadline; p.cfg.Deadline > 0 && late > 0 {
		m.low = max(m.low, ChunkID(min(late/m.period, Time(MaxChunk)))+1) // nobody waits for these any more
	}
	asked := 0
	for c := m.low; c <= top; c++ {
		if n := m.note(c); n.id == c && !n.have && now < n.until {
			asked++
		}
	}
	usual := m.usualAge()
	gap := false
	for c := m.low; c <= top; c++ {
		if m.has(c) || p.cfg.FEC.IsRepair(c) {
			if !gap {
				m.low = c + 1
			}
			continue
		}
		gap = true
		n := m.note(c)
		if n.id != c || n.have {
			*n = chunkNote{id: c}
		}
		t := &m.trees[int(c)%m.stripes]
		age := now - m.clock - steps(c, m.period)
		due := usual + m.patient
		if t.parent >= 0 && t.age > 0 {
			due = t.age + max(min(mostPatient, max(3*t.dev, m.patient)), t.age/8-mostPatient)
		}
		if age < due || now < n.until || asked >= maxGaps && n.tries == 0 {
			continue
		}
		if i := p.whomToAsk(now, c, n, t, age, due); i >= 0 {
			p.askFor(now, c, n, i, out)
			asked++
		}
	}
}

// usualAge is the mean age of what comes.
func (m *mesh) usualAge() Time {
	sum, n := Time(0), Time(0)
	for k := range m.stripes {
		if t := &m.trees[k]; t.parent >= 0 && t.age > 0 {
			sum += t.age
			n++
		}
	}
	if n == 0 {
		return Second
	}
	return sum / n
}

// whomToAsk is the parent at first, then whoever shows the chunk, then whoever
// should have it by now; −1 for nobody.
func (p *Peer) whomToAsk(now Time, c ChunkID, n *chunkNote, t *tree, age, due Time) int {
	m := p.mesh
	if n.tries == 0 && t.parent >= 0 && m.partners[t.parent].misses < 2 {
		if f := &m.partners[t.parent]; now-f.heard > 400*Millisecond && f.misses == 0 {
			f.misses = 1 // whether it is there at all
			if f.asked == 0 {
				f.asked = now
			}
		}
		return int(t.parent)
	}
	best, count := -1, uint32(0)
	for i := range m.partners {
		f := &m.partners[i]
		if f.id == NoPeer || f.misses > 0 || now < f.busy || !mapHas(f.newest, f.held, c) {
			continue
		}
		if count++; m.draws.Below(count) == 0 {
			best = i
		}
	}
	if best >= 0 || age <= due+200*Millisecond {
		return best
	}
	k := int(c) % m.stripes
	for i := range m.partners {
		f := &m.partners[i]
		if f.id == NoPeer || f.misses > 0 || now < f.busy || f.ages[k] == unknownAge || int(t.parent) == i ||
			Time(f.ages[k])*ageUnit+150*Millisecond >= age {
			continue
		}
		if count++; m.draws.Below(count) == 0 {
			best = i
		}
	}
	return best
}

// askFor sends a partner an Ask.
func (p *Peer) askFor(now Time, c ChunkID, n *chunkNote, i int, out *Outbox) {
	f := &p.mesh.partners[i]
	mapDrop(f.newest, &f.held, c) // until it says so again
	n.until = now + max(f.trip, 100*Millisecond) + 200*Millisecond
	n.tries = min(n.tries, 254) + 1
	w := p.begin(Message{Kind: Ask, To: f.id, Chunk: c}, out)
	p.end(now, &w)
	p.note(now, noteAsk, f.id, c)
}

// handleMesh takes in what partners tell each other beside chunks.
func (p *Peer) handleMesh(now Time, m *Message, entries []Entry, out *Outbox) {
	if p.mesh == nil || m.Kind < State || m.Kind > Deny {
		p.stats.Refused++
		return
	}
	switch m.Kind {
	case State:
		p.handleState(now, m, entries, out)
	case Ask:
		p.handleAsk(now, m, out)
	case Deny:
		p.handleDeny(now, m, entries)
	}
	p.note(now, noteMesh+noteKind(m.Kind), m.From, m.Chunk)
	out.Wake = true
}

// handleAsk serves a chunk, or denies it.
func (p *Peer) handleAsk(now Time, msg *Message, out *Outbox) {
	m := p.mesh
	i := m.find(msg.From)
	if i < 0 || msg.Chunk > MaxChunk {
		p.stats.Refused++
		return
	}
	f := &m.partners[i]
	c := msg.Chunk
	p.heard(now, f)
	if m.has(c) && p.buffer.holds(p.policy(), c) {
		if f.presumed != c+1 && m.coming(now, f, c, p.cfg) {
			f.presumed = c + 1 // who asks twice has not got it
			return
		}
		f.presumed = 0
		mapDrop(f.newest, &f.held, c)
		if f.wants>>(int(c)%m.stripes)&1 != 0 || p.affords(now) {
			m.queue[urgent].push(parcel{chunk: c, to: f.id, at: now, place: uint8(i)})
			p.pump(now, out)
			return
		}
	}
	w := p.begin(Message{Kind: Deny, To: f.id, Chunk: c}, out)
	w.put(uint32(m.newest))
	w.put64(m.held)
	p.end(now, &w)
}

// coming tells whether a chunk is queued for a partner, or was sent when its Ask
// was on its way. The source waits less long for what may yet arrive: it has upload to
// spare, and what its children lack half of the swarm waits for.
func (m *mesh) coming(now Time, f *partner, c ChunkID, cfg *Config) bool {
	for class := range m.queue {
		if m.queue[class].waits(c, f.id) {
			return true
		}
	}
	crossed := max(f.trip, 100*Millisecond) + cfg.takes(pushBytes+int64(m.size))
	if cfg.Role == Source {
		crossed = min(crossed, resend)
	}
	for x := range f.sent {
		if f.sentAt[x] > 0 && f.sent[x] == c && now-f.sentAt[x] < crossed {
			return true
		}
	}
	return false
}

// affords tells whether a chunk can be given to whom we do not serve: out of 4 %
// of the upload, and what is not used for serving.
func (p *Peer) affords(now Time) bool {
	m := p.mesh
	if p.cfg.Upload == 0 {
		return true
	}
	chunk := pushBytes + int64(m.size)
	span := min(now-m.creditAt, 10*Second)
	m.creditAt = now
	free := Time(max(0, m.slots-m.serves()))
	m.credit += int64(span/Microsecond) * int64(p.cfg.Upload/8) / 1_000_000 * 4 / 100
	m.credit += int64(free * span * Time(chunk) / m.round())
	m.credit = min(m.credit, 3*chunk)
	idle := m.queue[inner].n+m.queue[outer].n == 0
	return m.queue[urgent].n < 4 && (idle || m.credit > int64(m.queue[urgent].n)*chunk)
}

// handleDeny hears that a chunk is not to be had there.
func (p *Peer) handleDeny(now Time, msg *Message, entries []Entry) {
	m := p.mesh
	i := m.find(msg.From)
	if i < 0 || len(entries) != (DenyWords+1)/2 || msg.Chunk > MaxChunk {
		p.stats.Refused++
		return
	}
	f := &m.partners[i]
	p.heard(now, f)
	f.newest, f.held = ChunkID(Word(entries, 0)), word64(entries, 1)
	c := msg.Chunk
	if mapHas(f.newest, f.held, c) {
		f.busy = now + 300*Millisecond
	}
	n := m.note(c)
	if n.id != c || n.have || n.tries == 0 {
		return
	}
	if int(m.trees[int(c)%m.stripes].parent) == i {
		n.until += elsewhere
	} else {
		n.until = now
	}
}
