// Package live is what the commands that run a real peer share: from settings to
// sockets, log, status and exit. The peer itself is driven by net/driver; flags
// are the commands' own.
package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"syscall"
	"time"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/net/udp"
	"pushcast/node"
)

// Exit codes.
const (
	Fine   = 0
	Failed = 1 // the machine: a port in use, a socket that fails
	Wrong  = 2 // the question: a flag, a film
)

// Failure is an error with its exit code.
type Failure struct {
	Code int
	Err  error
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the error without its code.
func (f *Failure) Unwrap() error { return f.Err }

// Bad makes a Failure with the code Wrong.
func Bad(format string, args ...any) error { return &Failure{Wrong, fmt.Errorf(format, args...)} }

// TextInput is the Input that is made up.
const TextInput = "text"

// Settings are one real peer or source.
type Settings struct {
	// Driver configures the peer; Input, Output, Log and Report are Run's to set.
	Driver driver.Config
	// Input is what a source streams: TextInput, "-" for standard input, or a file.
	Input string
	Film  media.Options
	// Output is where a peer's stream goes: "-" for standard output, "none", a file,
	// or udp://address:port.
	Output string
	// AsReceived puts out everything; else the stream begins at a key frame.
	AsReceived bool
	// HTTP is where players, page and metrics are served, "" nowhere; Pprof adds
	// profiles, at loopback addresses only.
	HTTP  string
	Pprof bool
	// LogLevel and LogFormat ("text" or "json") are those of standard error.
	LogLevel  slog.Level
	LogFormat string
	// Numbers says where random numbers come from, for the log.
	Numbers slog.Attr
	// Warnings are said at the beginning.
	Warnings []string
	// PortFlag is the flag that chooses the port, for the error that it is in use.
	PortFlag string
}

// patience is how long a reader that takes nothing is waited for at the end.
const patience = 5 * time.Second

// Run runs the peer until ctx ends, its input does, or who reads the output has
// gone. Errors are Failures.
func Run(ctx context.Context, s *Settings, stdin io.Reader, stdout, stderr io.Writer) error {
	screen := newScreen(stderr)
	s.Driver.Log = logger(screen, s.LogLevel, s.LogFormat)
	source := s.Driver.Peer.Role == node.Source

	input, err := openInput(s, stdin)
	if err != nil {
		return err
	}
	defer input.close()
	s.Driver.Input = input.Input
	conn, err := listen(s)
	if err != nil {
		return err
	}
	defer conn.Close()
	s.Driver.Local = conn.AddrPort()
	for _, c := range s.Driver.Contacts {
		if c == s.Driver.Local {
			return Bad("%s is this peer itself: give another one's address", c)
		}
	}
	hub := &media.Hub{AsReceived: s.AsReceived}
	server, err := serve(s, hub)
	if err != nil {
		return err
	}
	// The output comes last: a file is not to be emptied for nothing.
	var out output
	if !source {
		if out, err = openOutput(s, stdout); err != nil {
			return errors.Join(err, closeServer(server))
		}
		s.Driver.Output = out.Output
	}

	if server != nil {
		s.Driver.Input, s.Driver.Output = teed(s.Driver.Input, hub), both(s.Driver.Output, hub)
	}
	status := newStatus(screen, s.Driver.Log, !source)
	status.skipped = out.skipped
	s.Driver.ReportEvery = time.Second
	s.Driver.Report = func(r *driver.Report) {
		status.report(r)
		if server != nil {
			server.Report(r)
		}
	}
	d, err := driver.New(conn, s.Driver)
	if err != nil {
		return errors.Join(&Failure{Wrong, err}, out.close(), closeServer(server))
	}
	announce(s, conn)
	if server != nil {
		s.Driver.Log.Info("live page", "url", "http://"+server.Addr().String()+"/")
	}
	told := context.AfterFunc(ctx, func() { s.Driver.Log.Info("stopping; a second signal ends at once") })
	defer told()
	err = d.Run(ctx)
	if flushed := out.close(); err == nil {
		err = flushed
	}
	if closed := closeServer(server); closed != nil {
		s.Driver.Log.Warn("the web server did not end in order", "error", closed)
	}
	status.end(errors.Is(err, syscall.EPIPE))
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // the reader has seen enough
		return nil
	case input.failed(err):
		return &Failure{Wrong, err}
	}
	return &Failure{Failed, err}
}

func listen(s *Settings) (*udp.Conn, error) {
	conn, err := udp.Listen(s.Driver.Local)
	if errors.Is(err, syscall.EADDRINUSE) {
		local := s.Driver.Local
		return nil, &Failure{Failed, fmt.Errorf("port %d of %s is in use: give another one with %s", local.Port(), local.Addr(), s.PortFlag)}
	} else if err != nil {
		return nil, &Failure{Failed, err}
	}
	return conn, nil
}

// announce says what has begun.
func announce(s *Settings, conn *udp.Conn) {
	log, cfg := s.Driver.Log, &s.Driver
	if cfg.Peer.Role == node.Source {
		how := slog.Int("copies", cfg.Peer.Copies)
		if cfg.Peer.Scheduler == node.Stripes {
			how = slog.String("push", cfg.Peer.Scheduler.Name())
		}
		log.Info("source", "streams", s.Input, "address", cfg.Local.String(),
			"period", time.Duration(cfg.Peer.Period).String(), how, s.Numbers)
	} else {
		log.Info("peer", "address", cfg.Local.String(), "joins", contacts(cfg.Contacts), s.Numbers)
	}
	for _, w := range s.Warnings {
		log.Warn(w)
	}
	if size := conn.ReceiveBuffer(); size > 0 && size < udp.EnoughBuffer {
		log.Warn("small receive buffer: bursts may be lost; raise net.core.rmem_max",
			"bytes", size, "wanted", udp.WantBuffer)
	}
}

func contacts(all []netip.AddrPort) string {
	text := ""
	for i, a := range all {
		if i > 0 {
			text += " "
		}
		text += a.String()
	}
	return text
}

// LogLevel finds a level by its name.
func LogLevel(name string) (level slog.Level, err error) {
	for _, known := range []string{"debug", "info", "warn", "error"} {
		if name == known {
			return level, level.UnmarshalText([]byte(name))
		}
	}
	return 0, Bad("--log-level %s: must be debug, info, warn or error", name)
}

// CheckLogFormat tells whether a format is known.
func CheckLogFormat(name string) error {
	if name != "text" && name != "json" {
		return Bad("--log-format %s: must be text or json", name)
	}
	return nil
}
