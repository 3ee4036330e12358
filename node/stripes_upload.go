package node

// What the upload link carries: how many stripes can be served.

// settleSize reckons from a chunk's size what the upload link carries, and chooses
// our own stripes.
func (m *mesh) settleSize(cfg *Config, size uint32) {
	if m.slots > 0 || size == 0 {
		return
	}
	m.size = size
	near := m.reckon(cfg)
	if cfg.Role == Source {
		return
	}
	// Our own stripes lie evenly apart in time, so that their chunks do not meet in the queue.
	n := min(m.stripes, max(1, (m.slots+near/2)/near))
	start := int(m.draws.Below(uint32(m.stripes)))
	for j := range n {
		m.own |= 1 << ((start + j*m.stripes/n) % m.stripes)
	}
}

// reckon sets what we can serve, and tells how many near children fill a stripe of our
// own.
func (m *mesh) reckon(cfg *Config) (near int) {
	takes := cfg.takes(pushBytes + int64(m.size))
	m.heavy, m.rhythm = takes, m.period
	capacity := 8 * m.stripes // without a limit as much as eight copies
	m.fan = maxPartners
	near = 10
	if takes > 0 {
		capacity = int(min(m.round()/takes, Time(capacity)))
		m.fan = int(max(2, min(spread/takes, maxPartners)))
		near = int(max(2, min(crowd/takes, 10)))
	}
	// Something is left for states, losses and repair; more where there is enough.
	m.slots = max(capacity*80/100, min(capacity*93/100, (m.stripes*106+99)/100))
	if takes > 0 { // where upload is scarce, most of it goes into whole trees
		m.slots = max(m.slots, int(min(m.round()*97/(100*takes), Time(m.stripes))))
	}
	m.slots = max(m.slots, 1)
	if cfg.Role == Source {
		m.fan = max(1, m.slots/m.stripes) // no stripe is to go without
	}
	return near
}

// takes is how long bytes take on the upload link; 0 without a limit.
func (c *Config) takes(bytes int64) Time {
	if c.Upload == 0 {
		return 0
	}
	if c.Headers > 0 {
		bytes += int64(c.Headers) - udpBytes
	}
	return Time(bytes*8) * Second / Time(c.Upload)
}

// weigh takes a chunk's size into the mean, and reckons anew what we can serve when a
// chunk takes another part of the upload than it did by an eighth.
func (p *Peer) weigh(now Time, size uint32, out *Outbox) {
	m := p.mesh
	if !p.cfg.Follow || m.slots == 0 || p.cfg.Upload == 0 {
		return
	}
	m.size = uint32(int64(m.size) + (int64(size)-int64(m.size))/32)
	takes := p.cfg.takes(pushBytes + int64(m.size))
	before, today := float64(m.heavy)/float64(m.rhythm), float64(takes)/float64(m.period)
	if d := today - before; d*8 < before && -d*8 < before {
		return
	}
	m.reckon(p.cfg)
	for i := 0; i < maxPartners && m.serves() > m.slots; i++ {
		for f := &m.partners[i]; f.wants != 0 && m.serves() > m.slots; {
			p.dismiss(now, i, f.wants&-f.wants, out)
		}
	}
}
