package sim

import (
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// World is a run in progress. It is not for use by two goroutines at once.
type World struct {
	cfg          Config
	peerConfig   node.Config
	sourceConfig node.Config
	peers        []node.Peer // by handle; those that have not joined are zero
	stations     []station
	links        link.Model
	queue        *queue
	views        slab // view exchanges in flight
	transcoder   transcoder
	observer     observer
	counts       Counts
	out          node.Outbox
	now          node.Time
	published    node.ChunkID                    // chunks born so far
	joined       int                             // receivers that have joined so far
	contacts     func(node.PeerID) []node.PeerID // whom a peer is told of when it starts
}

// station is what the world keeps of a peer.
type station struct {
	wakeAt    node.Time // of the wake-up in the queue that counts; others are void
	events    uint32    // events that the peer has caused, for order.go
	datagrams uint32    // datagrams that it has sent, for the link's draws
}

// What an event can be, apart from a chunk's arrival; see event.what.
const (
	isView uint32 = 1 << 31 // + place in the slab: a view exchange arrives
	isWake uint32 = 1<<32 - 1
	isBorn uint32 = 1<<32 - 2 // the source has a new chunk
	isJoin uint32 = 1<<32 - 3
)

// New makes the world of a run at its instant 0: the source is up, and so are
// the receivers that join then.
func New(cfg Config) (*World, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w := &World{
		cfg:      cfg,
		peers:    make([]node.Peer, cfg.Peers+1),
		stations: make([]station, cfg.Peers+1),
		links:    link.New(&cfg.Link, cfg.Seed),
	}
	w.peerConfig, w.sourceConfig = cfg.nodeConfigs()
	w.out.NoStore = true
	w.views.stride = cfg.Peer.View + 1
	span := max(cfg.Period, w.peerConfig.Push) + cfg.Link.Latency.Max + cfg.Link.Jitter
	w.queue = newQueue(min(span, 10*node.Second))
	w.observer.init(&w.cfg)
	w.contacts = buildOverlay(&w.cfg)

	w.start(sourceID, &w.sourceConfig)
	w.schedule(sourceID, 0, isBorn)
	join := node.Stream(cfg.Seed, node.ForJoin, 0)
	for i := range cfg.Peers {
		id := node.PeerID(i + 1)
		at := cfg.Join.From + node.Time(i)*cfg.Join.Every
		if cfg.Join.Spread > 0 {
			at += join.Span(cfg.Join.Spread)
		}
		w.observer.joins(id, at)
		if at == 0 {
			w.join(id)
		} else {
			w.stations[id].wakeAt = node.Never
			w.schedule(id, at, isJoin)
		}
	}
	return w, nil
}

// Now is the instant up to which the run has been computed.
func (w *World) Now() node.Time { return w.now }

// Done tells whether the run has reached its Duration.
func (w *World) Done() bool { return w.now >= w.cfg.Duration }

// Advance computes everything that happens before the instant to, or before
// the run's end. However a run is cut into calls, its results are the same.
func (w *World) Advance(to node.Time) {
	to = min(to, w.cfg.Duration)
	for w.queue.until(to) {
		e := w.queue.pop()
		w.now = e.at
		w.counts.Events++
		w.happen(&e)
	}
	w.now = max(w.now, to)
}

func (w *World) happen(e *event) {
	p := &w.peers[e.to]
	switch {
	case e.what < isView:
		w.arrive(e, p)
		return
	case e.what == isWake:
		if w.stations[e.to].wakeAt != e.at {
			return // superseded by an earlier one
		}
		p.Tick(e.at, &w.out)
		w.stations[e.to].wakeAt = node.Never
		w.out.Wake = true
	case e.what == isBorn:
		c := w.published
		w.published++
		w.trace(Born, sourceID, sourceID, c)
		p.Publish(e.at, c, w.cfg.ChunkSize, &w.out)
		if int(w.published) < w.cfg.Chunks() {
			w.schedule(sourceID, node.Time(w.published)*w.cfg.Period, isBorn)
		}
	case e.what == isJoin:
		w.join(e.to)
		return
	default:
		w.exchange(e, p)
	}
	w.perform(e.to, p)
}

// arrive hands a chunk to the peer it was sent to.
func (w *World) arrive(e *event, p *node.Peer) {
	c, from := node.ChunkID(e.what), w.sender(e)
	if w.joined < w.cfg.Peers && !w.isUp(e.to) {
		w.counts.ToNobody++
		w.trace(ToNobody, e.to, from, c)
		return
	}
	m := node.Message{Kind: node.Chunk, From: from, To: e.to, Chunk: c, Size: w.cfg.ChunkSize}
	p.Handle(e.at, &m, nil, &w.out)
	w.trace(w.observe(e, from, c), e.to, from, c)
	if len(w.out.Played) > 0 || w.out.Wake {
		w.perform(e.to, p)
	} else {
		w.out.Reset()
	}
}

// observe counts what became of a chunk that arrived.
func (w *World) observe(e *event, from node.PeerID, c node.ChunkID) What {
	switch w.out.Outcome {
	case node.ToSource:
		w.counts.ToSource++
		return ToSource
	case node.Late:
		w.counts.Late++
		return Late
	case node.Duplicate:
	default:
		// A chunk that the peer does not hold may have passed through it
		// before; the observer remembers.
		if w.observer.first(e.to, from, c, e.at) {
			w.counts.Useful++
			return First
		}
	}
	w.counts.Duplicates++
	return Again
}

// exchange hands a view to the peer it was sent to.
func (w *World) exchange(e *event, p *node.Peer) {
	place := e.what &^ isView
	m, entries := w.views.get(place)
	if w.isUp(e.to) {
		w.trace(View, e.to, m.From, 0)
		p.Handle(e.at, &m, entries, &w.out)
	} else {
		w.trace(ToNobody, e.to, m.From, 0)
	}
	w.views.free(place)
}

// join starts a receiver.
func (w *World) join(id node.PeerID) {
	w.joined++
	w.trace(Joined, id, id, 0)
	w.start(id, &w.peerConfig)
}

// start makes a peer and lets it know whom it knows.
func (w *World) start(id node.PeerID, cfg *node.Config) {
	p := &w.peers[id]
	p.Init(cfg, id, w.cfg.Seed, w.now)
	w.stations[id].wakeAt = node.Never
	p.Bootstrap(w.now, w.contacts(id), &w.out)
	w.perform(id, p)
}

// perform carries out what a peer wants done.
func (w *World) perform(id node.PeerID, p *node.Peer) {
	for i := range w.out.Sends {
		w.send(id, &w.out.Sends[i])
	}
	for _, c := range w.out.Played {
		w.observer.played(id, c, w.now)
		w.trace(Played, id, id, c)
	}
	if w.out.Wake {
		s := &w.stations[id]
		if at := p.Wakeup(); at < s.wakeAt {
			s.wakeAt = at
			w.schedule(id, max(at, w.now), isWake)
		}
	}
	w.out.Reset()
}

// send puts a message on the sender's link.
func (w *World) send(from node.PeerID, m *node.Message) {
	s := &w.stations[from]
	n := s.datagrams
	s.datagrams++
	isChunk := m.Kind == node.Chunk
	if isChunk {
		m.Size = w.cfg.ChunkSize
		w.counts.Sends++
		w.trace(Sent, from, m.To, m.Chunk)
	} else {
		w.counts.Views++
		w.trace(SentView, from, m.To, 0)
	}
	if w.cfg.Wire {
		w.transcoder.pass(m, w.out.Entries[m.Offset:m.Offset+uint32(m.Count)])
	}
	w.counts.Bytes += wire.Size(m)
	delay, lost := w.links.Send(from, n)
	switch {
	case lost:
		if isChunk {
			w.counts.Lost++
		}
		w.trace(Lost, from, m.To, m.Chunk)
	case isChunk:
		w.causes(s, from, m.To, w.now+delay, uint32(m.Chunk))
	default:
		place := w.views.put(m, w.out.Entries[m.Offset:m.Offset+uint32(m.Count)])
		w.causes(s, from, m.To, w.now+delay, isView|place)
	}
}

// schedule lets a peer cause an event to itself.
func (w *World) schedule(id node.PeerID, at node.Time, what uint32) {
	w.causes(&w.stations[id], id, id, at, what)
}

// isUp tells whether a peer has joined.
func (w *World) isUp(id node.PeerID) bool {
	return int(id) < len(w.peers) && w.peers[id].Up()
}
