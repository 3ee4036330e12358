package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"pushcast/cmd/internal/live"
	"pushcast/node"
	"pushcast/node/measure"
)

// Exit codes. Where several apply: 2, 1, 130, 3, 99, in this order.
const (
	exitFine        = 0
	exitFailed      = 1   // the tool or the machine failed
	exitWrong       = 2   // the question is wrong: a flag, a scenario
	exitIncomplete  = 3   // runs are missing
	exitNotGood     = 99  // a rule is not proven
	exitInterrupted = 130 // what was finished is kept
)

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// run is the whole program, for tests as for main.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	var peer *live.Failure
	if errors.As(err, &peer) {
		fmt.Fprintf(stderr, "pushcast: %s\n", oneLine(peer.Err))
		return peer.Code
	}
	var f *failure
	if !errors.As(err, &f) {
		// What cobra finds wrong with a command line.
		f = &failure{exitWrong, fmt.Errorf("%s; see pushcast --help", strings.TrimSpace(strings.ReplaceAll(err.Error(), "\n", " ")))}
	}
	if errors.Is(f.err, syscall.EPIPE) {
		return exitFine // the reader has seen enough
	}
	if f.err.Error() != "" {
		fmt.Fprintf(stderr, "pushcast: %s\n", f.err)
	}
	return f.code
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "pushcast",
		Short: "Epidemic push streaming, simulated and real",
		Long: `Pushcast is epidemic push streaming, simulated and real: every peer periodically
pushes a chunk of a live stream to a neighbour, nobody coordinates, and with the
right parameters everybody sees the film.`,
		Example: `  pushcast run quickstart
  pushcast run my.yaml -s loss=5% --seeds 30
  pushcast peer --interface lo --join 127.0.0.1:6666 | ffplay -
  pushcast help metrics`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(runCommand(), checkCommand(), acceptCommand(), reportCommand(), traceCommand(), submitCommand(), schemaCommand(), peerCommand(), stageCommand(), &cobra.Command{
		Use:   "metrics",
		Short: "What the metrics mean (a help topic)",
		Long:  metricsHelp(),
	}, &cobra.Command{
		Use:   "schedulers",
		Short: "What the schedulers do (a help topic)",
		Long:  schedulersHelp(),
	})
	return root
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(12, len(s.Value))]) {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}

// metricsHelp defines every metric, wrapped to 80 columns.
func metricsHelp() string {
	var b strings.Builder
	b.WriteString(`A pair (peer, chunk) is due when the chunk was born inside measure, at least
grace after the peer joined, and the peer was up from birth to birth + deadline.
The source is never counted. Received is the first copy; under policy window a
chunk behind the window is late, not received.
`)
	for _, d := range measure.Definitions {
		writeTerm(&b, 16, d.Name, d.About)
	}
	return b.String()
}

// schedulersHelp says what every scheduler pushes to whom.
func schedulersHelp() string {
	var b strings.Builder
	b.WriteString(`A scheduler is a selection of a chunk and one of a peer, in the order of their
choosing: lb/up is the latest chunk, then a peer that lacks it; rp/lu a random
peer, then the latest chunk that it lacks. Names of the literature, as LUc/ELp,
are understood. Those marked * ask what neighbours hold: a scenario's knowledge
says who tells them.
`)
	for _, s := range node.Schedulers() {
		name := s.Name()
		if node.NeedsKnowledge(s) {
			name += " *"
		}
		writeTerm(&b, 8, name, s.About())
	}
	return b.String()
}

// writeTerm writes a term of the given width and what it means, in 80 columns.
func writeTerm(b *strings.Builder, width int, term, about string) {
	fmt.Fprintf(b, "\n  %-*s", width, term)
	col := width + 2
	for _, word := range strings.Fields(about) {
		if col+1+len(word) > 79 {
			b.WriteString("\n" + strings.Repeat(" ", width+2))
			col = width + 2
		}
		b.WriteString(" " + word)
		col += 1 + len(word)
	}
}
