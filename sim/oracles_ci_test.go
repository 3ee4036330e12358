//go:build ci

package sim_test

import "testing"

// TestOracles judges every row under every discipline.
func TestOracles(t *testing.T) {
	for _, r := range oracleRows(t) {
		for _, d := range disciplines {
			t.Run(r.ID+d.letter, func(t *testing.T) { checkOracle(t, &r, &d) })
		}
	}
}

// everything says whether the cases that take longest are due, too.
const everything = true
