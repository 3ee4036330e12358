package driver

import (
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/udp"
	"pushcast/node"
	"pushcast/node/wire"
)

// cpuSeconds is the processor time, user and system, that this process has used.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkVirtualTime is 50 peers for 60 virtual seconds; it reports CPU time.
// A bubble wants a test around it.
func BenchmarkVirtualTime(b *testing.B) {
	datagrams := uint64(0)
	began := cpuSeconds(b)
	for b.Loop() {
		ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
			Name: "bubble", F: func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for _, o := range runSwarm(t, 50, 1, time.Minute) {
						datagrams += o.report.Traffic.In
					}
				})
			},
		}})
		if !ok {
			b.Fatal("the swarm failed")
		}
	}
	used := cpuSeconds(b) - began
	b.ReportMetric(used/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(datagrams)/used, "datagrams/cpu-s")
}

// forwarder is what BenchmarkForward compares: something that takes one datagram
// from its socket and sends one.
type forwarder interface {
	conn() *udp.Conn
	step() error
}

// bare receives and sends, and does nothing else.
type bare struct {
	c   *udp.Conn
	buf []byte
	to  netip.AddrPort
}

func (f *bare) conn() *udp.Conn { return f.c }

func (f *bare) step() error {
	n, _, err := f.c.ReadFromUDPAddrPort(f.buf)
	if err != nil {
		return err
	}
	_, err = f.c.WriteToUDPAddrPort(f.buf[:n], f.to)
	return err
}

// peering is the driver's own loop: a chunk comes, and a tick is due. Time is
// counted in ticks, and the clock read as often as in Run.
type peering struct {
	d    *Driver
	c    *udp.Conn
	tick node.Time
}

func (f *peering) conn() *udp.Conn { return f.c }

func (f *peering) step() error {
	n, from, err := f.c.ReadFromUDPAddrPort(f.d.read)
	if err != nil {
		return err
	}
	_ = f.d.now()
	if err := f.d.receive(f.tick, f.d.read[:n], from); err != nil {
		return err
	}
	_ = f.d.now()
	if err := f.d.tick(f.tick); err != nil {
		return err
	}
	f.tick += f.d.cfg.Peer.Push
	_, err = f.d.arm(f.tick - f.d.cfg.Peer.Push)
	return err
}

func listen(b testing.TB) *udp.Conn {
	c, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

// forwarding makes a peer whose only neighbour is at to.
func forwarding(b testing.TB, to netip.AddrPort) *peering {
	c := listen(b)
	cfg := Config{Local: c.AddrPort(), Peer: Dumbstreamer(), Contacts: []netip.AddrPort{to}, Seed: 1}
	cfg.Peer.Sampler, cfg.Peer.AskStrangers, cfg.Peer.GossipCheck = node.Static, false, 0
	cfg.Peer.Push, cfg.Peer.Buffer, cfg.Peer.Scheduler = node.Microsecond, 64, node.Latest
	d, err := New(c, cfg)
	if err != nil {
		b.Fatal(err)
	}
	d.epoch = time.Now().Add(time.Hour) // so that no read waits
	if err := d.start(0); err != nil {
		b.Fatal(err)
	}
	return &peering{d: d, c: c}
}

// chunkSize is the payload of the benchmark's chunks: six packets of MPEG-TS.
const chunkSize = 1128

// batch is how many datagrams are put into a socket before they are forwarded:
// fewer than the smallest receive buffer holds.
const batch = 64

// feed puts a batch of new chunks into f's socket, forwards them, and takes them
// out at the other end; what it gives is the time that forwarding took.
func feed(b testing.TB, from *udp.Conn, f forwarder, next *uint32, buf []byte) (took time.Duration) {
	for range batch {
		datagram := wire.J.AppendChunk(buf[:0], &wire.ChunkMessage{ID: node.ChunkID(*next), Data: buf[len(buf)-chunkSize:]})
		*next++
		if _, err := from.WriteToUDPAddrPort(datagram, f.conn().AddrPort()); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	for range batch {
		if err := f.step(); err != nil {
			b.Fatal(err)
		}
	}
	took = time.Since(began)
	for range batch {
		if _, _, err := from.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err) // a datagram is missing
		}
	}
	return took
}

// BenchmarkForward is one peer that takes in chunks of 1,128 bytes on loopback
// and pushes as many, beside a bare loop that receives and sends. They take
// turns, batch by batch, on datagrams that already lie in the socket; the ratio
// is that of their datagrams a second. A datagram that is lost fails it.
func BenchmarkForward(b *testing.B) {
	from := listen(b)
	from.SetReadDeadline(time.Now().Add(time.Hour))
	plain := &bare{c: listen(b), buf: make([]byte, maxDatagram), to: from.AddrPort()}
	peer := forwarding(b, from.AddrPort())
	buf := make([]byte, 2*chunkSize)
	var plainNext, peerNext uint32
	var plainTook, peerTook time.Duration
	b.ReportAllocs()
	for b.Loop() {
		plainTook += feed(b, from, plain, &plainNext, buf)
		peerTook += feed(b, from, peer, &peerNext, buf)
	}
	if in := peer.d.traffic.In; in != uint64(peerNext) || peer.d.traffic.Out != in || peer.d.peer.Stats().Accepted != in {
		b.Fatalf("%d sent, and %+v", peerNext, peer.d.traffic)
	}
	n := float64(b.N * batch)
	b.ReportMetric(plainTook.Seconds()/peerTook.Seconds(), "of-bare")
	b.ReportMetric(n/peerTook.Seconds(), "datagrams/s")
	b.ReportMetric(n/plainTook.Seconds(), "bare-datagrams/s")
}

// TestForwardingAllocatesNothing: neither in taking a chunk in, nor in pushing
// one, nor in a view exchange.
func TestForwardingAllocatesNothing(t *testing.T) {
	from := listen(t)
	peer := forwarding(t, from.AddrPort())
	buf := make([]byte, 2*chunkSize)
	next := uint32(0)
	for range 20 {
		feed(t, from, peer, &next, buf)
	}
	if n := testing.AllocsPerRun(50, func() { feed(t, from, peer, &next, buf) }); n != 0 {
		t.Errorf("%v allocations in %d datagrams", n, batch)
	}
	d, conn := victim(t, node.Receiver)
	d.conn = silent{conn}
	question := view(1, many(30, 2)...)
	exchange := func() {
		if err := d.receive(node.Second, question, stranger); err != nil {
			t.Fatal(err)
		}
	}
	exchange()
	if n := testing.AllocsPerRun(100, exchange); n != 0 {
		t.Errorf("%v allocations in a view exchange", n)
	}
}

// silent is a Conn that forgets what is written.
type silent struct{ *recorder }

func (silent) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }
