//go:build ci

package results_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/stat"

	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/sim"
)

var update = flag.Bool("update", false, "write reference/pairing.md anew")

// pairedWith is what is changed, one thing at a time.
const pairedWith = `name: pairing
stream: { period: 40ms, duration: 40s, measure: 10s..30s }
swarm: { peers: 100, overlay: random, view: 20, copies: 3, rate: 4x, buffer: 16, push: random, deadline: 5s }
network: { latency: 50ms, jitter: 20ms, loss: 1% }
`

// pairingSeeds is how many seeds each setting is run with: enough to know a standard
// deviation to 7 %.
const pairingSeeds = 100

// runsOf computes the runs of a setting, all seeds.
func runsOf(t *testing.T, assignments ...string) []measure.Values {
	t.Helper()
	s, err := scenarios.Parse("pairing.yaml", []byte(pairedWith))
	if err == nil {
		err = s.Set(assignments...)
	}
	if err != nil {
		t.Fatal(err)
	}
	values := make([]measure.Values, pairingSeeds)
	var all sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := worker; seed < pairingSeeds; seed += runtime.GOMAXPROCS(0) {
				r, err := sim.Run(s.Config(seed))
				if err != nil {
					t.Error(err)
					return
				}
				values[seed] = r.Values
			}
		})
	}
	all.Wait()
	return values
}

func of(values []measure.Values, m measure.Metric) (xs []float64) {
	for i := range values {
		xs = append(xs, values[i][m])
	}
	return xs
}

// TestPairing measures what equal seeds are worth: the standard deviation of the
// difference between two settings, seed by seed, and that of independent seeds. The page
// reference/pairing.md says the same.
func TestPairing(t *testing.T) {
	var b strings.Builder
	b.WriteString("| change | metric | mean difference | unpaired sd | paired sd | paired of unpaired | correlation |\n|---|---|--:|--:|--:|--:|--:|\n")
	base := runsOf(t)
	for _, change := range [][2]string{
		{"rate 4x → 5x", "rate=5x"}, {"rate 4x → 4.1x", "rate=4.1x"}, {"buffer 16 → 17", "buffer=17"}, {"buffer 16 → 24", "buffer=24"},
		{"loss 1 % → 2 %", "loss=2%"}, {"loss 1 % → 10 %", "loss=10%"}, {"push random → latest", "push=latest"},
	} {
		other := runsOf(t, change[1])
		for _, m := range []measure.Metric{measure.Delivery, measure.DelayMean, measure.Duplicates} {
			was, now := of(base, m), of(other, m)
			paired := stat.StdDev(results.Paired(now, was), nil)
			unpaired := math.Sqrt(stat.Variance(now, nil) + stat.Variance(was, nil))
			d := measure.Definitions[m]
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.0f %% | %.2f |\n", change[0], d.Name, results.Format(stat.Mean(now, nil)-stat.Mean(was, nil), d.Unit),
				results.Format(unpaired, d.Unit), results.Format(paired, d.Unit), 100*paired/unpaired, stat.Correlation(now, was, nil))
			// Were the seeds worth nothing, the ratio would be 1 ± 0.1 (of two standard
			// deviations from 100 values each); pairs must not be worse than that.
			if paired > 1.2*unpaired {
				t.Errorf("%s, %s: pairs differ by %s, independent seeds by %s", change[0], d.Name, results.Format(paired, d.Unit), results.Format(unpaired, d.Unit))
			}
		}
	}
	t.Log("\n" + b.String())
	page, err := os.ReadFile("reference/pairing.md")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(page), "| change |")
	if at < 0 {
		t.Fatal("reference/pairing.md has no table")
	}
	if *update {
		if err := results.WriteFile("reference/pairing.md", []byte(string(page[:at])+b.String())); err != nil {
			t.Fatal(err)
		}
	} else if string(page[at:]) != b.String() {
		t.Errorf("reference/pairing.md says otherwise; write it anew with -update:\n%s", page[at:])
	}
}
