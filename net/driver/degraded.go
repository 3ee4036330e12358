package driver

import (
	"net/netip"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// Path says what becomes of what a peer sends, on the way to whom.
type Path interface {
	// Send puts a datagram of size bytes, one header of UDP and IP included, on its way;
	// bytes is what that costs on the wire. The calls are in the order of their instants.
	Send(now node.Time, to netip.AddrPort, size int64) (f link.Fate, bytes int64)
}

// ownLink is a link as Config.Link describes it. What happens to the n-th datagram is
// what happens to the n-th of a simulated peer with this seed.
type ownLink struct {
	model  link.Model
	access link.Access
	sent   uint32
}

// Send asks the model. The other end's line is real: only the own one is modelled.
func (l *ownLink) Send(now node.Time, _ netip.AddrPort, size int64) (f link.Fate, bytes int64) {
	f = l.model.Send(&l.access, now, self, &link.Access{}, l.sent, size)
	l.sent++
	if f.Outcome != link.Overflows {
		bytes = l.model.Bytes(size)
	}
	return f, bytes
}

// degraded is a path in front of the socket: it loses datagrams, or keeps them until they
// are due.
type degraded struct {
	path  Path
	lost  uint64
	wait  []delayed // a binary heap, by due, then order
	free  [][]byte
	order uint64
}

type delayed struct {
	due      node.Time
	order    uint64 // of two that are due together the first one goes first
	to       netip.AddrPort
	datagram []byte
}

func newDegraded(cfg *Config) *degraded {
	if cfg.Path != nil {
		return &degraded{path: cfg.Path}
	}
	l := &ownLink{model: link.New(&cfg.Link, cfg.Seed)}
	l.model.Attach(&l.access, self)
	return &degraded{path: l}
}

// maxDelayed bounds the datagrams that wait; what is more is lost, as in a router's
// queue.
const maxDelayed = 1 << 12

// send lets a datagram wait, or loses it, and gives the bytes that it is on the wire.
// headers are those of UDP and IP.
func (l *degraded) send(now node.Time, datagram []byte, to netip.AddrPort, headers int) (bytes uint64) {
	f, wire := l.path.Send(now, to, int64(len(datagram)+headers))
	if f.Outcome != link.Arrives {
		l.lost++
		return uint64(wire)
	}
	l.hold(now+f.Delay, datagram, to, f.Flips)
	if f.Copy > 0 {
		l.hold(now+f.Copy, datagram, to, 0)
	}
	return uint64(wire)
}

// hold keeps a copy of a datagram until it is due, with a bit flipped where flips is not
// 0.
func (l *degraded) hold(due node.Time, datagram []byte, to netip.AddrPort, flips uint64) {
	if len(l.wait) == maxDelayed {
		l.lost++
		return
	}
	var buf []byte
	if n := len(l.free); n > 0 {
		buf, l.free = l.free[n-1], l.free[:n-1]
	}
	buf = append(buf[:0], datagram...)
	if flips > 0 && len(buf) > 0 {
		bit := (flips - 1) % uint64(8*len(buf))
		buf[bit/8] ^= 1 << (bit % 8)
	}
	l.wait = append(l.wait, delayed{due, l.order, to, buf})
	l.order++
	for i := len(l.wait) - 1; i > 0 && l.before(i, (i-1)/2); i = (i - 1) / 2 {
		l.wait[i], l.wait[(i-1)/2] = l.wait[(i-1)/2], l.wait[i]
	}
}

func (l *degraded) before(i, k int) bool {
	a, b := &l.wait[i], &l.wait[k]
	return a.due < b.due || a.due == b.due && a.order < b.order
}

// due is when the next datagram is to go; Never while none waits, or there is no
// such link.
func (l *degraded) due() node.Time {
	if l == nil || len(l.wait) == 0 {
		return node.Never
	}
	return l.wait[0].due
}

// take gives the next datagram, valid until the next send.
func (l *degraded) take() ([]byte, netip.AddrPort) {
	next := l.wait[0]
	n := len(l.wait) - 1
	l.wait[0], l.wait[n] = l.wait[n], delayed{}
	l.wait = l.wait[:n]
	for i := 0; ; {
		least := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < n && l.before(child, least) {
				least = child
			}
		}
		if least == i {
			break
		}
		l.wait[i], l.wait[least] = l.wait[least], l.wait[i]
		i = least
	}
	l.free = append(l.free, next.datagram)
	return next.datagram, next.to
}

// runOut sends what was on the modelled link when the peer left or died (Config.RunOut). A
// goodbye is such a datagram.
func (d *Driver) runOut() {
	last := d.cfg.RunOut
	if last == 0 {
		last = DefaultRunOut
	}
	for end := d.now() + last; d.link.due() < end; {
		time.Sleep(time.Duration(d.link.due() - d.now()))
		for now := d.now(); d.link.due() <= now; {
			d.transmit(d.link.take())
		}
		d.flush()
	}
}
