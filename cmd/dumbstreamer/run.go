package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/net/udp"
)

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // the machine: a port in use, a socket that fails
	exitWrong  = 2 // the question: a flag
)

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// patience is how long a reader that takes nothing is waited for at the end.
const patience = 5 * time.Second

// run is the whole program, for tests as for main.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
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
  dumbstreamer -I lo -P 5556 -i 127.0.0.1 -p 6666 -c 40 -b 16 | player`,
		Args:          cobra.NoArgs,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return stream(cmd.Context(), &o, stdout, stderr)
		},
	}
	o.flags(root.Flags())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var f *failure
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // the reader has seen enough
		return exitFine
	case errors.As(err, &f):
		fmt.Fprintf(stderr, "dumbstreamer: %s\n", oneLine(f.err))
		return f.code
	}
	// What the flag library finds wrong.
	fmt.Fprintf(stderr, "dumbstreamer: %s; see dumbstreamer --help\n", oneLine(err))
	return exitWrong
}

// stream runs the peer or source till ctx ends.
func stream(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.rng == rngSplit && !o.given("seed") {
		o.seed = entropy()
	}
	cfg, err := o.config()
	if err != nil {
		return err
	}
	ip, err := addressOf(o.iface)
	if err != nil {
		return err
	}
	conn, err := udp.Listen(netip.AddrPortFrom(ip, uint16(o.port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return &failure{exitFailed, fmt.Errorf("port %d of %s is in use: give another one with -P", o.port, ip)}
	} else if err != nil {
		return &failure{exitFailed, err}
	}
	defer conn.Close()
	cfg.Local = conn.AddrPort()
	for _, c := range cfg.Contacts {
		if c == cfg.Local {
			return bad("-i %s -p %d is this peer itself: give another one's address", o.contact, o.peerPort)
		}
	}

	screen := newScreen(stderr)
	level, _ := o.logLevel() // checked above
	cfg.Log = logger(screen, level, o.format)
	status := newStatus(screen, cfg.Log, o.isPeer())
	cfg.Report, cfg.ReportEvery = status.report, reportEvery(screen.terminal)
	var out *media.Writer
	if o.isPeer() {
		out = media.NewWriter(stdout)
		cfg.Output = out
		status.skipped = out.Skipped
	}
	d, err := driver.New(conn, cfg)
	if err != nil {
		return &failure{exitWrong, err}
	}
	announce(cfg.Log, o, &cfg, conn)
	told := context.AfterFunc(ctx, func() { cfg.Log.Info("stopping; a second signal ends at once") })
	defer told()
	err = d.Run(ctx)
	if out != nil {
		if flushed := out.Close(patience); err == nil {
			err = flushed
		}
	}
	status.end()
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		return &failure{exitFailed, err}
	}
	return err
}

// announce says what has begun.
func announce(log *slog.Logger, o *options, cfg *driver.Config, conn *udp.Conn) {
	if o.isPeer() {
		log.Info("peer", "address", cfg.Local.String(), "joins", cfg.Contacts[0].String(), o.numbers())
	} else {
		log.Info("source of text chunks", "address", cfg.Local.String(),
			"period", time.Duration(cfg.Peer.Period).String(), "copies", cfg.Peer.Copies, o.numbers())
		if o.given("buffer") {
			log.Warn("-b is a peer's: a source keeps one chunk")
		}
	}
	if size := conn.ReceiveBuffer(); size > 0 && size < udp.EnoughBuffer {
		log.Warn("small receive buffer: bursts may be lost; raise net.core.rmem_max",
			"bytes", size, "wanted", udp.WantBuffer)
	}
}

// numbers is where random numbers come from, for the log.
func (o *options) numbers() slog.Attr {
	if o.rng == rngOriginal {
		return slog.String("rng", o.rng)
	}
	return slog.Uint64("seed", o.seed)
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
