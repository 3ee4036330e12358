package node

import "fmt"

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

// PushesBlindly tells whether peers push chunks of their buffers as they have come, and
// know nothing of each other but names: no trees, offers, or maps, and nothing recovered.
func (c *Config) PushesBlindly() bool {
	return c.Scheduler != Stripes && !c.hasCircle() && c.Knowledge == nil && c.FEC.Repair == 0
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
	s, err := FindScheduler(name)
	return s, err == nil
}

// FindScheduler finds a scheduler by its name, or by those of two selections
// with a slash between, in any case: "lu/el" is also "LUc/ELp", "rp/rb" is
// "random". The error says what is wrong with the name, and what would be right.
func FindScheduler(name string) (Scheduler, error) {
	small := lower(name)
	for _, s := range schedulers {
		if s.Name() == small {
			return s, nil
		}
	}
	for i := range len(small) {
		if small[i] == '/' {
			return compose(small[:i], small[i+1:])
		}
	}
	return nil, fmt.Errorf("want random, latest, stripes, offer, or chunk/peer or peer/chunk, as rp/lu, of the chunks %s and the peers %s", names(true), names(false))
}

// lower turns capital letters into small ones.
func lower(name string) string {
	text := []byte(name)
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
	}
	return string(text)
}
