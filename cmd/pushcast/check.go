package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
)

func checkCommand() *cobra.Command {
	var f runFlags
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
				v := e.judge()
				if err := e.show(v, &f, false, cmd.OutOrStdout()); err != nil {
					return &failure{exitFailed, err}
				}
				if err := e.report(v, os.Getenv, f.aside(cmd.OutOrStdout(), cmd.ErrOrStderr())); err != nil {
					return &failure{exitFailed, err}
				}
				if path := e.reported(v); path != "" && !v.Judged && !f.quiet {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: see %s\n", s.Name, path)
				}
				worst = worse(worst, v.Exit())
			}
			return exitWith(worst)
		},
	}
	f.common(c)
	return c
}
