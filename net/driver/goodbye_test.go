package driver

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// TestGoodbye: who is shut down in order is in no neighbour's view a moment later,
// over newscast and over cyclon, and where its own link keeps the goodbye for a while; the
// others know each other, and play on.
func TestGoodbye(t *testing.T) {
	newscast := func(c *Config) { c.Peer.MaxAge, c.Peer.DropSilent, c.Peer.AgeReplies = 30, true, true }
	for name, change := range map[string]func(*Config){
		"newscast": newscast,
		"cyclon":   func(c *Config) { c.Peer.Sampler, c.Peer.Shuffle = node.Cyclon, 8 },
		"link": func(c *Config) {
			newscast(c)
			c.Link.Latency = link.Span{Min: 50 * node.Millisecond, Max: 50 * node.Millisecond}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { sayGoodbye(t, change) })
		})
	}
}

func sayGoodbye(t *testing.T, change func(*Config)) {
	const peers = 8
	all, end := context.WithCancel(context.Background())
	short, leave := context.WithCancel(all)
	net := newNetwork(5)
	net.link = link.New(&link.Config{Latency: link.Span{Min: 20 * node.Millisecond, Max: 20 * node.Millisecond}}, 5) // on another, a goodbye may be lost, or overtake
	var conns [peers + 1]*memConn
	for i := range conns {
		conns[i] = net.listen(i + 1)
	}
	var wg sync.WaitGroup
	var drivers [peers + 1]*Driver
	for i, conn := range conns {
		cfg := film(conn.addr)
		if i > 0 {
			cfg = watcher(conn.addr, conns[0].addr)
		}
		cfg.Seed = uint64(i)
		p := &cfg.Peer
		p.Gossip, p.GossipCheck, p.Goodbye, p.Retry = 2*node.Second, 0, true, node.Second/2
		change(&cfg)
		d, err := New(conn, cfg)
		if err != nil {
			t.Fatal(err)
		}
		drivers[i] = d
		ctx := all
		if i == peers {
			ctx = short
		}
		time.Sleep(time.Millisecond + 7*time.Nanosecond)
		wg.Go(func() {
			if err := d.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	knows := func(d *Driver) (n int) {
		for k := range d.peer.Neighbours() {
			if d.book.addr(d.peer.Neighbour(k)) == conns[peers].addr {
				n++
			}
		}
		return n
	}
	time.Sleep(21 * time.Second) // between two exchanges
	synctest.Wait()
	before := 0
	for _, d := range drivers[:peers] {
		before += knows(d)
	}
	if before < peers-1 {
		t.Errorf("%d of %d know the one that will leave", before, peers)
	}
	leave()
	time.Sleep(time.Second / 2)
	synctest.Wait()
	after := 0
	for i, d := range drivers[:peers] {
		after += knows(d)
		if d.peer.Neighbours() < peers-2 {
			t.Errorf("peer %d knows %d of the others", i, d.peer.Neighbours())
		}
	}
	if after > 0 {
		t.Errorf("%d of %d still know who has left", after, peers)
	}
	end()
	wg.Wait()
}

// TestUnderWay: what a peer had sent before it was killed was on its way, and arrives; but
// what waits for longer than anybody's link is lost.
func TestUnderWay(t *testing.T) {
	for latency, arrives := range map[node.Time]bool{300 * node.Millisecond: true, 10 * DefaultRunOut: false} {
		synctest.Test(t, func(t *testing.T) {
			net := newNetwork(1)
			net.link = link.New(&link.Config{}, 1)
			here, there := net.listen(1), net.listen(2)
			cfg := film(here.addr)
			cfg.Peer.Sampler, cfg.Peer.Copies, cfg.Peer.GossipCheck = node.Static, 1, 0
			cfg.Peer.Rejoin, cfg.Peer.AskStrangers, cfg.Peer.Retry = false, false, 0
			cfg.Contacts = []netip.AddrPort{there.addr}
			cfg.Link.Latency = link.Span{Min: latency, Max: latency}
			var last Report
			cfg.Report, cfg.ReportEvery = func(r *Report) { last = *r }, time.Hour
			ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now().Add(time.Second), ErrCrash)
			defer cancel()
			began := time.Now()
			drive(ctx, t, here, cfg)
			synctest.Wait()
			if took := time.Since(began); took > time.Second+time.Duration(DefaultRunOut) {
				t.Errorf("%v: the peer is dead after %v", latency, took)
			}
			came := uint64(len(there.in))
			if last.Published < 20 || arrives && came != last.Published || !arrives && came != 0 {
				t.Errorf("%v: %d of %d chunks came", latency, came, last.Published)
			}
		})
	}
}
