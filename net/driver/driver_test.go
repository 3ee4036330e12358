package driver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/media"
	"pushcast/net/udp"
	"pushcast/node"
	"pushcast/node/wire"
)

// chunksIn gives the ids of the chunks that were sent.
func chunksIn(sent []packet) (ids []node.ChunkID) {
	for _, p := range sent {
		if m, err := wire.J.ParseChunk(p.payload); err == nil {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// TestLateTicks: a push that is 20 ms late is made up for, one that is later is
// left out and counted, and the schedule stays where it was.
func TestLateTicks(t *testing.T) {
	d, conn := victim(t, node.Receiver) // ticks at 0, 250, 500 … ms
	at := func(now node.Time, pushes int, skipped uint64) {
		t.Helper()
		conn.sent = nil
		if err := d.tick(now); err != nil {
			t.Fatal(err)
		}
		if n := len(chunksIn(conn.sent)); n != pushes || d.peer.Stats().Skipped != skipped {
			t.Errorf("at %d ms: %d pushes, %d skipped so far", now/node.Millisecond, n, d.peer.Stats().Skipped)
		}
	}
	at(0, 1, 0)
	at(249*node.Millisecond, 0, 0)
	at(270*node.Millisecond, 1, 0)                    // 20 ms late
	at(520*node.Millisecond+node.Nanosecond, 0, 1)    // more
	at(750*node.Millisecond, 1, 1)                    // in time again
	at(3600*node.Second+5*node.Millisecond, 1, 14397) // an hour of suspension: the tick of now only
	at(3600*node.Second+250*node.Millisecond, 1, 14397)
}

// TestMakeUp: of a fast peer, all pushes of the last 20 ms are made up for.
func TestMakeUp(t *testing.T) {
	d, conn := victim(t, node.Receiver)
	d.cfg.Peer.Push = node.Millisecond
	if err := d.tick(0); err != nil {
		t.Fatal(err)
	}
	conn.sent = nil
	if err := d.tick(20 * node.Millisecond); err != nil {
		t.Fatal(err)
	}
	if n := len(chunksIn(conn.sent)); n != 20 || d.peer.Stats().Skipped != 0 {
		t.Errorf("20 ms late: %d pushes, %d skipped", n, d.peer.Stats().Skipped)
	}
}

// TestLateSource: chunks that are more than 20 ms late are never made; ids go on
// without a gap, with the original's timestamps.
func TestLateSource(t *testing.T) {
	d, conn := victim(t, node.Source) // a chunk every 40 ms
	d.peer.Bootstrap(0, []node.PeerID{d.book.enter(stranger, &d.peer)}, &d.out)
	d.out.Reset()
	for _, c := range []struct {
		now     node.Time
		ids     []node.ChunkID
		skipped uint64
	}{
		{0, []node.ChunkID{0}, 0},
		{40 * node.Millisecond, []node.ChunkID{1}, 0},
		{100 * node.Millisecond, []node.ChunkID{2}, 0}, // of 80 ms
		{500 * node.Millisecond, []node.ChunkID{3}, 9}, // of 120 … 440 ms none, that of 480 ms
		{520 * node.Millisecond, []node.ChunkID{4}, 9}, // in time
	} {
		conn.sent = nil
		if err := d.tick(c.now); err != nil {
			t.Fatal(err)
		}
		ids := slices.Compact(chunksIn(conn.sent))
		if !slices.Equal(ids, c.ids) || d.source.skipped != c.skipped {
			t.Errorf("at %d ms: chunks %v, %d skipped so far", c.now/node.Millisecond, ids, d.source.skipped)
		}
		for _, p := range conn.sent {
			m, _ := wire.J.ParseChunk(p.payload)
			if m.Timestamp != 40*uint64(m.ID) {
				t.Errorf("chunk %d has timestamp %d", m.ID, m.Timestamp)
			}
		}
	}
}

// TestReplyGoesToTheSource: of the datagram, whatever entry 0 says.
func TestReplyGoesToTheSource(t *testing.T) {
	d, conn := victim(t, node.Receiver)
	if err := d.receive(0, view(1, entry(1, "203.0.113.9:53")), stranger); err != nil {
		t.Fatal(err)
	}
	if len(conn.sent) != 1 || conn.sent[0].to != stranger {
		t.Fatalf("sent %v", conn.sent)
	}
	reply, err := wire.J.ParseTopology(conn.sent[0].payload)
	if err != nil || reply.Query() || reply.Len() != 2 || reply.Entry(0).Addr != d.cfg.Local {
		t.Errorf("the reply has %d entries, %v", reply.Len(), err)
	}
}

// broken is a Conn that fails.
type broken struct {
	recorder
	read, write error
}

func (b *broken) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, b.read
}

func (b *broken) WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error) { return 0, b.write }

// TestBothFamilies: a socket of both families gives IPv4 senders in IPv6's clothes.
func TestBothFamilies(t *testing.T) {
	d, conn := victim(t, node.Receiver)
	clothed := netip.AddrPortFrom(netip.AddrFrom16(stranger.Addr().As16()), stranger.Port())
	if err := d.receive(0, view(1, entry(1, "10.0.0.66:6666")), clothed); err != nil {
		t.Fatal(err)
	}
	if len(conn.sent) != 1 || conn.sent[0].to != stranger || d.traffic.Unsendable != 0 {
		t.Errorf("sent %v, %d unsendable", conn.sent, d.traffic.Unsendable)
	}
}

// TestBrokenSocket: what cannot be sent is lost, and said once; a socket that
// only fails ends the driver.
func TestBrokenSocket(t *testing.T) {
	var log strings.Builder
	cfg := watcher(netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("10.0.0.2:1"))
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	conn := &broken{read: errors.New("out of memory"), write: errors.New("no buffer space")}
	d, err := New(conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("a socket that only fails: %v", err)
	}
	if n := strings.Count(log.String(), "no buffer space"); n != 1 || d.traffic.SendErrors == 0 {
		t.Errorf("said %d times: %s", n, &log)
	}
	conn.read = net.ErrClosed
	if err := d.Run(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed socket: %v", err)
	}
}

// short is an Input of two chunks and an end.
type short struct{ end error }

func (s short) Next(id node.ChunkID, buf []byte) (media.Chunk, error) {
	if id == 2 {
		return media.Chunk{}, s.end
	}
	return media.Text{}.Next(id, buf)
}

func (short) Wake(func()) {}

// huge is an Input whose chunks fit no datagram.
type huge struct{}

func (huge) Next(node.ChunkID, []byte) (media.Chunk, error) {
	return media.Chunk{Payload: make([]byte, wire.MaxChunk+1)}, nil
}

func (huge) Wake(func()) {}

// TestInputEnds: io.EOF ends a source in order, another error with that error.
func TestInputEnds(t *testing.T) {
	for _, c := range []struct {
		input media.Input
		want  string
		chunk uint64
	}{
		{short{io.EOF}, "", 2},
		{short{errors.New("frame 2 is broken")}, "frame 2 is broken", 2},
		{huge{}, "chunk 0 is of 65487 bytes, and a datagram carries 65486", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(1)
			conn := net.listen(1)
			cfg := film(conn.addr)
			cfg.Input = c.input
			var last Report
			cfg.Report, cfg.ReportEvery = func(r *Report) { last = *r }, time.Hour
			d, err := New(conn, cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = d.Run(t.Context())
			if got := errorText(err); got != c.want || last.Published != c.chunk || !last.Last {
				t.Errorf("%v after %d chunks", err, last.Published)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// failing is an Output whose reader has gone.
type failing struct{}

func (failing) Put(node.ChunkID, []byte) error { return os.ErrClosed }

// TestOutputFails: the driver ends with the Output's error.
func TestOutputFails(t *testing.T) {
	d, _ := victim(t, node.Receiver)
	d.cfg.Output = failing{}
	if err := d.receive(node.Second, chunkOf(20, "data"), stranger); !errors.Is(err, os.ErrClosed) {
		t.Errorf("ends with %v", err)
	}
}

// TestConfig: every wrong one is told in a line.
func TestConfig(t *testing.T) {
	contact := netip.MustParseAddrPort("10.0.0.2:1")
	good := func() Config { return watcher(netip.MustParseAddrPort("10.0.0.1:1"), contact) }
	for want, change := range map[string]func(*Config){
		"Local is":             func(c *Config) { c.Local = netip.MustParseAddrPort("[::1]:1") },
		"Loss":                 func(c *Config) { c.Link.Loss.Rate = 2 },
		"Format 7 is none":     func(c *Config) { c.Format = 7 },
		"Full":                 func(c *Config) { c.Peer.Sampler, c.Peer.AskStrangers = node.Full, false },
		"Peer.View is 31":      func(c *Config) { c.Peer.View = 31 },
		"65 contacts":          func(c *Config) { c.Contacts = slices.Repeat(c.Contacts, 65) },
		"Deadline":             func(c *Config) { c.Deadline = -1 },
		"ReportEvery":          func(c *Config) { c.Report = func(*Report) {} },
		"Input":                func(c *Config) { c.Input = media.Text{} },
		"a Source has":         func(c *Config) { c.Peer.Role = node.Source },
		"needs Peer.Period":    func(c *Config) { c.Peer.Role, c.Input = node.Source, media.Text{} },
		"contact 0.0.0.0:1":    func(c *Config) { c.Contacts[0] = netip.MustParseAddrPort("0.0.0.0:1") },
		"is this peer itself":  func(c *Config) { c.Contacts[0] = c.Local },
		"in the simulator":     func(c *Config) { c.Peer.Scheduler = node.Offer },
		"Maps and Ride":        func(c *Config) { c.Peer.Maps = node.Second },
		"node: Buffer is -1":   func(c *Config) { c.Peer.Buffer = -1 },
		"contact 10.0.0.2:0 m": func(c *Config) { c.Contacts[0] = netip.AddrPortFrom(contact.Addr(), 0) },
	} {
		cfg := good()
		change(&cfg)
		if _, err := New(&recorder{}, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := New(&recorder{}, good()); err != nil {
		t.Error(err)
	}
}

// TestRunOnSockets: a source and a peer on real sockets; the end is orderly, and
// what waited in the window is put out.
func TestRunOnSockets(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run := func(cfg Config, conn *udp.Conn) chan error {
		d, err := New(conn, cfg)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		return done
	}
	open := func() *udp.Conn {
		c, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	home, away := open(), open()
	source := film(home.AddrPort())
	source.Peer.Period = 5 * node.Millisecond
	peer := watcher(away.AddrPort(), home.AddrPort())
	enough := &until{n: 20, cancel: cancel}
	peer.Output = enough
	a, b := run(source, home), run(peer, away)
	if err := errors.Join(<-a, <-b); err != nil {
		t.Error(err)
	}
	if enough.seen < 20 {
		t.Errorf("put out %d chunks", enough.seen)
	}
}

// TestTooManyPushes: a peer that is asked for more pushes than it can send goes on
// receiving, and a source whose chunks are all due at once still answers.
func TestTooManyPushes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	home, away := listen(t), listen(t)
	source := film(home.AddrPort())
	source.Peer.Period, source.Peer.Copies = node.Millisecond, 1
	peer := watcher(away.AddrPort(), home.AddrPort())
	peer.Peer.Push = node.Microsecond
	enough := &until{n: 100, cancel: cancel}
	peer.Output = enough
	done := make(chan error, 2)
	for conn, cfg := range map[*udp.Conn]Config{home: source, away: peer} {
		d, err := New(conn, cfg)
		if err != nil {
			t.Fatal(err)
		}
		go func() { done <- d.Run(ctx) }()
	}
	if err := errors.Join(<-done, <-done); err != nil || enough.seen < 100 {
		t.Errorf("put out %d chunks: %v", enough.seen, err)
	}
}

// TestReportAtTheEnd: however it comes.
func TestReportAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(1)
		conn := net.listen(1)
		cfg := watcher(conn.addr, net.listen(2).addr)
		cfg.Output = failing{}
		var last Report
		cfg.Report, cfg.ReportEvery = func(r *Report) { last = *r }, time.Hour
		d, err := New(conn, cfg)
		if err != nil {
			t.Fatal(err)
		}
		conn.in <- packet{from: stranger, payload: chunkOf(0, "data")}
		if err := d.Run(t.Context()); !errors.Is(err, os.ErrClosed) || !last.Last || last.Peer.Received != 1 {
			t.Errorf("%v, %+v", err, last)
		}
	})
}

// until cancels when n chunks were put out.
type until struct {
	n, seen int
	cancel  func()
}

func (u *until) Put(node.ChunkID, []byte) error {
	if u.seen++; u.seen == u.n {
		u.cancel()
	}
	return nil
}

// listen is a socket on loopback.
func listen(b testing.TB) *udp.Conn {
	c, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}
