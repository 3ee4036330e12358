package node

// What becomes of chunks: along their trees, at the pace of the upload link.

// handlePush takes in a chunk that comes along a stripe, or was asked for.
func (p *Peer) handlePush(now Time, msg *Message, entries []Entry, out *Outbox) Outcome {
	m := p.mesh
	if m == nil {
		p.stats.Refused++
		return Refused
	}
	if m.period == 0 {
		p.stats.Strays++ // no partner has told the stream's pace yet: nothing was asked for
		return Stray
	}
	head := Word(entries, 0)
	age := Time(head&maxTold) * Millisecond
	if p.bornAnew(now, msg.Chunk, age, out) {
		return Stray
	}
	held := m.begun && m.has(msg.Chunk)
	outcome := p.handleChunk(now, msg, out)
	if outcome == ToSource || outcome == Refused || outcome == Stray {
		return outcome
	}
	c := msg.Chunk
	k := int(c) % m.stripes
	mended := head&flagMended != 0
	i := m.find(msg.From)
	if i >= 0 {
		f := &m.partners[i]
		p.heard(now, f)
		mapMerge(&f.newest, &f.held, ChunkID(Word(entries, 1)), word64(entries, 2))
		mapAdd(&f.newest, &f.held, c)
		age += f.trip / 2
		if f.courted>>k&1 != 0 && !mended { // which says that it serves us, if nobody has asked for it
			p.take(now, i, 1<<k, out)
		}
	}
	age += p.cfg.takes(pushBytes + int64(msg.Size))
	if t := &m.trees[k]; i >= 0 && int(t.parent) == i {
		p.follow(now, k, age, mended, word64(entries, 4), out)
	}
	if !held && outcome != Late {
		m.settleSize(p.cfg, msg.Size)
		p.weigh(now, msg.Size, out)
		p.forward(now, c, age, mended, out)
	}
	for _, id := range out.Recovered {
		if !m.has(id) {
			p.forward(now, id, max(now-m.clock-steps(id, m.period), 0), true, out)
		}
	}
	return outcome
}

// follow learns from a push of the parent; a path that holds ourselves, of a
// chunk that had to be asked for, is a circle, which nothing else enters.
func (p *Peer) follow(now Time, k int, age Time, mended bool, path uint64, out *Outbox) {
	m := p.mesh
	t := &m.trees[k]
	t.fresh, t.path = now, path
	if mended && path>>m.mark&1 != 0 {
		f := &m.partners[t.parent]
		f.gives &^= 1 << k
		f.ages[k] = unknownAge
		i := int(t.parent)
		t.parent, t.age = -1, 0
		p.tell(now, i, 0, out)
		p.seekParents(now, out)
		return
	}
	switch {
	case t.age == 0 && !mended:
		t.age, t.dev = max(age, 1), 30*Millisecond
		m.news(p.cfg, now)
	case !mended:
		d := age - t.age
		t.age = max(t.age+d/4, 1)
		t.dev += (max(d, -d) - t.dev) / 4
	}
}

// forward remembers a chunk and queues it for the children of its stripe.
func (p *Peer) forward(now Time, c ChunkID, age Time, mended bool, out *Outbox) {
	m := p.mesh
	born := now - age
	n := m.note(c)
	*n = chunkNote{id: c, have: true, mended: mended, born: born}
	mapAdd(&m.newest, &m.held, c)
	start := born - steps(c, m.period)
	if !m.begun {
		m.begun, m.first, m.low, m.clock = true, c, c, start
		if p.cfg.Role == Source {
			m.tellSoon(p.cfg, now) // who was there before has heard of no free place
		}
	} else {
		off := start - m.clock
		m.clock = reckonStart(m.clock, start)
		if p.cfg.Follow && !mended {
			m.follow(c, off)
		}
	}
	if p.cfg.Follow && p.cfg.Role != Source {
		p.out.keepTime(p.cfg, m.clock, m.period)
	}
	m.came = now
	k := int(c) % m.stripes
	for i := range m.partners {
		f := &m.partners[i]
		if f.wants>>k&1 == 0 {
			continue
		}
		class := outer
		if f.own>>k&1 != 0 || mended {
			class = inner
		}
		m.queue[class].push(parcel{chunk: c, to: f.id, at: now, place: uint8(i)})
	}
	p.pump(now, out)
}

// pump sends what is queued, as far as the upload link is free.
func (p *Peer) pump(now Time, out *Outbox) {
	m := p.mesh
	for class := 0; class < classes && m.freeAt <= now; {
		q := &m.queue[class]
		if q.n == 0 {
			class++
			continue
		}
		if class == outer {
			q.oldest(m)
		}
		c := q.pop()
		f := &m.partners[c.place]
		k := int(c.chunk) % m.stripes
		serves := f.wants>>k&1 != 0
		if f.id != c.to || !m.has(c.chunk) || !p.buffer.holds(p.policy(), c.chunk) || mapHas(f.newest, f.held, c.chunk) ||
			class != urgent && (!serves || now-c.at > maxQueued) ||
			p.cfg.Deadline > 0 && now-m.note(c.chunk).born > p.cfg.Deadline-tooLate {
			continue
		}
		if class == urgent {
			m.credit -= pushBytes + int64(m.size)
		}
		p.pushTo(now, f, c.chunk, class == urgent && !serves, out)
	}
	out.Wake = true
}

// pushTo sends a chunk to a partner.
func (p *Peer) pushTo(now Time, f *partner, c ChunkID, asked bool, out *Outbox) {
	m := p.mesh
	n := m.note(c)
	head := uint32(min(max((now-n.born)/Millisecond, 0), maxTold))
	if n.mended || asked {
		head |= flagMended
	}
	path := m.trees[int(c)%m.stripes].path | 1<<m.mark
	if p.cfg.Role == Source {
		path = 0
	}
	w := p.begin(Message{Kind: Push, To: f.id, Chunk: c}, out)
	beyond := max(m.newest-c, maxLead) - maxLead // the map tells of at most maxLead chunks after this one
	w.put(head)
	w.put(uint32(m.newest - beyond))
	w.put64(m.held >> min(uint64(beyond), 64))
	w.put64(path)
	p.end(now, &w)
	f.sent[f.sentN%4], f.sentAt[f.sentN%4] = c, now
	f.sentN++
	mapAdd(&f.newest, &f.held, c)
	p.stats.Pushed++
	p.note(now, notePush, f.id, c)
}
