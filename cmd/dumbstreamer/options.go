package main

import (
	"log/slog"
	"math"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/node"
)

// options are the command line, as given.
type options struct {
	iface    string
	port     int
	contact  string
	peerPort int
	period   int // ms
	chunks   int // a second
	buffer   int
	file     string
	media    string
	pace     string
	loop     bool
	size     int
	received bool
	rng      string
	seed     uint64
	level    string
	format   string
	given    func(flag string) bool
}

// The original's defaults.
const (
	defaultPeriod = 500
	defaultChunks = 4
	defaultBuffer = 8
	// videoFile is what the original's video build streams.
	videoFile = "input.mpg"
	// The generators, by the names that scenarios have for them.
	rngOriginal, rngSplit = "original", "split"
)

func (o *options) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.iface, "interface", "I", "eth0", "network `interface` whose IPv4 address is used")
	decimalVarP(f, &o.port, "port", "P", 6666, "UDP port; 0 takes any free one")
	f.StringVarP(&o.contact, "peer", "i", "", "`address` of a known peer: with -p, join through it")
	decimalVarP(f, &o.peerPort, "peer-port", "p", 0, "its port; makes this a peer, else it is the source")
	decimalVarP(f, &o.period, "period", "t", defaultPeriod, "source: `ms` from one chunk to the next; peer: the same,\nfor its delay figures (reckoned if not given)")
	decimalVarP(f, &o.chunks, "chunks", "c", defaultChunks, "chunks sent a second; a source sends each new chunk\nc*t/1000 times, rounded down")
	decimalVarP(f, &o.buffer, "buffer", "b", defaultBuffer, "peer: chunks kept for pushing")
	f.StringVarP(&o.file, "file", "f", "", "source: what to stream: `FILE`, - or text (the default,\nunless there is an "+videoFile+")")
	f.StringVar(&o.media, "format", "auto", "source: `what` FILE is: auto, m4v, h264, ts or raw")
	f.StringVar(&o.pace, "pace", "auto", "source: `when` chunks are sent: auto, period (every -t ms),\nown (by a transport stream's clock) or arrival (as read)")
	decimalVarP(f, &o.size, "size", "", 1128, "source: bytes of a raw chunk")
	f.BoolVar(&o.loop, "loop", false, "source: begin FILE anew at its end")
	f.BoolVar(&o.received, "as-received", false, "peer: put out everything, as the original; else a film\nbegins at a key frame")
	f.StringVar(&o.rng, "rng", rngOriginal, "random `numbers`: original, the same in every process as in\nthe original's, or split, independent (delivers a little more)")
	f.Uint64Var(&o.seed, "seed", 0, "with --rng split: their root (drawn if not given)")
	f.StringVar(&o.level, "log-level", "info", "`level`: debug, info, warn or error")
	f.StringVar(&o.format, "log-format", "text", "`format`: text or json")
	o.given = f.Changed
}

func between(flag string, v, lo, hi int) error {
	if v < lo || v > hi {
		return live.Bad("%s %d is out of range: must be %d to %d", flag, v, lo, hi)
	}
	return nil
}

// isPeer: -p makes it a peer, as the original.
func (o *options) isPeer() bool { return o.peerPort != 0 }

// check finds what is wrong whatever the role.
func (o *options) check() error {
	if err := live.CheckLogFormat(o.format); err != nil {
		return err
	}
	if o.rng != rngOriginal && o.rng != rngSplit {
		return live.Bad("--rng %s: must be %s or %s", o.rng, rngOriginal, rngSplit)
	}
	if o.given("seed") && o.rng != rngSplit {
		return live.Bad("--seed %d needs --rng %s: the original's numbers have no seed", o.seed, rngSplit)
	}
	return first(between("-P", o.port, 0, 65535),
		between("-p", o.peerPort, 0, 65535),
		between("-t", o.period, 1, 3_600_000),
		between("-c", o.chunks, 1, 1_000_000),
		between("-b", o.buffer, 1, node.MaxBuffer))
}

// first is the first of some errors: one line is enough.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// settings is the peer or source that the options ask for; the address is still
// to come.
func (o *options) settings() (*live.Settings, error) {
	level, err := live.LogLevel(o.level)
	if err != nil {
		return nil, err
	}
	s := &live.Settings{
		Driver: driver.Config{Peer: driver.Dumbstreamer(), Seed: o.seed},
		Output: "-", AsReceived: o.received, LogLevel: level, LogFormat: o.format, PortFlag: "-P",
		Numbers: slog.Uint64("seed", o.seed),
	}
	if o.rng == rngOriginal {
		s.Driver.Peer.RNG, s.Numbers = node.Original, slog.String("rng", o.rng)
	}
	if o.isPeer() {
		return s, o.configPeer(&s.Driver)
	}
	return s, o.configSource(s)
}

func (o *options) configPeer(cfg *driver.Config) error {
	if o.file != "" {
		return live.Bad("-f is for a source, and -p makes this a peer: drop one of them")
	}
	if o.contact == "" {
		return live.Bad("-p %d without -i: give the known peer's address, as in -i 127.0.0.1 -p %d", o.peerPort, o.peerPort)
	}
	ip, err := netip.ParseAddr(o.contact)
	if err != nil || !ip.Is4() || ip.IsUnspecified() || ip.IsMulticast() {
		return live.Bad("-i %q is no IPv4 address: give it in numbers, as in -i 127.0.0.1", o.contact)
	}
	cfg.Contacts = []netip.AddrPort{netip.AddrPortFrom(ip, uint16(o.peerPort))}
	cfg.Peer.Push = node.Time(1_000_000/o.chunks) * node.Microsecond // whole µs, as the original
	cfg.Peer.Buffer = o.buffer
	if o.given("period") {
		cfg.Peer.Period = o.periodTime()
	}
	return nil
}

func (o *options) configSource(s *live.Settings) error {
	if o.contact != "" {
		return live.Bad("-i %s without -p: a peer needs its contact's port, and a source has no contact", o.contact)
	}
	copies := o.chunks * o.period / 1000
	switch {
	case copies == 0:
		return live.Bad("-c %d with -t %d sends every chunk %d*%d/1000 = 0 times, so never: -c must be at least %d",
			o.chunks, o.period, o.chunks, o.period, int(math.Ceil(1000/float64(o.period))))
	case copies > node.MaxCopies:
		return live.Bad("-c %d with -t %d sends every chunk %d times: at most %d", o.chunks, o.period, copies, node.MaxCopies)
	}
	cfg := &s.Driver
	cfg.Peer.Role, cfg.Peer.Copies, cfg.Peer.Period = node.Source, copies, o.periodTime()
	s.Input = o.input()
	if o.given("buffer") {
		s.Warnings = append(s.Warnings, "-b is a peer's: a source keeps one chunk")
	}
	var err error
	if s.Film.Format, err = media.FormatNamed(o.media); err != nil {
		return live.Bad("--format: %w", err)
	}
	if s.Film.Pace, err = media.PaceNamed(o.pace); err != nil {
		return live.Bad("--pace: %w", err)
	}
	s.Film.Loop, s.Film.Size = o.loop, o.size
	return between("--size", o.size, 1, media.MaxChunk)
}

func (o *options) periodTime() node.Time { return node.Time(o.period) * node.Millisecond }

// input is what a source streams.
func (o *options) input() string {
	if o.file != "" {
		return o.file
	}
	if info, err := os.Stat(videoFile); err == nil && !info.IsDir() {
		return videoFile
	}
	return live.TextInput
}

// oneLine makes an error of the flag library one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
