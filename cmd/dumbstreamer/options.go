package main

import (
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

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
	f.IntVarP(&o.port, "port", "P", 6666, "UDP port; 0 takes any free one")
	f.StringVarP(&o.contact, "peer", "i", "", "`address` of a known peer: with -p, join through it")
	f.IntVarP(&o.peerPort, "peer-port", "p", 0, "its port; makes this a peer, else it is the source")
	f.IntVarP(&o.period, "period", "t", defaultPeriod, "source: `ms` from one chunk to the next; peer: the same,\nfor its delay figures (reckoned if not given)")
	f.IntVarP(&o.chunks, "chunks", "c", defaultChunks, "chunks sent a second; a source sends each new chunk\nc*t/1000 times, rounded down")
	f.IntVarP(&o.buffer, "buffer", "b", defaultBuffer, "peer: chunks kept for pushing")
	f.StringVarP(&o.file, "file", "f", "", "source: what to stream: `FILE`, - or text (the default,\nunless there is an "+videoFile+")")
	f.StringVar(&o.rng, "rng", rngOriginal, "random `numbers`: original, the same in every process as in\nthe original's, or split, independent (delivers a little more)")
	f.Uint64Var(&o.seed, "seed", 0, "with --rng split: their root (drawn if not given)")
	f.StringVar(&o.level, "log-level", "info", "`level`: debug, info, warn or error")
	f.StringVar(&o.format, "log-format", "text", "`format`: text or json")
	o.given = f.Changed
}

// bad says which flag is wrong, and what to do.
func bad(format string, args ...any) error {
	return &failure{exitWrong, fmt.Errorf(format, args...)}
}

func between(flag string, v, lo, hi int) error {
	if v < lo || v > hi {
		return bad("%s %d is out of range: must be %d to %d", flag, v, lo, hi)
	}
	return nil
}

// isPeer: -p makes it a peer, as the original.
func (o *options) isPeer() bool { return o.peerPort != 0 }

// check finds what is wrong whatever the role.
func (o *options) check() error {
	if _, err := o.logLevel(); err != nil {
		return err
	}
	if o.format != "text" && o.format != "json" {
		return bad("--log-format %s: must be text or json", o.format)
	}
	if o.rng != rngOriginal && o.rng != rngSplit {
		return bad("--rng %s: must be %s or %s", o.rng, rngOriginal, rngSplit)
	}
	if o.given("seed") && o.rng != rngSplit {
		return bad("--seed %d needs --rng %s: the original's numbers have no seed", o.seed, rngSplit)
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

func (o *options) logLevel() (level slog.Level, err error) {
	for _, name := range []string{"debug", "info", "warn", "error"} {
		if o.level == name {
			return level, level.UnmarshalText([]byte(name))
		}
	}
	return 0, bad("--log-level %s: must be debug, info, warn or error", o.level)
}

// config is the peer or source that the options ask for, on a local address.
func (o *options) config() (driver.Config, error) {
	cfg := driver.Config{Peer: driver.Dumbstreamer(), Seed: o.seed}
	if o.rng == rngOriginal {
		cfg.Peer.RNG = node.Original
	}
	if o.isPeer() {
		return cfg, o.configPeer(&cfg)
	}
	return cfg, o.configSource(&cfg)
}

func (o *options) configPeer(cfg *driver.Config) error {
	if o.file != "" {
		return bad("-f is for a source, and -p makes this a peer: drop one of them")
	}
	if o.contact == "" {
		return bad("-p %d without -i: give the known peer's address, as in -i 127.0.0.1 -p %d", o.peerPort, o.peerPort)
	}
	ip, err := netip.ParseAddr(o.contact)
	if err != nil || !ip.Is4() || ip.IsUnspecified() || ip.IsMulticast() {
		return bad("-i %q is no IPv4 address: give it in numbers, as in -i 127.0.0.1", o.contact)
	}
	cfg.Contacts = []netip.AddrPort{netip.AddrPortFrom(ip, uint16(o.peerPort))}
	cfg.Peer.Push = node.Time(1_000_000/o.chunks) * node.Microsecond // whole µs, as the original
	cfg.Peer.Buffer = o.buffer
	if o.given("period") {
		cfg.Peer.Period = o.periodTime()
	}
	return nil
}

func (o *options) configSource(cfg *driver.Config) error {
	if o.contact != "" {
		return bad("-i %s without -p: a peer needs its contact's port, and a source has no contact", o.contact)
	}
	copies := o.chunks * o.period / 1000
	switch {
	case copies == 0:
		return bad("-c %d with -t %d sends every chunk %d*%d/1000 = 0 times, so never: -c must be at least %d",
			o.chunks, o.period, o.chunks, o.period, int(math.Ceil(1000/float64(o.period))))
	case copies > node.MaxCopies:
		return bad("-c %d with -t %d sends every chunk %d times: at most %d", o.chunks, o.period, copies, node.MaxCopies)
	}
	cfg.Peer.Role, cfg.Peer.Copies, cfg.Peer.Period = node.Source, copies, o.periodTime()
	var err error
	cfg.Input, err = o.input()
	return err
}

func (o *options) periodTime() node.Time { return node.Time(o.period) * node.Millisecond }

// input is what a source streams.
func (o *options) input() (media.Input, error) {
	switch {
	case o.file == "text":
		return media.Text{}, nil
	case o.file != "":
		return nil, bad("-f %s: streaming video is not built yet; -f text streams text chunks", o.file)
	}
	if info, err := os.Stat(videoFile); err == nil && !info.IsDir() {
		return nil, bad("%s lies here and would be streamed, but streaming video is not built yet; -f text streams text chunks", videoFile)
	}
	return media.Text{}, nil
}

// reportEvery is how often the peer tells how it is doing.
func reportEvery(terminal bool) time.Duration {
	if terminal {
		return time.Second
	}
	return 10 * time.Second
}

// oneLine makes an error of the flag library one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
