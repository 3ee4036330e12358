package node

// Time is an instant, or a span of time, in nanoseconds. An instant counts
// from the epoch of whoever drives the peer: the start of a simulation, the
// start of a process. The peer never asks what time it is; it is told.
type Time int64

// Never is later than every instant: the Wakeup of a peer that waits for
// nothing but messages.
const Never Time = 1<<63 - 1

// Units of Time.
const (
	Nanosecond  Time = 1
	Microsecond      = 1000 * Nanosecond
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
)

// Seconds gives t in seconds, for reports; the protocol itself never leaves
// integers.
func (t Time) Seconds() float64 { return float64(t) / float64(Second) }
