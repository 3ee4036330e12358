package link

import (
	"errors"

	"pushcast/node"
)

// Loss is the loss of packets. With Burst 0 each is lost independently (Bernoulli).
//
// With Burst, losses come in runs: a two-state chain (Gilbert: Capacity of a Burst-Noise
// Channel, BSTJ 39, 1960; Elliott 1963, with loss 0 in the good state and 1 in the bad
// one) that leaves the bad state with probability 1/Burst, and enters it so often that
// the share Rate of all packets is lost. Runs of loss are geometric, of mean Burst.
type Loss struct {
	Rate  float64 // 0 … 1
	Burst float64 // mean number of packets in a run; 0, or 1 … 10⁶
}

func (l *Loss) validate() error {
	switch {
	case !(l.Rate >= 0 && l.Rate <= 1):
		return errors.New("link: Loss.Rate must be 0 … 1")
	case l.Burst != 0 && !(l.Burst >= 1 && l.Burst <= 1e6):
		return errors.New("link: Loss.Burst must be 1 … 10⁶ packets, or 0")
	case l.Burst != 0 && !(l.enter() <= 1):
		// Entering takes a packet of the good state between any two runs.
		return errors.New("link: Loss.Rate must be at most Burst/(Burst+1)")
	}
	return nil
}

// enter is the probability of the chain to go from the good state to the bad one.
func (l *Loss) enter() float64 { return l.Rate / (l.Burst * (1 - l.Rate)) }

// chain is the state of burst loss on one access link.
type chain struct {
	draws node.Rand
	bad   bool
}

// begin puts the chain into its stationary state.
func (c *chain) begin(seed uint64, sender node.PeerID, rate threshold) {
	c.draws = node.Stream(seed, node.ForBurst, uint64(sender))
	c.bad = rate.hit(c.draws.Uint64())
}

// next tells whether the next packet is lost.
func (c *chain) next(enter, stay threshold) bool {
	bits := c.draws.Uint64()
	if c.bad {
		c.bad = stay.hit(bits)
	} else {
		c.bad = enter.hit(bits)
	}
	return c.bad
}

// threshold is a probability made ready to be compared with 64 random bits.
type threshold struct {
	below  uint64
	always bool // 1: 2⁶⁴ does not fit below
}

func thresholdOf(p float64) threshold {
	if p >= 1 {
		return threshold{always: true}
	}
	// Two steps of 2³²: exact for every float64 below 1.
	return threshold{below: uint64(float64(p*(1<<32)) * (1 << 32))}
}

func (t threshold) hit(bits uint64) bool { return t.always || bits < t.below }

func (t threshold) never() bool { return t == threshold{} }
