// Package link says what a link does to a datagram: how long it takes, and
// whether it arrives. It is pure, and serves both worlds: the simulator calls
// it for every datagram, a real peer puts it in front of its socket.
//
// A datagram meets the parts of the model in this order: latency, jitter, loss.
// Each part's draw is a function of (seed, part, sender, the sender's datagram
// counter) and of nothing else, so that switching one part on moves no draw of
// another, and runs can be compared in pairs.
//
// Not modelled yet: upload rate and queue, bursts of loss, duplication, and
// corruption. Datagrams may overtake each other as far as their delays differ.
package link

import (
	"errors"
	"math/bits"

	"pushcast/node"
)

// Config describes a link. The zero value is a perfect one.
type Config struct {
	// Latency of every datagram: uniform between Min and Max, drawn anew for
	// each; constant where they are equal.
	Latency Span
	// Jitter adds a uniform draw from 0 … Jitter.
	Jitter node.Time
	// Loss is the probability that a datagram is lost, independently of all
	// others (Bernoulli): 0 … 1.
	Loss float64
}

// Span is a range of times, both ends included.
type Span struct{ Min, Max node.Time }

// MaxDelay bounds latency and jitter each: an hour.
const MaxDelay = 3600 * node.Second

// Validate tells the first thing that is wrong with c.
func (c *Config) Validate() error {
	switch {
	case c.Latency.Min < 0 || c.Latency.Max < c.Latency.Min || c.Latency.Max > MaxDelay:
		return errors.New("link: Latency must be 0 ≤ Min ≤ Max ≤ 1 h")
	case c.Jitter < 0 || c.Jitter > MaxDelay:
		return errors.New("link: Jitter must be 0 … 1 h")
	case !(c.Loss >= 0 && c.Loss <= 1):
		return errors.New("link: Loss must be 0 … 1")
	}
	return nil
}

// Model is a Config made ready to be asked once a datagram.
type Model struct {
	latency, jitter draw
	least           node.Time
	spread, wobble  uint64 // sizes of the ranges drawn from; 0 or 1: no draw
	loss            draw
	lossBelow       uint64 // lost if the draw is below; see all
	all             bool   // lose everything: 2⁶⁴ does not fit lossBelow
}

// draw is the root of one part's random numbers.
type draw uint64

const golden = 0x9e3779b97f4a7c15

// at gives the part's draw for the sender's n-th datagram: SplitMix64 with the
// sender's own start.
func (d draw) at(sender node.PeerID, n uint32) uint64 {
	return node.Mix(uint64(d) + (uint64(sender)<<32|uint64(n))*golden)
}

// New makes a model whose draws derive from seed. c must be valid.
func New(c *Config, seed uint64) Model {
	root := func(p node.Purpose) draw { r := node.Stream(seed, p, 0); return draw(r.Uint64()) }
	m := Model{
		latency: root(node.ForLatency),
		jitter:  root(node.ForJitter),
		loss:    root(node.ForLoss),
		least:   c.Latency.Min,
		spread:  uint64(c.Latency.Max-c.Latency.Min) + 1,
		wobble:  uint64(c.Jitter) + 1,
		all:     c.Loss >= 1,
	}
	if !m.all {
		// Two steps of 2³²: exact for every float64 below 1.
		m.lossBelow = uint64(float64(c.Loss*(1<<32)) * (1 << 32))
	}
	return m
}

// Send tells what happens to the n-th datagram of sender: how long it takes,
// and whether it is lost on the way.
func (m *Model) Send(sender node.PeerID, n uint32) (delay node.Time, lost bool) {
	if m.all || m.lossBelow > 0 && m.loss.at(sender, n) < m.lossBelow {
		return 0, true
	}
	delay = m.least
	if m.spread > 1 {
		hi, _ := bits.Mul64(m.latency.at(sender, n), m.spread)
		delay += node.Time(hi)
	}
	if m.wobble > 1 {
		hi, _ := bits.Mul64(m.jitter.at(sender, n), m.wobble)
		delay += node.Time(hi)
	}
	return delay, false
}
