// Package link says what a link does to a datagram: how long it takes, and whether it
// arrives. It is pure, and serves both worlds: the simulator calls it for every
// datagram, a real peer puts it in front of its socket.
//
//	m := link.New(&cfg, seed)
//	var a link.Access
//	m.Attach(&a, sender)
//	fate := m.Send(&a, now, sender, to, n, size) // of the sender's n-th datagram
//
// A datagram meets the parts of the model in this order:
//
//  1. The sender's upload link. It takes its turn behind what still waits there, for as
//     long as its bits take at Upload; what would wait longer than Queue allows is
//     dropped. A datagram larger than MTU goes as several packets, each with a header of
//     its own.
//  2. Loss, of every packet: Bernoulli, or bursts on the sender's access link. One lost
//     packet loses the datagram: k packets are lost with 1−(1−p)^k.
//  3. Duplication: the network makes a second copy, which takes a time of its own.
//  4. Latency, of the pair of regions or drawn anew for each datagram; the access delays
//     of both ends; jitter; and for a reordered datagram a time more.
//  5. Corruption: bits are flipped. The checksum of UDP finds it, and the datagram is
//     dropped, with its second copy; with NoChecksum the copy is whole.
//  6. The receiver's download link, as upload; see Download.
//
// Each part's draw is a function of (seed, part, sender, the sender's datagram counter)
// and of nothing else, so that switching one part on moves no draw of another, and runs
// can be compared in pairs. Burst loss has a state, one a sender, and a stream of its
// own, which every packet that the sender puts on the wire advances.
//
// Not modelled: links inside the network (only access links fill up), routes that change,
// a rate that varies with time, acknowledgements below UDP.
package link

import (
	"errors"
	"fmt"

	"pushcast/node"
	"pushcast/node/law"
)

// Config describes a link. The zero value is a perfect one: immediate, without limits.
type Config struct {
	// Latency of every datagram: uniform between Min and Max, drawn anew for each;
	// constant where they are equal.
	Latency Span
	// Regions, where set, is the latency between the regions of the two ends; Latency
	// must then be zero.
	Regions *Regions
	// Access is the delay of a peer's own line, drawn once for each peer, uniform
	// between Min and Max. A datagram meets that of its sender and that of its receiver.
	Access Span
	// Jitter is added to every datagram, independently.
	Jitter law.Law
	// Loss of packets.
	Loss Loss
	// Duplicate is the probability that the network makes a second copy: 0 … 1.
	Duplicate float64
	// Reorder is the probability that a datagram is held back for ReorderBy, so that
	// later ones overtake it: 0 … 1. Jitter reorders too.
	Reorder   float64
	ReorderBy node.Time
	// Corrupt is the probability that a bit of the datagram is flipped: 0 … 1. It is then
	// lost, but for NoChecksum.
	Corrupt    float64
	NoChecksum bool
	// Upload and Download are the rates of the access link; 0 is no limit.
	Upload, Download BitsPerSecond
	// Queue bounds what waits for either of them.
	Queue Queue
	// MTU is the largest IP packet, in bytes, MinMTU … 65535; 0 lets every datagram be one
	// packet.
	MTU int
}

// Span is a range of times, both ends included.
type Span struct{ Min, Max node.Time }

// BitsPerSecond is the rate of a link.
type BitsPerSecond uint64

// Queue bounds what waits for a link, in time or in bytes; the smaller bound counts. A
// datagram that does not fit is dropped at the tail. Both 0 is no bound.
type Queue struct {
	Time  node.Time // that a datagram would wait before its first bit is sent
	Bytes int64     // that wait, the datagram included
}

// Bounds of a Config.
const (
	MaxDelay               = 3600 * node.Second // latency, access, jitter's mean, reordering, each
	MaxRate  BitsPerSecond = 1e13
	MaxQueue               = 3600 * node.Second
	MinMTU                 = 68 // RFC 791
	maxBytes               = 1 << 40
)

// IsPerfect tells whether the link does nothing to a datagram.
func (c *Config) IsPerfect() bool {
	return c.Latency == (Span{}) && c.Regions == nil && c.Access == (Span{}) && c.Jitter.Kind == law.None &&
		c.Loss == (Loss{}) && c.Duplicate == 0 && c.Reorder == 0 && c.Corrupt == 0 && c.Upload == 0 && c.Download == 0
}

// Validate tells the first thing that is wrong with c.
func (c *Config) Validate() error {
	within := func(name string, s Span) error {
		if s.Min < 0 || s.Max < s.Min || s.Max > MaxDelay {
			return fmt.Errorf("link: %s must be 0 ≤ Min ≤ Max ≤ 1 h", name)
		}
		return nil
	}
	share := func(name string, p float64) error {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("link: %s must be 0 … 1", name)
		}
		return nil
	}
	for _, err := range []error{
		within("Latency", c.Latency), within("Access", c.Access), c.Jitter.Validate(), c.Loss.validate(),
		share("Duplicate", c.Duplicate), share("Reorder", c.Reorder), share("Corrupt", c.Corrupt), c.Regions.validate(),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case c.Jitter.Mean > MaxDelay || c.Jitter.Max > MaxDelay || c.Jitter.Kind == law.Sample:
		return errors.New("link: Jitter must be a law of mean at most 1 h, not a sample")
	case c.Regions != nil && c.Latency != (Span{}):
		return errors.New("link: Latency and Regions both say the latency")
	case c.ReorderBy < 0 || c.ReorderBy > MaxDelay:
		return errors.New("link: ReorderBy must be 0 … 1 h")
	case c.Upload > MaxRate || c.Download > MaxRate:
		return fmt.Errorf("link: Upload and Download must be at most %d bit/s", uint64(MaxRate))
	case c.Queue.Time < 0 || c.Queue.Time > MaxQueue || c.Queue.Bytes < 0 || c.Queue.Bytes > maxBytes:
		return errors.New("link: Queue must be 0 … 1 h, 0 … 1 TiB")
	case c.MTU != 0 && (c.MTU < MinMTU || c.MTU > 65535):
		return fmt.Errorf("link: MTU must be %d … 65535", MinMTU)
	}
	return nil
}
