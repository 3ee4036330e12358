package node

// Newscast gossips views as the original's NCAST does (dumbstreamer.md 3.4;
// after Voulgaris, Jelasity, van Steen: A Robust and Scalable Peer-to-Peer
// Gossiping Protocol, AP2PC 2003): a random neighbour is asked, both send all
// that they know, both keep the youngest. The view is in ascending age.

// exchange answers a query with the view as it was before, and merges what came.
func (p *Peer) exchange(m *Message, entries []Entry, out *Outbox) {
	if m.Kind == Query {
		p.sendView(Reply, m.From, p.cfg.AgeReplies, out)
	} else if p.views.asked == m.From {
		p.views.asked = NoPeer
	}
	if !p.crowding(m, entries) {
		p.merge(entries)
	}
}

// sendView sends the own entry and the view, without the receiver's entry.
func (p *Peer) sendView(kind Kind, to PeerID, aged bool, out *Outbox) {
	m := Message{Kind: kind, From: p.id, To: to, Offset: uint32(len(out.Entries))}
	out.Entries = append(out.Entries, Entry{p.id, 1})
	for i, id := range p.known {
		if id == to {
			continue
		}
		age := p.views.ages[i]
		if aged && age < 1<<32-1 {
			age++
		}
		out.Entries = append(out.Entries, Entry{id, age})
	}
	m.Count = uint16(uint32(len(out.Entries)) - m.Offset)
	out.Sends = append(out.Sends, m)
}

// merge walks the own view and what came, both in ascending age, like a merge
// sort: the younger first, of two of the same age the one that came; nobody
// twice, and no more than View. Whoever is named twice keeps the younger age.
func (p *Peer) merge(came []Entry) {
	v := p.views
	ids, ages := v.spareIDs[:0], v.spareAges[:0]
	own := 0
	for len(ids) < p.cfg.View && (own < len(p.known) || len(came) > 0) {
		var e Entry
		if own == len(p.known) || len(came) > 0 && came[0].Age <= v.ages[own] {
			e, came = came[0], came[1:]
			if !p.welcome(e) {
				continue
			}
		} else {
			e = Entry{p.known[own], v.ages[own]}
			own++
		}
		if !has(ids, e.ID) {
			ids, ages = append(ids, e.ID), append(ages, e.Age)
		}
	}
	v.spareIDs, v.spareAges, p.known, v.ages = p.known, v.ages, ids, ages
}
