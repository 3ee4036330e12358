package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/wire"
	"pushcast/scenarios"
)

// settings checks the flags, and makes a peer of them.
func (f *peerFlags) settings(ctx context.Context, flags *pflag.FlagSet) (*live.Settings, error) {
	if err := f.check(flags); err != nil {
		return nil, err
	}
	if !flags.Changed("seed") {
		var b [8]byte
		rand.Read(b[:]) // never fails
		f.seed = binary.LittleEndian.Uint64(b[:])
	}
	s := &live.Settings{
		Driver: driver.Config{Seed: f.seed, Peer: f.peer()},
		Output: f.output, AsReceived: f.received, HTTP: f.http, Pprof: f.pprof,
		LogFormat: f.logs, Numbers: slog.Uint64("seed", f.seed), PortFlag: "--port",
	}
	if f.http != "" && !flags.Changed("output") {
		s.Output = "none"
	}
	var err error
	if s.LogLevel, err = live.LogLevel(f.level); err != nil {
		return nil, err
	}
	if s.Driver.Peer.FEC, err = scenarios.ParseCode(f.fec); err != nil {
		return nil, live.Bad("--fec %s: %w", f.fec, err)
	}
	if f.link != "" {
		if s.Driver.Link, err = scenarios.ParseLink(f.link); err != nil {
			return nil, live.Bad("--link: %w", err)
		}
	}
	if f.striped() {
		if s.Driver.Peer.Upload, err = f.uploadBits(uint64(s.Driver.Link.Upload)); err != nil {
			return nil, err
		}
	}
	if f.inet6 {
		s.Driver.Format = wire.J6
	}
	local, err := f.local()
	if err != nil {
		return nil, err
	}
	s.Driver.Local = netip.AddrPortFrom(local, uint16(f.port))
	if len(f.join) == 0 {
		return s, f.source(s)
	}
	if flags.Changed("period") {
		s.Driver.Peer.Period = s.Driver.Peer.FEC.Period(node.Time(f.period))
	}
	if !f.striped() {
		if err := f.pushBlindly(&s.Driver.Peer, uint64(s.Driver.Link.Upload)); err != nil {
			return nil, err
		}
	}
	s.Driver.Contacts, err = f.contacts(ctx)
	return s, err
}

// peer is the peer as good as we can.
func (f *peerFlags) peer() node.Config {
	c := f.blind()
	if f.striped() {
		c = driver.Stripes()
	}
	c.Buffer, c.Window, c.Gossip = f.buffer, f.window, node.Time(f.gossip)
	c.Retry = min(c.Gossip/4, node.Second/2)
	c.Neighbourhood = f.hood.neighbourhood()
	return c
}

// blind is the original's, and what kept its views from forgetting the dead is cured.
func (f *peerFlags) blind() node.Config {
	c := driver.Dumbstreamer()
	c.Ticks = node.RandomPhase
	c.Scheduler, _ = node.SchedulerNamed(f.push) // checked
	for _, p := range policies {
		if p.name == f.policy {
			c.Policy = p.policy
		}
	}
	c.GossipCheck = 0
	c.MaxAge, c.DropSilent, c.AgeReplies, c.Rejoin = 30, true, true, true
	c.Stagger = true
	c.Remember, c.RecallEvery, c.Goodbye = 16, 50, true
	return c
}

// peerOnly and sourceOnly are flags that mean nothing to the other role.
var (
	peerOnly   = []string{"rate", "window", "policy", "output", "as-received"}
	sourceOnly = []string{"input", "format", "pace", "size", "loop", "copies"}
)

func (f *peerFlags) check(flags *pflag.FlagSet) error {
	within := func(flag string, v, lo, hi int) error {
		if v < lo || v > hi {
			return live.Bad("--%s %d is out of range: must be %d to %d", flag, v, lo, hi)
		}
		return nil
	}
	span := func(flag string, d, lo, hi time.Duration) error {
		if d < lo || d > hi {
			return live.Bad("--%s %s is out of range: must be %s to %s", flag, d, lo, hi)
		}
		return nil
	}
	role, other, why := "source", peerOnly, "without --join"
	if len(f.join) > 0 {
		role, other, why = "peer", sourceOnly, "with --join"
	}
	for _, name := range other {
		if flags.Changed(name) {
			return live.Bad("--%s means nothing to a %s, and %s this is one", name, role, why)
		}
	}
	if err := f.checkPush(flags); err != nil {
		return err
	}
	known := false
	for _, p := range policies {
		known = known || p.name == f.policy
	}
	if !known {
		return live.Bad("--policy %s: must be one of %s", f.policy, list(policyNames()))
	}
	if err := f.checkRate(flags); err != nil {
		return err
	}
	if f.pprof && f.http == "" {
		return live.Bad("--pprof needs --http: there is no server")
	}
	fewest, most, longest := f.bounds()
	for _, err := range []error{
		live.CheckLogFormat(f.logs),
		within("port", f.port, 0, 65535),
		within("copies", f.copies, 1, node.MaxCopies),
		within("buffer", f.buffer, fewest, most),
		within("window", f.window, 1, node.MaxWindow),
		span("period", f.period, time.Millisecond, longest),
		span("gossip", f.gossip, 100*time.Millisecond, time.Hour),
		f.hood.check(flags, driver.Dumbstreamer().View),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func list(names []string) string {
	text := ""
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += n
	}
	return text
}

// source makes the peer a source.
func (f *peerFlags) source(s *live.Settings) error {
	p := &s.Driver.Peer
	p.Role, p.Copies, p.Period = node.Source, f.copies, p.FEC.Period(node.Time(f.period))
	s.Input = f.input
	s.Film = media.Options{Size: f.size, Loop: f.loop, Period: node.Time(f.period)}
	if most := s.Driver.MostChunk(); f.size < 1 || f.size > most {
		return live.Bad("--size %d is out of range: must be 1 to %d, which is what a datagram carries with this --push and --fec", f.size, most)
	}
	var err error
	if s.Film.Format, err = media.FormatNamed(f.format); err != nil {
		return live.Bad("--format: %w", err)
	}
	if s.Film.Pace, err = media.PaceNamed(f.pace); err != nil {
		return live.Bad("--pace: %w", err)
	}
	return nil
}

// local is the own address.
func (f *peerFlags) local() (netip.Addr, error) {
	if f.iface == "" {
		return live.AnyAddress(f.inet6)
	}
	return live.AddressOf(f.iface, f.inet6)
}

// lookupFor bounds how long names are looked up.
const lookupFor = 10 * time.Second

// contacts looks the contacts up: an address for each, of the family that is used.
func (f *peerFlags) contacts(ctx context.Context) (all []netip.AddrPort, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupFor)
	defer cancel()
	network := "ip4"
	if f.inet6 {
		network = "ip6"
	}
	for _, where := range f.join {
		host, portText, err := net.SplitHostPort(where)
		port, bad := strconv.ParseUint(portText, 10, 16)
		if err != nil || bad != nil || host == "" || port == 0 {
			return nil, live.Bad("--join %s: want host:port, as 192.0.2.7:6666", where)
		}
		found, err := net.DefaultResolver.LookupNetIP(ctx, network, host)
		if err != nil || len(found) == 0 {
			return nil, &live.Failure{Code: live.Failed, Err: lookupError(where, network, err)}
		}
		all = append(all, netip.AddrPortFrom(found[0].Unmap().WithZone(""), uint16(port)))
	}
	return all, nil
}

func lookupError(where, network string, err error) error {
	family := map[string]string{"ip4": "IPv4", "ip6": "IPv6"}[network]
	if err == nil {
		return fmt.Errorf("--join %s: it has no %s address", where, family)
	}
	return fmt.Errorf("--join %s: looking for its %s address: %w", where, family, err)
}
