package driver

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// TestNearestNeighbours: of real drivers, half of them behind lines that hold everything
// back for a fifth of a second, each measures those that it exchanges views with, and
// pushes to near ones.
func TestNearestNeighbours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const peers = 16
		ctx, end := context.WithCancel(context.Background())
		net := newNetwork(3)
		net.link = link.New(&link.Config{Latency: link.Span{Min: 5 * node.Millisecond, Max: 15 * node.Millisecond}}, 3)
		var drivers []*Driver
		var wg sync.WaitGroup
		var conns [peers]*memConn
		for i := range conns {
			conns[i] = net.listen(i + 1)
		}
		for i, conn := range conns {
			cfg := film(conn.addr)
			if i > 0 {
				cfg = watcher(conn.addr, conns[0].addr)
			}
			cfg.Seed = uint64(i)
			p := &cfg.Peer
			p.Gossip, p.GossipCheck, p.Retry = node.Second, 0, node.Second/2
			p.Neighbourhood = node.Neighbourhood{Size: 4, Keep: 20 * node.Second, Choose: node.ChooseLatency}
			if i >= peers/2 {
				cfg.Link.Latency = link.Span{Min: 200 * node.Millisecond, Max: 200 * node.Millisecond}
			}
			d, err := New(conn, cfg)
			if err != nil {
				t.Fatal(err)
			}
			drivers = append(drivers, d)
			time.Sleep(time.Millisecond + 7*time.Nanosecond)
			wg.Go(func() {
				if err := d.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(90 * time.Second)
		synctest.Wait()
		near, all := 0, 0
		for _, d := range drivers {
			for k := range d.peer.Neighbours() {
				if host := d.book.addr(d.peer.Neighbour(k)).Addr().As4()[3]; int(host) <= peers/2 {
					near++
				}
				all++
			}
		}
		if all < 3*peers || near < all*9/10 {
			t.Errorf("%d of %d neighbours are near; at random it were half", near, all)
		}
		end()
		wg.Wait()
	})
}

// TestMutualIsRefused: original peers would die of the datagrams.
func TestMutualIsRefused(t *testing.T) {
	conn := newNetwork(1).listen(1)
	cfg := watcher(conn.addr, newNetwork(1).listen(2).addr)
	cfg.Peer.Neighbourhood = node.Neighbourhood{Size: 4, Keep: node.Second, Mutual: true}
	if _, err := New(conn, cfg); err == nil || !strings.Contains(err.Error(), "Mutual") {
		t.Errorf("%v", err)
	}
}
