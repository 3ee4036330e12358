package measure

import (
	"math"

	"pushcast/node"
)

// Moment is delivery of one chunk: how many peers were up from its birth to its
// deadline, and how many of these received it in time.
type Moment struct {
	Birth        node.Time
	Up, Received uint32
}

// Shock is an event that a swarm has to recover from, from At on; it is over at Healed.
type Shock struct{ At, Healed node.Time }

// What RecoveryOf looks at, in chunks.
const (
	recoverySlide  = 10
	recoveryBefore = 100
	recoveryShare  = 0.99
)

// RecoveryOf gives the metric recovery, in seconds, of moments in the order of births:
// the longest over all shocks of the time from a shock's healing to the birth of the last
// chunk of the first 10 in a row, all born since then, of which the peers up have received
// as large a share as 99 % of the share of the 100 chunks born before the shock. NaN where
// a shock has fewer than 10 chunks before it, or no recovery after it.
func RecoveryOf(moments []Moment, shocks []Shock) float64 {
	longest := 0.0
	for _, s := range shocks {
		begin, healed := 0, 0
		for begin < len(moments) && moments[begin].Birth < s.At {
			begin++
		}
		for healed < len(moments) && moments[healed].Birth < s.Healed {
			healed++
		}
		before := moments[max(0, begin-recoveryBefore):begin]
		if len(before) < recoverySlide {
			return math.NaN()
		}
		want := float64(recoveryShare * share(before))
		end := healed + recoverySlide
		for end <= len(moments) && !(share(moments[end-recoverySlide:end]) >= want) {
			end++
		}
		if end > len(moments) {
			return math.NaN()
		}
		longest = max(longest, (moments[end-1].Birth - s.Healed).Seconds())
	}
	return longest
}

// share is delivery over moments; NaN where nobody was up.
func share(moments []Moment) float64 {
	var up, received uint64
	for i := range moments {
		up += uint64(moments[i].Up)
		received += uint64(moments[i].Received)
	}
	return float64(received) / float64(up)
}
