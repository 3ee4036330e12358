package driver

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// TestAdaptive: peers behind links of twice the stream's bit rate push as these drain, and
// no faster; so more is delivered than at a rate of twice that, which the links drop.
func TestAdaptive(t *testing.T) {
	const peers, upload, period = 12, 500_000, 40 * node.Millisecond
	swarm := func(adaptive bool) (delivery float64) {
		synctest.Test(t, func(t *testing.T) {
			ctx, end := context.WithTimeout(t.Context(), 40*time.Second)
			defer end()
			net := newNetwork(5)
			var conns [peers + 1]*memConn
			for i := range conns {
				conns[i] = net.listen(i + 1)
			}
			reports := make([]Report, len(conns))
			var wg sync.WaitGroup
			for i, conn := range conns {
				cfg := film(conn.addr)
				cfg.Input = sized(1200)
				if i > 0 {
					cfg = watcher(conn.addr, conns[0].addr)
					cfg.Peer.GossipCheck, cfg.Peer.Ticks, cfg.Peer.Period = 0, node.RandomPhase, period
					cfg.Link = link.Config{Upload: upload, Queue: link.Queue{Time: node.Second}}
					if adaptive {
						cfg.Peer.Adaptive, cfg.Peer.Push, cfg.Peer.Upload = true, period/8, upload
					}
				}
				cfg.Seed, cfg.Deadline = uint64(i), 2*node.Second
				cfg.Report, cfg.ReportEvery = func(r *Report) { reports[i] = *r }, time.Hour
				time.Sleep(time.Millisecond + 7*time.Nanosecond)
				wg.Go(func() { drive(ctx, t, conn, cfg) })
			}
			wg.Wait()
			due, received := 0, 0
			for i := range reports[1:] {
				r := &reports[i+1]
				due, received = due+int(r.Due), received+int(r.Received)
				if bits := r.Traffic.OutBytes * 8; adaptive && bits > 41*upload {
					t.Errorf("peer %d sends %d bits in 40 s", i+1, bits)
				}
			}
			delivery = float64(received) / float64(due)
		})
		return delivery
	}
	fixed, follows := swarm(false), swarm(true)
	if t.Logf("at 100/s %.4f, adaptive %.4f", fixed, follows); follows < fixed+0.1 {
		t.Errorf("at 100/s %.4f is delivered, adaptive %.4f", fixed, follows)
	}
}
