package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime/debug"

	"github.com/spf13/cobra"

	"pushcast/cmd/internal/live"
)

// run is the whole program, for tests as for main.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	root := &cobra.Command{
		Use:   "dumbstreamer [-I interface] [-P port] [-i address -p port] [-t ms] [-c n] [-b n]",
		Short: "A peer or the source of a push streaming overlay",
		Long: `Dumbstreamer is a peer or the source of a push streaming overlay: every peer
sends, c times a second, a random chunk of those that it holds to a random
neighbour. It speaks the format of the original dumbstreamer of January 2010, and
mixes with it.

Without -p it is the source, and makes a chunk every t milliseconds. With -p it
is a peer: it joins through the peer at -i, and writes the stream to standard
output.

From the original it differs in what kept that from living: replies go to where
a query came from; malformed datagrams are dropped; one false chunk id, or a
source that is restarted, does not silence a peer for ever; ticks that are more
than 20 ms late are left out; and a source that knows nobody asks whoever pushes
a chunk to it.`,
		Example: `  dumbstreamer -I lo                                 # a source of text chunks
  dumbstreamer -I lo -P 5555 -i 127.0.0.1 -p 6666    # a peer
  dumbstreamer -I lo -t 40 -c 50 -f test.m4v         # a source of video
  dumbstreamer -I lo -P 5556 -i 127.0.0.1 -p 6666 -c 50 -b 50 | ffplay -`,
		Args:          cobra.NoArgs,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return stream(cmd.Context(), &o, stdin, stdout, stderr)
		},
	}
	o.flags(root.Flags())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var f *live.Failure
	switch {
	case err == nil:
		return live.Fine
	case errors.As(err, &f):
		fmt.Fprintf(stderr, "dumbstreamer: %s\n", oneLine(f.Err))
		return f.Code
	}
	// What the flag library finds wrong.
	fmt.Fprintf(stderr, "dumbstreamer: %s; see dumbstreamer --help\n", oneLine(err))
	return live.Wrong
}

// stream runs the peer or source till ctx ends.
func stream(ctx context.Context, o *options, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.rng == rngSplit && !o.given("seed") {
		o.seed = entropy()
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	ip, err := live.AddressOf(o.iface, false)
	if err != nil {
		return err
	}
	s.Driver.Local = netip.AddrPortFrom(ip, uint16(o.port))
	return live.Run(ctx, s, stdin, stdout, stderr)
}

// entropy is a seed that nobody has chosen; the log says which it is.
func entropy() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " " + info.GoVersion
}
