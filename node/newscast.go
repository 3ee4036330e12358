package node

// newscast gossips views as the original's NCAST does (dumbstreamer.md 3.4;
// after Voulgaris, Jelasity, van Steen: A Robust and Scalable Peer-to-Peer
// Gossiping Protocol, AP2PC 2003). The view is the list known of the peer,
// in ascending age; the ages stand here, beside it.
//
// The options of Config that cure its weaknesses are marked as cures.
type newscast struct {
	ages []uint32
	// spareIDs and spareAges are the memory that the next merge writes into.
	spareIDs  []PeerID
	spareAges []uint32
	// mark is the gossip timer: an exchange is due Config.Gossip after it.
	mark Time
	// untilCheck counts the ticks until the timer is looked at.
	untilCheck int
	draws      Rand
	// asked is whom the last exchange was begun with, until it answers (cure).
	asked    PeerID
	contacts []PeerID
	// deaf is until when no stranger is asked (cure).
	deaf Time
}

func newNewscast(cfg *Config, id PeerID, seed uint64, now Time) *newscast {
	return &newscast{
		ages:      make([]uint32, 0, cfg.View),
		spareIDs:  make([]PeerID, 0, cfg.View),
		spareAges: make([]uint32, 0, cfg.View),
		mark:      now,
		draws:     Stream(seed, ForGossip, uint64(id)),
		asked:     NoPeer,
	}
}

// nextGossip is when p is to be woken for gossip: where ticks do not do it.
func (p *Peer) nextGossip() Time {
	if p.views == nil || p.cfg.GossipCheck > 0 {
		return Never
	}
	return p.views.mark + p.cfg.Gossip
}

// join asks the contacts for their views. They enter the own view at once, as
// fresh as can be: the original begins with one entry of age 1.
func (p *Peer) join(contacts []PeerID, out *Outbox) {
	v := p.views
	v.contacts = contacts
	for _, c := range contacts {
		if c == p.id {
			continue
		}
		if c != p.cfg.Hidden && len(p.known) < p.cfg.View && !has(p.known, c) {
			p.known = append(p.known, c)
			v.ages = append(v.ages, 1)
		}
		p.sendView(Query, c, false, out)
	}
}

// tickGossip counts a tick; the first one counts, and every GossipCheck-th
// after it looks at the timer.
func (p *Peer) tickGossip(now Time, out *Outbox) {
	v := p.views
	if v == nil || p.cfg.GossipCheck == 0 {
		return
	}
	if v.untilCheck > 0 {
		v.untilCheck--
		return
	}
	v.untilCheck = p.cfg.GossipCheck - 1
	p.gossip(now, out)
}

// gossip begins an exchange if one is due. The mark advances by exactly one
// period, whatever the delay.
//
// The original asks for more than the period to have passed; there the mark is
// set a moment before the first tick, so that the check on the dot succeeds.
// Here both are the same instant, hence "at least".
func (p *Peer) gossip(now Time, out *Outbox) {
	v := p.views
	if now-v.mark < p.cfg.Gossip {
		return
	}
	v.mark += p.cfg.Gossip
	if p.cfg.DropSilent && v.asked != NoPeer {
		p.forget(v.asked)
		v.asked = NoPeer
	}
	for i := range v.ages {
		v.ages[i] = min(v.ages[i], 1<<32-2) + 1
	}
	p.dropAged()
	n := uint32(len(p.known))
	if n == 0 {
		if p.cfg.Rejoin {
			p.join(v.contacts, out)
		}
		return
	}
	var i uint32
	if p.libc != nil {
		i = p.libc.entry(n)
	} else {
		i = v.draws.Below(n)
	}
	v.asked = p.known[i]
	p.stats.Asked++
	p.sendView(Query, v.asked, false, out)
}

// skipGossip leaves out the exchanges that were due before until, but the last.
func (p *Peer) skipGossip(until Time) {
	if v := p.views; v != nil && until-v.mark > p.cfg.Gossip {
		v.mark += (until - v.mark - 1) / p.cfg.Gossip * p.cfg.Gossip
		v.mark -= p.cfg.Gossip
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

// handleView answers a query with the view as it was before, merges what came,
// and looks at the gossip timer.
func (p *Peer) handleView(now Time, m *Message, entries []Entry, out *Outbox) {
	v := p.views
	if v == nil || len(entries) == 0 {
		p.stats.Refused++
		return
	}
	p.stats.Exchanges++
	if m.Kind == Query {
		p.sendView(Reply, m.From, p.cfg.AgeReplies, out)
	} else if v.asked == m.From {
		v.asked = NoPeer
	}
	p.merge(entries)
	p.dropAged()
	p.gossip(now, out)
	out.Wake = true
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
			if e.Age == 0 || e.ID == p.id || e.ID == p.cfg.Hidden || e.ID == NoPeer {
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

// askStranger asks a chunk's sender for its view, when p knows nobody (cure).
// The stranger enters the view by its answer only.
func (p *Peer) askStranger(now Time, from PeerID, out *Outbox) {
	if !p.cfg.AskStrangers || len(p.known) > 0 || from == NoPeer || from == p.id || now < p.views.deaf {
		return
	}
	p.views.deaf = now + Second
	p.sendView(Query, from, false, out)
}

// dropAged drops what has not been heard of for too long (cure).
func (p *Peer) dropAged() {
	if p.cfg.MaxAge == 0 {
		return
	}
	keep := 0
	for i, age := range p.views.ages {
		if age <= uint32(p.cfg.MaxAge) {
			p.known[keep], p.views.ages[keep] = p.known[i], age
			keep++
		}
	}
	p.known, p.views.ages = p.known[:keep], p.views.ages[:keep]
}

// forget drops one peer from the view, if it is there.
func (p *Peer) forget(id PeerID) {
	for i, known := range p.known {
		if known == id {
			p.known = append(p.known[:i], p.known[i+1:]...)
			p.views.ages = append(p.views.ages[:i], p.views.ages[i+1:]...)
			return
		}
	}
}

func has(ids []PeerID, id PeerID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
