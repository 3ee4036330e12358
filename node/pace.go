package node

import "fmt"

// Adaptive rate: a peer pushes as fast as its upload link drains, and not where there is
// nothing new to push. A fixed rate fits one link: a slower one queues and drops, a faster one
// idles.
//
//   - The link is reckoned: all that the peer sends, views and maps too, takes its time on
//     it (Config.Upload), and the next push is made when it is free. So one chunk is on the
//     link, and none waits behind it but for what answers others.
//   - Config.Push is the least time between two pushes, however fast the link.
//   - A scheduler that asks and finds nothing of use looks again after Push, then after
//     twice as long, at most after Period; and at once when a chunk or a map has come.
//   - A blind one cannot know; it pushes every chunk Period/Push times, on average, as
//     far as the link allows, and then waits for the next.
//
// Schedulers without ticks, stripes and offer, pace themselves in the same way.

// pace is what a peer keeps for it.
type pace struct {
	freeAt Time   // of the upload link
	least  Time   // the next push comes no sooner
	wait   Time   // for nothing of use, last; 0: the last push was one
	size   uint32 // payload of a chunk, smoothed
	credit uint32 // pushes that a blind scheduler has left
	most   uint32 // bound of credit
	each   uint32 // credit that a new chunk brings
	blind  bool
}

func newPace(cfg *Config) *pace {
	each := max(uint32(min(cfg.Period/cfg.Push, MaxCopies)), 1)
	return &pace{each: each, most: each * uint32(cfg.Buffer), blind: IsBlind(cfg.Scheduler)}
}

// validatePace looks at the knobs of an adaptive rate.
func (c *Config) validatePace() error {
	switch {
	case !c.Adaptive:
		return nil
	case c.Paced():
		return fmt.Errorf("node: Adaptive is for schedulers with ticks: stripes and offer pace themselves")
	case c.Push <= 0 || c.Period < c.Push:
		return fmt.Errorf("node: Adaptive needs a positive Push, the least time between two pushes, and a Period at least as long")
	case c.Ticks != RandomPhase:
		return fmt.Errorf("node: Adaptive has no law of Ticks: it must be RandomPhase")
	case c.GossipCheck > 0:
		return fmt.Errorf("node: GossipCheck counts ticks, which Adaptive has none of: it must be 0")
	case c.Upload > MaxUpload:
		return fmt.Errorf("node: Upload must be at most 10 Tbit/s")
	}
	return nil
}

// pushPaced pushes, if the link is free and there is something to push, and says when it
// will be looked again.
func (p *Peer) pushPaced(now Time, out *Outbox) {
	a := p.pace
	if a.blind && a.credit == 0 {
		p.tickAt = Never // until a chunk comes
		p.note(now, noteIdle, NoPeer, 0)
		return
	}
	if !p.pushOne(now, out) {
		a.wait = min(max(2*a.wait, p.cfg.Push), p.cfg.Period)
		p.tickAt = now + a.wait
		p.note(now, noteIdle, NoPeer, 0)
		return
	}
	if a.blind {
		a.credit--
	}
	a.wait, a.least = 0, now+p.cfg.Push
	p.tickAt = a.least
}

// handlePaced is handle, of a peer whose rate is adaptive: what it sends takes its time on the
// link, and what has come may be news to push.
func (p *Peer) handlePaced(now Time, m *Message, entries []Entry, out *Outbox) {
	a, first, accepted := p.pace, len(out.Sends), p.stats.Accepted
	if m.Kind.IsChunk() {
		if a.size == 0 {
			a.size = m.Size
		}
		a.size = uint32(int64(a.size) + (int64(m.Size)-int64(a.size))/8)
	}
	p.handle(now, m, entries, out)
	came := uint32(min(p.stats.Accepted-accepted, MaxBlock))
	a.credit = min(a.credit+came*a.each, a.most)
	if came > 0 || p.circle != nil && m.Kind > Reply {
		a.wait = 0
		if p.tickAt > a.least {
			p.tickAt = max(now, a.least)
			out.Wake = true
		}
	}
	p.charge(now, out.Sends[first:])
}

// charge puts what was sent on the link.
func (p *Peer) charge(now Time, sends []Message) {
	a := p.pace
	if a == nil {
		return
	}
	for i := range sends {
		// What is left of a nanosecond takes all of it.
		a.freeAt = min(max(a.freeAt, now)+p.cfg.takes(sends[i].bytes(a.size))+1, now+longestQueue)
	}
	p.tickAt = max(p.tickAt, a.freeAt)
}

// bytes is what a message takes on a link, with the headers of UDP and IPv4, where the
// payload of a chunk is of so many bytes. Peers whose rate is adaptive send no others.
func (m *Message) bytes(payload uint32) int64 {
	switch m.Kind {
	case Chunk:
		return udpBytes + 21 + int64(payload)
	case Carry:
		return carryBytes + int64(payload)
	case Map:
		return mapBytes
	case Ask:
		return askBytes
	case Deny:
		return denyBytes
	}
	return udpBytes + 2 + 28*int64(m.Count)
}
