package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushcast/cmd/internal/stage"
	"pushcast/node/measure"
	"pushcast/scenarios"
)

// runFlags are the flags of pushcast run.
type runFlags struct {
	set     []string
	seeds   int
	workers int
	json    bool
	quiet   bool
	verbose bool
	wire    bool
	live    bool
	// processes has each peer of a live run be a process.
	processes bool
	fresh     bool
	dryRun    bool
	only      []string
	shard     string
	dir       string
	metrics   []string
	shown     []measure.Metric // those of metrics
}

// selecting are the flags that say what is run.
func (f *runFlags) selecting(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVarP(&f.set, "set", "s", nil, "override a value, as loss=5%, or add an axis, as loss=0%,5%; may be repeated")
	flags.StringArrayVar(&f.only, "only", nil, "only these points, as rate=4x,buffer=16; seed=3 for one seed, which is not judged")
	_ = c.RegisterFlagCompletionFunc("set", completeSet)
	_ = c.RegisterFlagCompletionFunc("only", completeOnly)
}

// common are the flags of run and of check.
func (f *runFlags) common(c *cobra.Command) {
	f.selecting(c)
	f.keeping(c)
	flags := c.Flags()
	flags.BoolVar(&f.json, "json", false, "print JSON in place of the table")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "also a table of the seeds, and of the points below a map")
	flags.BoolVar(&f.live, "live", false, "on real UDP sockets on loopback, in real time, one run at a time")
	c.MarkFlagsMutuallyExclusive("live", "wire")
	flags.StringSliceVar(&f.metrics, "metric", nil, "what is shown of a sweep, as delivery.worst,delay.p95; see pushcast metrics")
	c.MarkFlagsMutuallyExclusive("json", "verbose")
	c.MarkFlagsMutuallyExclusive("json", "metric")
	_ = c.RegisterFlagCompletionFunc("metric", completeMetric)
}

// keeping are the flags that say which results are meant.
func (f *runFlags) keeping(c *cobra.Command) {
	flags := c.Flags()
	flags.IntVar(&f.seeds, "seeds", 0, "seeds to run, from 0 on (default: the scenario's)")
	flags.StringVarP(&f.dir, "output", "o", "", "the results folder (default: results/NAME)")
	flags.BoolVar(&f.wire, "wire", false, "encode and parse every datagram: slower, the same results")
}

// command is a command line that asks about the same results as this one.
func (f *runFlags) command(verb, file string, more ...string) string {
	words := []string{"pushcast", verb, file}
	if verb != "accept" {
		for _, s := range f.set {
			words = append(words, "-s", s)
		}
	}
	if f.wire {
		words = append(words, "--wire")
	}
	if f.live && (verb == "run" || verb == "check" || verb == "report") {
		words = append(words, "--live")
		if f.processes && verb == "run" {
			words = append(words, "--processes")
		}
	}
	if verb != "trace" {
		if f.seeds > 0 {
			words = append(words, "--seeds", fmt.Sprint(f.seeds))
		}
		switch {
		case f.dir != "" && verb == "report":
			words = append(words, "--results", f.dir)
		case f.dir != "":
			words = append(words, "-o", f.dir)
		}
	}
	if verb == "run" || verb == "check" {
		for _, only := range f.only {
			words = append(words, "--only", only)
		}
	}
	words = append(words, more...)
	for i := range words {
		words[i] = quoted(words[i])
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,=%:+@", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// aside is where lines go that are not results: beside JSON they are out of place.
func (f *runFlags) aside(stdout, stderr io.Writer) io.Writer {
	if f.json {
		return stderr
	}
	return stdout
}

// check tells which flag is out of its range.
func (f *runFlags) check(c *cobra.Command) error {
	wrong := func(format string, args ...any) error { return &failure{exitWrong, fmt.Errorf(format, args...)} }
	if c.Flags().Changed("seeds") && (f.seeds < 1 || f.seeds > scenarios.MaxSeeds) {
		return wrong("--seeds is %d, must be 1 to %d", f.seeds, scenarios.MaxSeeds)
	}
	if c.Flags().Changed("jobs") && (f.workers < 1 || f.workers > maxWorkers) {
		return wrong("-j is %d, must be 1 to %d", f.workers, maxWorkers)
	}
	if f.processes && !f.live {
		return wrong("--processes is for live runs: say --live --processes")
	}
	for _, name := range f.metrics {
		m, err := scenarios.ParseMetric(name)
		if err != nil {
			return wrong("--metric: %w", err)
		}
		if slices.Contains(f.shown, m) {
			return wrong("--metric: %s stands here twice", name)
		}
		f.shown = append(f.shown, m)
	}
	return nil
}

// maxWorkers bounds the runs at a time, each of which takes memory.
const maxWorkers = 4096

// loadAll reads every scenario before anything is run.
func (f *runFlags) loadAll(refs []string) ([]*scenarios.Scenario, error) {
	var all []*scenarios.Scenario
	for _, ref := range refs {
		s, err := scenarios.Load(ref)
		if err != nil {
			return nil, err
		}
		if err := s.Set(f.set...); err != nil {
			return nil, err
		}
		if f.seeds > 0 {
			if err := s.SetSeeds(f.seeds); err != nil {
				return nil, err
			}
		}
		for _, only := range f.only {
			if err := s.Restrict(only); err != nil {
				return nil, err
			}
		}
		points := s.Points()
		if len(points) == 1 && len(f.shown) > 0 {
			return nil, fmt.Errorf("--metric is for sweeps; %s has one point, of which all metrics are shown", s.Name)
		}
		for i := range points {
			c := points[i].Config(0)
			c.Wire = f.wire
			if err := c.Validate(); err != nil {
				return nil, fmt.Errorf("%s: %w", ref, err)
			}
			if !f.live {
				continue
			}
			check := stage.Check
			if f.processes {
				check = stage.CheckProcesses
			}
			if err := check(&c); err != nil {
				at := ""
				if label := points[i].Label(); label != "" {
					at = "at " + label + ": "
				}
				return nil, fmt.Errorf("%s: %s%w", ref, at, err)
			}
		}
		all = append(all, s)
	}
	if f.dir != "" && len(all) > 1 {
		return nil, errors.New("-o takes the results of one scenario")
	}
	return all, nil
}

func (f *runFlags) atOnce() int {
	if f.live {
		return 1 // each takes the whole machine
	}
	if f.workers > 0 {
		return f.workers
	}
	return runtime.GOMAXPROCS(0)
}
