package node

// memory is what a peer keeps of those who are no neighbours now.
//
// old are peers that were neighbours once. A view of young entries forgets the
// other side of a partition in Config.MaxAge cycles, and gossip alone never
// finds it again; so one of the old is asked for its view now and then. A view
// with free places shows that something has happened: then it is asked with as
// much more chance as places are free, or the small islands into which a shaken
// overlay breaks would last.
//
// The list must not follow the view, or it would forget with it: a random
// neighbour is added a cycle while there is room, and later only in the place of
// one that was asked in vain. So the dead leave it at the rate at which it is
// asked. A partition of a large swarm must last for about Remember · RecallEvery
// cycles until the other side is forgotten here, too; in a swarm smaller than
// the list it never is. Contacts are asked in turn with the old, and never
// forgotten.
//
// gone are peers that have said goodbye: others may name them for a while.
type memory struct {
	old      []PeerID // the last vain of which were asked in vain
	vain     int
	recalled PeerID // was asked, and has not answered yet
	draws    Rand
	gone     [maxGone]absence
	nextGone uint8 // the place that is written next
}

// absence is a peer that has left, and for how many cycles it is not learned of.
type absence struct {
	id     PeerID
	cycles uint32 // 0: the place is free
}

// maxGone bounds how many of those who have left are kept in mind.
const maxGone = 8

// Gone is the age that a peer tells of itself when it leaves: to one that knows
// nothing of goodbyes, an entry too old to be kept.
const Gone uint32 = 1<<32 - 1

func (m *memory) begin(cfg *Config, id PeerID, seed uint64) {
	m.recalled = NoPeer
	if cfg.Remember > 0 {
		m.old = make([]PeerID, 0, cfg.Remember)
		m.draws = Stream(seed, ForRecall, uint64(id))
	}
}

// rememberOne adds a random neighbour to the old.
func (p *Peer) rememberOne() {
	if n := uint32(len(p.known)); n > 0 && p.cfg.Remember > 0 {
		m := &p.views.memory
		m.remember(p.known[m.draws.Below(n)], p.cfg.Remember)
	}
}

// recall gives one of the old that is to be asked in place of a neighbour, or
// NoPeer.
func (p *Peer) recall() PeerID {
	m := &p.views.memory
	if p.cfg.Remember == 0 {
		return NoPeer
	}
	known := uint32(len(p.known))
	shaken := m.draws.Below(uint32(p.cfg.View)) >= known
	if m.draws.Below(uint32(p.cfg.RecallEvery)) > 0 && !shaken {
		return NoPeer
	}
	contacts := p.views.contacts
	n := uint32(len(m.old) + len(contacts))
	if n == 0 {
		return NoPeer
	}
	var id PeerID
	if i := int(m.draws.Below(n)); i < len(m.old) {
		id = m.old[i]
	} else {
		id = contacts[i-len(m.old)]
	}
	if id == p.id || has(p.known, id) {
		return NoPeer
	}
	m.recalled = id
	p.stats.Recalled++
	return id
}

// remember adds a peer where there is room for it.
func (m *memory) remember(id PeerID, most int) {
	first := len(m.old) - m.vain // of those that were asked in vain
	switch {
	case has(m.old, id):
	case len(m.old) < most:
		m.old = append(m.old, id)
		m.old[first], m.old[len(m.old)-1] = id, m.old[first]
	case m.vain > 0:
		m.old[first] = id
		m.vain--
	}
}

// doubt moves a peer to those that were asked in vain, trust back.
func (m *memory) doubt(id PeerID) {
	last := len(m.old) - m.vain - 1
	if i := find(m.old, id); i >= 0 && i <= last {
		m.old[i], m.old[last] = m.old[last], id
		m.vain++
	}
}

func (m *memory) trust(id PeerID) {
	first := len(m.old) - m.vain
	if i := find(m.old, id); i >= first {
		m.old[i], m.old[first] = m.old[first], id
		m.vain--
	}
}

// drop takes a peer out.
func (m *memory) drop(id PeerID) {
	m.trust(id)
	if i := find(m.old, id); i >= 0 {
		m.old = append(m.old[:i], m.old[i+1:]...)
	}
}

// Leave tells whom p knows and remembers, and its partners and contacts, that it goes
// (Config.Goodbye): after that, nothing is to be sent. Without it, and in an overlay that
// does not gossip, nobody is told. Who knows p and is not known to it learns nothing; so
// entries still have to grow old.
func (p *Peer) Leave(now Time, out *Outbox) {
	p.note(now, noteLeave, NoPeer, 0)
	if p.views == nil || !p.cfg.Goodbye {
		return
	}
	v := p.views
	first := len(out.Sends)
	for _, id := range p.known {
		p.sendSelf(Reply, id, Gone, out)
	}
	for _, id := range v.old {
		if !has(p.known, id) {
			p.sendSelf(Reply, id, Gone, out)
		}
	}
	if v.asked != NoPeer && !has(p.known, v.asked) && !has(v.old, v.asked) {
		p.sendSelf(Reply, v.asked, Gone, out)
	}
	p.leaveFriends(first, out)
}

// left notes that a peer has said goodbye.
func (p *Peer) left(id PeerID) {
	v := p.views
	p.forget(id)
	v.drop(id)
	v.hood.leave(id)
	if v.asked == id {
		v.asked, v.retryAt = NoPeer, Never
	}
	// As long as entries of it may be on their way: in Cyclon and without MaxAge
	// about as many cycles as a view has places.
	cycles := uint32(p.cfg.View)
	if p.cfg.MaxAge > 0 {
		cycles = uint32(p.cfg.MaxAge)
	}
	v.heard(id) // not twice
	v.gone[v.nextGone] = absence{id, cycles + 1}
	v.nextGone = (v.nextGone + 1) % maxGone
}

// heard notes that a message came from a peer itself: it is there, and back if
// it had left.
func (m *memory) heard(id PeerID) {
	if m.recalled == id {
		m.recalled = NoPeer
	}
	m.trust(id)
	for i := range m.gone {
		if m.gone[i].id == id {
			m.gone[i].cycles = 0
		}
	}
}

// hasLeft tells whether a peer has said goodbye lately.
func (m *memory) hasLeft(id PeerID) bool {
	for i := range m.gone {
		if m.gone[i].id == id && m.gone[i].cycles > 0 {
			return true
		}
	}
	return false
}

func (m *memory) countDown() {
	for i := range m.gone {
		m.gone[i].cycles -= min(m.gone[i].cycles, 1)
	}
}

// holds tells whether the memory names a peer.
func (m *memory) holds(id PeerID) bool {
	return m.recalled == id || has(m.old, id) || m.hasLeft(id)
}
