package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushcast/results"
	"pushcast/results/report"
	"pushcast/scenarios"
	"pushcast/scenarios/model"
)

// reportFlags are the flags of pushcast report.
type reportFlags struct {
	runFlags          // of which set, seeds and wire; dir is where the results are
	pictures []string // their names
	format   string
	output   string
}

func reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report SCENARIO",
		Short: "Pictures of the results that are there, as files",
		Long: `Report draws what pushcast run has computed, for a paper or a talk: the pictures of the
page report.html, which run and check write, each as a file of its own. It computes
nothing. The same results make the same bytes.

The pictures, each only if its data exists:
` + picturesHelp() + `
SVG and PDF are for print, PNG has 300 dots an inch. Without --picture all pictures there
are are written into the results folder, or the folder -o; one picture can be given a
file. The names of what is written are printed.

SCENARIO is a file, the bare name of a ready-made scenario, or that of a folder below
results.

Exit codes: 0 written, 1 the tool failed, 2 the scenario, a flag, or a picture's name is
wrong, or the picture makes no sense there, 3 there are no runs to draw.`,
		Example: `  pushcast report original-tcb
  pushcast report original-tcb --picture map --format pdf -o map.pdf
  pushcast report my.yaml --picture delivery,delay --format png -o figures`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("report needs one scenario: a file, or one of %s", scenarios.Choices(""))
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return f.check(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.write(args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := c.Flags()
	flags.StringArrayVarP(&f.set, "set", "s", nil, "the results of this override, or axis, as loss=0%,5%; may be repeated")
	flags.IntVar(&f.seeds, "seeds", 0, "seeds to draw, from 0 on (default: the scenario's)")
	flags.StringVar(&f.dir, "results", "", "the results folder (default: results/NAME)")
	flags.BoolVar(&f.wire, "wire", false, "the results of run --wire")
	flags.BoolVar(&f.live, "live", false, "the results of run --live")
	c.MarkFlagsMutuallyExclusive("live", "wire")
	flags.StringSliceVar(&f.pictures, "picture", nil, "which pictures, as delivery,delay (default: all)")
	flags.StringVar(&f.format, "format", "", "svg, png or pdf (default: by the ending of -o, else svg)")
	flags.StringVarP(&f.output, "output", "o", "", "the file of one picture, or the folder of several (default: the results folder)")
	_ = c.RegisterFlagCompletionFunc("set", completeSet)
	_ = c.RegisterFlagCompletionFunc("picture", completePicture)
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(pictureFormats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// picturesHelp lists the pictures.
func picturesHelp() string {
	var b strings.Builder
	for _, name := range report.Names() {
		fmt.Fprintf(&b, "  %-10s %s\n", name, report.About(name))
	}
	return b.String()
}

func pictureFormats() (names []string) {
	for _, f := range report.Formats {
		names = append(names, string(f))
	}
	return names
}

// wanted is the format, and whether -o is a file.
func (f *reportFlags) wanted() (as report.Format, file bool, err error) {
	ending := report.Format(strings.TrimPrefix(filepath.Ext(f.output), "."))
	file = slices.Contains(report.Formats, ending)
	switch as = report.Format(f.format); {
	case as == "" && file:
		as = ending
	case as == "":
		as = report.SVG
	case !slices.Contains(report.Formats, as):
		return as, file, fmt.Errorf("--format %s: must be one of %s", f.format, strings.Join(pictureFormats(), ", "))
	case file && ending != as:
		return as, file, fmt.Errorf("-o %s is no %s: give it the ending .%s, or leave --format out", f.output, as, as)
	}
	if file && len(f.pictures) != 1 {
		return as, file, fmt.Errorf("-o %s is one file: name one picture with --picture, or give a folder", f.output)
	}
	for _, name := range f.pictures {
		if report.About(name) == "" {
			hint := ""
			if near := scenarios.DidYouMean(name, report.Names()); near != "" {
				hint = "; " + near
			}
			return as, file, fmt.Errorf("--picture %s: no such picture%s the pictures are %s", name, hint, strings.Join(report.Names(), ", "))
		}
	}
	return as, file, nil
}

// write draws what is there.
func (f *reportFlags) write(ref string, stdout, stderr io.Writer) error {
	wrong := func(err error) error { return &failure{exitWrong, err} }
	as, file, err := f.wanted()
	if err != nil {
		return wrong(err)
	}
	all, err := f.loadAll([]string{scenarioOf(ref)})
	if err != nil {
		return wrong(err)
	}
	e, err := newEngine(all[0], &f.runFlags, stderr)
	if err != nil {
		return err
	}
	v := e.judge()
	if v.Found() == 0 {
		return &failure{exitIncomplete, fmt.Errorf("%s: %s holds no run of it; first: %s", e.scenario.Name, e.dir, e.command("run"))}
	}
	if n := v.Missing(); n > 0 {
		fmt.Fprintf(stderr, "pushcast: %s: %d of %d runs are missing; the pictures are of those that are there\n", e.scenario.Name, n, n+v.Found())
	}
	in := e.reportInput(v)
	drawn := report.Pictures(in)
	for _, name := range f.pictures {
		if !slices.ContainsFunc(drawn, func(p *report.Picture) bool { return p.Name == name }) {
			return f.undrawn(e, in, name)
		}
	}
	dir := f.output
	if dir == "" {
		dir = e.dir
	}
	for _, p := range drawn {
		if len(f.pictures) > 0 && !slices.Contains(f.pictures, p.Name) {
			continue
		}
		text, err := p.File(as)
		if err != nil {
			return &failure{exitFailed, err}
		}
		path := filepath.Join(dir, p.Name+"."+string(as))
		if file {
			path = f.output
		}
		if err := results.WriteFile(path, text); err != nil {
			return &failure{exitFailed, err}
		}
		if _, err := fmt.Fprintln(stdout, path); err != nil {
			return &failure{exitFailed, err}
		}
	}
	return nil
}

// scenarioOf is the scenario that a result was made of: what is no ready-made name may be
// that of a folder below results, whose verdict names its file.
func scenarioOf(name string) string {
	if !scenarios.IsName(name) || slices.Contains(scenarios.Names(), name) {
		return name
	}
	var verdict struct{ File string }
	text, err := os.ReadFile(filepath.Join("results", name, "verdict.json"))
	if err != nil || json.Unmarshal(text, &verdict) != nil || verdict.File == "" {
		return name
	}
	return verdict.File
}

// undrawn says why there is no such picture.
func (f *reportFlags) undrawn(e *engine, in *report.Input, name string) error {
	why, code := "", exitWrong
	switch name {
	case "verdict":
		why = "the scenario expects nothing"
	case "baseline":
		why = "no rule has a baseline to compare with"
	case "map":
		why = "a map needs a sweep over two axes"
	case "live", "live-delay":
		why, code = e.apart(in), exitIncomplete
	default:
		why, code = "the runs that are kept have no data for it; first: "+e.command("run", "--fresh"), exitIncomplete
	}
	return &failure{code, fmt.Errorf("%s: no picture %q of it: %w", in.Verdict.Scenario.Name, name, errors.New(why))}
}

// command is a command line that asks about the same results as this one.
func (e *engine) command(verb string, more ...string) string {
	return e.flags.command(verb, e.scenario.File, more...)
}

// liveWorld is the world of runs on real sockets.
const liveWorld = results.Live

// in is what the runs of another world show, nil where there are none.
func (e *engine) in(world string) *results.Verdict {
	if !e.store.Holds(world) {
		return nil
	}
	other := *e
	other.world = world
	return results.Judge(e.scenario, other.find, nil)
}

// reportInput is what the report of a verdict is made of.
func (e *engine) reportInput(v *results.Verdict) *report.Input {
	in := &report.Input{Verdict: v, Model: model.Fingerprint(), Version: version(), Damaged: e.store.Damaged, Shards: e.store.Shards(), Command: e.command}
	if e.world == liveWorld {
		in.Simulated = e.in("sim")
	} else {
		in.Live = e.in(liveWorld)
	}
	return in
}
