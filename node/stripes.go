package node

import "fmt"

// Stripes pushes along trees that a mesh chooses and mends. Chunk c belongs to
// stripe c modulo Config.Stripes. Of every stripe a peer has one parent among
// its partners, which pushes each of its chunks without being asked: a hop costs
// one latency, and next to no control. All the rest finds parents and mends gaps:
//
//   - Partners are taken from the view. They tell each other every Config.Report,
//     and when something changes, what they hold, how old chunks of each stripe
//     are when they get them, and how many more stripes they could serve.
//   - A peer serves no more stripes than its upload carries. Few stripes are its
//     own: there it may take the place of a child that is not in its own, and is
//     sent to first; so trees are shallow, and most of a stripe's peers are its
//     leaves (the interior-node-disjoint trees of SplitStream: Castro et al., SOSP
//     2003; here nothing but partners' words makes them).
//   - A child moves to a partner that has the stripe earlier, and to any that has
//     it when its parent fails. A push carries its path as a Bloom filter of 64
//     bits, so that nobody is served by what it feeds.
//   - A gap is asked for (Config.Repair): of the parent, which knows whether the
//     chunk is queued, on its way or not there yet; later of any partner that
//     shows it. Such service is bounded to what pushing leaves, so that trees
//     never starve for it.
//
// It has no ticks: it pushes when a chunk arrives, at the pace of Config.Upload.
var Stripes = enlist(stripes{})

type stripes struct{}

func (stripes) Name() string { return "stripes" }
func (stripes) About() string {
	return "every chunk down its stripe's tree, which neighbours build and mend; gaps are asked for"
}

// Pick has nothing to choose: trees push when a chunk arrives.
func (stripes) Pick(*Peer) (PeerID, ChunkID, bool) { return NoPeer, 0, false }

// Bounds and defaults of Stripes.
const (
	MaxStripes     = 32
	DefaultStripes = 20
	// DefaultReport is Config.Report where nothing else is known.
	DefaultReport = 1500 * Millisecond
	// DefaultPatience is Config.Patience where nothing else is known.
	DefaultPatience = 100 * Millisecond
	// MinMeshBuffer and MaxMeshBuffer bound Config.Buffer under Stripes: a gap is
	// asked for as long as its chunk would fit the buffer.
	MinMeshBuffer = 16
	MaxMeshBuffer = 1024

	maxPartners  = 28 // who asks to be one is taken up to this
	wantPartners = 16 // so many are looked for
	maxParcels   = 64 // chunks queued for sending, of each urgency
	maxGaps      = 4  // chunks asked for at a time
	unknownAge   = 255
	ageUnit      = 16 * Millisecond // of the ages that partners tell
)

// Times of the protocol, found at latencies of 20 to 100 ms.
const (
	spread      = 300 * Millisecond // the last copy of a chunk leaves a peer within
	crowd       = 165 * Millisecond // copies that leave within this fill a stripe of our own
	maxQueued   = Second            // what has waited longer for sending is not sent
	tooLate     = 500 * Millisecond // before its deadline a chunk is not worth sending any more
	improve     = 2 * Second        // between two looks for better parents
	moves       = 4                 // to better parents at a time, at most
	gain        = 150 * Millisecond // that a better parent must bring
	orphanLag   = 60 * Millisecond  // the same for whoever has no parent, and must not be choosy
	leafLag     = 150 * Millisecond // a parent that is a leaf itself counts as so much later
	forgive     = 5 * Second        // who refused is asked again after
	forlorn     = 5 * Second        // without a parent somebody is not by chance
	minPatient  = 150 * Millisecond // for an answer beyond the round trip
	resend      = 130 * Millisecond // after which the source sends again when asked
	mostPatient = 200 * Millisecond // of Patience grown by what the delay varies
	elsewhere   = 400 * Millisecond // a parent without the chunk is waited for
	overtaken   = Second            // a state by a later one; who has lost us counts anew
	suspicious  = 400 * Millisecond // of silence, when another partner has died
	rounds      = 3                 // chunks of a stripe that miss before its parent is given up
)

// The urgencies of a parcel.
const (
	urgent = iota // asked for
	inner         // to a child in its own stripe, or late already
	outer         // to all others
	classes
)

// mesh is what a peer keeps for Stripes. Nothing in it grows after Init.
type mesh struct {
	partners [maxPartners]partner
	trees    [MaxStripes]tree
	queue    [classes]parcels
	chunks   []chunkNote // by chunk modulo their number, a power of 2
	draws    Rand

	stripes int
	own     uint32 // a bit a stripe: ours to be interior in
	mark    uint8  // our bit in paths
	slots   int    // stripes that we can serve; 0 until a chunk's size is known
	fan     int    // of these, in one stripe
	size    uint32 // payload of a chunk, smoothed under Follow
	patient Time   // Config.Patience
	period  Time   // of the stream; 0: not known yet
	heavy   Time   // what a chunk took of the upload link when slots was reckoned
	rhythm  Time   // and the period then

	begun  bool    // a chunk has come
	first  ChunkID // the first of them
	newest ChunkID
	held   uint64 // bit i: newest−i is held
	clock  Time   // birth of chunk 0 as we reckon it, for telling gaps
	came   Time   // the last chunk of any stripe
	paused Time   // when the stream was last seen to pause
	low    ChunkID

	freeAt    Time // of the upload link
	credit    int64
	creditAt  Time
	sweepAt   Time
	urgentAt  Time
	improveAt Time
}

// tree is our place in one stripe's tree.
type tree struct {
	parent   int8 // index of the partner; −1: none
	age, dev Time // of its chunks when they come, smoothed; age 0: never
	fresh    Time // when the parent last pushed one
	since    Time // when the parent became it
	path     uint64
}

// chunkNote is what is remembered of a chunk.
type chunkNote struct {
	id     ChunkID
	have   bool
	mended bool // it, or one before it on its path, was asked for
	tries  uint8
	born   Time // as its path's clocks have it, on ours
	until  Time // an answer is waited for
}

// partner is a neighbour with whom states are exchanged.
type partner struct {
	id     PeerID
	heard  Time
	told   Time
	asked  Time // when it was last asked for an answer; 0: it has answered
	trip   Time // round trip, smoothed; 0: unknown
	busy   Time // not to be asked for chunks before
	newest ChunkID
	held   uint64

	ages     [MaxStripes]uint8
	own      uint32 // its own stripes
	wants    uint32 // we push to it
	gives    uint32 // it pushes to us
	courted  uint32 // asked for, not answered yet
	refused  uint32
	courtAt  Time
	refuseAt Time
	free     uint8
	freeThen uint8 // free when it last refused
	mark     uint8
	misses   uint8 // answers that have not come
	source   bool
	turned   bool
	asks     bool       // for the period
	greeted  bool       // with a chunk
	turn     uint8      // of our states to it, modulo 32
	came     uint8      // of its newest state, where turned
	cameAt   Time       // and when that came
	sent     [4]ChunkID // last pushed to it
	sentAt   [4]Time
	sentN    uint8
	presumed ChunkID // one more than that last asked for which seemed to be on its way; 0: none
}

// parcel is a chunk to be sent to a partner.
type parcel struct {
	chunk ChunkID
	to    PeerID
	at    Time // since when it waits
	place uint8
}

// parcels is a queue; the oldest is dropped when it is full.
type parcels struct {
	list    [maxParcels]parcel
	head, n uint8
}

func (q *parcels) at(i uint8) *parcel { return &q.list[(q.head+i)%maxParcels] }

func (q *parcels) push(c parcel) {
	if q.n == maxParcels {
		q.pop()
	}
	*q.at(q.n) = c
	q.n++
}

func (q *parcels) pop() parcel {
	c := q.list[q.head]
	q.head = (q.head + 1) % maxParcels
	q.n--
	return c
}

// oldest brings the parcel of the oldest chunk to the head: its receivers are
// those who wait longest.
func (q *parcels) oldest(m *mesh) {
	best := uint8(0)
	for i := uint8(1); i < q.n; i++ {
		if m.note(q.at(i).chunk).born < m.note(q.at(best).chunk).born {
			best = i
		}
	}
	c := *q.at(best)
	for ; best > 0; best-- {
		*q.at(best) = *q.at(best - 1)
	}
	*q.at(0) = c
}

// waits tells whether a chunk is queued for a partner.
func (q *parcels) waits(c ChunkID, to PeerID) bool {
	for i := range q.n {
		if x := q.at(i); x.chunk == c && x.to == to {
			return true
		}
	}
	return false
}

func newMesh(cfg *Config, id PeerID, seed uint64, now Time) *mesh {
	size := 1
	for size < cfg.Buffer {
		size *= 2
	}
	m := &mesh{
		stripes: cfg.Stripes,
		chunks:  make([]chunkNote, size),
		draws:   Stream(seed, ForStripes, uint64(id)),
		patient: cfg.Patience,
		period:  cfg.Period,
	}
	m.mark = uint8(m.draws.Below(64))
	for i := range m.partners {
		m.partners[i].id = NoPeer
	}
	for k := range m.trees {
		m.trees[k].parent, m.trees[k].since = -1, now
	}
	m.sweepAt = now + m.draws.Span(m.beat())
	m.improveAt = now + m.draws.Span(improve)
	return m
}

// restart forgets the stream, and keeps the partners and the trees: another stream
// has begun in its place.
func (m *mesh) restart() {
	m.begun, m.first, m.newest, m.held, m.clock, m.low = false, 0, 0, 0, 0, 0
	clear(m.chunks)
	for class := range m.queue {
		m.queue[class].n = 0
	}
	for i := range m.partners {
		f := &m.partners[i]
		f.newest, f.held, f.sentAt, f.presumed = 0, 0, [4]Time{}, 0
	}
}

// beat is the time between two looks at everything that waits.
func (m *mesh) beat() Time {
	if m.period == 0 {
		return 40 * Millisecond // nobody has told it yet
	}
	return min(max(m.period, 5*Millisecond), 40*Millisecond)
}

// round is the time between two chunks of a stripe.
func (m *mesh) round() Time { return Time(m.stripes) * m.period }

// wakeup is when the mesh has something to do.
func (m *mesh) wakeup() Time {
	if m == nil {
		return Never
	}
	if m.queue[urgent].n+m.queue[inner].n+m.queue[outer].n > 0 {
		return min(m.sweepAt, m.freeAt)
	}
	return m.sweepAt
}

// validateStripes looks at the knobs of Stripes.
func (c *Config) validateStripes() error {
	if c.Scheduler != Stripes {
		switch {
		case c.Stripes != 0 || c.Report != 0 || c.Follow:
			return fmt.Errorf("node: Stripes, Report and Follow are for the scheduler stripes")
		case c.Headers != 0 && c.Upload == 0:
			return fmt.Errorf("node: Headers is for Upload")
		case c.Upload != 0 && c.Scheduler != Offer && !c.Adaptive:
			return fmt.Errorf("node: Upload is for the schedulers stripes and offer, and an Adaptive rate")
		case (c.Repair || c.Patience != 0) && !c.hasCircle():
			return fmt.Errorf("node: Repair and Patience are for the schedulers stripes and offer, and for Maps")
		}
		return nil
	}
	switch {
	case c.Stripes < 1 || c.Stripes > MaxStripes:
		return within("Stripes", c.Stripes, 1, MaxStripes)
	case c.Policy != Window:
		return fmt.Errorf("node: the scheduler stripes needs the Policy Window")
	case c.Buffer < MinMeshBuffer || c.Buffer > MaxMeshBuffer:
		return within("Buffer", c.Buffer, MinMeshBuffer, MaxMeshBuffer)
	case c.Period <= 0 && (!c.Follow || c.Role == Source):
		return fmt.Errorf("node: the scheduler stripes needs Period, or to Follow as a Receiver")
	case c.Follow && c.Period != 0 && (c.Period < MinFollowed || c.Period > MaxFollowed):
		return fmt.Errorf("node: with Follow, Period must be 100 µs … 10 s")
	case c.Headers != 0:
		if err := within("Headers", c.Headers, udpBytes, 128); err != nil {
			return err
		}
	}
	switch {
	case c.Report < 10*Millisecond || c.Report > 60*Second:
		return fmt.Errorf("node: Report must be 10 ms … 60 s")
	case c.Patience < 0 || c.Patience > 60*Second:
		return fmt.Errorf("node: Patience must be 0 … 60 s")
	case c.Upload > MaxUpload:
		return fmt.Errorf("node: Upload must be at most 10 Tbit/s")
	case c.Push != 0:
		return fmt.Errorf("node: the scheduler stripes has no ticks: Push must be 0")
	}
	return nil
}

func (m *mesh) note(c ChunkID) *chunkNote { return &m.chunks[int(c)&(len(m.chunks)-1)] }

// has tells whether a chunk is held, and remembered.
func (m *mesh) has(c ChunkID) bool {
	n := m.note(c)
	return n.have && n.id == c
}

// find gives the index of a partner; −1 for a stranger.
func (m *mesh) find(id PeerID) int {
	if id == NoPeer {
		return -1
	}
	for i := range m.partners {
		if m.partners[i].id == id {
			return i
		}
	}
	return -1
}

// holds tells whether a handle is a partner's.
func (m *mesh) holds(id PeerID) bool { return m != nil && m.find(id) >= 0 }

// serves counts the stripes that we push.
func (m *mesh) serves() (n int) {
	for i := range m.partners {
		n += count32(m.partners[i].wants)
	}
	return n
}
