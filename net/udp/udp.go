// Package udp is a UDP socket for a peer: one address, one datagram a call or batches of
// them (Reader, Writer), reads and writes without allocation, a large receive buffer
// whose true size is known, and the count of the datagrams that the kernel dropped
// because it was full.
//
// It knows nothing of what the datagrams say, and starts no goroutine.
package udp

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// WantBuffer is the receive buffer that Listen asks for, in bytes. The usual
// default of 212,992 holds 92 datagrams of 1.2 kB and 3 of 61 kB.
const WantBuffer = 4 << 20

// EnoughBuffer is the receive buffer below which bursts are likely to be lost,
// in bytes: a program does well to say so.
const EnoughBuffer = 1 << 20

// Conn is a bound socket. Reading is one goroutine's business and so is
// writing; deadlines and Close may come from any.
type Conn struct {
	udp    *net.UDPConn
	local  netip.AddrPort
	buffer int
	drops  dropCounter
}

// Listen binds a socket to an address and port; port 0 takes any free one.
// Errors are those of the operating system: the port is in use, the address is
// not this machine's.
func Listen(local netip.AddrPort) (*Conn, error) {
	network := "udp4"
	switch ip := local.Addr(); {
	case !ip.IsValid() || ip.Is4In6():
		return nil, fmt.Errorf("udp: %s is no address to listen at", ip)
	case ip.Is6():
		network = "udp6"
	}
	u, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(local))
	if err != nil {
		return nil, err
	}
	c := &Conn{udp: u, local: u.LocalAddr().(*net.UDPAddr).AddrPort()}
	c.local = netip.AddrPortFrom(c.local.Addr().Unmap(), c.local.Port())
	// The kernel grants what its limit (net.core.rmem_max) allows, silently.
	if err := u.SetReadBuffer(WantBuffer); err != nil {
		u.Close()
		return nil, fmt.Errorf("udp: receive buffer: %w", err)
	}
	raw, err := u.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			c.buffer = receiveBuffer(int(fd))
			c.drops.open(int(fd))
		})
	}
	if err != nil {
		u.Close()
		return nil, fmt.Errorf("udp: %w", err)
	}
	return c, nil
}

// ReadFromUDPAddrPort reads one datagram into b, and waits for it until the
// deadline; then the error is os.ErrDeadlineExceeded.
func (c *Conn) ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error) {
	return c.udp.ReadFromUDPAddrPort(b)
}

// WriteToUDPAddrPort sends one datagram.
func (c *Conn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.udp.WriteToUDPAddrPort(b, to)
}

// SetReadDeadline says until when a read waits; the zero time is for ever.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.udp.SetReadDeadline(t) }

// LocalAddr is the address and port that the socket is bound to.
func (c *Conn) LocalAddr() net.Addr { return c.udp.LocalAddr() }

// AddrPort is LocalAddr as a value.
func (c *Conn) AddrPort() netip.AddrPort { return c.local }

// Close ends pending reads with net.ErrClosed.
func (c *Conn) Close() error { return c.udp.Close() }

// SyscallConn gives access to the descriptor, for options of one's own.
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return c.udp.SyscallConn() }

// ReceiveBuffer is the size of the receive buffer that the kernel granted, in
// bytes as asked for; 0 where it does not tell.
func (c *Conn) ReceiveBuffer() int { return c.buffer }

// Drops is how many datagrams the kernel has dropped because the receive buffer
// was full; ok is false where it does not tell.
func (c *Conn) Drops() (n uint64, ok bool) { return c.drops.read() }
