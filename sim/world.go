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
	lanes        []*lane     // in the order of their slots
	share        int         // how many peers a lane has, but for the last one
	net          network
	observer     observer
	crowd        crowd
	now          node.Time
	published    node.ChunkID                    // chunks born so far
	chunks       node.ChunkID                    // that will be
	strange      bool                            // there can be handles that name nobody
	elaborate    bool                            // chunks become datagrams, can be damaged, or differ in size
	chunkBytes   uint64                          // that a chunk's datagram has
	contacts     func(node.PeerID) []node.PeerID // whom a peer is told of when it starts
	clairvoyance *clairvoyance                   // nil without
	slotFor      node.Time                       // length of a slot; 0 without
	soonest      node.Time                       // no link takes less
	window       uint                            // windows are 2^window ns long, see windows.go; 0: there are none
	turn         int                             // of the two boxes in which lanes leave letters: that to be written
}

// station is what the world keeps of a peer.
type station struct {
	wakeAt    node.Time // of the wake-up in the queue that counts; others are void
	events    uint32    // events that the peer has caused, for order.go
	datagrams uint32    // datagrams that it has sent, for the link's draws
	account
}

// New makes the world of a run at its instant 0: the source is up, and so are
// the receivers that join then.
func New(cfg Config) (*World, error) { return newWorld(cfg, automatic) }

func newWorld(cfg Config, how order) (*World, error) {
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
	w.strange = cfg.Churn.NewIdentity || cfg.garbles()
	w.elaborate = cfg.Wire || w.strange || cfg.Peer.FEC.Repair > 0
	w.chunkBytes = wire.Size(&node.Message{Kind: node.Chunk, Size: cfg.ChunkSize})
	w.observer.init(&w.cfg, w.crowd.sessions != nil)
	w.layLanes(how)
	w.chunks = w.observer.births.before(cfg.Duration)
	w.contacts = buildOverlay(&w.cfg)
	if cfg.Slots {
		w.slotFor = cfg.Peer.Push
	}
	if cfg.Knowledge != NoKnowledge {
		w.clairvoyance = newClairvoyance(w)
	}

	home := w.lanes[0]
	home.start(sourceID, &w.sourceConfig, cfg.Seed)
	if at := w.publishing(0); at < cfg.Duration {
		home.schedule(sourceID, at, isBorn)
	}
	for i := range cfg.Churn.Changes {
		w.announce(i)
	}
	w.join()
	w.collectAll()
	return w, nil
}

// join lets the receivers join that join at once, and schedules the others.
func (w *World) join() {
	w.cfg.joining(&w.crowd, func(i uint32, at node.Time) {
		if at == 0 {
			w.laneOf(i).enter(i)
			return
		}
		w.stations[i].wakeAt = node.Never
		if at < w.cfg.Duration {
			w.laneOf(i).schedule(node.PeerID(i), at, isJoin)
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
	if w.window > 0 {
		w.advanceByWindows(to)
	} else {
		w.lanes[0].advance(to)
	}
	w.now = max(w.now, to)
	for _, l := range w.lanes {
		l.now = w.now
	}
}
