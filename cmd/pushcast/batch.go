package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/sim"
)

// batch is the finished runs of one scenario, in the order of their seeds.
type batch struct {
	scenario    *scenarios.Scenario
	runs        []sim.Result
	interrupted bool
}

// slice is how much simulated time passes between two looks at the context:
// short enough that even a million peers are interrupted within a second.
const slice = 10 * node.Millisecond

// compute runs all seeds, workers at a time. Which worker computes what cannot
// be seen in the results.
func compute(ctx context.Context, s *scenarios.Scenario, f *runFlags, workers int, p *progress) (*batch, error) {
	finished := make([]*sim.Result, s.Seeds.Max)
	var mu sync.Mutex
	var failed error
	next := 0
	take := func() (seed int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == s.Seeds.Max || failed != nil || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var all sync.WaitGroup
	for range min(workers, s.Seeds.Max) {
		all.Go(func() {
			for seed, ok := take(); ok; seed, ok = take() {
				r, err := runSeed(ctx, *f.config(s, seed))
				mu.Lock()
				if err != nil && failed == nil && ctx.Err() == nil {
					failed = err
				} else if err == nil {
					finished[seed] = &r
					p.done()
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	b := &batch{scenario: s, interrupted: ctx.Err() != nil}
	for _, r := range finished {
		if r != nil {
			b.runs = append(b.runs, *r)
		}
	}
	if len(b.runs) == s.Seeds.Max {
		b.interrupted = false
	}
	return b, failed
}

// runSeed computes one run, and gives up when ctx ends.
func runSeed(ctx context.Context, c sim.Config) (sim.Result, error) {
	w, err := sim.New(c)
	if err != nil {
		return sim.Result{}, err
	}
	for !w.Done() {
		if err := ctx.Err(); err != nil {
			return sim.Result{}, err
		}
		w.Advance(w.Now() + slice)
	}
	return w.Result(), nil
}

// fingerprint folds those of the runs, in the order of seeds.
func (b *batch) fingerprint() string {
	var h uint64
	for i := range b.runs {
		h = node.Mix(h ^ b.runs[i].Fingerprint)
	}
	return fmt.Sprintf("%016x", h)
}

func (b *batch) summary() [measure.Count]results.Summary {
	values := make([]measure.Values, len(b.runs))
	for i := range b.runs {
		values[i] = b.runs[i].Values
	}
	return results.SummariseAll(values)
}

// writeText writes the table, for people.
func (b *batch) writeText(w io.Writer, perSeed bool) error {
	s, seeds := b.scenario, fmt.Sprintf("%d seeds", len(b.runs))
	if b.interrupted {
		seeds = fmt.Sprintf("%d of %d seeds, interrupted", len(b.runs), b.scenario.Seeds.Max)
	}
	c := s.Config(0)
	if _, err := fmt.Fprintf(w, "%-12s%d peers, %gs, 1 point × %s\n\n", s.Name, c.Peers, c.Duration.Seconds(), seeds); err != nil {
		return err
	}
	if len(b.runs) == 0 {
		return nil
	}
	all := b.summary()
	if err := results.WriteTable(w, &all, len(b.runs)); err != nil {
		return err
	}
	if perSeed {
		if err := b.writeSeeds(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\nseeds %d…%d   fingerprint %s\n", b.runs[0].Seed, b.runs[len(b.runs)-1].Seed, b.fingerprint())
	return err
}

// writeSeeds writes one row per seed.
func (b *batch) writeSeeds(w io.Writer) error {
	shown := []measure.Metric{measure.Delivery, measure.DeliveryWorst, measure.DelayMean, measure.Duplicates}
	header := []string{"seed"}
	for _, m := range shown {
		header = append(header, measure.Definitions[m].Name)
	}
	header = append(header, "fingerprint")
	var rows [][]string
	for i := range b.runs {
		row := []string{fmt.Sprint(b.runs[i].Seed)}
		for _, m := range shown {
			row = append(row, results.Format(b.runs[i].Values[m], measure.Definitions[m].Unit))
		}
		rows = append(rows, append(row, fmt.Sprintf("%016x", b.runs[i].Fingerprint)))
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return results.Render(w, header, rows)
}

// The JSON document; see pushcast run --help.
type (
	jsonBatch struct {
		Schema      int                    `json:"schema"`
		Scenario    string                 `json:"scenario"`
		Parameters  []jsonParameter        `json:"parameters"`
		Interrupted bool                   `json:"interrupted"`
		Fingerprint string                 `json:"fingerprint"`
		Runs        []jsonRun              `json:"runs"`
		Summary     map[string]jsonSummary `json:"summary"`
	}
	jsonParameter struct {
		Path  string `json:"path"`
		Value string `json:"value"`
	}
	jsonRun struct {
		Seed        uint64              `json:"seed"`
		Fingerprint string              `json:"fingerprint"`
		Metrics     map[string]*float64 `json:"metrics"`
		Counts      sim.Counts          `json:"counts"`
	}
	jsonSummary struct {
		N         int      `json:"n"`
		Mean      *float64 `json:"mean"`
		HalfWidth *float64 `json:"halfwidth95"`
		Min       *float64 `json:"min"`
		Max       *float64 `json:"max"`
	}
)

// number is x for JSON, which knows no NaN.
func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// writeJSON writes one line, for programs.
func (b *batch) writeJSON(w io.Writer, _ bool) error {
	doc := jsonBatch{
		Schema: 1, Scenario: b.scenario.Name, Interrupted: b.interrupted, Fingerprint: b.fingerprint(),
		Runs: []jsonRun{}, Summary: map[string]jsonSummary{},
	}
	for _, p := range b.scenario.Parameters() {
		doc.Parameters = append(doc.Parameters, jsonParameter(p))
	}
	for _, r := range b.runs {
		run := jsonRun{Seed: r.Seed, Fingerprint: fmt.Sprintf("%016x", r.Fingerprint), Counts: r.Counts, Metrics: map[string]*float64{}}
		for m, x := range r.Values {
			run.Metrics[measure.Definitions[m].Name] = number(x)
		}
		doc.Runs = append(doc.Runs, run)
	}
	for m, s := range b.summary() {
		doc.Summary[measure.Definitions[m].Name] = jsonSummary{s.N, number(s.Mean), number(s.HalfWidth), number(s.Min), number(s.Max)}
	}
	return json.NewEncoder(w).Encode(doc)
}
