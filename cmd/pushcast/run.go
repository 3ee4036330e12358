package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
	"pushcast/sim"
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
}

func runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run SCENARIO…",
		Short: "Compute the runs of scenarios and print what was delivered",
		Long: `Run computes every seed of each scenario, in parallel on all cores, and prints
one table per scenario: the mean of each metric over seeds, the half-width of its
95 % confidence interval (Student's, over seeds), the least and greatest seed.

SCENARIO is a file, or the bare name of a ready-made scenario. The same scenario
prints the same bytes on every machine, however many cores work on it.

With --json, stdout is one JSON document per scenario and line: {"schema": 1,
"scenario", "parameters": [{"path", "value"}], "interrupted", "fingerprint",
"runs": [{"seed", "fingerprint", "metrics": {name: value or null}, "counts"}],
"summary": {name: {"n", "mean", "halfwidth95", "min", "max"}}}; times are in
seconds, ratios from 0 to 1.

Exit codes: 0 done, 1 the tool failed, 2 the scenario or a flag is wrong,
130 interrupted: the finished seeds are printed.`,
		Example: `  pushcast run quickstart
  pushcast run scenarios/quickstart.yaml -s loss=10% -s rate=6x
  pushcast run original --seeds 50 -j 1 --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("run needs a scenario: a file, or one of %s", strings.Join(scenarios.Names(), ", "))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.Names(), cobra.ShellCompDirectiveDefault
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScenarios(cmd.Context(), &f, args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := c.Flags()
	flags.StringArrayVarP(&f.set, "set", "s", nil, "override a value, as loss=5%; may be repeated")
	flags.IntVar(&f.seeds, "seeds", 0, "seeds to run, from 0 on (default: the scenario's)")
	flags.IntVarP(&f.workers, "jobs", "j", 0, "runs at a time (default: all cores)")
	flags.BoolVar(&f.json, "json", false, "print JSON in place of the table")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "also a table of the seeds")
	flags.BoolVar(&f.wire, "wire", false, "encode and parse every datagram: slower, the same results")
	c.MarkFlagsMutuallyExclusive("json", "verbose")
	_ = c.RegisterFlagCompletionFunc("set", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var keys []string
		for _, k := range scenarios.Keys() {
			keys = append(keys, k+"=")
		}
		return keys, cobra.ShellCompDirectiveNoSpace
	})
	return c
}

// check tells which flag is out of its range.
func (f *runFlags) check(c *cobra.Command) error {
	if c.Flags().Changed("seeds") && (f.seeds < 1 || f.seeds > scenarios.MaxSeeds) {
		return fmt.Errorf("--seeds is %d, must be 1 to %d", f.seeds, scenarios.MaxSeeds)
	}
	if c.Flags().Changed("jobs") && (f.workers < 1 || f.workers > maxWorkers) {
		return fmt.Errorf("-j is %d, must be 1 to %d", f.workers, maxWorkers)
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
		if err := f.config(s, 0).Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", ref, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// config is the run of one seed.
func (f *runFlags) config(s *scenarios.Scenario, seed int) *sim.Config {
	c := s.Config(seed)
	c.Wire = f.wire
	return &c
}

func runScenarios(ctx context.Context, f *runFlags, refs []string, stdout, stderr io.Writer) error {
	all, err := f.loadAll(refs)
	if err != nil {
		return &failure{exitWrong, err}
	}
	workers := f.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for i, s := range all {
		began := time.Now()
		progress := newProgress(stderr, s.Name, s.Seeds.Max, f.quiet)
		batch, err := compute(ctx, s, f, workers, progress)
		progress.end()
		if err != nil {
			return &failure{exitFailed, err}
		}
		write := batch.writeText
		if f.json {
			write = batch.writeJSON
		}
		if i > 0 && !f.json {
			if _, err := io.WriteString(stdout, "\n"); err != nil {
				return &failure{exitFailed, err}
			}
		}
		if err := write(stdout, f.verbose); err != nil {
			return &failure{exitFailed, err}
		}
		if batch.interrupted {
			return &failure{exitInterrupted, fmt.Errorf("interrupted; %d of %d seeds of %s are finished", len(batch.runs), s.Seeds.Max, s.Name)}
		}
		if !f.quiet {
			fmt.Fprintf(stderr, "%s: %d runs in %.1fs\n", s.Name, len(batch.runs), time.Since(began).Seconds())
		}
	}
	return nil
}
