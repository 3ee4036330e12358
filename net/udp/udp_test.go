package udp_test

import (
	"errors"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushcast/net/udp"
)

func listen(t testing.TB) *udp.Conn {
	t.Helper()
	c, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestDatagrams: what is sent arrives, from whom it came, an empty one too.
func TestDatagrams(t *testing.T) {
	a, b := listen(t), listen(t)
	buf := make([]byte, 100)
	for _, text := range []string{"Chunk 1", "", "Chunk 2"} {
		if _, err := a.WriteToUDPAddrPort([]byte(text), b.AddrPort()); err != nil {
			t.Fatal(err)
		}
		n, from, err := b.ReadFromUDPAddrPort(buf)
		if err != nil || string(buf[:n]) != text || from != a.AddrPort() {
			t.Errorf("%q from %v, %v; sent %q from %v", buf[:n], from, err, text, a.AddrPort())
		}
	}
}

func TestDeadline(t *testing.T) {
	c := listen(t)
	if err := c.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ReadFromUDPAddrPort(nil); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
}

func TestListenErrors(t *testing.T) {
	c := listen(t)
	if _, err := udp.Listen(c.AddrPort()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use: %v", err)
	}
	if _, err := udp.Listen(netip.MustParseAddrPort("192.0.2.1:0")); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("somebody else's address: %v", err)
	}
	if _, err := udp.Listen(netip.MustParseAddrPort("[::ffff:127.0.0.1]:0")); err == nil || !strings.Contains(err.Error(), "no address to listen at") {
		t.Errorf("IPv4 in IPv6's clothes: %v", err)
	}
}

// TestKernelDrops: the buffer's size is what the kernel granted, and what does
// not fit is counted, to the datagram.
func TestKernelDrops(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("only Linux tells")
		return
	}
	a, b := listen(t), listen(t)
	size := b.ReceiveBuffer()
	if size < 100_000 || size > 2*udp.WantBuffer {
		t.Errorf("receive buffer of %d bytes", size)
	}
	if n, ok := b.Drops(); !ok || n != 0 {
		t.Errorf("%d drops before the first datagram, known: %v", n, ok)
	}
	const chunk = 60_000
	sent := size/chunk*3 + 10
	for range sent {
		if _, err := a.WriteToUDPAddrPort(make([]byte, chunk), b.AddrPort()); err != nil {
			t.Fatal(err)
		}
	}
	got := 0
	buf := make([]byte, chunk)
	for {
		b.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, _, err := b.ReadFromUDPAddrPort(buf); err != nil {
			break
		}
		got++
	}
	if n, _ := b.Drops(); n == 0 || got+int(n) != sent {
		t.Errorf("%d sent, %d read, %d counted as dropped", sent, got, n)
	}
}

func TestNoAllocation(t *testing.T) {
	a, b := listen(t), listen(t)
	buf, text := make([]byte, 100), []byte("Chunk 1")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := a.WriteToUDPAddrPort(text, b.AddrPort()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.ReadFromUDPAddrPort(buf); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}
