package sim

import (
	"errors"
	"fmt"

	"pushcast/node"
)

// Slots are the time of the literature (Abeni, Kiraly, Lo Cigno, Networking
// 2009): everybody acts at common instants, and what is sent in a slot lands at
// its end. A slot is the time of one push. It is the same world with the same
// events; only their instants are others:
//
//   - at the start of a slot lands what was sent in the one before
//   - a nanosecond later the source publishes
//   - another one later the peers decide, one after another in random order
const (
	sourceDecides node.Time = 1
	peersDecide   node.Time = 2
)

// publishing is when the source publishes chunk c: at its birth, in slots with
// the first one that begins then or later.
func (w *World) publishing(c node.ChunkID) node.Time {
	birth := w.observer.births.at(c)
	if w.slotFor == 0 {
		return birth
	}
	return (birth+w.slotFor-1)/w.slotFor*w.slotFor + sourceDecides
}

// deciding is when a peer that wants to be woken at the instant at is.
func (w *World) deciding(at node.Time) node.Time {
	if w.slotFor == 0 || at == node.Never {
		return at
	}
	return at + peersDecide
}

// landing is when a datagram sent now arrives that the link takes delay for.
func (l *lane) landing(delay node.Time) node.Time {
	if l.slotFor == 0 {
		return l.now + delay
	}
	return (l.now/l.slotFor+1)*l.slotFor + delay
}

// foresee tells the clairvoyant which chunks would come too late if they were
// sent now.
func (l *lane) foresee() {
	if l.cfg.Deadline == 0 {
		return
	}
	if last := l.landing(l.soonest) - l.cfg.Deadline; last > 0 {
		l.clairvoyance.expire(l.observer.births.before(last))
	}
}

// validateSlots tells what is wrong with slots and knowledge.
func (c *Config) validateSlots() error {
	switch {
	case c.Knowledge > Landed:
		return fmt.Errorf("sim: no Knowledge %d", c.Knowledge)
	case c.SourceKnowsAll && (c.Overlay == FullMesh || c.Overlay.gossips()):
		return errors.New("sim: SourceKnowsAll is for static overlays other than the full mesh")
	case c.Slots && c.Peer.FEC.Repair > 0:
		return errors.New("sim: Slots have no FEC: a chunk is born in every slot")
	case c.Slots && (c.Peer.Push <= 0 || c.Peer.Ticks != node.Synchronous):
		return errors.New("sim: Slots needs synchronous Ticks, and a positive Push, the length of a slot")
	}
	for i := range c.Classes {
		if push := c.Classes[i].Push; c.Slots && push != 0 && push != c.Peer.Push {
			return fmt.Errorf("sim: Classes[%d]: with Slots all push at the same rate, or never", i)
		}
	}
	return nil
}
