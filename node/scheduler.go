package node

// Scheduler chooses what a peer pushes next, and to whom. A Scheduler keeps no
// state of its own: what it knows is what it asks the peer, and what it draws
// comes from the peer's stream for pushes.
//
// To add one, write one file that calls enlist, and nothing else changes.
type Scheduler interface {
	// Name is what scenario files and flags call it.
	Name() string
	// About is one sentence for help texts.
	About() string
	// Pick chooses; ok is false where there is nothing to push, or nobody to
	// push to. It must not allocate.
	Pick(p *Peer) (to PeerID, c ChunkID, ok bool)
}

// schedulers is the registry, ordered by name; filled while the package
// initialises, never changed after.
var schedulers []Scheduler

// enlist adds s to the registry. Names are unique.
func enlist(s Scheduler) Scheduler {
	i := 0
	for i < len(schedulers) && schedulers[i].Name() < s.Name() {
		i++
	}
	if i < len(schedulers) && schedulers[i].Name() == s.Name() {
		panic("node: two schedulers are named " + s.Name())
	}
	schedulers = append(schedulers, nil)
	copy(schedulers[i+1:], schedulers[i:])
	schedulers[i] = s
	return s
}

// Schedulers lists the known schedulers by name.
func Schedulers() []Scheduler { return append([]Scheduler(nil), schedulers...) }

// SchedulerNamed finds a scheduler; ok is false where there is none of this
// name.
func SchedulerNamed(name string) (s Scheduler, ok bool) {
	for _, s := range schedulers {
		if s.Name() == name {
			return s, true
		}
	}
	return nil, false
}
