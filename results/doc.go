// Package results makes numbers that can be trusted of runs: one value per
// seed and metric, the mean over seeds with its confidence, and the table that
// shows them; the store of finished runs, and the gate that judges them. It runs
// nothing itself: Judge says which runs are missing, and whoever calls it computes them.
//
//	store, err := results.Open("results/mine", model.Fingerprint())
//	verdict := results.Judge(scenario, find, baseline)   // find looks into the store
//	for verdict.Missing() > 0 {
//		… compute, writer.Add(run) …
//		verdict = results.Judge(scenario, find, baseline)
//	}
//	os.Exit(verdict.Exit())
//
// Chunks and peers of one run depend on each other, so a run counts as one
// observation, however large it is: confidence is over seeds, never within.
//
// # Where things are
//
//   - run.go, store.go, file.go: runs as lines, and the files that hold them
//   - judge.go, baseline.go: rules, and what they compare with
//   - inference.go, stats.go: bounds, differences, planned looks
//   - files.go: what is derived for CI and plots
//   - table.go, heat.go, spark.go: tables, maps and lines for the terminal
//   - report: the page and its pictures, a package of its own
package results
