package node

import "fmt"

// Role is what a peer is to the stream.
type Role uint8

// The roles.
const (
	Receiver Role = iota // takes chunks in, pushes them on, puts them out
	Source               // has the stream: publishes, takes no chunk in
)

// Policy names a buffer discipline: which chunks a peer keeps for pushing.
type Policy uint8

// The buffer disciplines.
const (
	// Top keeps the highest ids ever received, none twice (GRAPES from March
	// 2010 on).
	Top Policy = iota
	// TopDup keeps the highest ids received, and every copy of one takes a
	// place: the original of January 2010.
	TopDup
	// FIFO keeps the newest arrivals, in the order of arrival; a chunk is
	// accepted at most once in a peer's life.
	FIFO
	// Window keeps every received id above the newest one less Buffer; a chunk
	// that arrives behind it is late, and dropped.
	Window
)

// Ticks names the law by which a peer's push ticks follow each other.
type Ticks uint8

// The tick laws.
const (
	// RandomPhase ticks periodically, from a random moment of the first period.
	RandomPhase Ticks = iota
	// Synchronous ticks at whole multiples of the period on the driver's clock:
	// peers of one period tick together.
	Synchronous
	// Poisson ticks after exponentially distributed gaps, the first one included.
	Poisson
	// Immediate ticks periodically from the moment of starting, as the original.
	Immediate
)

// Sampler names where a peer's neighbours come from.
type Sampler uint8

// The samplers.
const (
	// Static neighbours are those that Bootstrap hands over, for ever.
	Static Sampler = iota
	// Full takes every handle of Config.Everyone but the peer's own, without
	// keeping a list.
	Full
	// Newscast gossips views as the original's NCAST does.
	Newscast
	// Cyclon swaps parts of views (Voulgaris, Gavidia, van Steen 2005).
	Cyclon
)

// gossips tells whether neighbours come from views that peers exchange.
func (s Sampler) gossips() bool { return s == Newscast || s == Cyclon }

// Generator names how a peer draws its random numbers.
type Generator uint8

// The generators.
const (
	// Split gives every purpose of every peer an independent stream.
	Split Generator = iota
	// Original draws everything of a peer from one emulated rand() of glibc,
	// seeded 1 in every peer, as the original's processes do unwittingly.
	Original
)

// Range is the handles First … First+Count−1.
type Range struct {
	First PeerID
	Count uint32
}

// Bounds of a Config. They keep every peer's memory bounded, and catch
// settings that are typing errors.
const (
	MaxBuffer = 1 << 16 // chunks
	MaxWindow = 1 << 16 // output slots
	MaxView   = 1 << 12 // neighbours in a gossiped view
	MaxCopies = 1 << 16 // copies of one chunk from its source
	// MaxJoinWalk bounds what one join costs.
	MaxJoinWalk = 16

	MaxUpload = 10_000_000_000_000 // bits a second

	MaxRemember = 64 // old neighbours, whom every message is compared with
)

// Config is everything that may differ between two peers. It is read-only
// once peers use it: any number of them share one.
type Config struct {
	// Role: a Source publishes and refuses chunks, a Receiver does the rest.
	Role Role

	// Period is the time from one chunk of the stream to the next. The peer
	// needs it for Deadline only; a source's driver paces Publish by it.
	Period Time
	// Copies is how many times Publish sends the new chunk, each time to a
	// neighbour drawn anew, so that one may get it twice. Source only; 0 sends
	// none.
	Copies int
	// Push is the time between two pushes of a Receiver; 0 never pushes (a
	// free rider).
	Push Time
	// Adaptive pushes as Upload allows, and not where there is nothing new to push; Push
	// is then the least time between two pushes, and at most Period. See pace.go.
	Adaptive bool
	// Ticks is the law of the push ticks, of mean gap Push.
	Ticks Ticks
	// Scheduler chooses chunk and neighbour of each push. Required; see
	// Schedulers.
	Scheduler Scheduler
	// Knowledge is what the Scheduler may ask about neighbours; required by those
	// that ask (NeedsKnowledge, NeedsOracle), nil for all others. With it Buffer is
	// at most MaxUseful.
	Knowledge Knowledge

	// Stripes is the number of trees of the scheduler stripes, 1 … MaxStripes;
	// usually DefaultStripes. 0 with every other scheduler, as for the following.
	Stripes int
	// Upload is what the own link sends, in bits a second, headers included: so
	// much is promised to children, and sending is paced by it; under Offer, and where the
	// rate is Adaptive, too. 0 is no limit.
	Upload uint64
	// Report is after how long a partner is told the own state again, 10 ms …
	// 60 s; who is silent for twice that is gone. Usually DefaultReport.
	Report Time
	// Patience is for how long at least a chunk may be later than its stripe
	// usually is before it is asked for, 0 … 60 s; usually DefaultPatience.
	Patience Time
	// Repair asks partners for chunks that are missing; also with Offer, and with Maps.
	Repair bool

	// Maps is the time from one map to the next that a peer tells those who may push
	// to it: which of the newest 64 chunks it holds; 10 ms … 10 s, usually
	// DefaultMaps; 0 tells none by themselves. Maps are what schedulers that ask are
	// answered from, in place of Knowledge. They need Period.
	Maps Time
	// Ride lets chunks carry their sender's map, and, under Offer, an offer to
	// their receiver.
	Ride bool
	// Offers is how many offers and accepted chunks of the scheduler offer may be
	// under way, 1 … MaxOffers; usually DefaultOffers. 0 with every other scheduler,
	// as for the following.
	Offers int
	// Select is how many chunks are accepted of an offer, 1 … MaxSelect.
	Select int
	// Lock is for how long beyond a round trip an accepted chunk is waited for, 0 …
	// 10 s.
	Lock Time
	// PushYoung is the share of the mean age of chunks when they come, 0 … 1: those
	// that are younger are pushed unasked; 0: none.
	PushYoung float64

	// Policy and Buffer say which chunks are kept for pushing, and how many:
	// 1 … MaxBuffer. A Source keeps the one that it published last, but under Stripes and
	// Offer.
	Policy Policy
	Buffer int

	// Window is the number of slots of the output's reorder window, 1 …
	// MaxWindow: a gap is given up when a chunk arrives that is Window or more
	// ahead of it. 0 puts nothing out.
	Window int
	// Deadline gives a gap up when its chunk is due: at the stream's start as
	// this peer has seen it (the smallest arrival − id·Period so far) +
	// id·Period + Deadline. A chunk newer than all before it that comes after its own
	// time, as the first after a pause does, sets the start anew. 0 waits for ever, as
	// the original. Needs Period.
	Deadline Time

	// Ahead keeps ids that cannot belong to the stream from moving anything:
	// those more than Ahead above the newest accepted id, or more than
	// 2·(Window+Buffer) below it; see Outcome Stray. 0 believes every id, as the
	// original, which one forged chunk silences for ever; usually DefaultAhead.
	// Needs Window.
	Ahead int
	// Restart is for how long no new id must have been accepted before three
	// different strays within Window of each other start the peer anew, at the
	// smallest of them; eight chunk intervals where that is longer. The interval
	// is Period, or reckoned from what arrived. With Ahead only, usually
	// DefaultRestart.
	Restart Time

	// Sampler is where neighbours come from.
	Sampler Sampler
	// Everyone is the swarm under the sampler Full.
	Everyone Range
	// View is the number of places in a gossiped view, 1 … MaxView; the
	// original's is 30.
	View int
	// Shuffle is how many entries a Cyclon exchange swaps, the own one included,
	// 1 … View; the paper's is 8 of 20.
	Shuffle int
	// Gossip is the time from one view exchange to the next that this peer
	// begins, a cycle; the original's is 10 s.
	Gossip Time
	// Stagger lets the first exchange begin after a random part of a cycle, so
	// that peers which join together do not gossip together for ever. Without
	// it a cycle passes first, as in the original.
	Stagger bool
	// GossipCheck n looks at the gossip timer on every n-th tick only (and
	// after every view exchange): the original's way, with 10. 0 wakes up for
	// gossip on time; it is required where there are no ticks.
	GossipCheck int
	// Hidden is a peer that never enters the view, though it may be joined
	// through: a source that is not to be pushed to. NoPeer hides nobody.
	Hidden PeerID

	// MaxAge drops view entries that have not been heard of for this many
	// gossip cycles; 0 keeps them for ever, as the original. With AgeReplies, no
	// view of Newscast then holds a dead peer later than MaxAge + 1 cycles after
	// its death. Entries of Cyclon grow about as old as there are places.
	MaxAge int
	// DropSilent drops a neighbour that was asked for a view and had not
	// answered when the next exchange began. The original does not. (Newscast;
	// Cyclon always does.)
	DropSilent bool
	// AgeReplies ages the entries in a reply by one, so that two peers cannot
	// keep a dead one young between them. The original does not. (Newscast; in
	// Cyclon entries move and are not copied.)
	AgeReplies bool
	// Rejoin asks the contacts of Bootstrap again whenever gossip finds the
	// view empty. The original does not.
	Rejoin bool
	// Retry is after how long a view exchange that was not answered is begun
	// again, with another neighbour, and a join with the same contacts; each
	// further time after twice as long, at most Gossip. It should be more than a
	// round trip. 0 waits for the next exchange, as the original.
	Retry Time
	// JoinWalk is how many view exchanges follow at once on the answer to a join, each
	// with a random neighbour of those learned by then, 0 … MaxJoinWalk. Those who join
	// together through one contact are all told of the same few, and would know little
	// else for cycles; the walk spreads them within some round trips. And with it, who
	// joins takes only a free place in the contact's view: else a crowd drives the swarm
	// out of the one view that leads to it. The original does neither.
	JoinWalk int

	// Remember is how many peers, once neighbours, are kept in mind after the
	// view has forgotten them, 0 … MaxRemember; the original remembers none.
	// Two parts of a swarm that have lost sight of each other meet again through
	// them. One is added a cycle until the list is full, and then in the place
	// of one that was asked in vain, or said goodbye.
	Remember int
	// RecallEvery is in how many cycles, on average, one of the remembered or
	// the contacts is asked for its view in place of a neighbour, if it is none
	// now; a view with free places asks with as much more chance as places are
	// free. So it costs no message, and one exchange in RecallEvery where it finds
	// nobody. Positive with Remember, else 0.
	RecallEvery int
	// Goodbye lets Leave tell neighbours, partners and contacts, and drops at once who
	// says so, not to be learned of again from others for a while. The original does
	// neither.
	Goodbye bool

	// Neighbourhood is whom of the view the peer pushes to; the zero value: to all. For
	// Newscast and Cyclon.
	Neighbourhood Neighbourhood

	// AskStrangers asks the sender of a chunk for its view when the own one is
	// empty, at most once a second: so a source that was restarted finds the
	// swarm that still pushes to it. The original waits for somebody's gossip.
	AskStrangers bool

	// FEC has chunks that are missing computed from others of their block; see fec.go. The
	// source publishes the repair chunks; Period is the time from one id to the next.
	FEC Code

	// RNG is how random numbers are drawn.
	RNG Generator
}

// Validate tells the first thing that is wrong with c: which field, what is
// allowed.
func (c *Config) Validate() error {
	checks := []error{
		within("Role", int(c.Role), 0, int(Source)),
		within("Policy", int(c.Policy), 0, int(Window)),
		within("Ticks", int(c.Ticks), 0, int(Immediate)),
		within("Sampler", int(c.Sampler), 0, int(Cyclon)),
		within("RNG", int(c.RNG), 0, int(Original)),
		within("Copies", c.Copies, 0, MaxCopies),
		within("Buffer", c.Buffer, 1, MaxBuffer),
		within("Window", c.Window, 0, MaxWindow),
	}
	if c.Sampler.gossips() {
		checks = append(checks, c.validateMembership())
	}
	if c.Ahead != 0 {
		checks = append(checks, within("Ahead", c.Ahead, 0, 1<<30))
		if c.Window == 0 || c.Restart <= 0 {
			checks = append(checks, fmt.Errorf("node: Ahead needs Window and a positive Restart"))
		}
	} else if c.Restart != 0 {
		checks = append(checks, fmt.Errorf("node: Restart needs Ahead"))
	}
	if c.AskStrangers && !c.Sampler.gossips() {
		checks = append(checks, fmt.Errorf("node: AskStrangers needs the sampler Newscast or Cyclon"))
	}
	if c.Scheduler == nil {
		checks = append(checks, fmt.Errorf("node: Scheduler is missing"))
	}
	checks = append(checks, c.FEC.Validate(), c.validatePace(), c.validateKnowledge(), c.validateStripes(), c.validateNeighbourhood(), c.validateCircle())
	if c.Push < 0 || c.Period < 0 || c.Deadline < 0 {
		checks = append(checks, fmt.Errorf("node: Push, Period and Deadline must not be negative"))
	}
	if c.Deadline > 0 && c.Period == 0 {
		checks = append(checks, fmt.Errorf("node: Deadline needs Period"))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// validateMembership looks at the knobs of a gossiping overlay.
func (c *Config) validateMembership() error {
	checks := []error{
		within("View", c.View, 1, MaxView),
		within("GossipCheck", c.GossipCheck, 0, 1<<20),
		within("MaxAge", c.MaxAge, 0, 1<<20),
		within("Remember", c.Remember, 0, MaxRemember),
	}
	checks = append(checks, within("JoinWalk", c.JoinWalk, 0, MaxJoinWalk))
	if c.Gossip <= 0 || c.Retry < 0 {
		checks = append(checks, fmt.Errorf("node: Gossip must be positive, Retry not negative"))
	}
	if c.GossipCheck > 0 && c.Role == Receiver && c.Push == 0 {
		checks = append(checks, fmt.Errorf("node: GossipCheck needs ticks, and Push is 0"))
	}
	if c.Remember > 0 {
		checks = append(checks, within("RecallEvery", c.RecallEvery, 1, 1<<20))
	} else if c.RecallEvery != 0 {
		checks = append(checks, fmt.Errorf("node: RecallEvery needs Remember"))
	}
	if c.Sampler == Cyclon {
		checks = append(checks, within("Shuffle", c.Shuffle, 1, c.View))
		if c.DropSilent || c.AgeReplies {
			checks = append(checks, fmt.Errorf("node: DropSilent and AgeReplies are for Newscast; Cyclon drops the silent anyway"))
		}
	} else if c.Shuffle != 0 {
		checks = append(checks, fmt.Errorf("node: Shuffle is for Cyclon"))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func within(field string, v, lo, hi int) error {
	if v < lo || v > hi {
		return fmt.Errorf("node: %s is %d, must be %d to %d", field, v, lo, hi)
	}
	return nil
}

// instantOf is when chunk c is born, counted from the birth of chunk 0; it
// saturates where the product would overflow.
func (c *Config) instantOf(id ChunkID) Time {
	const far = Never / 4
	if c.Period > 0 && Time(id) > far/c.Period {
		return far
	}
	return Time(id) * c.Period
}
