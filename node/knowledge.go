package node

import "fmt"

// Knowledge is what a scheduler may ask about neighbours. In the simulator it
// can be clairvoyance: the truth, for nothing, as the literature has it. It
// allocates nothing, and answers for every handle.
type Knowledge interface {
	// Lacks tells which of the 64 chunks from top downwards peer j has use for:
	// bit i is set when it does not hold chunk top−i, is not about to get it as
	// far as is known, and would take it in. Bits of chunks that the asking peer
	// does not hold mean nothing.
	Lacks(j PeerID, top ChunkID) uint64
	// Newest is the chunk of the highest id that j holds or is about to get; ok
	// is false where there is none.
	Newest(j PeerID) (c ChunkID, ok bool)
	// Sent tells that a peer has just decided to send c to another.
	Sent(from, to PeerID, c ChunkID)
}

// Oracle is the Knowledge of one who sees everybody. Some schedulers need it
// (NeedsOracle); in a full mesh it answers for all peers at once, which makes
// the useful schedulers affordable there.
type Oracle interface {
	Knowledge
	// Lackers are all peers that have use for c, as a set of handles (bit h%64 of
	// word h/64), and their number. It is asked under the sampler Full only.
	Lackers(c ChunkID) (set []uint64, n uint32)
	// Latest is what Newest says, of every handle: the chunk's id plus one; 0
	// where there is none.
	Latest() []uint32
	// Upload is how fast j pushes, in a unit that is the same for all; not 0.
	Upload(j PeerID) uint32
	// Postponed is how often the deadline of the copy of c that id holds has been
	// put off: how often it was sent, and before it the copies that it was made
	// from.
	Postponed(id PeerID, c ChunkID) uint32
}

// oracle gives the Knowledge as an Oracle, where it is one.
func (p *Peer) oracle() Oracle {
	o, _ := p.knowledge().(Oracle)
	return o
}

// crowd is the oracle where it can be asked about all neighbours at once.
func (p *Peer) crowd() Oracle {
	if p.cfg.Sampler != Full {
		return nil
	}
	return p.oracle()
}

// validateKnowledge tells whether scheduler and knowledge fit.
func (c *Config) validateKnowledge() error {
	_, isOracle := c.Knowledge.(Oracle)
	switch needs := NeedsKnowledge(c.Scheduler); {
	case c.byMaps() && !NeedsOracle(c.Scheduler):
		if needs && c.Buffer > MaxUseful {
			return fmt.Errorf("node: Buffer is %d, must be at most %d with Maps", c.Buffer, MaxUseful)
		}
	case needs && c.Knowledge == nil:
		return fmt.Errorf("node: Scheduler %s needs Knowledge", c.Scheduler.Name())
	case !needs && c.Knowledge != nil && c.Neighbourhood.Choose != ChooseUpload:
		return fmt.Errorf("node: Knowledge has no use: neither the Scheduler asks nor the Neighbourhood")
	case NeedsOracle(c.Scheduler) && !isOracle:
		return fmt.Errorf("node: Scheduler %s needs Knowledge, which must be an Oracle", c.Scheduler.Name())
	case needs && c.Buffer > MaxUseful:
		return fmt.Errorf("node: Buffer is %d, must be at most %d with Knowledge", c.Buffer, MaxUseful)
	}
	return nil
}
