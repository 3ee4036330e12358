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
	root.AddCommand(runCommand(), checkCommand(), acceptCommand(), traceCommand(), schemaCommand(), peerCommand(), &cobra.Command{
		Use:   "metrics",
		Short: "What the metrics mean (a help topic)",
		Long:  metricsHelp(),
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
		fmt.Fprintf(&b, "\n  %-16s", d.Name)
		col := 18
		for _, word := range strings.Fields(d.About) {
			if col+1+len(word) > 79 {
				b.WriteString("\n" + strings.Repeat(" ", 18))
				col = 18
			}
			b.WriteString(" " + word)
			col += 1 + len(word)
		}
	}
	return b.String()
}
