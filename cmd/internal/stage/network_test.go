package stage

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// memory is a network of a test's own: what is sent is there at once. Under virtual time
// (testing/synctest) a run on it needs no real time and knows no busy machine, so that what
// differs from the simulator is the program's doing.
type memory struct {
	mu   sync.RWMutex
	ends map[netip.AddrPort]*end
	next uint16
}

func newMemory() *memory { return &memory{ends: map[netip.AddrPort]*end{}, next: 1024} }

// listen is a listen.
func (m *memory) listen(at netip.AddrPort) (conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at.Port() == 0 {
		m.next++
		at = netip.AddrPortFrom(at.Addr(), m.next)
	}
	if m.ends[at] != nil {
		return nil, syscall.EADDRINUSE
	}
	e := &end{net: m, addr: at, in: make(chan letter, 4096), moved: make(chan struct{}, 1)}
	m.ends[at] = e
	return e, nil
}

// letter is a datagram in a memory network.
type letter struct {
	from    netip.AddrPort
	payload []byte
}

// end is a socket of a memory network. One goroutine reads it.
type end struct {
	net  *memory
	addr netip.AddrPort
	in   chan letter

	mu       sync.Mutex
	deadline time.Time
	moved    chan struct{} // the deadline has
}

func (e *end) AddrPort() netip.AddrPort { return e.addr }

func (e *end) Close() error {
	e.net.mu.Lock()
	defer e.net.mu.Unlock()
	if e.net.ends[e.addr] == e {
		delete(e.net.ends, e.addr)
	}
	return nil
}

func (e *end) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	e.net.mu.RLock()
	there := e.net.ends[to]
	e.net.mu.RUnlock()
	if there == nil {
		return len(b), nil
	}
	select {
	case there.in <- letter{e.addr, bytes.Clone(b)}:
		return len(b), nil
	default:
		return 0, net.ErrWriteToConnected // the receiver's buffer is full, and somebody must say so
	}
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.mu.Lock()
	e.deadline = t
	e.mu.Unlock()
	select {
	case e.moved <- struct{}{}:
	default:
	}
	return nil
}

func (e *end) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		e.mu.Lock()
		until := e.deadline
		e.mu.Unlock()
		var over <-chan time.Time
		if !until.IsZero() {
			left := time.Until(until)
			if left <= 0 {
				return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
			}
			over = time.After(left)
		}
		select {
		case l := <-e.in:
			return copy(b, l.payload), l.from, nil
		case <-over:
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		case <-e.moved:
		}
	}
}
