package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
	"pushcast/scenarios/model"
)

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
the files, then pushcast check. --dry-run estimates the time from the runs that are
kept, or where none are from the first tenth of a second of one that is due.

A sweep over one axis is shown as a table, over two as a map, over more as a map for each
combination of the others; --metric says what of it, by default the delivery. On a
terminal a map is shaded, in colours, or in blocks where NO_COLOR is set.

SCENARIO is a file, or the bare name of a ready-made scenario. The same scenario
prints the same bytes on every machine, however many cores work on it.

With --live every peer is a real one with a UDP socket on loopback, in real time: the
same peers, parameters, links, churn and metrics. Live runs are kept beside those of the
simulator, and never mixed with them; where both are there, a table of their differences
is printed, and drawn. A run that the machine was too busy for says nothing about the
protocol, and is not kept. What exists in the simulator only is refused before anything
starts. A live run never comes out twice the same; to measure it anew, give another
folder with -o. With --processes each peer is a process of its own, from its joining to
its leaving; such runs count as other live ones, and say so in the counts of --json.

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
  pushcast run original --seeds 50 -j 1 --json
  pushcast run quickstart -s rate=2x,4x,6x -s loss=0%,5%,10% --metric delivery,delay.p95
  pushcast run my.yaml --dry-run
  pushcast run my.yaml --shard 1/4 -o part1
  pushcast run quickstart -s peers=20 --seeds 3 --live
  pushcast run quickstart -s peers=20 --seeds 3 --live --processes`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("run needs a scenario: a file, or one of %s", scenarios.Choices(""))
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScenarios(cmd.Context(), &f, args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := c.Flags()
	f.common(c)
	flags.BoolVar(&f.fresh, "fresh", false, "compute all runs anew; those that are kept must agree with them")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say how many runs are there, how many are due, and about how long they take")
	flags.BoolVar(&f.processes, "processes", false, "with --live: each peer is a process of its own")
	flags.StringVar(&f.shard, "shard", "", "compute one part of the runs, as 1/4; auto: by the variables of Slurm, Kubernetes, GitLab, CircleCI or Buildkite")
	flags.IntVarP(&f.workers, "jobs", "j", 0, "cores to use: for as many runs at a time, or for one of 20,000 peers and more (default: all)")
	// Of these, one leaves the other nothing to say.
	for _, pair := range [][2]string{{"live", "jobs"}, {"live", "fresh"}, {"dry-run", "json"}, {"dry-run", "verbose"}, {"dry-run", "metric"}, {"shard", "json"}, {"shard", "verbose"}, {"shard", "metric"}} {
		c.MarkFlagsMutuallyExclusive(pair[0], pair[1])
	}
	return c
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

// computeAndJudge computes what the verdict misses, and looks again, until it misses
// nothing.
func (e *engine) computeAndJudge(ctx context.Context, f *runFlags, stdout, stderr io.Writer) (code int, err error) {
	w := e.store.Writer(model.Fingerprint(), "all")
	began, n := time.Now(), 0
	v := e.judge()
	for jobs := e.due(v); len(jobs) > 0 && ctx.Err() == nil; jobs = e.due(v) {
		p := newProgress(stderr, e.scenario.Name, len(jobs), f.quiet)
		p.lasts = e.lasts(jobs)
		err := e.compute(ctx, jobs, w, f.atOnce(), p)
		n += p.n()
		p.end()
		if err != nil {
			return 0, &failure{exitFailed, errors.Join(err, w.Close())}
		}
		v = e.judge()
		if len(e.busy) > 0 {
			break
		}
	}
	if err := w.Close(); err != nil {
		return 0, &failure{exitFailed, err}
	}
	interrupted := v.Missing() > 0
	tooBusy := interrupted && len(e.busy) > 0 && ctx.Err() == nil
	if err := e.show(v, f, interrupted && !tooBusy, stdout); err != nil {
		return 0, &failure{exitFailed, err}
	}
	if !interrupted {
		err = e.report(v, os.Getenv, f.aside(stdout, stderr))
	} else {
		err = e.writeFiles(v) // which say that they are incomplete
	}
	if err != nil {
		return 0, &failure{exitFailed, err}
	}
	if tooBusy {
		return 0, e.tooBusy(stderr)
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
		at := ""
		if path := e.reported(v); path != "" {
			at = "; see " + path
		}
		fmt.Fprintf(stderr, "%s: %d runs in %.1fs, %d were there%s%s\n", e.scenario.Name, n, time.Since(began).Seconds(), max(0, kept), e.playedOtherwise(v), at)
	}
	return v.Exit(), nil
}

// computeShare computes one part of the sweep, and judges nothing.
func (e *engine) computeShare(ctx context.Context, f *runFlags, part *shard, stdout, stderr io.Writer) error {
	jobs, all := e.share(part)
	w := e.store.Writer(model.Fingerprint(), part.String())
	p := newProgress(stderr, e.scenario.Name, len(jobs), f.quiet)
	p.lasts = e.lasts(jobs)
	err := e.compute(ctx, jobs, w, f.atOnce(), p)
	p.end()
	if err = errors.Join(err, w.Close()); err != nil {
		return &failure{exitFailed, err}
	}
	if len(e.busy) > 0 && ctx.Err() == nil {
		return e.tooBusy(stderr)
	}
	if p.n() < len(jobs) {
		return &failure{exitInterrupted, fmt.Errorf("interrupted; %d of %d runs of shard %d/%d are there", all-len(jobs)+p.n(), all, part.i, part.n)}
	}
	_, err = fmt.Fprintf(stdout, "%-10s  shard %d/%d: %d runs are there, %d of them new; not judged\n", e.scenario.Name, part.i, part.n, all, len(jobs))
	return err
}
