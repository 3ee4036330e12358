package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
)

func checkCommand() *cobra.Command {
	var f runFlags
	var watch bool
	c := &cobra.Command{
		Use:   "check SCENARIO…",
		Short: "Judge and print the results that are there",
		Long: `Check judges scenarios by the runs in their results folders, as run does, and
computes nothing.

Exit codes: as pushcast run; 3 where runs are missing: they are named.`,
		Example: "  pushcast check scenarios/ci.yaml -o gathered",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("check needs a scenario: a file, or one of %s", scenarios.Choices(""))
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
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
				if watch {
					if err := e.watch(cmd.Context(), 0, f.quiet, cmd.ErrOrStderr()); err != nil {
						return err
					}
				}
				code, err := e.check(&f, cmd.OutOrStdout(), cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				worst = worse(worst, code)
			}
			return exitWith(worst)
		},
	}
	f.common(c)
	c.Flags().BoolVar(&watch, "watch", false, "wait until nothing is missing, and say how far it is")
	return c
}

// check judges what there is, and shows it.
func (e *engine) check(f *runFlags, stdout, stderr io.Writer) (code int, err error) {
	v := e.judge()
	if err := e.show(v, f, false, stdout); err != nil {
		return 0, &failure{exitFailed, err}
	}
	if err := e.report(v, os.Getenv, f.aside(stdout, stderr)); err != nil {
		return 0, &failure{exitFailed, err}
	}
	if path := e.reported(v); path != "" && !v.Judged && !f.quiet {
		fmt.Fprintf(stderr, "%s: see %s\n", e.scenario.Name, path)
	}
	return v.Exit(), nil
}
