package link

import (
	"errors"
	"fmt"

	"pushcast/node"
)

// Regions is a table of latencies between regions, in which peers live.
type Regions struct {
	Names  []string
	Shares []float64 // of the peers; they need not sum to 1
	// OneWay[i][k] is the latency from region i to region k; [i][i] is that inside of i.
	OneWay [][]node.Time
}

// MaxRegions bounds a table.
const MaxRegions = 1000

func (r *Regions) validate() error {
	if r == nil {
		return nil
	}
	n := len(r.Names)
	if n < 1 || n > MaxRegions || len(r.Shares) != n || len(r.OneWay) != n {
		return fmt.Errorf("link: Regions must be 1 to %d, each with a name, a share and a row", MaxRegions)
	}
	sum := 0.0
	for i := range n {
		if !(r.Shares[i] >= 0 && r.Shares[i] <= 1e9) {
			return fmt.Errorf("link: the share of region %s must not be negative", r.Names[i])
		}
		sum += r.Shares[i]
		if len(r.OneWay[i]) != n {
			return fmt.Errorf("link: the row of region %s has %d latencies, want %d", r.Names[i], len(r.OneWay[i]), n)
		}
		for _, t := range r.OneWay[i] {
			if t < 0 || t > MaxDelay {
				return fmt.Errorf("link: a latency of region %s is not 0 … 1 h", r.Names[i])
			}
		}
	}
	if sum == 0 {
		return errors.New("link: no region has a share of the peers")
	}
	return nil
}

// of draws the region of a peer.
func (r *Regions) of(bits uint64) uint16 {
	sum := 0.0
	for _, s := range r.Shares {
		sum += s
	}
	u, last := float64(float64(bits>>11)/(1<<53)*sum), 0
	for i, s := range r.Shares {
		if s == 0 {
			continue
		}
		last = i
		if u < s {
			break
		}
		u -= s
	}
	return uint16(last)
}

// longest is the greatest latency of the table.
func (r *Regions) longest() (t node.Time) {
	if r == nil {
		return 0
	}
	for _, row := range r.OneWay {
		for _, x := range row {
			t = max(t, x)
		}
	}
	return t
}

// shortest is the least latency of the table.
func (r *Regions) shortest() node.Time {
	if r == nil {
		return 0
	}
	t := node.Never
	for _, row := range r.OneWay {
		for _, x := range row {
			t = min(t, x)
		}
	}
	return t
}
