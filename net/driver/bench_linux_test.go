package driver

import (
	"math/rand/v2"
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

// forwarder is what BenchmarkForward compares: something that takes datagrams from its
// socket and sends as many.
type forwarder interface {
	conn() *udp.Conn
	forward(n int) error
}

// bare receives and sends, and does nothing else.
type bare struct {
	c   *udp.Conn
	buf []byte
	to  []netip.AddrPort
}

func (f *bare) conn() *udp.Conn { return f.c }

func (f *bare) forward(n int) error {
	for i := range n {
		n, _, err := f.c.ReadFromUDPAddrPort(f.buf)
		if err != nil {
			return err
		}
		if _, err = f.c.WriteToUDPAddrPort(f.buf[:n], f.to[i%len(f.to)]); err != nil {
			return err
		}
	}
	return nil
}

// bareBatch does so in batches: what is read together is
// sent together.
type bareBatch struct {
	c  *udp.Conn
	r  *udp.Reader
	w  *udp.Writer
	to []netip.AddrPort
}

func (f *bareBatch) conn() *udp.Conn { return f.c }

func (f *bareBatch) forward(n int) error {
	for i := range n {
		m, err := f.r.Read()
		if err != nil {
			return err
		}
		f.w.Add(m.Data, f.to[i%len(f.to)])
		if f.r.Waiting() == 0 {
			if _, err := f.w.Flush(); err != nil {
				return err
			}
		}
	}
	_, err := f.w.Flush()
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

func (f *peering) forward(n int) error {
	for range n {
		datagram, from, err := f.d.mail.receive()
		if err != nil {
			return err
		}
		_ = f.d.now()
		if err := f.d.receive(f.tick, datagram, from); err != nil {
			return err
		}
		_ = f.d.now()
		if err := f.d.tick(f.tick); err != nil {
			return err
		}
		f.tick += f.d.cfg.Peer.Push
		if _, err = f.d.arm(f.tick - f.d.cfg.Peer.Push); err != nil {
			return err
		}
	}
	f.d.flush()
	return nil
}

// single hides of a socket that it can do batches.
type single struct{ Conn }

// forwarding makes a peer whose only neighbours are to.
func forwarding(b testing.TB, batches bool, to ...netip.AddrPort) *peering {
	c := listen(b)
	cfg := Config{Local: c.AddrPort(), Peer: Dumbstreamer(), Contacts: to, Seed: 1}
	cfg.Peer.Sampler, cfg.Peer.AskStrangers, cfg.Peer.GossipCheck = node.Static, false, 0
	cfg.Peer.Push, cfg.Peer.Buffer, cfg.Peer.Scheduler = node.Microsecond, 64, node.Latest
	var conn Conn = c
	if !batches {
		conn = single{c}
	}
	d, err := New(conn, cfg)
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

// ends makes the socket where everything begins and ends, and so many addresses that it
// has.
func ends(b testing.TB, n int) (*udp.Conn, []netip.AddrPort) {
	c, err := udp.Listen(netip.MustParseAddrPort("0.0.0.0:0"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(time.Hour))
	at := make([]netip.AddrPort, n)
	for i := range at {
		at[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(i + 1)}), c.AddrPort().Port())
	}
	return c, at
}

// feed puts a batch of new chunks into f's socket, forwards them, and takes them
// out at the other end; what it gives is the time that forwarding took.
func feed(b testing.TB, end *udp.Conn, f forwarder, next *uint32, buf []byte) (took time.Duration) {
	for range batch {
		datagram := wire.J.AppendChunk(buf[:0], &wire.ChunkMessage{ID: node.ChunkID(*next), Data: buf[len(buf)-chunkSize:]})
		*next++
		if _, err := end.WriteToUDPAddrPort(datagram, f.conn().AddrPort()); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	if err := f.forward(batch); err != nil {
		b.Fatal(err)
	}
	took = time.Since(began)
	for range batch {
		if _, _, err := end.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err) // a datagram is missing
		}
	}
	return took
}

// BenchmarkForward is one peer that takes in chunks of 1,128 bytes on loopback
// and pushes as many, to two others, beside a bare loop that receives and sends: one by
// one, in batches, and in batches that all go to one other, which the kernel takes
// together. They take turns, batch by batch, on datagrams that already lie in the socket;
// the ratio is that of their datagrams a second. A datagram that is lost fails it.
func BenchmarkForward(b *testing.B) {
	b.Run("one", func(b *testing.B) { compare(b, 2, false) })
	b.Run("batches", func(b *testing.B) { compare(b, 2, true) })
	b.Run("batches-to-one", func(b *testing.B) { compare(b, 1, true) })
}

func compare(b *testing.B, receivers int, batches bool) {
	end, to := ends(b, receivers)
	// A peer takes one at random, so two in a row are often for the same one.
	random := rand.New(rand.NewPCG(1, 2))
	order := make([]netip.AddrPort, 1024)
	for i := range order {
		order[i] = to[random.IntN(len(to))]
	}
	var plain forwarder = &bare{c: listen(b), buf: make([]byte, maxDatagram), to: order}
	if batches {
		c := listen(b)
		plain = &bareBatch{c: c, r: udp.NewReader(c), w: udp.NewWriter(c), to: order}
	}
	peer := forwarding(b, batches, to...)
	buf := make([]byte, 2*chunkSize)
	var plainNext, peerNext uint32
	var plainTook, peerTook time.Duration
	b.ReportAllocs()
	for b.Loop() {
		plainTook += feed(b, end, plain, &plainNext, buf)
		peerTook += feed(b, end, peer, &peerNext, buf)
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
// one, nor in a view exchange; one by one and in batches.
func TestForwardingAllocatesNothing(t *testing.T) {
	for _, batches := range []bool{false, true} {
		end, to := ends(t, 2)
		peer := forwarding(t, batches, to...)
		buf := make([]byte, 2*chunkSize)
		next := uint32(0)
		for range 20 {
			feed(t, end, peer, &next, buf)
		}
		if n := testing.AllocsPerRun(50, func() { feed(t, end, peer, &next, buf) }); n != 0 {
			t.Errorf("%v allocations in %d datagrams, batches %v", n, batch, batches)
		}
	}
	d, conn := victim(t, node.Receiver)
	d.conn = silent{conn}
	d.mail = newMail(d.conn)
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
