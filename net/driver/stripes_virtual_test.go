package driver

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/media"
	"pushcast/node"
)

// stripesFilm and stripesWatcher are a source and a peer that push along stripes. The
// peer is not told the period.
func stripesFilm(addr netip.AddrPort) Config {
	cfg := Config{Local: addr, Peer: Stripes(), Input: media.Text{}}
	cfg.Peer.Role, cfg.Peer.Period = node.Source, 40*node.Millisecond
	return cfg
}

func stripesWatcher(addr, contact netip.AddrPort) Config {
	return Config{Local: addr, Peer: Stripes(), Contacts: []netip.AddrPort{contact}}
}

// lacks counts the chunks from a peer's first one to so many before its last which it has
// not put out: the last ones are on their way at the end.
func (o *outcome) lacks(before node.ChunkID) (n int) {
	if len(o.output) == 0 {
		return 1
	}
	end := o.output[len(o.output)-1] - before
	for k := 1; k < len(o.output) && o.output[k] <= end; k++ {
		n += int(o.output[k]-o.output[k-1]) - 1
	}
	return n
}

// stripesSwarm lets a source and n peers run for so long, the peers started 100 ms apart,
// and tells what they have come to, and when they joined.
func stripesSwarm(t *testing.T, n int, seed uint64, d time.Duration) (outcomes []*outcome, joined []time.Time) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	net := newNetwork(seed)
	outcomes, joined = make([]*outcome, n+1), make([]time.Time, n+1)
	conns := make([]*memConn, n+1)
	for i := range conns {
		conns[i] = net.listen(i + 1)
	}
	var wg sync.WaitGroup
	for i, conn := range conns {
		o := &outcome{}
		cfg := stripesFilm(conn.addr)
		if i > 0 {
			cfg = stripesWatcher(conn.addr, conns[0].addr)
			cfg.Output = o
		}
		cfg.Seed = seed<<8 + uint64(i)
		cfg.Report, cfg.ReportEvery = func(r *Report) { o.report = *r }, time.Hour
		outcomes[i] = o
		time.Sleep(time.Duration(100_000_003 + 7919*i)) // virtual
		joined[i] = time.Now()
		wg.Go(func() { drive(ctx, t, conn, cfg) })
	}
	wg.Wait()
	return outcomes, joined
}

// TestStripesInVirtualTime: fifty peers, 1 % loss, 10 to 100 ms: every peer puts out every
// chunk from its first one on, and that soon; and all of it again with the same seed.
func TestStripesInVirtualTime(t *testing.T) {
	const peers = 50
	var first []*outcome
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			long := 20 * time.Second
			if everything {
				long = time.Minute
			}
			got, joined := stripesSwarm(t, peers, 1, long)
			if first != nil {
				for i := range got {
					if got[i].String() != first[i].String() {
						t.Errorf("peer %d: in the first run\n%v\nnow\n%v", i, first[i], got[i])
						return
					}
				}
				return
			}
			first = got
			var starts []time.Duration
			for i, o := range got[1:] {
				if n := o.lacks(75); n > 0 {
					t.Errorf("peer %d lacks %d of %d chunks", i+1, n, len(o.output)+n)
				}
				if len(o.output) > 0 {
					starts = append(starts, o.at[0].Sub(joined[i+1]))
				}
				if r := &o.report; r.Traffic.Refused()+r.Traffic.SendErrors+r.Peer.Restarts+r.Peer.Strays > 0 {
					t.Errorf("peer %d: %+v", i+1, r)
				}
			}
			slices.Sort(starts)
			r := &got[peers].report
			t.Logf("start-up %v in the middle, %v at most; the last peer: %v, %+v", starts[len(starts)/2], starts[len(starts)-1], r.Values, r.Traffic)
			if last := starts[len(starts)-1]; len(starts) != peers || last > time.Second {
				t.Errorf("%d peers begin, the last one after %v", len(starts), last)
			}
		})
	}
}

// TestStripesRestartedSource: the source dies, and begins anew at the same address with
// chunk 0, while everybody still has its first chunks. Every peer puts out new chunks
// within five seconds, and is not drawn back.
func TestStripesRestartedSource(t *testing.T) {
	for _, after := range []time.Duration{6 * time.Second, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const peers = 20
			all, endAll := context.WithCancel(t.Context())
			first, kill := context.WithTimeout(all, after)
			defer kill()
			net := newNetwork(3)
			home := net.listen(1)
			var conns [peers]*memConn
			for i := range conns {
				conns[i] = net.listen(i + 2)
			}
			var wg sync.WaitGroup
			begin := func(ctx context.Context, conn Conn, cfg Config) {
				time.Sleep(time.Millisecond + 7*time.Nanosecond)
				wg.Go(func() { drive(ctx, t, conn, cfg) })
			}
			begin(first, home, stripesFilm(home.addr))
			var outcomes [peers]outcome
			for i := range outcomes {
				cfg := stripesWatcher(conns[i].addr, home.addr)
				cfg.Seed, cfg.Output = uint64(i), &outcomes[i]
				begin(all, conns[i], cfg)
			}
			<-first.Done()
			time.Sleep(time.Second / 2)
			restarted := time.Now()
			begin(all, home, stripesFilm(home.addr))
			time.Sleep(15 * time.Second)
			endAll()
			wg.Wait()
			beginAnew(t, outcomes[:], restarted)
		})
	}
}

// TestStripesAmongTheKnown: where neighbours are told once and for ever, no view says who
// pushes along stripes; the chunks come all the same.
func TestStripesAmongTheKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const peers = 6
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		net := newNetwork(1)
		conns := make([]*memConn, peers+1)
		var all []netip.AddrPort
		for i := range conns {
			conns[i] = net.listen(i + 1)
			all = append(all, conns[i].addr)
		}
		outcomes := make([]outcome, len(conns))
		var wg sync.WaitGroup
		for i, conn := range conns {
			cfg := stripesFilm(conn.addr)
			if i > 0 {
				cfg = stripesWatcher(conn.addr, conn.addr)
				cfg.Output = &outcomes[i]
			}
			cfg.Contacts = slices.Concat(all[:i], all[i+1:])
			p := &cfg.Peer
			p.Sampler, p.View, p.Gossip, p.Stagger, p.MaxAge, p.DropSilent, p.AgeReplies = node.Static, 0, 0, false, 0, false, false
			p.Rejoin, p.Retry, p.JoinWalk, p.Remember, p.RecallEvery, p.Goodbye, p.AskStrangers = false, 0, 0, 0, 0, false, false
			cfg.Seed = uint64(i)
			wg.Go(func() { drive(ctx, t, conn, cfg) })
		}
		wg.Wait()
		for i := range outcomes[1:] {
			if o := &outcomes[i+1]; len(o.output) < 200 || o.lacks(50) > 0 {
				t.Errorf("peer %d put out %d chunks, and lacks %d", i+1, len(o.output), o.lacks(50))
			}
		}
	})
}
