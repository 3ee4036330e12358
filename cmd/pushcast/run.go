package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
	"pushcast/scenarios/model"
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
	fresh   bool
	dryRun  bool
	only    []string
	shard   string
	dir     string
}

func runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run SCENARIO…",
		Short: "Compute the runs that are missing, judge, and print what was delivered",
		Long: `Run computes the runs of each scenario that its results folder does not have yet,
in parallel on all cores, judges the rules of expect, and prints the verdict and a
table: the mean of each metric over seeds, the half-width of its 95 % confidence
interval (Student's, over seeds), the least and greatest seed; of a sweep, a row per
point.

A finished run is kept as a line of a file in results/NAME, and found again by its
parameters, its seed and the model's fingerprint: the same command goes on where it
was interrupted, and one more value or seed costs only what is new. Copying such files
into one folder merges them. --shard computes one part and does not judge: gather
the files, then pushcast check.

SCENARIO is a file, or the bare name of a ready-made scenario. The same scenario
prints the same bytes on every machine, however many cores work on it.

With --json, stdout is one JSON document per point and line: {"schema": 1,
"scenario", "point", "parameters": [{"path", "value"}], "interrupted", "fingerprint",
"runs": [{"seed", "fingerprint", "metrics": {name: value or null}, "counts"}],
"summary": {name: {"n", "mean", "halfwidth95", "min", "max"}}}; times are in
seconds, ratios from 0 to 1.

Exit codes: 0 every rule is proven, 1 the tool failed, 2 the scenario or a flag is
wrong, or there is no baseline, 3 runs are missing, 99 a rule is not proven,
130 interrupted: what was finished is kept and printed.`,
		Example: `  pushcast run quickstart
  pushcast run scenarios/quickstart.yaml -s loss=10% -s rate=6x
  pushcast run original --seeds 50 -j 1 --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("run needs a scenario: a file, or one of %s", scenarios.Choices(""))
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
	f.common(c)
	flags.BoolVar(&f.fresh, "fresh", false, "compute all runs anew; those that are kept must agree with them")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say how many runs are there and how many are due, and compute nothing")
	flags.StringVar(&f.shard, "shard", "", "compute one part of the runs, as 1/4; auto: by the variables of Slurm, Kubernetes, GitLab, CircleCI or Buildkite")
	flags.IntVarP(&f.workers, "jobs", "j", 0, "runs at a time (default: all cores)")
	flags.BoolVar(&f.wire, "wire", false, "encode and parse every datagram: slower, the same results")
	return c
}

// common are the flags of run and of check.
func (f *runFlags) common(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVarP(&f.set, "set", "s", nil, "override a value, as loss=5%, or add an axis, as loss=0%,5%; may be repeated")
	flags.IntVar(&f.seeds, "seeds", 0, "seeds to run, from 0 on (default: the scenario's)")
	flags.StringArrayVar(&f.only, "only", nil, "only these points, as rate=4x,buffer=16; seed=3 for one seed, which is not judged")
	flags.StringVarP(&f.dir, "output", "o", "", "the results folder (default: results/NAME)")
	flags.BoolVar(&f.json, "json", false, "print JSON in place of the table")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on stderr")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "also a table of the seeds")
	c.MarkFlagsMutuallyExclusive("json", "verbose")
	_ = c.RegisterFlagCompletionFunc("set", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var keys []string
		for _, k := range scenarios.Keys() {
			keys = append(keys, k+"=")
		}
		return keys, cobra.ShellCompDirectiveNoSpace
	})
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
	if c.Flags().Changed("seeds") && (f.seeds < 1 || f.seeds > scenarios.MaxSeeds) {
		return fmt.Errorf("--seeds is %d, must be 1 to %d", f.seeds, scenarios.MaxSeeds)
	}
	if c.Flags().Lookup("jobs") != nil && c.Flags().Changed("jobs") && (f.workers < 1 || f.workers > maxWorkers) {
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
		for _, only := range f.only {
			if err := s.Restrict(only); err != nil {
				return nil, err
			}
		}
		points := s.Points()
		for i := range points {
			c := points[i].Config(0)
			c.Wire = f.wire
			if err := c.Validate(); err != nil {
				return nil, fmt.Errorf("%s: %w", ref, err)
			}
		}
		all = append(all, s)
	}
	if f.dir != "" && len(all) > 1 {
		return nil, errors.New("-o takes the results of one scenario")
	}
	return all, nil
}

func runScenarios(ctx context.Context, f *runFlags, refs []string, stdout, stderr io.Writer) error {
	part, err := parseShard(f.shard, os.Getenv)
	if err != nil {
		return &failure{exitWrong, err}
	}
	all, err := f.loadAll(refs)
	if err != nil {
		return &failure{exitWrong, err}
	}
	worst := exitFine
	for i, s := range all {
		if i > 0 && !f.json {
			if _, err := io.WriteString(stdout, "\n"); err != nil {
				return &failure{exitFailed, err}
			}
		}
		e, err := newEngine(s, f, stderr)
		if err != nil {
			return err
		}
		var code int
		switch {
		case f.dryRun:
			err = e.plan(stdout, part, f)
		case part != nil:
			err = e.computeShare(ctx, f, part, stdout, stderr)
		default:
			code, err = e.computeAndJudge(ctx, f, stdout, stderr)
		}
		if err != nil {
			return err
		}
		worst = worse(worst, code)
	}
	return exitWith(worst)
}

// exitWith is an error of a code that says no more than was printed.
func exitWith(code int) error {
	if code == exitFine {
		return nil
	}
	return &failure{code, errors.New("")}
}

// worse gives the exit code that comes first of two.
func worse(a, b int) int {
	for _, code := range []int{exitWrong, exitFailed, exitInterrupted, exitIncomplete, exitNotGood} {
		if a == code || b == code {
			return code
		}
	}
	return exitFine
}

func (f *runFlags) atOnce() int {
	if f.workers > 0 {
		return f.workers
	}
	return runtime.GOMAXPROCS(0)
}

// computeAndJudge computes what the verdict misses, and looks again, until it misses
// nothing.
func (e *engine) computeAndJudge(ctx context.Context, f *runFlags, stdout, stderr io.Writer) (code int, err error) {
	w := e.store.Writer(model.Fingerprint(), "all")
	began, n := time.Now(), 0
	v := e.judge()
	for jobs := e.due(v); len(jobs) > 0 && ctx.Err() == nil; jobs = e.due(v) {
		p := newProgress(stderr, e.scenario.Name, len(jobs), f.quiet)
		err := e.compute(ctx, jobs, w, f.atOnce(), p)
		n += p.n
		p.end()
		if err != nil {
			return 0, &failure{exitFailed, errors.Join(err, w.Close())}
		}
		v = e.judge()
	}
	if err := w.Close(); err != nil {
		return 0, &failure{exitFailed, err}
	}
	interrupted := v.Missing() > 0
	if err := e.show(v, f, interrupted, stdout); err != nil {
		return 0, &failure{exitFailed, err}
	}
	if !interrupted {
		if err := e.report(v, os.Getenv, f.aside(stdout, stderr)); err != nil {
			return 0, &failure{exitFailed, err}
		}
	}
	if interrupted {
		kept, all := 0, 0
		for i := range v.Points {
			kept += len(v.Points[i].Runs)
			all += len(v.Points[i].Runs) + len(v.Points[i].Missing)
		}
		what := "runs"
		if len(v.Points) == 1 {
			what = "seeds"
		}
		return 0, &failure{exitInterrupted, fmt.Errorf("interrupted; %d of %d %s of %s are finished, and kept in %s", kept, all, what, e.scenario.Name, e.dir)}
	}
	if !f.quiet {
		kept := -n
		for i := range v.Points {
			kept += len(v.Points[i].Runs)
		}
		fmt.Fprintf(stderr, "%s: %d runs in %.1fs, %d were there\n", e.scenario.Name, n, time.Since(began).Seconds(), max(0, kept))
	}
	return v.Exit(), nil
}

// computeShare computes one part of the sweep, and judges nothing.
func (e *engine) computeShare(ctx context.Context, f *runFlags, part *shard, stdout, stderr io.Writer) error {
	jobs, all := e.share(part)
	w := e.store.Writer(model.Fingerprint(), part.String())
	p := newProgress(stderr, e.scenario.Name, len(jobs), f.quiet)
	err := e.compute(ctx, jobs, w, f.atOnce(), p)
	p.end()
	if err = errors.Join(err, w.Close()); err != nil {
		return &failure{exitFailed, err}
	}
	if p.n < len(jobs) {
		return &failure{exitInterrupted, fmt.Errorf("interrupted; %d of %d runs of shard %d/%d are there", all-len(jobs)+p.n, all, part.i, part.n)}
	}
	_, err = fmt.Fprintf(stdout, "%-10s  shard %d/%d: %d runs are there, %d of them new; not judged\n", e.scenario.Name, part.i, part.n, all, len(jobs))
	return err
}

// plan says what would be computed.
func (e *engine) plan(stdout io.Writer, part *shard, f *runFlags) error {
	v := e.judge()
	jobs := e.due(v)
	all := 0
	var took float64
	known := 0
	for i := range v.Points {
		all += len(v.Points[i].Runs) + len(v.Points[i].Missing)
		for _, r := range v.Points[i].Runs {
			took += r.Seconds
			known++
		}
	}
	if part != nil {
		jobs, all = e.share(part)
	}
	estimate := ""
	if known > 0 && len(jobs) > 0 {
		seconds := took / float64(known) * float64(len(jobs)) / float64(min(f.atOnce(), len(jobs)))
		estimate = fmt.Sprintf(", about %s", time.Duration(seconds*float64(time.Second)).Round(100*time.Millisecond))
	}
	_, err := fmt.Fprintf(stdout, "%-10s  %d points × %s seeds: %d runs, %d cached, %d due%s\n",
		e.scenario.Name, len(v.Points), e.scenario.Seeds, all, all-len(jobs), len(jobs), estimate)
	return err
}

func checkCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "check SCENARIO…",
		Short: "Judge and print the results that are there",
		Long: `Check judges scenarios by the runs in their results folders, as run does, and
computes nothing.

Exit codes: as pushcast run; 3 where runs are missing: they are named.`,
		Example: "  pushcast check scenarios/ci.yaml -o gathered",
		Args:    cobra.MinimumNArgs(1),
		PreRunE: func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := f.loadAll(args)
			if err != nil {
				return &failure{exitWrong, err}
			}
			worst := exitFine
			for _, s := range all {
				e, err := newEngine(s, &f, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				v := e.judge()
				if err := e.show(v, &f, false, cmd.OutOrStdout()); err != nil {
					return &failure{exitFailed, err}
				}
				// A folder that does not exist is not made for having been looked for.
				if _, err := os.Stat(e.dir); err == nil {
					if err := e.report(v, os.Getenv, f.aside(cmd.OutOrStdout(), cmd.ErrOrStderr())); err != nil {
						return &failure{exitFailed, err}
					}
				}
				worst = worse(worst, v.Exit())
			}
			return exitWith(worst)
		},
	}
	f.common(c)
	return c
}
