package udp_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"pushcast/net/udp"
)

// text makes a datagram of n bytes that no other number has.
func text(number, n int) []byte {
	return append([]byte(fmt.Sprint(number, " ")), bytes.Repeat([]byte{byte(number)}, n)...)
}

// TestBatches: what is gathered arrives, whole and in order, at whom it was meant for,
// whatever the lengths and whoever comes after whom.
func TestBatches(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		a, b, c := listenAt(t, at), listenAt(t, at), listenAt(t, at)
		readers := map[netip.AddrPort]*udp.Reader{b.AddrPort(): udp.NewReader(b), c.AddrPort(): udp.NewReader(c)}
		w := udp.NewWriter(a)
		random := rand.New(rand.NewPCG(1, 2))
		lengths := []int{0, 1, 100, 100, 100, 1128, 1128, 1128, 1452, 1453, 5000, 60_000}
		for round := range 40 {
			want := map[netip.AddrPort][][]byte{}
			to, length := b.AddrPort(), 0
			for i := range 1 + random.IntN(40) {
				if random.IntN(4) == 0 {
					to = c.AddrPort()
				} else if random.IntN(4) == 0 {
					to = b.AddrPort()
				}
				if random.IntN(3) == 0 {
					length = lengths[random.IntN(len(lengths))]
				}
				d := text(i, length)
				want[to] = append(want[to], d)
				w.Add(d, to)
			}
			if failed, err := w.Flush(); failed != 0 || err != nil || w.Waiting() != 0 {
				t.Fatalf("%s, round %d: %d failed: %v; %d wait", at, round, failed, err, w.Waiting())
			}
			for to, r := range readers {
				for i, d := range want[to] {
					got, err := r.Read()
					if err != nil || !bytes.Equal(got.Data, d) || got.Addr != a.AddrPort() {
						t.Fatalf("%s, round %d: datagram %d of %d is of %d bytes from %v, %v; sent %d bytes from %v",
							at, round, i, len(want[to]), len(got.Data), got.Addr, err, len(d), a.AddrPort())
					}
				}
				if r.Waiting() != 0 {
					t.Fatalf("%d more than were sent", r.Waiting())
				}
			}
		}
	}
}

// TestFullBatch: who gathers more than a batch need not look.
func TestFullBatch(t *testing.T) {
	a, b := listen(t), listen(t)
	w, r := udp.NewWriter(a), udp.NewReader(b)
	const sent = 2*udp.MaxBatch + 7
	for i := range sent {
		w.Add(text(i, 200), b.AddrPort())
	}
	if w.Waiting() != 7 {
		t.Errorf("%d wait", w.Waiting())
	}
	if failed, err := w.Flush(); failed > 0 {
		t.Fatal(err)
	}
	for i := range sent {
		if d, err := r.Read(); err != nil || !bytes.Equal(d.Data, text(i, 200)) {
			t.Fatalf("datagram %d: %.10q, %v", i, d.Data, err)
		}
	}
}

// TestBatchErrors: what the operating system refuses is counted, and the rest is sent.
func TestBatchErrors(t *testing.T) {
	a, b := listen(t), listen(t)
	w, r := udp.NewWriter(a), udp.NewReader(b)
	nowhere := netip.MustParseAddrPort("127.0.0.1:0")
	w.Add([]byte("first"), b.AddrPort())
	w.Add([]byte("to port 0"), nowhere)
	w.Add([]byte("to port 1"), nowhere)
	w.Add(make([]byte, 65508), b.AddrPort())
	w.Add([]byte("of another family"), netip.MustParseAddrPort("[::1]:9"))
	w.Add([]byte("last"), b.AddrPort())
	failed, err := w.Flush()
	if failed != 4 || err == nil {
		t.Errorf("%d failed: %v", failed, err)
	}
	w.Add([]byte("two"), nowhere)
	w.Add([]byte("two"), nowhere)
	w.Add([]byte("after"), b.AddrPort())
	if failed, err = w.Flush(); failed != 2 || err == nil {
		t.Errorf("%d failed: %v", failed, err)
	}
	for _, want := range []string{"first", "last", "after"} {
		if d, err := r.Read(); err != nil || string(d.Data) != want {
			t.Errorf("%q, %v; want %q", d.Data, err, want)
		}
	}
	if failed, err := w.Flush(); failed != 0 || err != nil {
		t.Errorf("an error was told twice: %d, %v", failed, err)
	}

	b.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := r.Read(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	b.SetReadDeadline(time.Time{})
	b.Close()
	if _, err := r.Read(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	a.Close()
	w.Add(nil, b.AddrPort())
	w.Add(nil, b.AddrPort())
	if failed, err := w.Flush(); failed != 2 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("after closing: %d failed: %v", failed, err)
	}
}

// TestBatchesAllocateNothing, when reader and writer are there.
func TestBatchesAllocateNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("promised on Linux")
		return
	}
	a, b, c := listen(t), listen(t), listen(t)
	w, r, r2 := udp.NewWriter(a), udp.NewReader(b), udp.NewReader(c)
	data := text(1, 1000)
	round := func() {
		for range 10 {
			w.Add(data, b.AddrPort())
			w.Add(data, b.AddrPort())
			w.Add(data, c.AddrPort())
		}
		if failed, err := w.Flush(); failed > 0 {
			t.Fatal(err)
		}
		for range 10 {
			for _, r := range []*udp.Reader{r, r, r2} {
				if _, err := r.Read(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations in 30 datagrams", n)
	}
}

func listenAt(t *testing.T, at string) *udp.Conn {
	t.Helper()
	c, err := udp.Listen(netip.MustParseAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
