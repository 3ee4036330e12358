package scenarios_test

import (
	"fmt"
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// TestAfterAPause: a pause of the source that is longer than the deadline leaves nothing
// behind. What comes from two seconds after it is delivered and put out as if it had not
// been, whatever the scheduler reckons of births.
func TestAfterAPause(t *testing.T) {
	const swarm = `
name: pause
stream: { period: 40ms, chunk: 1128B, duration: 36s, measure: 22s..28s }
swarm: { peers: 40, overlay: cyclon, view: 12, window: 128, deadline: 5s, %s }
network: { latency: 20ms..100ms, jitter: 0s, loss: 1%%, upload: 2x }
churn: { events: [{ at: 12s, for: 8s, pause: source }] }
`
	for push, loses := range map[string]float64{
		"push: stripes": 0.04, // whoever had no parent must wait for one
		"push: offer":   0.002,
		"push: lu/up, knowledge: clairvoyant, policy: window, buffer: 128, rate: 1.6x":                     0.002,
		"push: rp/lu, knowledge: maps, repair: true, policy: window, buffer: 128, rate: 1.6x":              0.002,
		"push: rp/lu, knowledge: maps, ride: false, repair: true, policy: window, buffer: 128, rate: 1.6x": 0.002,
	} {
		s, err := scenarios.Parse("pause", fmt.Appendf(nil, swarm, push))
		if err != nil {
			t.Fatal(err)
		}
		var r [2]sim.Result
		for i := range r {
			c := s.Points()[0].Config(1)
			if i == 0 {
				c.Churn.Changes = nil
			}
			if r[i], err = sim.Run(c); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range []measure.Metric{measure.Delivery, measure.Played} {
			without, with := r[0].Values[m], r[1].Values[m]
			if with < without-loses {
				t.Errorf("%s: after a pause %v is %.4f, without one %.4f", push, m, with, without)
			}
		}
	}
}
