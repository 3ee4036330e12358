package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"pushcast/results"
	"pushcast/scenarios/model"
)

// missing gives the runs that are not there yet of each of n shards, and counts all runs
// of the plan.
func (e *engine) missing(n int) (due [][]job, all int) {
	due = make([][]job, n)
	for i, j := range e.dealt() {
		if all++; e.find(j.point, j.seed) == nil {
			due[i%n] = append(due[i%n], j)
		}
	}
	return due, all
}

// A look reads all files of a folder that others may be busy with: there is time between
// two, and more of it the longer one takes.
const (
	lookAgain = 2 * time.Second
	lookShare = 20 // a look takes one part of so many of the time
)

// watch tells how far a sweep is that others compute, until the verdict misses nothing. It
// sees their files and nothing else. Shards is into how many parts the runs were dealt, 0
// where the names of the files are to say so.
func (e *engine) watch(ctx context.Context, shards int, quiet bool, stderr io.Writer) error {
	known := e.store.Damaged
	var p *progress
	defer func() {
		if p != nil {
			p.end()
		}
		for _, line := range e.store.Damaged {
			if !slices.Contains(known, line) {
				fmt.Fprintf(stderr, "pushcast: %s\n", line)
			}
		}
	}()
	for {
		began := time.Now()
		store, err := results.Open(e.dir, model.Fingerprint())
		if err != nil {
			return &failure{exitFailed, err}
		}
		e.store = store
		v := e.judge()
		if v.Missing() == 0 {
			return nil
		}
		n := shards
		if n == 0 {
			n = dealtTo(store.Shards())
		}
		due, all := e.missing(n)
		there := all
		for _, jobs := range due {
			there -= len(jobs)
		}
		if p == nil {
			p = newProgress(stderr, e.scenario.Name, all, quiet)
			p.before.Store(int64(there))
		}
		more := ""
		if kept := keptPace(v); there == int(p.before.Load()) && kept.work > 0 {
			more = fmt.Sprintf(", about %s of one core left", rough(kept.of(slices.Concat(due...))))
		}
		p.set(there, more+missingOf(due)+silence(store.Changed, began))
		select {
		case <-ctx.Done():
			return &failure{exitInterrupted, fmt.Errorf("interrupted; %d of %d runs of %s are there", there, all, e.scenario.Name)}
		case <-time.After(max(lookAgain, lookShare*time.Since(began))):
		}
	}
}

// dealtTo is into how many parts the runs were dealt, as the names of files say: 1 where
// they disagree, or say nothing.
func dealtTo(shards []string) int {
	n := 0
	for _, text := range shards {
		i, of, _ := strings.Cut(text, "of")
		s, err := shardOf(i, of, 1)
		if err != nil || n != 0 && s.n != n {
			return 1
		}
		n = s.n
	}
	return max(n, 1)
}

// missingOf says of which shards there are runs missing.
func missingOf(due [][]job) string {
	if len(due) == 1 {
		return "" // that is what the count says
	}
	var parts []string
	others, rest := 0, 0
	for i, jobs := range due {
		n := len(jobs)
		switch {
		case n == 0:
		case len(parts) < 4:
			parts = append(parts, fmt.Sprintf("%d of %d/%d", n, i+1, len(due)))
		default:
			others++
			rest += n
		}
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d others", rest, others))
	}
	return "; missing " + strings.Join(parts, ", ")
}

// silence says for how long nothing was added, where that is long.
func silence(changed, now time.Time) string {
	if quiet := now.Sub(changed).Round(time.Second); !changed.IsZero() && quiet >= time.Minute {
		return fmt.Sprintf("; nothing new for %s", quiet)
	}
	return ""
}
