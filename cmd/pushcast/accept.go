package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/scenarios/model"
)

// baselinePath is where a scenario's baseline lies: beside it.
func baselinePath(s *scenarios.Scenario) string {
	return strings.TrimSuffix(s.File, ".yaml") + ".baseline.json"
}

// loadBaseline reads the baseline of a scenario; nil where there is none.
func loadBaseline(s *scenarios.Scenario) (*results.Baseline, error) {
	text, embedded := scenarios.Baseline(s.File)
	if !embedded {
		path := baselinePath(s)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, nil
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular() && !info.IsDir() || info.Size() > results.MaxBaseline:
			return nil, fmt.Errorf("%s is no file of at most %d MiB", path, results.MaxBaseline>>20)
		}
		if text, err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	b, err := results.ParseBaseline(text)
	if err != nil {
		return nil, fmt.Errorf("%s %w", baselinePath(s), err)
	}
	return b, nil
}

func acceptCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "accept SCENARIO",
		Short: "Make the present results of a scenario its baseline",
		Long: `Accept writes the results that are there into SCENARIO.baseline.json, beside the
scenario, for rules of the form "delivery >= baseline - 0.5%" to compare with. Commit
it. It computes nothing: run the scenario first.

Exit codes: 0 written, 1 the tool failed, 2 the scenario or a flag is wrong,
3 runs are missing.`,
		Example: "  pushcast run scenarios/ci.yaml && pushcast accept scenarios/ci.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("accept needs one scenario, the path of its file")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return accept(&f, args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.keeping(c)
	return c
}

func accept(f *runFlags, ref string, stdout, stderr io.Writer) error {
	all, err := f.loadAll([]string{ref})
	if err != nil {
		return &failure{exitWrong, err}
	}
	s := all[0]
	if scenarios.IsName(ref) {
		return &failure{exitWrong, fmt.Errorf("accept writes beside the scenario: give the path of a file, as scenarios/%s.yaml", ref)}
	}
	// The baseline that is there is not read: it may be damaged, and is to be replaced.
	rules := s.Rules
	s.Rules = nil
	engine, err := newEngine(s, f, stderr)
	if err != nil {
		return err
	}
	// What is accepted need not be good, and is all there is: where seeds are found by
	// looking, those that decide, and what was run beside.
	s.Rules = rules
	v := engine.judge()
	if v.Missing() > 0 {
		return &failure{exitIncomplete, fmt.Errorf("%s: %d runs are missing; first: %s", s.Name, v.Missing(), f.command("run", ref))}
	}
	for i := range v.Points {
		p := &v.Points[i]
		for run := engine.find(p.Point, len(p.Runs)); run != nil && len(p.Runs) < s.Seeds.Max; run = engine.find(p.Point, len(p.Runs)) {
			p.Runs = append(p.Runs, run)
		}
	}
	text, err := results.NewBaseline(v, model.Fingerprint()).Encode()
	if err == nil {
		err = results.WriteFile(baselinePath(s), text)
	}
	if err != nil {
		return &failure{exitFailed, err}
	}
	points := "points"
	if len(v.Points) == 1 {
		points = "point"
	}
	fmt.Fprintf(stdout, "%s: %d %s accepted\n", baselinePath(s), len(v.Points), points)
	return nil
}
