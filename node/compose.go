package node

import "fmt"

// composed is a scheduler made of a chunk selection, a peer selection and their
// order, as the literature names them: "lb/up" chooses the latest chunk, then a
// random peer that lacks it; "rp/lu" chooses a random peer, then the latest chunk
// that it lacks.
type composed struct {
	chunk     chunkRule
	peer      peerRule
	peerFirst bool
}

// chunkParts and peerParts name the selections, in the order of their values.
// About has a gap for whose lack is meant, where anybody's is.
var (
	chunkParts = []struct{ name, alias, about string }{
		{"rb", "rb", "a random chunk"},
		{"lb", "lb", "the latest chunk"},
		{"ru", "ru", "a random one of the chunks that %s"},
		{"lu", "luc", "the latest chunk that %s"},
		{"ed", "ou", "the oldest chunk, due first, that %s"},
		{"dl", "dlc", "the chunk with the earliest scheduling deadline of those that %s"},
		{"ra", "rarest", "the rarest of the chunks that %s"},
	}
	peerParts = []struct{ name, alias, about, needy string }{
		{"rp", "rp", "a random neighbour", "a random neighbour%s"},
		{"ba", "ba", "a neighbour drawn by its upload", "a neighbour drawn by its upload%s"},
		{"rr", "rr", "the neighbours in turn", "the next neighbour%s"},
		{"up", "up", "", "a random neighbour%s"},
		{"el", "elp", "", "the neighbour whose newest chunk is the oldest%s"},
		{"dp", "dp", "", "the neighbour that lacks most%s"},
	}
)

// Parts are the names of the selections of chunks and of peers, of which
// schedulers are composed.
func Parts() (chunks, peers []string) {
	for _, part := range chunkParts {
		chunks = append(chunks, part.name)
	}
	for _, part := range peerParts {
		peers = append(peers, part.name)
	}
	return chunks, peers
}

// All sensible compositions are in the registry. Where both selections are
// blind their order means nothing, and the chunk's stands first.
var _ = func() bool {
	for chunk := range chunkRule(len(chunkParts)) {
		for peer := range peerRule(len(peerParts)) {
			for _, peerFirst := range []bool{false, true} {
				s := composed{chunk, peer, peerFirst}
				blind := !chunk.useful() && !peer.useful()
				if s.useless() == nil && (!blind || !peerFirst && peer != randomPeer) {
					enlist(s)
				}
			}
		}
	}
	return true
}()

// useless says why nobody would want s.
func (s composed) useless() error {
	chunk, peer := chunkParts[s.chunk].name, peerParts[s.peer].name
	switch {
	case s.peerFirst && s.peer.useful() && !s.chunk.useful():
		return fmt.Errorf("it chooses a neighbour for what it lacks, and then a chunk blindly; want %s/%s, or %s/lu", chunk, peer, peer)
	case !s.peerFirst && s.chunk.useful() && s.peer == randomPeer:
		return fmt.Errorf("it chooses a chunk that a neighbour lacks, and then any neighbour; want %s/up, or rp/%s", chunk, chunk)
	}
	return nil
}

// compose finds the scheduler of two selections by their names, in small
// letters.
func compose(first, second string) (Scheduler, error) {
	s := composed{}
	chunk, isChunk := chunkNamed(first)
	if s.peerFirst = !isChunk; s.peerFirst {
		if chunk, isChunk = chunkNamed(second); isChunk {
			second = first
		}
	}
	peer, isPeer := peerNamed(second)
	if !isChunk || !isPeer {
		return nil, fmt.Errorf("it must have one of the chunks %s, and one of the peers %s", names(true), names(false))
	}
	s.chunk, s.peer = chunk, peer
	if !chunk.useful() && !peer.useful() {
		s.peerFirst = false
		switch {
		case peer != randomPeer:
		case chunk == latestBlind:
			return Latest, nil
		default:
			return Random, nil
		}
	}
	return s, s.useless()
}

func names(ofChunks bool) (text string) {
	list, peers := Parts()
	if !ofChunks {
		list = peers
	}
	for i, name := range list {
		if i > 0 {
			text += " "
		}
		text += name
	}
	return text
}

func chunkNamed(name string) (chunkRule, bool) {
	for i, part := range chunkParts {
		if part.name == name || part.alias == name {
			return chunkRule(i), true
		}
	}
	return 0, false
}

func peerNamed(name string) (peerRule, bool) {
	for i, part := range peerParts {
		if part.name == name || part.alias == name {
			return peerRule(i), true
		}
	}
	return 0, false
}

func (s composed) Name() string {
	if s.peerFirst {
		return peerParts[s.peer].name + "/" + chunkParts[s.chunk].name
	}
	return chunkParts[s.chunk].name + "/" + peerParts[s.peer].name
}

func (s composed) About() string {
	chunk, peer := chunkParts[s.chunk].about, peerParts[s.peer]
	if s.peerFirst {
		of := ""
		if s.peer.useful() {
			of = ", of those that lack one"
		}
		return "to " + fmt.Sprintf(peer.needy, of) + ", " + fmt.Sprintf(chunk, "it lacks")
	}
	if s.chunk.useful() {
		chunk = fmt.Sprintf(chunk, "a neighbour lacks")
	}
	if s.knows() {
		return chunk + ", to " + fmt.Sprintf(peer.needy, ", of those that lack it")
	}
	return chunk + ", to " + peer.about
}

// knows tells whether s looks at what neighbours lack.
func (s composed) knows() bool { return s.chunk.useful() || s.peer.useful() }

// Pick chooses. Where the peer is chosen first and lacks nothing, nothing is
// pushed: the literature's schedulers do not try again.
func (s composed) Pick(p *Peer) (PeerID, ChunkID, bool) {
	if p.Neighbours() == 0 || p.Chunks() == 0 {
		return NoPeer, 0, false
	}
	if !s.knows() {
		return s.peer.blindly(p), s.chunk.blindly(p), true
	}
	var held chunkMap
	held.hold(p)
	useful := held
	var to PeerID
	var c ChunkID
	ok := true
	if s.peerFirst {
		if s.peer.useful() {
			to, ok = s.peer.among(p, candidates{p: p, wants: &held}, &held)
		} else {
			to = s.peer.blindly(p)
		}
		if ok {
			useful.keepLackedBy(p.knowledge(), to)
			c, ok = s.chunk.from(p, &useful)
		}
		return to, c, ok
	}
	if s.chunk.useful() {
		useful.keepLackedByAny(p)
		c, ok = s.chunk.from(p, &useful)
	} else {
		c = s.chunk.blindly(p)
	}
	if ok {
		to, ok = s.peer.among(p, lackersOf(p, c), &held)
	}
	return to, c, ok
}

// NeedsKnowledge tells whether a peer with this scheduler needs
// Config.Knowledge.
func NeedsKnowledge(s Scheduler) bool {
	c, ok := s.(composed)
	return ok && (c.knows() || c.peer == bandwidthAware)
}

// IsBlind tells whether a scheduler pushes at every tick, and asks nobody.
func IsBlind(s Scheduler) bool { return !NeedsKnowledge(s) && s != Stripes && s != Offer }

// NeedsOracle tells whether that Knowledge must be an Oracle: for upload rates
// and scheduling deadlines, of which no message speaks.
func NeedsOracle(s Scheduler) bool {
	c, ok := s.(composed)
	return ok && (c.peer == bandwidthAware || c.chunk == deadlineUseful)
}
