package sim

import (
	"errors"
	"fmt"

	"pushcast/node"
	"pushcast/node/law"
)

// Churn is how receivers leave and come back. The zero value has nobody leave.
type Churn struct {
	// Lifetime is for how long a receiver stays, each time; the law None: for ever.
	Lifetime law.Law
	// Downtime is for how long one that has left stays away; the law None: for ever.
	Downtime law.Law
	// Goodbye has receivers tell their neighbours that they leave; else they crash.
	Goodbye bool
	// NewIdentity has a receiver come back as somebody else: under a handle, which is to
	// say an address, that nobody knows. Views that name the old one name nobody. It
	// needs an overlay that gossips.
	NewIdentity bool
	// Changes are what happens at a time of its own, at most MaxChanges.
	Changes []Change
}

// Change is an event of churn.
type Change struct {
	Kind ChangeKind
	At   node.Time
	// For is how long it holds: of Partition, Dark, Pause and Loss.
	For node.Time
	// Share of the receivers whom it strikes, 0 … 1, drawn for each change: of Leave,
	// Arrive and Partition. The share is exact of all receivers, of those who are up in
	// the mean.
	Share float64
	// Class that goes dark, an index into Config.Classes.
	Class int
	// Way is which way a Partition is shut.
	Way Way
	// Loss is the probability of a further loss of every datagram: of Loss.
	Loss float64
}

// ChangeKind tells the changes apart.
type ChangeKind uint8

// The changes.
const (
	Leave     ChangeKind = iota // a share of the receivers leaves at once
	Arrive                      // a share of the receivers joins at once, and not before
	Partition                   // a share of the receivers is cut off from the rest and the source
	Dark                        // a class reaches nobody, and nobody reaches it
	Pause                       // the source makes no chunks
	Loss                        // every link loses more
)

// Way is a direction in which a partition is shut, as those see it who are cut off.
type Way uint8

// The ways.
const (
	Both Way = iota
	In       // nothing gets in to them
	Out      // nothing gets out from them
)

// Bounds of churn.
const (
	MaxChanges  = 100
	MaxClasses  = 100
	maxSessions = 1 << 10 // identities of one receiver; then its first one comes again
	// MinLifetime is the least mean lifetime: with stays of no length a run would not end.
	MinLifetime = node.Millisecond
)

func (c *Config) validateChurn() error {
	churn := &c.Churn
	for _, l := range []*law.Law{&churn.Lifetime, &churn.Downtime} {
		if err := l.Validate(); err != nil {
			return err
		}
	}
	if life := &churn.Lifetime; life.Kind != law.None && life.Average() < MinLifetime {
		return errors.New("sim: Lifetime must be at least 1 ms in the mean")
	}
	if churn.NewIdentity && !c.Overlay.gossips() {
		return errors.New("sim: NewIdentity needs an overlay that gossips: else nobody ever hears of the new one")
	}
	if len(churn.Changes) > MaxChanges {
		return fmt.Errorf("sim: more than %d Changes", MaxChanges)
	}
	for i := range churn.Changes {
		if err := churn.Changes[i].validate(c); err != nil {
			return fmt.Errorf("sim: Changes[%d]: %w", i, err)
		}
	}
	return nil
}

func (ch *Change) validate(c *Config) error {
	lasting := ch.Kind >= Partition
	switch {
	case ch.Kind > Loss:
		return fmt.Errorf("no Kind %d", ch.Kind)
	case ch.At < 0 || ch.At > MaxTime:
		return errors.New("its At must be 0 to a year")
	case lasting && (ch.For <= 0 || ch.For > MaxTime):
		return errors.New("its For must be positive, at most a year")
	case ch.Kind <= Partition && !(ch.Share >= 0 && ch.Share <= 1):
		return errors.New("its Share must be 0 … 1")
	case ch.Kind == Partition && ch.Way > Out:
		return errors.New("no such Way")
	case ch.Kind == Dark && (ch.Class < 0 || ch.Class >= len(c.Classes)):
		return errors.New("no such Class")
	case ch.Kind == Loss && !(ch.Loss >= 0 && ch.Loss <= 1):
		return errors.New("its Loss must be 0 … 1")
	}
	for i := range c.Churn.Changes {
		other := &c.Churn.Changes[i]
		if ch.Kind == Pause && other.Kind == Pause && other != ch && other.At <= ch.At && other.At+other.For >= ch.At {
			return errors.New("two pauses of the source must not meet")
		}
	}
	return nil
}

// crowd is who is there, and for how long.
type crowd struct {
	churn    *Churn
	life     law.Drawer
	down     law.Drawer
	lifeRoot uint64
	downRoot uint64
	struck   [][]bool // by change: the slots that it strikes; nil where it strikes nobody in person
	sessions []uint32 // by slot: how often it has come; nil where nobody leaves
	past     []uint64 // by slot: fingerprint of the sessions before; nil where nobody leaves
}

func (cr *crowd) init(c *Config) {
	cr.churn = &c.Churn
	cr.life, cr.down = c.Churn.Lifetime.Ready(), c.Churn.Downtime.Ready()
	root := func(p node.Purpose) uint64 { r := node.Stream(c.Seed, p, 0); return r.Uint64() }
	cr.lifeRoot, cr.downRoot = root(node.ForLifetime), root(node.ForDowntime)
	leaving := !cr.life.None()
	for i := range c.Churn.Changes {
		ch := &c.Churn.Changes[i]
		leaving = leaving || ch.Kind == Leave
		cr.struck = append(cr.struck, strike(c, i))
	}
	if leaving {
		n := c.Peers + 1
		cr.sessions, cr.past = make([]uint32, n), make([]uint64, n)
	}
}

// strike draws whom a change strikes.
func strike(c *Config, change int) []bool {
	ch := &c.Churn.Changes[change]
	if ch.Kind > Partition {
		return nil
	}
	struck := make([]bool, c.Peers+1)
	n := c.Struck(ch)
	for i := range struck[1:] {
		struck[i+1] = i < n
	}
	r := node.Stream(c.Seed, node.ForEvent, uint64(change))
	shuffle(struck[1:], &r)
	return struck
}

// Struck is how many receivers a change strikes in person: those whom Leave, Arrive and
// Partition have a share of.
func (c *Config) Struck(ch *Change) int { return int(float64(ch.Share*float64(c.Peers)) + 0.5) }

// arrivesAt is when a receiver joins whom a change brings; ok is false for the others.
func (cr *crowd) arrivesAt(i uint32) (at node.Time, ok bool) {
	for k := range cr.struck {
		if ch := &cr.churn.Changes[k]; ch.Kind == Arrive && cr.struck[k][i] && (!ok || ch.At < at) {
			at, ok = ch.At, true
		}
	}
	return at, ok
}

// stays is when a session that begins at now will end; Never where it does not. It is
// known from the beginning, so that it is known which chunks are due to it.
func (cr *crowd) stays(i uint32, now node.Time) node.Time {
	end := node.Never
	if !cr.life.None() {
		end = now + cr.life.Draw(drawOf(cr.lifeRoot, i, cr.sessions[i]))
	}
	for k := range cr.struck {
		if ch := &cr.churn.Changes[k]; ch.Kind == Leave && cr.struck[k][i] && ch.At > now {
			end = min(end, ch.At)
		}
	}
	return end
}

// away is when somebody who leaves at now comes back.
func (cr *crowd) away(i uint32, now node.Time) node.Time {
	if cr.down.None() {
		return node.Never
	}
	return now + cr.down.Draw(drawOf(cr.downRoot, i, cr.sessions[i]))
}

// drawOf is a draw of a receiver's session.
func drawOf(root uint64, i, session uint32) uint64 {
	return node.Mix(root ^ node.Mix(uint64(i)<<32|uint64(session)))
}

// slot is the place of a handle: under NewIdentity one receiver has several handles, one
// after another, and one place.
func slot(id node.PeerID) uint32 { return uint32(id) & (1<<slotBits - 1) }

const slotBits = 22 // MaxPeers fits

// identity is the handle of a slot's next session.
func (cr *crowd) identity(i uint32) node.PeerID {
	if !cr.churn.NewIdentity || cr.sessions == nil {
		return node.PeerID(i)
	}
	return node.PeerID(cr.sessions[i]%maxSessions<<slotBits | i)
}
