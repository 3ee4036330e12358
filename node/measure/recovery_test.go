package measure_test

import (
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
)

// stream is a chunk a second, each of which ten peers of ten receive but for those that
// miss says.
func stream(n int, missed func(i int) uint32) (list []measure.Moment) {
	for i := range n {
		list = append(list, measure.Moment{Birth: node.Time(i) * node.Second, Up: 10, Received: 10 - missed(i)})
	}
	return list
}

// TestRecovery: from the event, or its healing, to the last of the first ten chunks that are
// good enough again.
func TestRecovery(t *testing.T) {
	const s = node.Second
	dip := func(from, to int, by uint32) func(int) uint32 {
		return func(i int) uint32 {
			if i >= from && i < to {
				return by
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		moments []measure.Moment
		shocks  []measure.Shock
		want    float64
	}{
		"a dip of 20 s":             {stream(300, dip(150, 170, 5)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, 29},
		"no dip":                    {stream(300, dip(0, 0, 0)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, 9},
		"counted from the healing":  {stream(300, dip(150, 200, 5)), []measure.Shock{{At: 150 * s, Healed: 190 * s}}, 19},
		"one miss of 100 is enough": {stream(300, dip(150, 151, 1)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, 9},
		"the longer of two":         {stream(400, dip(150, 170, 5)), []measure.Shock{{At: 150 * s, Healed: 150 * s}, {At: 300 * s, Healed: 300 * s}}, 29},
		"a dip that comes later":    {stream(300, dip(180, 190, 5)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, 49},
		"a dip much later":          {stream(400, dip(300, 310, 5)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, 9},
		"never again":               {stream(300, dip(150, 300, 5)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, math.NaN()},
		"too close to the end":      {stream(155, dip(0, 0, 0)), []measure.Shock{{At: 150 * s, Healed: 150 * s}}, math.NaN()},
		"nothing before it":         {stream(300, dip(0, 0, 0)), []measure.Shock{{At: 5 * s, Healed: 5 * s}}, math.NaN()},
	} {
		if got := measure.RecoveryOf(c.moments, c.shocks); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v s, want %v", name, got, c.want)
		}
	}
}
