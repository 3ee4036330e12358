package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

func submitCommand() *cobra.Command {
	var f runFlags
	var n int
	var wait, printed bool
	c := &cobra.Command{
		Use:   "submit SCENARIO -n SHARDS [-- sbatch options]",
		Short: "Compute a sweep on a Slurm cluster",
		Long: `Submit hands a sweep to Slurm as two jobs: an array, of which every index computes one
shard of the runs, and a check, which judges what there is when the array has ended,
whatever became of its tasks. It needs sbatch, and a folder, this one, that all nodes
see. Shards of which every run is there already are left out; so the same command
again fills in what is missing.

A shard whose node fails starts again. A minute before its time limit it keeps what is
finished and goes back into the queue, at most ten times. It computes as many runs at a
time as Slurm gives it processors. What it says is in slurm-JOB_SHARD.out in the
results folder, what the check says in slurm-JOB-check.out.

What follows -- are options of sbatch, for both jobs; but the check takes one processor,
and its output is where it is. --print prints what would be submitted, as a shell script,
and submits nothing. --wait waits, prints the verdict, and ends with the check's exit
code.

Exit codes: 0 submitted, 1 sbatch refused, or the check did not end by itself, 2 the
scenario or a flag is wrong; with --wait those of pushcast check: 3 runs are missing,
99 a rule is not proven; 130 interrupted: the jobs go on.`,
		Example: `  pushcast submit my.yaml -n 16 -- --time=1:00:00 --cpus-per-task=8
  pushcast submit my.yaml -n 16 --wait -- --partition=short
  pushcast submit my.yaml -n 16 --print | less
  pushcast check my.yaml --watch`,
		Args: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); at == 1 || at < 0 && len(args) == 1 {
				return nil
			}
			return errors.New("submit needs one scenario; options of sbatch stand after --")
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeScenarios(cmd, args, text)
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if n < 1 || n > maxShards {
				return &failure{exitWrong, fmt.Errorf("-n is the number of shards, 1 to %d; try 16", maxShards)}
			}
			return f.check(cmd)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := newSubmission(&f, n, args[0], args[1:], cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case len(s.shards) == 0 && !wait:
				_, err = fmt.Fprintf(out, "# %s: all %d runs are there; to judge them: %s\n", s.engine.scenario.Name, s.runs, f.command("check", args[0]))
				return err
			case printed:
				_, err = io.WriteString(out, s.shell())
				return err
			case len(s.shards) == 0:
				code, err := s.engine.check(&f, out, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				return exitWith(code)
			}
			return s.submit(cmd.Context(), wait, out, cmd.ErrOrStderr())
		},
	}
	f.selecting(c)
	f.keeping(c)
	flags := c.Flags()
	flags.IntVarP(&n, "shards", "n", 0, "parts that the runs are dealt to; a part should take minutes at least")
	flags.BoolVar(&wait, "wait", false, "wait for the check, print the verdict, and end with its exit code")
	flags.BoolVar(&printed, "print", false, "print what would be submitted, and submit nothing")
	c.MarkFlagsMutuallyExclusive("wait", "print")
	return c
}

// ours are the options of sbatch that submit sets itself, and why they cannot be said.
var ours = []struct{ short, long, why string }{
	{"-a", "--array", "-n says how many shards there are"},
	{"-W", "--wait", "say --wait before the --"},
	{"", "--wrap", "what is run is the sweep"},
}

// checkOptions refuses those; a long option may be cut short, as getopt lets one.
func checkOptions(options []string) error {
	for _, o := range options {
		name, _, _ := strings.Cut(o, "=")
		for _, mine := range ours {
			if len(name) > 3 && strings.HasPrefix(mine.long, name) ||
				mine.short != "" && strings.HasPrefix(name, mine.short) {
				return fmt.Errorf("%s is none of sbatch's options for you: %s", o, mine.why)
			}
		}
	}
	return nil
}

// newSubmission finds out which shards have something to compute.
func newSubmission(f *runFlags, n int, ref string, options []string, stderr io.Writer) (*submission, error) {
	if err := checkOptions(options); err != nil {
		return nil, &failure{exitWrong, err}
	}
	all, err := f.loadAll([]string{ref})
	if err != nil {
		return nil, &failure{exitWrong, err}
	}
	program, err := os.Executable()
	if err != nil {
		return nil, &failure{exitFailed, err}
	}
	if isOfGoRun(program) {
		return nil, &failure{exitWrong, errors.New("go run throws its program away when it ends, before the jobs begin; first: go build ./cmd/pushcast")}
	}
	e, err := newEngine(all[0], f, stderr)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(e.dir, "%\\\"\n") {
		return nil, &failure{exitWrong, fmt.Errorf("%q: Slurm reads %%, \\ and quotes in the name of a log as something else; take another folder", e.dir)}
	}
	s := &submission{engine: e, program: program, ref: ref, n: n, options: options}
	due, runs := e.missing(n)
	for i, jobs := range due {
		if s.due += len(jobs); len(jobs) > 0 {
			s.shards = append(s.shards, i+1)
		}
	}
	s.runs = runs
	return s, nil
}

// isOfGoRun tells whether a program is where go run puts it.
func isOfGoRun(program string) bool {
	return strings.Contains(program, string(filepath.Separator)+"go-build")
}

// submit hands both jobs to sbatch.
func (s *submission) submit(ctx context.Context, wait bool, stdout, stderr io.Writer) error {
	if err := os.MkdirAll(s.engine.dir, 0o777); err != nil {
		return &failure{exitFailed, err}
	}
	name := s.engine.scenario.Name
	array, err := sbatch(ctx, s.options, s.arrayScript(), stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%-10s  %d runs due in %s of %d: job %s\n", name, s.due, shardCount(len(s.shards)), s.n, array)
	options := s.checkOptions(array)
	if !wait {
		judge, err := sbatch(ctx, options, s.checkScript(), stderr)
		if err != nil {
			return orphaned(err, array)
		}
		_, err = fmt.Fprintf(stdout, `%-10s  the check: job %s, into %s

see:   squeue -j %s,%s
       %s
stop:  scancel %s
`, name, judge, s.checkLog(array), array, judge, s.engine.flags.command("check", s.ref, "--watch"), array)
		return err
	}
	looking, stop := context.WithCancel(ctx)
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		_ = s.engine.watch(looking, s.n, false, stderr) // what cannot be read is said by the check
	}()
	_, err = sbatch(ctx, append(options, "--wait"), s.checkScript(), stderr)
	stop()
	<-looked
	if ctx.Err() != nil {
		return &failure{exitInterrupted, fmt.Errorf("interrupted; the jobs go on: squeue -j %s; the check will be in %s", array, s.checkLog(array))}
	}
	return s.verdict(array, err, stdout)
}

// shardCount is a number of shards, for people.
func shardCount(n int) string {
	if n == 1 {
		return "1 shard"
	}
	return fmt.Sprintf("%d shards", n)
}

// orphaned says that the array was taken, and the check was not.
func orphaned(err error, array string) error {
	return &failure{exitFailed, fmt.Errorf("%w; job %s goes on without a check: judge with pushcast check, or scancel %s", err, array, array)}
}

// verdict prints what the check said. Its exit code is believed only where it says the
// same itself: sbatch --wait ends with 0 for a job that was cancelled in the queue.
func (s *submission) verdict(array string, waited error, stdout io.Writer) error {
	code := exitFine
	var exit *exec.ExitError
	if errors.As(waited, &exit) {
		code = exit.ExitCode()
	} else if waited != nil {
		return orphaned(waited, array)
	}
	text, err := os.ReadFile(s.checkLog(array))
	if errors.Is(err, os.ErrNotExist) && code != exitFine {
		return orphaned(waited, array) // sbatch has said why
	}
	said := bytes.TrimSuffix(text, fmt.Appendf(nil, checkEnds+"\n", code))
	if err != nil || len(said) == len(text) {
		return &failure{exitFailed, fmt.Errorf("the check did not end by itself: cancelled, or killed; its words are in %s; judge with %s", s.checkLog(array), s.engine.flags.command("check", s.ref))}
	}
	if _, err := stdout.Write(said); err != nil {
		return &failure{exitFailed, err}
	}
	return exitWith(code)
}

// jobID is what sbatch --parsable prints; the cluster's name may follow.
var jobID = regexp.MustCompile(`(?m)^([0-9]+)(;.*)?$`)

// sbatch submits a script, and gives the job's number. What sbatch says against it is
// shown as it is.
func sbatch(ctx context.Context, options []string, script string, stderr io.Writer) (id string, err error) {
	cmd := exec.CommandContext(ctx, "sbatch", append([]string{"--parsable"}, options...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stderr = strings.NewReader(script), stderr
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", &failure{exitFailed, errors.New("there is no sbatch here: submit needs Slurm; --print shows the script")}
	case err != nil:
		return "", &failure{exitFailed, fmt.Errorf("sbatch: %w", err)}
	}
	m := jobID.FindSubmatch(out)
	if m == nil {
		return "", &failure{exitFailed, fmt.Errorf("sbatch gives no number of a job, but %q", out)}
	}
	return string(m[1]), nil
}
