package scenarios_test

import (
	"fmt"
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
	"pushcast/sim"
)

// TestGoodbyeLeavesFewerGaps: stripes peers of 60 s of life tell their partners that they go,
// and these look for somebody else at once: at equal seeds at most three
// quarters of the chunks are missed of those that are when all of them crash.
func TestGoodbyeLeavesFewerGaps(t *testing.T) {
	const swarm = `
name: goodbye
stream: { period: 40ms, chunk: 1128B, duration: 50s, measure: 20s..44s }
swarm: { peers: 60, overlay: cyclon, view: 12, push: stripes, repair: false, window: 128, deadline: 2s }
network: { latency: 20ms..100ms, jitter: 0s, upload: 1.5x, classes: { source: { upload: 3x } } }
churn: { lifetime: exp mean 60s, downtime: exp mean 2s, leave: %s }
`
	for seed := range 3 {
		var missed [2]float64
		for i, leave := range []string{"crash", "goodbye"} {
			s, err := scenarios.Parse("goodbye", fmt.Appendf(nil, swarm, leave))
			if err != nil {
				t.Fatal(err)
			}
			r, err := sim.Run(s.Config(seed))
			if err != nil {
				t.Fatal(err)
			}
			missed[i] = 1 - r.Values[measure.Delivery]
		}
		t.Logf("seed %d: %.4f missed after crashes, %.4f after goodbyes", seed, missed[0], missed[1])
		if missed[1] > missed[0]*3/4 {
			t.Errorf("seed %d: %.4f missed after crashes, %.4f after goodbyes", seed, missed[0], missed[1])
		}
	}
}
