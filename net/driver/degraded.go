package driver

import (
	"net/netip"

	"pushcast/node"
	"pushcast/node/link"
)

// degraded is a link as Config.Link describes it, in front of the socket: it loses
// datagrams, or keeps them until they are due. What happens to the n-th datagram is
// what happens to the n-th of a simulated peer with this seed.
type degraded struct {
	model link.Model
	sent  uint32
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

// maxDelayed bounds the datagrams that wait; what is more is lost, as in a router's
// queue.
const maxDelayed = 1 << 12

func newDegraded(cfg *Config) *degraded { return &degraded{model: link.New(&cfg.Link, cfg.Seed)} }

// send lets a datagram wait, or loses it.
func (l *degraded) send(now node.Time, datagram []byte, to netip.AddrPort) {
	delay, lost := l.model.Send(self, l.sent)
	l.sent++
	if lost || len(l.wait) == maxDelayed {
		l.lost++
		return
	}
	var buf []byte
	if n := len(l.free); n > 0 {
		buf, l.free = l.free[n-1], l.free[:n-1]
	}
	l.wait = append(l.wait, delayed{now + delay, l.order, to, append(buf[:0], datagram...)})
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
