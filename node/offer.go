package node

import "fmt"

// Offer pushes what was agreed upon (offer, select, push).
//
//   - An offer is a send credit with a map of 64 chunks. A peer keeps some under way
//     (Config.Offers): outstanding ones and chunks that were accepted and wait for
//     the upload link, together. Each goes to one who lacks something as far as its maps
//     say, and ends when it is answered, or a round trip and a little later.
//   - Who is offered selects up to Config.Select chunks, the newest first, and an old
//     hole before them. It locks them against being accepted twice, until they come
//     or Config.Lock after a round trip, and answers in any case, with a map in which
//     locked chunks count as held.
//   - Nothing is acknowledged: what was sent counts as held for a round trip, and
//     then the receiver's map wins.
//   - Chunks that are young, against the mean age at which chunks come, are pushed
//     unasked (Config.PushYoung): a hop then costs one latency, not three.
//
// It has no ticks: it sends at the pace of Config.Upload. Similar protocols: Streamers
// (Abeni, Kiraly, Russo, Biazzini, Lo Cigno: Design and implementation of a generic
// library for P2P streaming, 2010), chunk trading there.
var Offer = enlist(offer{})

type offer struct{}

func (offer) Name() string { return "offer" }
func (offer) About() string {
	return "what a neighbour has selected of what it was offered; young chunks unasked; gaps are asked for"
}

// Pick has nothing to choose: chunks are sent as they are selected.
func (offer) Pick(*Peer) (PeerID, ChunkID, bool) { return NoPeer, 0, false }

// Bounds and defaults of Offer.
const (
	MaxOffers        = 32
	DefaultOffers    = 6
	DefaultSelect    = 2
	DefaultLock      = 300 * Millisecond
	DefaultPushYoung = 0.3

	wantContacts = 20 // contacts that are looked for
	mostContacts = 30 // more than these are let go
	renewEvery   = Second

	overload     = 200 * Millisecond  // of answers ahead of their share
	longestQueue = 10 * Second        // no link keeps more
	answersIn    = 100 * Millisecond  // beyond the round trip, else the offer has failed
	oldHole      = 1500 * Millisecond // a hole of this age comes before new chunks
	again        = Second             // who wants nothing of what we have is offered it again
	shun         = 400 * Millisecond  // who has not answered, times the offers that it has not
	maxMisses    = 4                  // offers in a row that were not answered
	youngest     = 8                  // newest chunks that may be pushed unasked
	freely       = 8                  // copies of each chunk where the upload has no limit
)

// trade is what a peer keeps for Offer.
type trade struct {
	queue    parcels // accepted from us, not sent yet
	open     int     // offers that wait for an answer, and count
	turn     uint16  // of offers
	freeAt   Time    // of the upload link
	answerAt Time    // until which answers have used up their share of the link
	wishAt   Time    // before that, what was asked for is sent only if nothing else is
	size     uint32  // payload of the newest chunk
	accepted uint64  // chunks that came for the first time
	busy     bool    // the link is, and there is more to send
}

// dealings are those with one contact.
type dealings struct {
	offerAt Time   // when it was offered last
	offer   uint16 // which that was
	waits   bool   // it counts as outstanding
	asked   bool   // it was not answered yet
	misses  uint8
	vain    bool   // it was answered with nothing
	had     uint64 // chunks that we had accepted by then
	came    uint16 // the newest offer that came from it
	any     bool
}

// validateOffer looks at the knobs of Offer, and those that it shares.
func (c *Config) validateOffer() error {
	isOffer := c.Scheduler == Offer
	if !isOffer && (c.Offers != 0 || c.Select != 0 || c.Lock != 0 || c.PushYoung != 0) {
		return fmt.Errorf("node: Offers, Select, Lock and PushYoung are for the scheduler offer")
	}
	if !c.hasCircle() {
		return nil
	}
	switch {
	case c.Patience < 0 || c.Patience > 60*Second:
		return fmt.Errorf("node: Patience must be 0 … 60 s")
	case !isOffer:
		return nil
	case c.Offers < 1 || c.Offers > MaxOffers:
		return within("Offers", c.Offers, 1, MaxOffers)
	case c.Select < 1 || c.Select > MaxSelect:
		return within("Select", c.Select, 1, MaxSelect)
	case c.Lock < 0 || c.Lock > 10*Second:
		return fmt.Errorf("node: Lock must be 0 … 10 s")
	case !(c.PushYoung >= 0 && c.PushYoung <= 1):
		return fmt.Errorf("node: PushYoung must be 0 … 1")
	case c.Policy != Window:
		return fmt.Errorf("node: the scheduler offer needs the Policy Window")
	case c.Buffer < MinMeshBuffer || c.Buffer > MaxMeshBuffer:
		return within("Buffer", c.Buffer, MinMeshBuffer, MaxMeshBuffer)
	case c.Period <= 0:
		return fmt.Errorf("node: the scheduler offer needs Period")
	case c.Upload > MaxUpload:
		return fmt.Errorf("node: Upload must be at most 10 Tbit/s")
	case c.Push != 0:
		return fmt.Errorf("node: the scheduler offer has no ticks: Push must be 0")
	}
	return nil
}

// settle learns what a chunk's payload is.
func (h *circle) settle(size uint32) { h.size = max(size, 1) }

// takes puts bytes on the upload link as we reckon it.
func (h *circle) takes(now Time, bytes int64) {
	t := h.cfg.takes(bytes)
	if h.cfg.Upload == 0 && bytes > carryBytes {
		t = h.cfg.Period / freely
	}
	h.freeAt = min(max(h.freeAt, now)+t+t/64, now+longestQueue)
}

// mayAnswer tells whether there is time for answers. They take a quarter of the upload at
// most: chunks come first, and silence slows those down who ask.
func (h *circle) mayAnswer(now Time) bool { return h.answerAt-now <= overload }

// answers puts the bytes of an answer on the link.
func (h *circle) answers(now Time, bytes int64) {
	h.answerAt = max(h.answerAt, now) + 4*h.cfg.takes(bytes)
	h.takes(now, bytes)
}

// charge puts view exchanges on the upload link too: else what waits there since a
// crowd has joined would never leave, at a pace that just keeps it busy.
func (h *circle) charge(now Time, sends []Message) {
	if h == nil {
		return
	}
	for i := range sends {
		h.takes(now, udpBytes+2+28*int64(sends[i].Count))
	}
}

// deal sends what is to be sent, as far as the upload link is free, and makes offers.
func (p *Peer) deal(now Time, out *Outbox) {
	h := p.circle
	h.busy = true
	for h.busy && h.freeAt <= now {
		due := now >= h.wishAt
		h.busy = due && p.grantWish(now, out) || p.pushYoung(now, out) || p.pushAccepted(now, out) || !due && p.grantWish(now, out)
	}
	for h.open+int(h.queue.n) < p.cfg.Offers {
		f := p.taker(now)
		if f == nil {
			break
		}
		p.propose(now, f, out)
	}
	out.Wake = true
}

// pushAccepted sends the next chunk that was accepted.
func (p *Peer) pushAccepted(now Time, out *Outbox) bool {
	h := p.circle
	for h.queue.n > 0 {
		c := h.queue.pop()
		f := h.find(c.to)
		if f == nil || now-c.at > p.cfg.Lock || !p.buffer.holds(p.policy(), c.chunk) {
			continue // its lock would end before it is there
		}
		p.carry(now, f, c.chunk, out)
		return true
	}
	return false
}

// isYoung tells whether a chunk is pushed unasked.
func (p *Peer) isYoung(now Time, n *arrival) bool {
	if p.cfg.Role == Source {
		return int(n.sent) < p.cfg.Copies && now-n.born < Second
	}
	return float64(now-n.born) < float64(p.cfg.PushYoung*float64(p.circle.usual))
}

// pushYoung sends a young chunk to one who lacks it.
func (p *Peer) pushYoung(now Time, out *Outbox) bool {
	h := p.circle
	if p.buffer.n == 0 {
		return false
	}
	newest, held := p.holding()
	wants := uint64(0)
	for i := range ChunkID(youngest) {
		if held>>i&1 == 0 || newest < i {
			continue
		}
		if n := h.note(newest - i); n.have && p.isYoung(now, n) {
			wants |= 1 << i
		}
	}
	for ; wants != 0; wants &= wants - 1 {
		i := ChunkID(lowest(wants))
		if f := h.lacker(newest - i); f != nil {
			p.carry(now, f, newest-i, out)
			return true
		}
	}
	return false
}

// lacker is one of those who lack a chunk as far as we know; nil for nobody.
func (h *circle) lacker(c ChunkID) (one *contact) {
	count := uint32(0)
	for i := range h.contacts {
		f := &h.contacts[i]
		if f.id == NoPeer || f.misses > 1 || f.has(c, h.cfg.Lock)&1 != 0 {
			continue
		}
		if count++; h.draws.Below(count) == 0 {
			one = f
		}
	}
	return one
}

// taker is whom to make an offer: one of those who have none and lack something. (One
// who lacks most would be chosen by all its neighbours at once.) Who is new is offered
// even nothing: so it learns of us.
func (p *Peer) taker(now Time) (one *contact) {
	h := p.circle
	newest, held := p.holding()
	count := uint32(0)
	for i := range h.contacts {
		f := &h.contacts[i]
		if f.id == NoPeer || f.waits || f.misses > 0 && now-f.offerAt < Time(f.misses)*shun {
			continue
		}
		if f.offerAt > 0 && held&^f.has(newest, p.cfg.Lock) == 0 {
			continue
		}
		if f.vain && f.had == h.accepted && now-f.offerAt < again {
			continue // it does not want what we have
		}
		if count++; h.draws.Below(count) == 0 {
			one = f
		}
	}
	return one
}

// propose makes an offer by itself.
func (p *Peer) propose(now Time, f *contact, out *Outbox) {
	id := p.opens(now, f)
	newest, held := p.holding()
	w := p.start(Message{Kind: Proposal, To: f.id}, out)
	w.put(uint32(newest))
	w.put64(held)
	w.put(uint32(id))
	w.close()
	p.circle.takes(now, proposalBytes)
}

// opens begins a transaction, and gives its number, which is never 0.
func (p *Peer) opens(now Time, f *contact) uint16 {
	h := p.circle
	if h.turn++; h.turn == 0 {
		h.turn = 1
	}
	if !f.waits {
		h.open++
	}
	f.offer, f.offerAt, f.waits, f.asked, f.had = h.turn, max(now, 1), true, true, h.accepted
	return h.turn
}

// proposes makes an offer that rides on a chunk, if there is one to make; else it is 0.
func (p *Peer) proposes(now Time, f *contact) uint16 {
	h := p.circle
	if p.cfg.Scheduler != Offer || !p.cfg.Ride || f.waits || h.open+int(h.queue.n) >= p.cfg.Offers {
		return 0
	}
	newest, held := p.holding()
	if held&^f.has(newest, p.cfg.Lock) == 0 {
		return 0
	}
	return p.opens(now, f)
}

// expireOffer ends an offer that nobody answers; a late answer counts all the same.
func (p *Peer) expireOffer(now Time, f *contact) {
	if !f.waits || now-f.offerAt <= f.tripOf()+answersIn {
		return
	}
	p.forgetDealings(f)
	if f.misses++; f.misses > maxMisses {
		p.part(f)
	}
}

// forgetDealings lets an outstanding offer count no more.
func (p *Peer) forgetDealings(f *contact) {
	if f.waits {
		f.waits = false
		p.circle.open--
	}
}

// handleSelect queues what was selected of our offer.
func (p *Peer) handleSelect(now Time, m *Message, entries []Entry, out *Outbox) bool {
	h := p.circle
	f := h.find(m.From)
	n := int(m.Size)
	if f == nil || n > p.cfg.Select {
		return false
	}
	f.heard, f.misses = now, 0
	if !f.asked || uint16(Word(entries, 3)) != f.offer {
		return true // answered already, or long ago
	}
	f.asked, f.vain = false, n == 0
	p.forgetDealings(f)
	if trip := max(now-f.offerAt, 1); f.trip == 0 {
		f.trip = trip
	} else {
		f.trip += (trip - f.trip) / 8
	}
	top := ChunkID(Word(entries, 0))
	f.claimTop, f.claims, f.claimAt = top, word64(entries, 1), now
	for i := range n {
		d := ChunkID(Word(entries, 4+i/4) >> (8 * (i % 4)) & 0xff)
		if c := top - d; d <= top && int(h.queue.n) < p.cfg.Offers*p.cfg.Select && p.buffer.holds(p.policy(), c) && !h.queue.waits(c, f.id) {
			h.queue.push(parcel{chunk: c, to: f.id, at: now})
		}
	}
	p.deal(now, out)
	return true
}
