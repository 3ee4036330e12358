package node

// membership is what a peer of a gossiping overlay keeps beside its view: how
// old the entries are, when and with whom views are exchanged, who may be asked
// when nobody is left. Newscast and Cyclon share it; they differ in whom they
// ask, what they send, and how they merge (newscast.go, cyclon.go).
//
// The options of Config that cure the original's weaknesses are marked as cures.
type membership struct {
	// ages are those of the view, which is the list known of the peer.
	ages []uint32
	// mark is the gossip timer: an exchange is due Config.Gossip after it.
	mark Time
	// untilCheck counts the ticks until the timer is looked at.
	untilCheck int
	draws      Rand
	// asked is whom the last exchange was begun with, until it answers.
	asked    PeerID
	contacts []PeerID
	// deaf is until when no stranger is asked (cure).
	deaf Time

	// retryAt is when somebody is asked again, as nobody has answered, and
	// retryFor how long was waited for that (cure).
	retryAt, retryFor Time
	// joining is whether the contacts have been asked, and nobody has answered.
	joining bool
	// walk is how many exchanges are still to follow on the join (cure).
	walk int

	hood *neighbourhood // whom p pushes to; nil: to the whole view

	memory // of those who are no neighbours now (cure)

	// spareIDs and spareAges are memory that a merge works in.
	spareIDs  []PeerID
	spareAges []uint32
	// given are the entries that a Cyclon peer sends in the exchange that asked
	// is to answer: their places go to what comes for them.
	given []PeerID
}

func newMembership(cfg *Config, id PeerID, seed uint64, now Time) *membership {
	v := &membership{
		ages:    make([]uint32, 0, cfg.View),
		mark:    now,
		draws:   Stream(seed, ForGossip, uint64(id)),
		asked:   NoPeer,
		retryAt: Never,
	}
	v.begin(cfg, id, seed)
	v.hood = newNeighbourhood(cfg, id, seed, now)
	if cfg.Stagger {
		r := Stream(seed, ForStagger, uint64(id))
		v.mark -= r.Span(cfg.Gossip)
	}
	if cfg.Sampler == Newscast {
		v.spareIDs = make([]PeerID, 0, cfg.View)
		v.spareAges = make([]uint32, 0, cfg.View)
	} else {
		v.spareIDs = make([]PeerID, 0, cfg.Shuffle)
		v.given = make([]PeerID, 0, cfg.Shuffle)
	}
	return v
}

// nextGossip is when p is to be woken for its view: for gossip where ticks do
// not look at the timer, and to ask again.
func (p *Peer) nextGossip() Time {
	switch {
	case p.views == nil:
		return Never
	case p.cfg.GossipCheck > 0:
		return min(p.views.retryAt, p.views.hood.nextTurn())
	}
	return min(p.views.mark+p.cfg.Gossip, p.views.retryAt, p.views.hood.nextTurn())
}

// tickMembership does what nextGossip woke p for.
func (p *Peer) tickMembership(now Time, out *Outbox) {
	v := p.views
	if now >= v.retryAt {
		p.retry(now, out)
	}
	if p.cfg.GossipCheck == 0 && now-v.mark >= p.cfg.Gossip {
		p.gossip(now, out)
		p.note(now, noteGossip, v.asked, 0)
	}
	if now >= v.hood.nextTurn() {
		p.giveAnew(now, out)
	}
}

// awaitAnswer sets when somebody is asked again if nobody answers.
func (p *Peer) awaitAnswer(now, wait Time) {
	if v := p.views; p.cfg.Retry > 0 {
		v.retryFor = min(wait, p.cfg.Gossip)
		v.retryAt = now + v.retryFor
	}
}

// retry asks again, as nobody has answered: another neighbour, or the contacts
// where no neighbour was asked. Then it waits for twice as long.
func (p *Peer) retry(now Time, out *Outbox) {
	v := p.views
	wait := 2 * v.retryFor
	v.retryAt = Never
	if v.joining {
		p.askContacts(out)
	} else {
		p.dropSilent(out)
		p.ask(now, out)
	}
	if v.joining || v.asked != NoPeer {
		p.awaitAnswer(now, wait)
	}
	p.note(now, noteGossip, v.asked, 0)
}

// dropSilent ends the exchange that was not answered.
func (p *Peer) dropSilent(out *Outbox) {
	v := p.views
	if p.cfg.DropSilent && v.asked != NoPeer {
		p.forget(v.asked)
	}
	if v.asked != NoPeer && (p.cfg.DropSilent || p.cfg.Sampler == Cyclon) {
		p.leaveNeighbour(v.asked, out)
	}
	v.doubt(v.recalled)
	v.asked, v.recalled = NoPeer, NoPeer
}

// join asks the contacts for their views. They enter the own view at once, as
// fresh as can be: the original begins with one entry of age 1.
func (p *Peer) join(now Time, out *Outbox) {
	v := p.views
	for _, c := range v.contacts {
		if c != p.id && c != p.cfg.Hidden && len(p.known) < p.cfg.View && !has(p.known, c) {
			p.known = append(p.known, c)
			v.ages = append(v.ages, 1)
		}
	}
	p.askContacts(out)
	v.walk = p.cfg.JoinWalk
	if v.joining = len(v.contacts) > 0; v.joining {
		p.awaitAnswer(now, p.cfg.Retry)
	}
}

func (p *Peer) askContacts(out *Outbox) {
	for _, c := range p.views.contacts {
		if c != p.id {
			p.sendSelf(Query, c, 1, out)
		}
	}
}

// sendSelf sends the own entry alone.
func (p *Peer) sendSelf(kind Kind, to PeerID, age uint32, out *Outbox) {
	at := uint32(len(out.Entries))
	out.Entries = append(out.Entries, Entry{p.id, age})
	out.Sends = append(out.Sends, Message{Kind: kind, From: p.id, To: to, Offset: at, Count: 1})
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
	p.dropSilent(out)
	p.grow()
	p.ask(now, out)
	if v.asked != NoPeer {
		p.awaitAnswer(now, p.cfg.Retry)
	}
}

// grow lets a cycle pass.
func (p *Peer) grow() {
	v := p.views
	for i := range v.ages {
		v.ages[i] = min(v.ages[i], 1<<32-2) + 1
	}
	p.dropAged()
	v.countDown()
	p.rememberOne()
}

// ask begins an exchange: with one of the old, if its time has come, or with a
// neighbour.
func (p *Peer) ask(now Time, out *Outbox) {
	v := p.views
	v.asked = p.recall()
	n := uint32(len(p.known))
	if n == 0 && p.cfg.Rejoin {
		p.join(now, out)
	}
	if n == 0 && v.asked == NoPeer {
		return
	}
	p.stats.Asked++
	v.hood.asks(now)
	if p.cfg.Sampler == Cyclon {
		p.shuffle(out)
		return
	}
	if v.asked == NoPeer {
		v.asked = p.known[p.drawGossip(n)]
	}
	p.sendView(Query, v.asked, false, out)
}

// drawGossip draws from 0 … n−1 whom to exchange views with; n must be positive.
func (p *Peer) drawGossip(n uint32) uint32 {
	if p.libc != nil {
		return p.libc.entry(n)
	}
	return p.views.draws.Below(n)
}

// skipGossip leaves out the exchanges that were due before until, but the last.
func (p *Peer) skipGossip(until Time) {
	if v := p.views; v != nil && until-v.mark > p.cfg.Gossip {
		v.mark += (until - v.mark - 1) / p.cfg.Gossip * p.cfg.Gossip
		v.mark -= p.cfg.Gossip
	}
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
	if p.cfg.Goodbye && entries[0] == (Entry{m.From, Gone}) {
		p.left(m.From)
		p.friendLeft(now, m.From, out)
		return
	}
	v.heard(m.From)
	if m.Kind == Reply && m.From == v.asked {
		v.hood.answered(now, m.From)
	}
	if p.cfg.Sampler == Cyclon {
		p.swap(m, entries, out)
	} else {
		p.exchange(m, entries, out)
	}
	if m.Kind == Reply {
		v.joining = false
		if v.asked == NoPeer {
			v.retryAt = Never
		}
	}
	p.dropAged()
	p.gossip(now, out)
	p.walkOn(now, m, out)
	p.settleIn(now, out)
	out.Wake = true
}

// walkOn asks the next one after a join that has been answered (cure).
func (p *Peer) walkOn(now Time, m *Message, out *Outbox) {
	v := p.views
	if v.walk == 0 || m.Kind != Reply || v.asked != NoPeer || len(p.known) == 0 {
		return
	}
	v.walk--
	p.stats.Asked++
	v.hood.asks(now)
	p.awaitAnswer(now, p.cfg.Retry)
	if p.cfg.Sampler == Cyclon {
		p.shuffle(out)
		return
	}
	v.asked = p.known[p.drawGossip(uint32(len(p.known)))]
	p.sendView(Query, v.asked, false, out)
}

// crowding tells whether a query is that of a newcomer for whom the view has no place
// (cure): it is answered, and learned of from others.
func (p *Peer) crowding(m *Message, entries []Entry) bool {
	return p.cfg.JoinWalk > 0 && m.Kind == Query && len(entries) == 1 && len(p.known) >= p.cfg.View
}

// askStranger asks a chunk's sender for its view, when p knows nobody (cure).
// The stranger enters the view by its answer only.
func (p *Peer) askStranger(now Time, from PeerID, out *Outbox) {
	if !p.cfg.AskStrangers || len(p.known) > 0 || from == NoPeer || from == p.id || now < p.views.deaf {
		return
	}
	p.views.deaf = now + Second
	p.sendSelf(Query, from, 1, out)
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
		} else if !p.cfg.mutual() { // who is no neighbour any more is to be told
			p.views.hood.leave(p.known[i])
		}
	}
	p.known, p.views.ages = p.known[:keep], p.views.ages[:keep]
}

// forget drops one peer from the view, if it is there.
func (p *Peer) forget(id PeerID) {
	if i := find(p.known, id); i >= 0 {
		p.known = append(p.known[:i], p.known[i+1:]...)
		p.views.ages = append(p.views.ages[:i], p.views.ages[i+1:]...)
	}
}

// welcome tells whether an entry that came may stand in the view.
func (p *Peer) welcome(e Entry) bool {
	return e.Age != 0 && e.ID != p.id && e.ID != p.cfg.Hidden && e.ID != NoPeer && !p.views.hasLeft(e.ID)
}

// holds tells whether the membership names a peer that is not in the view.
func (v *membership) holds(id PeerID) bool {
	return v.asked == id || has(v.contacts, id) || has(v.given, id) || v.memory.holds(id) || v.hood.holds(id)
}

func has(ids []PeerID, id PeerID) bool { return find(ids, id) >= 0 }

// find gives the place of id, or −1.
func find(ids []PeerID, id PeerID) int {
	for i, x := range ids {
		if x == id {
			return i
		}
	}
	return -1
}
