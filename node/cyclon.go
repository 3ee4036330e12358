package node

// Cyclon swaps parts of views by enhanced shuffling (Voulgaris, Gavidia, van
// Steen: CYCLON: Inexpensive Membership Management for Unstructured P2P
// Overlays, JNSM 13(2), 2005, section 3): the oldest neighbour is asked and
// leaves the view, Shuffle entries go there, as many come back, and take the
// places of those that went. So entries move rather than multiply, a view keeps
// its size, in-degrees come close to each other, and who is dead is asked one
// day and is gone.
//
// Here it is messages, which may be late or lost. A reply takes the places of
// what was given for it while it is the one that is waited for; a later one
// fills free places only. What is lost on the way leaves free places, and a peer
// with free places keeps what it sends, so that views fill up again.
//
// One detail differs from the paper: nobody is sent its own entry.

// shuffle begins an exchange with whom asked names, or else with the oldest
// neighbour; there must be one.
func (p *Peer) shuffle(out *Outbox) {
	v := p.views
	if v.asked == NoPeer {
		v.asked = p.oldest()
		p.forget(v.asked)
	}
	k := p.choose(p.cfg.Shuffle-1, NoPeer)
	v.given = append(v.given[:0], p.known[:k]...)
	at := uint32(len(out.Entries))
	out.Entries = append(out.Entries, Entry{p.id, 1})
	p.sendFirst(Query, v.asked, at, k, out)
}

// oldest is the neighbour of the greatest age, one of them at random.
func (p *Peer) oldest() PeerID {
	v := p.views
	oldest, ties := 0, uint32(1)
	for i, age := range v.ages[1:] {
		switch {
		case age > v.ages[oldest]:
			oldest, ties = i+1, 1
		case age == v.ages[oldest]:
			if ties++; p.drawGossip(ties) == 0 {
				oldest = i + 1
			}
		}
	}
	return p.known[oldest]
}

// swap answers a query with a random part of the view, and merges what came.
func (p *Peer) swap(m *Message, entries []Entry, out *Outbox) {
	v := p.views
	entries = entries[:min(len(entries), p.cfg.Shuffle)]
	switch {
	case m.Kind == Query:
		k := p.choose(p.cfg.Shuffle, m.From)
		at := uint32(len(out.Entries))
		if k == 0 { // an answer all the same: that p is there
			out.Entries = append(out.Entries, Entry{p.id, 1})
		}
		p.sendFirst(Reply, m.From, at, k, out)
		v.spareIDs = append(v.spareIDs[:0], p.known[:k]...)
		p.absorb(entries, v.spareIDs)
	case m.From == v.asked:
		p.absorb(entries, v.given)
		v.asked, v.given = NoPeer, v.given[:0]
	default:
		p.absorb(entries, nil)
	}
}

// choose moves up to most random entries to the beginning of the view, none of
// them that of but, and tells how many.
func (p *Peer) choose(most int, but PeerID) (k int) {
	n := len(p.known)
	if i := find(p.known, but); i >= 0 {
		n--
		p.trade(i, n)
	}
	for k < most && k < n {
		p.trade(k, k+int(p.drawGossip(uint32(n-k))))
		k++
	}
	return k
}

// sendFirst sends the first k entries of the view, behind those that the outbox
// has since at.
func (p *Peer) sendFirst(kind Kind, to PeerID, at uint32, k int, out *Outbox) {
	for i := range k {
		out.Entries = append(out.Entries, Entry{p.known[i], p.views.ages[i]})
	}
	count := uint16(uint32(len(out.Entries)) - at)
	out.Sends = append(out.Sends, Message{Kind: kind, From: p.id, To: to, Offset: at, Count: count})
}

// absorb takes in what came: into free places first, then into those of the
// entries that were given for it.
func (p *Peer) absorb(came []Entry, given []PeerID) {
	ages := p.views.ages
	for _, e := range came {
		if !p.welcome(e) || has(p.known, e.ID) {
			continue
		}
		if len(p.known) < p.cfg.View {
			p.known, ages = append(p.known, e.ID), append(ages, e.Age)
			continue
		}
		for len(given) > 0 {
			i := find(p.known, given[0])
			given = given[1:]
			if i >= 0 {
				p.known[i], ages[i] = e.ID, e.Age
				break
			}
		}
	}
	p.views.ages = ages
}

// trade lets two entries of the view change places.
func (p *Peer) trade(i, j int) {
	ages := p.views.ages
	p.known[i], p.known[j] = p.known[j], p.known[i]
	ages[i], ages[j] = ages[j], ages[i]
}
