package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// batch is the finished runs of one point, in the order of their seeds.
type batch struct {
	scenario    *scenarios.Scenario
	point       *scenarios.Point
	runs        []*results.Run
	wanted      int
	interrupted bool
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
		seeds = fmt.Sprintf("%d of %d seeds, interrupted", len(b.runs), b.wanted)
	}
	c := b.point.Config(0)
	if _, err := fmt.Fprintf(w, "%-10s  %d peers, %gs, 1 point × %s\n\n", s.Name, c.Peers, c.Duration.Seconds(), seeds); err != nil {
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
	if line := results.Sparkline(b.runs); line != "" {
		fmt.Fprintf(w, "\n%s\n", line)
	}
	_, err := fmt.Fprintf(w, "\nseeds %d…%d   fingerprint %s\n", b.runs[0].Seed, b.runs[len(b.runs)-1].Seed, b.fingerprint())
	return err
}

// writeSeeds writes one row per seed.
func (b *batch) writeSeeds(w io.Writer) error {
	var rows [][]string
	for _, run := range b.runs {
		rows = append(rows, seedRow(run))
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return results.Render(w, seedHeader(), rows)
}

// ofSeeds is what is shown of a single run.
var ofSeeds = []measure.Metric{measure.Delivery, measure.DeliveryWorst, measure.DelayMean, measure.Duplicates}

func seedHeader() []string {
	header := []string{"seed"}
	for _, m := range ofSeeds {
		header = append(header, measure.Definitions[m].Name)
	}
	return append(header, "fingerprint")
}

func seedRow(run *results.Run) []string {
	row := []string{fmt.Sprint(run.Seed)}
	for _, m := range ofSeeds {
		row = append(row, results.Format(run.Values[m], measure.Definitions[m].Unit))
	}
	return append(row, fmt.Sprintf("%016x", run.Fingerprint))
}

// The JSON document; see pushcast run --help.
type (
	jsonBatch struct {
		Schema      int                    `json:"schema"`
		Scenario    string                 `json:"scenario"`
		Point       string                 `json:"point,omitempty"`
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
		Seed        int                 `json:"seed"`
		Fingerprint string              `json:"fingerprint"`
		Metrics     map[string]*float64 `json:"metrics"`
		Counts      json.RawMessage     `json:"counts"`
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
		Schema: 1, Scenario: b.scenario.Name, Point: b.point.Label(), Interrupted: b.interrupted, Fingerprint: b.fingerprint(),
		Runs: []jsonRun{}, Summary: map[string]jsonSummary{},
	}
	for _, p := range b.point.Parameters() {
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
