package driver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
)

// Conn is a UDP socket as the driver uses it: *udp.Conn, which it reads and writes in
// batches, and *net.UDPConn are some. A read that has waited till the deadline fails with
// os.ErrDeadlineExceeded; SetReadDeadline may be called from any goroutine, and
// ends a read that is under way.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	SetReadDeadline(t time.Time) error
}

// Config says what a Driver drives.
type Config struct {
	// Local is the address that others know this peer by, and that the socket
	// is bound to, of the format's family. The peer's own entry in its views.
	Local netip.AddrPort
	// Peer configures the peer. Its sampler is Newscast, Cyclon or Static.
	// A Source needs a Period. Hidden, with Stripes Follow, and with these or
	// Adaptive Headers, are the driver's to set.
	Peer node.Config
	// Seed is the root of the peer's and the link's random numbers; a peer with the
	// original's generator has its own.
	Seed uint64
	// Format is what travels.
	Format wire.Format
	// Contacts are who is joined through (Newscast, Cyclon): at most MaxContacts, none for
	// the first of a swarm. Or whom the peer knows for good (Static): at most MaxKnown.
	Contacts []netip.AddrPort
	// Hide keeps the Contacts, one at most, out of the view that is joined through them: a
	// source that is not to be pushed to. Not for Static.
	Hide bool

	// Link is what happens to everything that this peer sends, in user space: the
	// simulator's model, with draws from Seed. The zero value is a perfect link.
	Link link.Config
	// Path, where set, takes the place of Link.
	Path Path

	// Input gives a Source its chunks; nobody else has one.
	Input media.Input
	// Output takes what a Receiver puts out; nil is media.Nowhere.
	Output media.Output

	// Deadline is how long after its birth a chunk counts as delivered, in the
	// metrics; 0 is DefaultDeadline. Peer.Deadline is another matter.
	Deadline node.Time
	// Report is called every ReportEvery, and once at the end, from the
	// goroutine that runs the peer: it should not block. May be nil.
	Report      func(*Report)
	ReportEvery time.Duration

	// Log takes warnings, and on level debug every datagram. nil is silence.
	Log *slog.Logger

	// RunOut is for how long, after the peer has left or died, what it had put on Link or
	// Path may still leave: a datagram that is on its way arrives, whatever becomes of its
	// sender. Run lasts so long. 0 is DefaultRunOut, negative is not at all.
	RunOut node.Time

	// Epoch is instant 0 of the peer's clock: peers of one Epoch measure, and tick
	// (node.Synchronous), by one clock. The zero time is when Run begins.
	Epoch time.Time
	// Observer is told what the peer does. May be nil.
	Observer Observer
}

// Bounds and constants.
const (
	// MaxContacts is the most contacts, MaxKnown those under Static.
	MaxContacts = 64
	MaxKnown    = 4096
	// MakeUp is how late a tick may be and still be made up for. What is later
	// is left out and counted: a program that was suspended must not send the
	// pushes of an hour at once.
	MakeUp = 20 * node.Millisecond
	// DefaultRunOut is Config.RunOut where nothing is said.
	DefaultRunOut = 2 * node.Second
	// DefaultDeadline is a usual Config.Deadline.
	DefaultDeadline = 5 * node.Second
)

// MostChunk is the most bytes that a chunk of the Input may have: a push along stripes says
// more than a chunk does, and a repair chunk is longer than what it is made of.
func (c *Config) MostChunk() int {
	most := wire.MaxChunk
	if c.Peer.Scheduler == node.Stripes {
		most = wire.MaxPayload - wire.MostPushHeader
	}
	if c.Peer.FEC.Repair > 0 {
		most -= node.RepairHeader
	}
	return most
}

// Validate tells the first thing that is wrong with c.
func (c *Config) Validate() error {
	most := MaxContacts
	if c.Peer.Sampler == node.Static {
		most = MaxKnown
	}
	switch {
	case c.Format > wire.J6:
		return fmt.Errorf("driver: Format %d is none", c.Format)
	case !sendable(c.Format, c.Local):
		return fmt.Errorf("driver: Local is %s, must be an address of the format's family, and a port", c.Local)
	case c.Peer.Sampler == node.Full:
		return errors.New("driver: the sampler Full knows handles, not addresses; use Newscast, Cyclon or Static")
	case c.Peer.Sampler == node.Cyclon && c.Peer.Shuffle > wire.MaxEntries:
		return fmt.Errorf("driver: Peer.Shuffle is %d, and a datagram carries %d", c.Peer.Shuffle, wire.MaxEntries)
	case c.Peer.Sampler == node.Newscast && c.Peer.View >= wire.MaxEntries:
		return fmt.Errorf("driver: Peer.View is %d, and a datagram carries %d", c.Peer.View, wire.MaxEntries-1)
	case c.Peer.Scheduler == node.Offer || c.Peer.Maps > 0 || c.Peer.Ride:
		return errors.New("driver: the scheduler offer, Maps and Ride exist in the simulator only: no datagram of theirs is read here")
	case c.Peer.Neighbourhood.Mutual:
		return errors.New("driver: a Neighbourhood that is Mutual exists in the simulator only: original peers die of its datagrams")
	case len(c.Contacts) > most:
		return fmt.Errorf("driver: %d contacts, at most %d", len(c.Contacts), most)
	case c.Hide && (c.Peer.Sampler == node.Static || len(c.Contacts) > 1):
		return errors.New("driver: Hide is for one contact that is joined through")
	case c.Path != nil && !c.Link.IsPerfect():
		return errors.New("driver: Link and Path both say what becomes of datagrams")
	case c.Deadline < 0:
		return errors.New("driver: Deadline must not be negative")
	case c.Report != nil && c.ReportEvery <= 0:
		return errors.New("driver: Report needs a positive ReportEvery")
	}
	if source := c.Peer.Role == node.Source; source != (c.Input != nil) {
		return errors.New("driver: a Source has an Input, and nobody else")
	} else if source && c.Peer.Period <= 0 {
		return errors.New("driver: a Source needs Peer.Period")
	}
	for _, a := range c.Contacts {
		if !sendable(c.Format, a) {
			return fmt.Errorf("driver: contact %s must be an address of the format's family, and a port", a)
		}
		if a == c.Local {
			return fmt.Errorf("driver: contact %s is this peer itself", a)
		}
	}
	if err := c.Link.Validate(); err != nil {
		return err
	}
	return c.Peer.Validate()
}
