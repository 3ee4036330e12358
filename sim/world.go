package sim

import (
	"pushcast/node"
	"pushcast/node/wire"
)

// World is a run in progress. It is not for use by two goroutines at once.
type World struct {
	cfg          Config
	peerConfigs  []node.Config // by class
	sourceConfig node.Config
	peers        []node.Peer // by slot; those that are not up are zero
	stations     []station   // by slot
	net          network
	queue        *queue
	views        slab // messages in flight, but for chunks
	transcoder   transcoder
	observer     observer
	crowd        crowd
	counts       Counts
	out          node.Outbox
	now          node.Time
	published    node.ChunkID                    // chunks born so far
	chunks       node.ChunkID                    // that will be
	up           int                             // receivers that are up
	strange      bool                            // there can be handles that name nobody
	elaborate    bool                            // chunks become datagrams, can be damaged, or differ in size
	chunkBytes   uint64                          // that a chunk's datagram has
	contacts     func(node.PeerID) []node.PeerID // whom a peer is told of when it starts
	clairvoyance *clairvoyance                   // nil without
	slotFor      node.Time                       // length of a slot; 0 without
	soonest      node.Time                       // no link takes less
}

// station is what the world keeps of a peer.
type station struct {
	wakeAt    node.Time // of the wake-up in the queue that counts; others are void
	events    uint32    // events that the peer has caused, for order.go
	datagrams uint32    // datagrams that it has sent, for the link's draws
}

// What an event can be, apart from a chunk's arrival; see event.what. A chunk's id is
// below isQueued: MaxChunks fits.
const (
	isQueued uint32 = 1 << 30 // flag: the datagram has passed its receiver's download link
	isView   uint32 = 1 << 31 // + place in the slab: another message arrives
	isWorld         = isLeave // from here on nothing arrives
	isWake   uint32 = 1<<32 - 1
	isBorn   uint32 = 1<<32 - 2 // the source has a new chunk
	isJoin   uint32 = 1<<32 - 3 // of a slot
	isBegin  uint32 = 1<<32 - 4 // of a change, of number to
	isEnd    uint32 = 1<<32 - 5
	isLeave  uint32 = 1<<32 - 6

	placeMask = 1<<30 - 1
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
	}
	w.peerConfigs, w.sourceConfig = cfg.nodeConfigs()
	w.net.init(&w.cfg)
	w.soonest = cfg.Link.Latency.Min
	for i := range cfg.Classes {
		w.soonest = min(w.soonest, cfg.Classes[i].Link.Latency.Min)
	}
	w.crowd.init(&w.cfg)
	w.strange = cfg.Churn.NewIdentity || w.net.garbles(&cfg)
	w.elaborate = cfg.Wire || w.strange || cfg.Peer.FEC.Repair > 0
	w.chunkBytes = wire.Size(&node.Message{Kind: node.Chunk, Size: cfg.ChunkSize})
	w.out.NoStore = true
	w.views.stride = max(cfg.Peer.View+1, cfg.Peer.EntriesPerMessage())
	w.queue = newQueue(min(max(cfg.Period, cfg.Peer.Push)+cfg.Link.Usual(), 10*node.Second))
	w.observer.init(&w.cfg, w.crowd.sessions != nil)
	w.chunks = w.observer.births.before(cfg.Duration)
	w.contacts = buildOverlay(&w.cfg)
	if cfg.Slots {
		w.slotFor = cfg.Peer.Push
	}
	if cfg.Knowledge != NoKnowledge {
		w.clairvoyance = newClairvoyance(w)
	}

	w.start(sourceID, &w.sourceConfig, cfg.Seed)
	if at := w.publishing(0); at < cfg.Duration {
		w.schedule(sourceID, at, isBorn)
	}
	for i := range cfg.Churn.Changes {
		w.announce(i)
	}
	w.join()
	return w, nil
}

// join lets the receivers join that join at once, and schedules the others.
func (w *World) join() {
	w.cfg.joining(&w.crowd, func(i uint32, at node.Time) {
		if at == 0 {
			w.enter(i)
			return
		}
		w.stations[i].wakeAt = node.Never
		if at < w.cfg.Duration {
			w.schedule(node.PeerID(i), at, isJoin)
		}
	})
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
	switch {
	case e.what < isView:
		w.arriveChunk(e)
	case e.what == isWake:
		s := &w.stations[slot(e.to)]
		if s.wakeAt != e.at {
			return // superseded by an earlier one, or its peer has left
		}
		p := &w.peers[slot(e.to)]
		if w.clairvoyance != nil {
			w.foresee()
		}
		p.Tick(e.at, &w.out)
		s.wakeAt = node.Never
		w.out.Wake = true
		w.perform(e.to, p)
	case e.what == isBorn:
		w.bear(e.at)
	case e.what == isJoin:
		w.enter(slot(e.to))
	case e.what == isLeave:
		w.leave(e.to)
	case e.what == isBegin || e.what == isEnd:
		w.change(int(e.to), e.what == isBegin)
	default:
		w.arriveMessage(e)
	}
}

// bear gives the source its next chunk.
func (w *World) bear(now node.Time) {
	c, p := w.published, &w.peers[sourceID]
	w.published++
	w.observer.born = w.published
	w.trace(Born, sourceID, sourceID, c)
	if w.clairvoyance != nil {
		w.clairvoyance.bear(c)
		w.foresee()
	}
	p.Publish(now, c, w.sizeOf(c), &w.out)
	if w.published < w.chunks {
		w.schedule(sourceID, w.publishing(w.published), isBorn)
	}
	w.perform(sourceID, p)
}

// start makes a peer and lets it know whom it knows.
func (w *World) start(id node.PeerID, cfg *node.Config, seed uint64) {
	p := &w.peers[slot(id)]
	p.Init(cfg, id, seed, w.now)
	w.stations[slot(id)].wakeAt = node.Never
	p.Bootstrap(w.now, w.contacts(id), &w.out)
	w.perform(id, p)
}

// perform carries out what a peer wants done.
func (w *World) perform(id node.PeerID, p *node.Peer) {
	if w.clairvoyance != nil {
		w.sendSeen(id)
	} else {
		for i := range w.out.Sends {
			w.send(id, &w.out.Sends[i])
		}
	}
	for _, c := range w.out.Played {
		w.observer.played(slot(id), c, w.now)
		w.trace(Played, id, id, c)
	}
	if w.out.Wake {
		s := &w.stations[slot(id)]
		// What was due before now is due now: a gap in the output, say, that was too
		// old when it was found.
		if at := max(w.deciding(p.Wakeup()), w.now); at < s.wakeAt {
			s.wakeAt = at
			w.schedule(id, at, isWake)
		}
	}
	w.out.Reset()
}

// schedule lets a peer cause an event to itself.
func (w *World) schedule(id node.PeerID, at node.Time, what uint32) {
	w.causes(&w.stations[slot(id)], id, id, at, what)
}

// isUp tells whether the peer of this handle is there.
func (w *World) isUp(id node.PeerID) bool {
	i := slot(id)
	return int(i) < len(w.peers) && w.peers[i].Up() && w.peers[i].ID() == id
}
