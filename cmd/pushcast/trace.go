package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushcast/cmd/internal/trace"
	"pushcast/node"
	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/sim"
)

// traceFlags are the flags of pushcast trace.
type traceFlags struct {
	runFlags // of which set, only and wire
	format   string
	output   string
	from, to string
	peers    []uint
	chunks   []uint
	diff     bool
	html     bool
	seed     int
}

func traceCommand() *cobra.Command {
	var f traceFlags
	c := &cobra.Command{
		Use:   "trace SCENARIO | --diff A B",
		Short: "Write down one run, event by event or chunk by chunk",
		Long: `Trace computes one run and writes it down: of the first point that is left by --only,
with seed 0, or that of --only seed=N.

As text, a line per event: the time in seconds, what happens, the peer at which it
happens, the other end (the source is peer 0), the chunk, and of a first copy how many
hops it has come. Who comes back as somebody else (identity: new) is shown with 4194304
more for each time; --peer knows it by its first number. --from and --to leave the events from one instant on and before
another, --peer those at a peer or from it, --chunk those about a chunk.

As csv or parquet, a row per pair of a peer and a chunk: peer, chunk, due (it counts for
the metrics), birth, arrival and delay of the first copy in seconds, hop (from the
source), from (the peer that sent it). First copies come in the order of their arrival;
pairs that are due and were never received, where arrival, delay, hop and from are empty,
when their peer leaves, or at the end. The delivery is the share of the due rows whose delay is at most the deadline.

As html, a page that moves: chunks spreading over the peers, push by push, to be watched or
stepped through; for at most 400 peers, of the events between --from and --to. Without
them it begins where measuring does, and is as long as is good to watch. --html is short
for --format html; its file is NAME-seedN.html, if -o says no other.

Without --format, the ending of -o says it: .csv, .parquet, .html, anything else is text. A file
appears when it is whole.

--diff compares two recorded texts, and prints the first event that differs, between
those before and those after it. Traces of one run are the same on every machine.

Exit codes: 0 written, or the same; 1 the tool failed, 2 the scenario, a flag or a trace
is wrong, 99 the traces differ, 130 interrupted: no file is written.`,
		Example: `  pushcast trace quickstart --from 3.84s --to 3.9s
  pushcast trace quickstart --peer 17 --chunk 95,96
  pushcast trace my.yaml --only rate=4x,seed=3 -o pairs.parquet
  pushcast trace quickstart --seed 3 --html
  pushcast trace my.yaml -o old.txt; git switch mine; pushcast trace my.yaml -o new.txt
  pushcast trace --diff old.txt new.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case f.diff && len(args) != 2:
				return errors.New("--diff compares two traces: give two files")
			case !f.diff && len(args) != 1:
				return fmt.Errorf("trace needs one scenario: a file, or one of %s", scenarios.Choices(""))
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.diff {
				return diffTraces(cmd, args[0], args[1])
			}
			if cmd.Flags().Changed("seed") {
				if slices.ContainsFunc(f.only, func(s string) bool { return strings.Contains(s, "seed=") }) {
					return &failure{exitWrong, errors.New("--seed and --only both name a seed: leave one out")}
				}
				f.only = append(f.only, fmt.Sprintf("seed=%d", f.seed))
			}
			return f.record(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := c.Flags()
	f.selecting(c)
	flags.BoolVar(&f.wire, "wire", false, "encode and parse every datagram: slower, the same events")
	flags.StringVar(&f.format, "format", "", "text, csv, parquet or html (default: by the ending of -o, else text)")
	flags.BoolVar(&f.html, "html", false, "an animation, as a page: --format html")
	flags.IntVar(&f.seed, "seed", 0, "the run with this seed, as --only seed=3")
	c.MarkFlagsMutuallyExclusive("html", "format")
	flags.StringVarP(&f.output, "output", "o", "", "the file to write (default: standard output)")
	flags.StringVar(&f.from, "from", "", "events from this instant on, as 3.84s")
	flags.StringVar(&f.to, "to", "", "events before this instant")
	flags.UintSliceVar(&f.peers, "peer", nil, "only these peers, as 3,17; the source is 0")
	flags.UintSliceVar(&f.chunks, "chunk", nil, "only these chunks, as 95,96; the first is 0")
	flags.BoolVar(&f.diff, "diff", false, "compare two recorded texts")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func formatNames() (names []string) {
	for _, f := range trace.Formats {
		names = append(names, string(f))
	}
	return names
}

// formatOf is what --format says, else what the file's ending says.
func (f *traceFlags) formatOf() (trace.Format, error) {
	as := trace.Format(f.format)
	if f.html {
		as = trace.AsHTML
	}
	if as == "" {
		if as = trace.Format(strings.TrimPrefix(filepath.Ext(f.output), ".")); !slices.Contains(trace.Formats, as) {
			as = trace.AsText
		}
	}
	if !slices.Contains(trace.Formats, as) {
		return "", fmt.Errorf("--format %s: must be one of %s", f.format, strings.Join(formatNames(), ", "))
	}
	if as != trace.AsText && as != trace.AsHTML && (f.from != "" || f.to != "") {
		return "", fmt.Errorf("--from and --to are for events, and %s has a row per chunk and peer: choose with --chunk and --peer", as)
	}
	return as, nil
}

// selection is what of the run is wanted.
func (f *traceFlags) selection(c *sim.Config) (want trace.Selection, err error) {
	want.To = c.Duration
	for _, at := range []struct {
		flag, text string
		into       *node.Time
	}{{"--from", f.from, &want.From}, {"--to", f.to, &want.To}} {
		if at.text == "" {
			continue
		}
		if *at.into, err = scenarios.ParseTime(at.text); err != nil {
			return want, fmt.Errorf("%s %s: %w", at.flag, at.text, err)
		}
	}
	if want.From >= want.To || want.To > c.Duration {
		return want, fmt.Errorf("--from %s --to %s is no part of a run of %s", scenarios.FormatTime(want.From),
			scenarios.FormatTime(want.To), scenarios.FormatTime(c.Duration))
	}
	if f.to == "" {
		want.To = 0
	}
	for _, id := range f.peers {
		if id > uint(c.Peers) {
			return want, fmt.Errorf("--peer %d: the peers are 1 to %d, and the source is 0", id, c.Peers)
		}
		want.Peers = append(want.Peers, node.PeerID(id))
	}
	for _, id := range f.chunks {
		if id >= uint(c.Chunks()) {
			return want, fmt.Errorf("--chunk %d: the chunks are 0 to %d", id, c.Chunks()-1)
		}
		want.Chunks = append(want.Chunks, node.ChunkID(id))
	}
	return want, nil
}

// record computes the run and writes it down.
func (f *traceFlags) record(ctx context.Context, ref string, stdout, stderr io.Writer) error {
	wrong := func(err error) error { return &failure{exitWrong, err} }
	all, err := f.loadAll([]string{ref})
	if err != nil {
		return wrong(err)
	}
	s := all[0]
	point, seed := s.Points()[0], s.SeedsOf(1)[0]
	c := point.Config(seed)
	c.Wire = f.wire
	as, err := f.formatOf()
	if err != nil {
		return wrong(err)
	}
	want, err := f.selection(&c)
	if err != nil {
		return wrong(err)
	}
	named := f.html && f.output == ""
	if named {
		f.output = fmt.Sprintf("%s-seed%d.html", s.Name, seed)
	}
	if (as == trace.AsParquet || as == trace.AsHTML) && f.output == "" && isTerminal(stdout) {
		return wrong(fmt.Errorf("%s is not for a terminal: give it a file with -o", as))
	}
	if n := len(s.Points()); n > 1 {
		fmt.Fprintf(stderr, "%s: the first of %d points, %s; choose with --only\n", s.Name, n, point.Label())
	}
	to, finish := stdout, func(err error) error { return err }
	if f.output != "" {
		file, err := results.Create(f.output)
		if err != nil {
			return &failure{exitFailed, err}
		}
		to = file
		finish = func(err error) error {
			if err != nil {
				file.Discard()
				return err
			}
			return file.Keep()
		}
	}
	title := strings.Join(strings.Fields(fmt.Sprintf("%s %s seed=%d", s.Name, point.Label(), seed)), " ")
	var recorder trace.Recorder
	switch as {
	case trace.AsText:
		recorder = trace.NewText(to, title, want)
	case trace.AsHTML:
		if f.from == "" && c.From < c.Duration && (want.To == 0 || c.From < want.To) {
			want.From = c.From
		}
		recorder, err = trace.NewMovie(to, title, &c, want)
	default:
		recorder = trace.NewPairs(to, as, want)
	}
	if err == nil {
		err = trace.Record(ctx, c, recorder)
	}
	err = finish(err)
	var much *trace.TooMuch
	switch {
	case errors.As(err, &much):
		return wrong(err)
	case err == nil && named:
		_, err = fmt.Fprintln(stdout, f.output)
		return err
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled) && f.output != "":
		return &failure{exitInterrupted, fmt.Errorf("interrupted; %s is not written", f.output)}
	case errors.Is(err, context.Canceled):
		return &failure{exitInterrupted, errors.New("interrupted; the trace is not whole")}
	}
	return &failure{exitFailed, err}
}

// diffTraces compares two recorded traces.
func diffTraces(cmd *cobra.Command, a, b string) error {
	for _, name := range []string{"set", "only", "wire", "format", "output", "from", "to", "peer", "chunk", "html", "seed"} {
		if cmd.Flags().Changed(name) {
			return &failure{exitWrong, fmt.Errorf("--%s means nothing with --diff: the traces are recorded already", name)}
		}
	}
	sides := [2]trace.Recorded{{Name: a}, {Name: b}}
	for i := range sides {
		file, err := os.Open(sides[i].Name)
		if err != nil {
			return &failure{exitWrong, err}
		}
		defer file.Close()
		sides[i].Text = file
	}
	same, err := trace.Diff(cmd.OutOrStdout(), sides[0], sides[1])
	switch {
	case err != nil:
		var damaged *trace.Damaged
		if errors.As(err, &damaged) {
			return &failure{exitWrong, err}
		}
		return &failure{exitFailed, err}
	case !same:
		return exitWith(exitNotGood)
	}
	return nil
}
