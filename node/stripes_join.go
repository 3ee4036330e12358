package node

// How a newcomer begins: whoever joins is to be served within some round trips.

// unanswered tells whether p has joined, and nobody has answered: its contacts may not
// be there, or not speak of stripes.
func (p *Peer) unanswered() bool { return p.views != nil && p.views.joining }

// maxGreeting is how far behind the newest chunk a newcomer may begin.
const maxGreeting ChunkID = 3

// startOutput begins the output with the first chunk that comes: what was born before
// is nobody's to wait for.
func (p *Peer) startOutput(c ChunkID) {
	p.out.startAt(c)
	p.out.period = p.mesh.period
}

// news is that a stripe comes for the first time. When it is the first of all, and when
// their number has doubled, partners are told out of turn, one a beat: what we have is
// what others wait for when many join at a time.
func (m *mesh) news(cfg *Config, now Time) {
	n := 0
	for k := range m.stripes {
		if m.trees[k].age > 0 {
			n++
		}
	}
	if n&(n-1) != 0 && n != m.stripes {
		return
	}
	m.tellSoon(cfg, now)
}

// tellSoon lets every partner be told our state, one a beat.
func (m *mesh) tellSoon(cfg *Config, now Time) {
	for i := range m.partners {
		f := &m.partners[i]
		f.told = min(f.told, now-cfg.Report)
	}
}

// greet gives a new child that holds nothing yet the newest chunk of its stripes: the
// next one may be a round away. One that is older would leave it too much to ask for.
func (p *Peer) greet(now Time, i int, given uint32, out *Outbox) {
	m := p.mesh
	f := &m.partners[i]
	if given == 0 || f.held != 0 || m.held == 0 || f.greeted {
		return
	}
	for back := range min(maxGreeting, m.newest+1) {
		c := m.newest - back
		if given>>(int(c)%m.stripes)&1 == 0 || !m.has(c) {
			continue
		}
		f.greeted = true
		m.queue[urgent].push(parcel{chunk: c, to: f.id, at: now, place: uint8(i)})
		p.pump(now, out)
		return
	}
}
