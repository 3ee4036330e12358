package results_test

import (
	"fmt"

	"pushcast/node/measure"
	"pushcast/results"
)

// The deliveries of five seeds, and what they say together.
func ExampleSummarise() {
	s := results.Summarise([]float64{0.951, 0.948, 0.955, 0.950, 0.946})
	fmt.Println(results.Format(s.Mean, measure.Ratio), "±", results.Format(s.HalfWidth, measure.Ratio))
	// Output: 95% ± 0.421%
}
