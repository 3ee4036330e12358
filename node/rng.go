package node

import "math/bits"

// Purpose separates the random streams that are derived from one seed, so
// that a further draw in one of them moves no other.
type Purpose uint64

// The purposes of the peer. The values of all purposes are part of every
// fingerprint: append, never renumber.
const (
	ForPhase  Purpose = iota + 1 // the phase of a peer's first tick
	ForTicks                     // the gaps between Poisson ticks
	ForPush                      // whom to push to, and what
	ForGossip                    // whom to exchange views with
)

// The purposes of the membership and its metrics.
const (
	ForStagger    Purpose = iota + 32 // the phase of a peer's first view exchange
	ForRecall                         // whom to remember, and when to ask them
	ForSample                         // the peers that stand for all in the overlay's metrics
	ForNeighbours                     // whom of its view a peer pushes to
)

// The purposes of schedulers that draw for themselves.
const (
	ForStripes Purpose = iota + 48 // of the scheduler stripes
	ForCircle                      // of maps, offers and repair
)

// The purposes of the simulator and the link model.
const (
	ForOverlay   Purpose = iota + 64 // who knows whom, in static overlays
	ForJoin                          // when a peer joins
	ForLoss                          // which datagrams are lost
	ForLatency                       // the base latency of a datagram
	ForJitter                        // what is added to it
	ForBurst                         // where burst loss begins and ends
	ForDuplicate                     // which datagrams the network doubles
	ForReorder                       // which datagrams are held back
	ForCorrupt                       // which datagrams are damaged
	ForAccess                        // the delay of a peer's own line
	ForRegion                        // where a peer lives
	ForClass                         // which class a peer is of
	ForLifetime                      // for how long a peer stays
	ForDowntime                      // for how long it stays away
	ForEvent                         // whom an event of churn strikes
	ForWeights                       // how many know a peer, in uneven overlays
)

// Rand is a stream of random numbers: SplitMix64 (Steele, Lea, Flood: Fast
// splittable pseudorandom number generators, OOPSLA 2014), eight bytes of
// state, so that every peer can own several. Its zero value is a valid stream.
type Rand struct{ state uint64 }

// golden is 2⁶⁴ divided by the golden ratio, made odd: SplitMix64's step.
const golden = 0x9e3779b97f4a7c15

// Stream derives the stream of one purpose and one owner (a peer's handle,
// say) from the run's root seed.
func Stream(seed uint64, purpose Purpose, owner uint64) Rand {
	return Rand{Mix(Mix(Mix(seed+golden)+uint64(purpose)*golden) + owner*golden)}
}

// State is where the stream stands: Resume of it goes on from there.
func (r *Rand) State() uint64 { return r.state }

// Resume is the stream that stood at a state.
func Resume(state uint64) Rand { return Rand{state} }

// Mix is a bijection of 64 bits whose output looks random: David Stafford's
// variant 13 of the MurmurHash3 finaliser, as SplitMix64 uses it.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Unmix is the inverse of Mix.
func Unmix(x uint64) uint64 {
	x = (x ^ x>>31 ^ x>>62) * 0x319642b2d24d8ec3
	x = (x ^ x>>27 ^ x>>54) * 0x96de1b173f119089
	return x ^ x>>30 ^ x>>60
}

// Uint64 draws 64 random bits.
func (r *Rand) Uint64() uint64 {
	r.state += golden
	return Mix(r.state)
}

// Below draws uniformly from 0…n−1; n must be positive. The multiplication
// (Lemire 2019, without its rejection) favours no value by more than n/2⁶⁴.
func (r *Rand) Below(n uint32) uint32 {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return uint32(hi)
}

// Span draws uniformly from 0…n−1 nanoseconds; n must be positive.
func (r *Rand) Span(n Time) Time {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return Time(hi)
}

// Exp draws an exponentially distributed span of the given mean, in whole
// nanoseconds, by inversion: −mean·ln(u), u uniform in (0, 1).
func (r *Rand) Exp(mean Time) Time {
	u := (float64(r.Uint64()>>12) + 0.5) / (1 << 52)
	return Time(float64(-Log(u)*float64(mean)) + 0.5)
}
