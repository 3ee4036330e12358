package measure_test

import (
	"fmt"

	"pushcast/node"
	"pushcast/node/measure"
)

// Two receivers, one of which has missed a chunk of four.
func Example() {
	var delay, hops measure.Histogram
	for range 7 {
		delay.Add(120 * node.Millisecond)
		hops.Add(3)
	}
	s := measure.Swarm{
		Receivers: []measure.Receiver{{Due: 4, Received: 4}, {Due: 4, Received: 3}},
		Delay:     &delay, Hops: &hops,
	}
	v := s.Values()
	for _, m := range []measure.Metric{measure.Delivery, measure.DeliveryWorst, measure.DelayMean, measure.HopsMean} {
		fmt.Printf("%s %.3f (%s)\n", measure.Definitions[m].Name, v[m], measure.Definitions[m].Unit)
	}
	// Output:
	// delivery 0.875 (ratio)
	// delivery.worst 0.750 (ratio)
	// delay.mean 0.120 (seconds)
	// hops.mean 3.000 (number)
}
