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
	recoveryDip    = 100
	recoveryShare  = 0.99
)

// RecoveryOf gives the metric recovery, in seconds, of moments in the order of births: the
// longest over all shocks of the time from a shock's healing until delivery is again what it
// was.
//
// Delivery is that of 10 chunks in a row to the peers that are up, and what it was is 99 %
// of that of the 100 chunks born before the shock. Some protocols deliver for a while what
// was on its way before they falter; so delivery is again what it was not before it has been
// at its worst, of the first 100 such rows born since the healing. The time ends with the
// birth of the row's last chunk. NaN where a shock has fewer than 10 chunks before it, or no
// recovery after it.
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
		end, least := healed+recoverySlide, math.Inf(1)
		for k := range recoveryDip {
			if at := healed + recoverySlide + k; at <= len(moments) {
				if x := share(moments[at-recoverySlide : at]); x < least {
					end, least = at, x
				}
			}
		}
		if least >= want {
			end = healed + recoverySlide // nothing has happened
		}
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
