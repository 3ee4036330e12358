package sim

import (
	"errors"
	"fmt"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// Overlay names who knows whom.
type Overlay uint8

// The overlays.
const (
	// FullMesh: everybody knows everybody. A range, not N² handles.
	FullMesh Overlay = iota
	// RandomOut: everybody knows View others, drawn once, distinct.
	RandomOut
	// Ring: peers in a circle; everybody knows the next View of it.
	Ring
	// Newscast: views are gossiped, as node.Newscast; everybody joins through
	// the source.
	Newscast
	// Cyclon: views are swapped piece by piece, as node.Cyclon; joining is as
	// under Newscast.
	Cyclon
	// GammaOut: as RandomOut, but neighbours are drawn by weights of a gamma law of
	// the given Shape, so that in-degrees differ: their coefficient of variation is
	// some √(1/Shape + 1/View).
	GammaOut
	// Regular: a random graph in which everybody knows View others, and they know him.
	// See overlay_regular.go.
	Regular
)

// gossips tells whether views are exchanged.
func (o Overlay) gossips() bool { return o == Newscast || o == Cyclon }

// Bounds of a Config: what one run may ask for.
const (
	MaxPeers   = 4_000_000
	MaxChunks  = 10_000_000
	MaxPairs   = 16_000_000_000 // peers × chunks: a byte each is kept
	MaxShape   = 1000
	MaxWorkers = 256
	MaxNAT     = 86400 * node.Second
	MaxTime    = 365 * 86400 * node.Second
	// MaxChunkSize is the most payload that one datagram of format J carries.
	MaxChunkSize = 65486
)

// Config is one run: a swarm, a stream, a network, and what is measured.
// Handle 0 is the source, 1 … Peers are the receivers.
type Config struct {
	// Seed is the root of every random number of the run.
	Seed uint64
	// Perturb reorders events that fall on the same instant, and changes
	// nothing else: with another value, results may move only as far as they
	// depend on the order of simultaneous events.
	Perturb uint64

	// Peers is the number of receivers; the source is one more.
	Peers int
	// Peer configures every receiver. Role, Period, Sampler, Everyone and
	// Hidden are the simulator's to set; the rest is used as given. Its View,
	// Gossip … matter under Newscast and Cyclon only.
	Peer node.Config
	// Copies is how many times the source sends each new chunk.
	Copies int

	// Overlay is who knows whom; View how many, for RandomOut, GammaOut (at most
	// half of the receivers), Regular (times the peers of the graph, even) and Ring. (Under Newscast and Cyclon it is Peer.View.)
	Overlay Overlay
	View    int
	// Shape of the weights under GammaOut: 1 … MaxShape.
	Shape int
	// SourceInViews says whether peers know the source, and push to it in vain,
	// as the original's do.
	SourceInViews bool
	// SourceKnowsAll lets the source choose among all receivers, whatever the
	// overlay.
	SourceKnowsAll bool
	// Knowledge is what peers know of each other without being told. Schedulers
	// that ask need it, others refuse it.
	Knowledge Knowledge
	// Join is when receivers start. The source starts at 0.
	Join Join

	// Link is every peer's link, but for those of Classes.
	Link link.Config
	// Classes are the receivers whose links, or rates, are not the usual ones; every
	// receiver is in one of them, or, where there are none, in none.
	Classes []Class
	// SourceLink is the source's link; nil: Link.
	SourceLink *link.Config
	// Churn is how receivers leave, come back, and what else happens.
	Churn Churn
	// Slots: peers act together, and what they send lands at the end of the slot,
	// plus what the link takes; a slot is Peer.Push long. See slots.go. Needs
	// synchronous ticks, at the same rate in all classes.
	Slots bool

	// Period is the time from one chunk to the next, repair chunks (Peer.FEC) included;
	// the first is born at 0.
	Period node.Time
	// ChunkSize is the payload of a chunk in bytes; a repair chunk has node.RepairHeader more.
	ChunkSize uint32
	// Duration is the length of the run. Chunks are born before it, and events
	// happen before it; what is then still in flight is counted as that.
	Duration node.Time

	// From and To bound the births of the chunks that count: From ≤ birth < To.
	From, To node.Time
	// Deadline is the chunk delay after which a chunk is missed; 0 waits till
	// the run's end.
	Deadline node.Time
	// Grace is how long after its joining a peer's pairs begin to count.
	Grace node.Time

	// Series has delivery over time counted (World.Series), and the metric recovery.
	Series bool

	// Wire encodes every message as a datagram of format J and parses it again.
	// It slows the run, and changes nothing in it.
	Wire bool

	// Workers is how many cores the run may use at a time; 0 is 1. It changes nothing in
	// the run: see windows.go. Runs that cannot be divided use one.
	Workers int

	// Trace, where set, is told of every event in the run's order. It slows the
	// run, and changes nothing in it.
	Trace func(Event)
}

// Join is when receivers start: peer i (from 0) at
// From + i·Every + a uniform draw below Spread; or, with Poisson, one after another from
// From on, after exponentially distributed gaps of mean Every.
type Join struct {
	From, Every, Spread node.Time
	Poisson             bool
}

// Class is a kind of receivers.
type Class struct {
	// Share of the receivers: those of all classes need not sum to 1.
	Share float64
	// Link is the access link of each of them.
	Link link.Config
	// Push is the time between two pushes of each, as node.Config.Push; 0: free riders.
	Push node.Time
	// Adaptive: as node.Config.Adaptive.
	Adaptive bool
	// NAT, where positive, lets in only what comes from whom the receiver itself has sent
	// to in this time: it can send, and is not reached by strangers.
	NAT node.Time
}

// Chunks is the number of chunks that are born in the run.
func (c *Config) Chunks() int { return int((c.Duration + c.Period - 1) / c.Period) }

// Validate tells the first thing that is wrong with c, the peer's and the
// link's configuration included.
func (c *Config) Validate() error {
	switch {
	case c.Peers < 1 || c.Peers > MaxPeers:
		return fmt.Errorf("sim: Peers is %d, must be 1 to %d", c.Peers, MaxPeers)
	case c.Overlay > Regular:
		return fmt.Errorf("sim: no Overlay %d", c.Overlay)
	case c.Overlay != FullMesh && !c.Overlay.gossips() && c.View < 1:
		return errors.New("sim: View must be at least 1")
	case (c.Overlay == RandomOut || c.Overlay == Regular) && c.View > c.known():
		return fmt.Errorf("sim: View is %d, and a peer has %d others to know", c.View, c.known())
	case c.Overlay == GammaOut && (c.View > c.Peers/2 || c.Shape < 1 || c.Shape > MaxShape):
		return fmt.Errorf("sim: GammaOut needs a View of at most half of the receivers, and a Shape of 1 to %d", MaxShape)
	case c.Overlay == Regular && c.View%2 == 1 && c.known()%2 == 0:
		return fmt.Errorf("sim: View is %d, and the Regular overlay is of %d peers; one of them must be even", c.View, c.known()+1)
	case c.Overlay == Ring && c.View > c.known():
		return fmt.Errorf("sim: View is %d, and the ring has %d others", c.View, c.known())
	case c.Wire && c.Overlay == Newscast && c.Peer.View >= wire.MaxEntries:
		return fmt.Errorf("sim: View is %d, and a datagram of format J has room for a view of %d entries", c.Peer.View, wire.MaxEntries-1)
	case c.Wire && c.Overlay == Cyclon && c.Peer.Shuffle > wire.MaxEntries:
		return fmt.Errorf("sim: Shuffle is %d, and a datagram of format J has room for %d entries", c.Peer.Shuffle, wire.MaxEntries)
	case c.Duration <= 0 || c.Duration > MaxTime:
		return errors.New("sim: Duration must be positive, at most a year")
	case c.Period <= 0 || c.Chunks() > MaxChunks:
		return fmt.Errorf("sim: Period must be positive, and make at most %d chunks", MaxChunks)
	case int64(c.Chunks())*int64(c.Peers+1) > MaxPairs:
		return fmt.Errorf("sim: %d peers × %d chunks is over %d pairs", c.Peers, c.Chunks(), int64(MaxPairs))
	case c.Workers < 0 || c.Workers > MaxWorkers:
		return fmt.Errorf("sim: Workers is %d, must be 0 to %d", c.Workers, MaxWorkers)
	case c.ChunkSize > MaxChunkSize:
		return fmt.Errorf("sim: ChunkSize is %d, must be at most %d", c.ChunkSize, MaxChunkSize)
	case c.Peer.FEC.Repair > 0 && c.ChunkSize > MaxChunkSize-node.RepairHeader:
		return fmt.Errorf("sim: ChunkSize is %d, must be at most %d with FEC, whose chunks are larger", c.ChunkSize, MaxChunkSize-node.RepairHeader)
	case c.From < 0 || c.To <= c.From || c.To > c.Duration:
		return errors.New("sim: need 0 ≤ From < To ≤ Duration")
	case c.Peer.Follow || c.Peer.Headers != 0:
		return errors.New("sim: Peer.Follow and Peer.Headers are for real peers: here all know the period, and links are IPv4")
	case c.Deadline < 0 || c.Deadline > 0 && c.To+c.Deadline > c.Duration:
		return errors.New("sim: Deadline must not be negative, and the run must go on for it after To")
	case c.Grace < 0 || c.Grace > MaxTime:
		return errors.New("sim: Grace must be 0 to a year")
	case c.Join.From < 0 || c.Join.Every < 0 || c.Join.Spread < 0,
		c.Join.From > MaxTime || c.Join.Every > MaxTime || c.Join.Spread > MaxTime:
		return errors.New("sim: the times of Join must be 0 to a year")
	}
	if c.Join.Poisson && (c.Join.Every == 0 || c.Join.Spread > 0) {
		return errors.New("sim: a Poisson Join needs Every, the mean gap, and has no Spread")
	}
	if err := c.validateSlots(); err != nil {
		return err
	}
	if err := c.validateLinks(); err != nil {
		return err
	}
	if err := c.validateChurn(); err != nil {
		return err
	}
	peers, source := c.nodeConfigs()
	for i := range peers {
		if err := peers[i].Validate(); err != nil {
			return err
		}
	}
	return source.Validate()
}

func (c *Config) validateLinks() error {
	if err := c.Link.Validate(); err != nil {
		return err
	}
	if c.SourceLink != nil {
		if err := c.SourceLink.Validate(); err != nil {
			return fmt.Errorf("sim: SourceLink: %w", err)
		}
		if c.SourceLink.Regions != c.Link.Regions {
			return errors.New("sim: SourceLink must have the Regions of Link")
		}
	}
	if len(c.Classes) > MaxClasses {
		return fmt.Errorf("sim: more than %d Classes", MaxClasses)
	}
	sum := 0.0
	for i := range c.Classes {
		k := &c.Classes[i]
		if err := k.Link.Validate(); err != nil {
			return fmt.Errorf("sim: Classes[%d]: %w", i, err)
		}
		switch {
		case !(k.Share >= 0 && k.Share <= 1e9):
			return fmt.Errorf("sim: Classes[%d]: Share must not be negative", i)
		case k.NAT < 0 || k.NAT > MaxNAT:
			return fmt.Errorf("sim: Classes[%d]: NAT must be 0 to a day", i)
		case k.Link.Regions != c.Link.Regions:
			return fmt.Errorf("sim: Classes[%d]: all links must have the same Regions", i)
		}
		sum += k.Share
	}
	if len(c.Classes) > 0 && sum == 0 {
		return errors.New("sim: no class has a share of the receivers")
	}
	return nil
}

// known is how many others a receiver can know.
func (c *Config) known() int {
	if c.SourceInViews {
		return c.Peers
	}
	return c.Peers - 1
}

// nodeConfigs makes the configurations that the peers share: the receivers', by class
// (the first one where there are no classes), and the source's, which differs in role,
// buffer and copies.
func (c *Config) nodeConfigs() (peers []node.Config, source node.Config) {
	peer := c.Peer
	peer.Role = node.Receiver
	if c.Knowledge != NoKnowledge {
		peer.Knowledge = (*clairvoyance)(nil) // New makes one that sees
	}
	peer.Period = c.Period
	peer.Hidden = node.NoPeer
	if !c.SourceInViews {
		peer.Hidden = sourceID
	}
	switch c.Overlay {
	case FullMesh:
		peer.Sampler = node.Full
		peer.Everyone = node.Range{First: 1, Count: uint32(c.Peers)}
		if c.SourceInViews {
			peer.Everyone = node.Range{First: 0, Count: uint32(c.Peers) + 1}
		}
	case Newscast:
		peer.Sampler = node.Newscast
	case Cyclon:
		peer.Sampler = node.Cyclon
	default:
		peer.Sampler = node.Static
	}
	if c.Overlay.gossips() {
		peer.Goodbye = c.Churn.Goodbye
	}
	source = peer
	source.Role, source.Adaptive = node.Source, false
	source.Copies = c.Copies
	if c.SourceKnowsAll {
		source.Sampler = node.Full
	}
	if c.Overlay == FullMesh || c.SourceKnowsAll {
		source.Everyone = node.Range{First: 1, Count: uint32(c.Peers)}
	}
	peer.Upload = c.reckoned(&peer, &c.Link)
	if peer.Paced() {
		source.Upload = peer.Upload
		if c.SourceLink != nil {
			source.Upload = uint64(c.SourceLink.Upload)
		}
	}
	peers = []node.Config{peer}
	for i := range c.Classes {
		peer.Push, peer.Adaptive = c.Classes[i].Push, c.Classes[i].Adaptive
		peer.Upload = c.reckoned(&peer, &c.Classes[i].Link)
		if peer.Push == 0 {
			peer.GossipCheck = 0 // it counts ticks, and there are none
		}
		peers = append(peers, peer)
	}
	return peers, source
}

// reckoned is what a peer is told that its upload link sends; 0 is no limit, or none of its
// concern. Peers know nothing of an MTU: with an adaptive rate, which would queue what it
// underrates, the link is slower by what the headers of all packets take.
func (c *Config) reckoned(peer *node.Config, at *link.Config) uint64 {
	switch {
	case peer.Paced():
		return uint64(at.Upload)
	case !peer.Adaptive:
		return 0
	}
	size := wire.Size(&node.Message{Kind: node.Carry, Size: c.ChunkSize + node.RepairHeader})
	model := link.New(at, c.Seed)
	return uint64(at.Upload) * size / uint64(model.Bytes(int64(size)))
}

// sourceID is the source's handle.
const sourceID node.PeerID = 0
