package driver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/node"
	"pushcast/node/link"
)

// reader is an Output that keeps what is put out.
type reader struct{ payloads map[node.ChunkID]string }

// Put keeps a chunk.
func (r *reader) Put(id node.ChunkID, payload []byte) error {
	r.payloads[id] = string(payload)
	return nil
}

// fecSwarm is a source, and some peers that join through it, with a code each, which push
// blindly, or along stripes without asking for what is missing. Tells what the peers have
// put out, report and log.
func fecSwarm(t *testing.T, d time.Duration, loss float64, striped bool, codes ...node.Code) (read []*reader, reports []*Report, logs []*bytes.Buffer) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	net := newNetwork(4)
	net.link = link.New(&link.Config{Latency: link.Span{Min: 20 * node.Millisecond, Max: 20 * node.Millisecond}, Loss: link.Loss{Rate: loss}}, 4)
	conns := make([]*memConn, len(codes))
	for i := range conns {
		conns[i] = net.listen(i + 1)
	}
	var wg sync.WaitGroup
	for i, conn := range conns {
		cfg := film(conn.addr)
		if striped {
			cfg = stripesFilm(conn.addr)
		}
		cfg.Peer.Period = codes[0].Period(cfg.Peer.Period)
		r, report, log := &reader{map[node.ChunkID]string{}}, &Report{}, &bytes.Buffer{}
		if i > 0 {
			if cfg = watcher(conn.addr, conns[0].addr); striped {
				cfg = stripesWatcher(conn.addr, conns[0].addr)
			}
			cfg.Output = r
		}
		if striped {
			cfg.Peer.Repair, cfg.Peer.Patience = false, 0
		}
		cfg.Seed, cfg.Peer.FEC = uint64(i), codes[i]
		cfg.Report, cfg.ReportEvery = func(r *Report) { *report = *r }, time.Hour
		cfg.Log = slog.New(slog.NewTextHandler(log, nil))
		read, reports, logs = append(read, r), append(reports, report), append(logs, log)
		time.Sleep(time.Millisecond + 7*time.Nanosecond)
		wg.Go(func() { drive(ctx, t, conn, cfg) })
	}
	wg.Wait()
	return read, reports, logs
}

// TestRecoveredOnTheWire: peers put out what the source had, chunks that were computed
// too, and nothing else; the more repair chunks, the less is missing. Nobody warns. So it
// is with stripes, too.
func TestRecoveredOnTheWire(t *testing.T) {
	for _, striped := range []bool{false, true} {
		testRecovered(t, striped)
	}
}

func testRecovered(t *testing.T, striped bool) {
	synctest.Test(t, func(t *testing.T) {
		delivery := func(code node.Code) float64 {
			due, received := 0, 0
			read, reports, logs := fecSwarm(t, 40*time.Second, 0.1, striped, code, code, code, code, code)
			for i, r := range reports[1:] {
				due, received = due+int(r.Due), received+int(r.Received)
				for id, payload := range read[i+1].payloads {
					if want := fmt.Sprintf("Chunk %d\x00", id); payload != want {
						t.Errorf("peer %d puts %q out, want %q", i+1, payload, want)
					}
				}
				if n := len(read[i+1].payloads); n < 700 || n > 1000 {
					t.Errorf("peer %d puts %d chunks out, of 25 a second", i+1, n)
				}
				if r.Traffic.Unrecovered > 0 || (r.Peer.Recovered > 0) != (code.Repair > 0) || logs[i+1].Len() > 0 {
					t.Errorf("%v, peer %d: %d recovered, %d not; says %q", code, i+1, r.Peer.Recovered, r.Traffic.Unrecovered, logs[i+1])
				}
			}
			return float64(received) / float64(due)
		}
		plain, coded := delivery(node.Code{}), delivery(node.Code{Data: 10, Repair: 4})
		if t.Logf("stripes %v: delivery %.4f, with 10+4 %.4f", striped, plain, coded); 1-coded > (1-plain)/2 {
			t.Errorf("stripes %v: delivery %.4f, with 10+4 %.4f", striped, plain, coded)
		}
	})
}

// TestOtherCode: who is told another code than the source says so, once.
func TestOtherCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none, ours := node.Code{}, node.Code{Data: 10, Repair: 2}
		for i, c := range []struct {
			source, peer node.Code
			want         string
		}{
			{ours, none, "the stream has repair chunks of fec 10+2, and this peer is told none"},
			{ours, node.Code{Data: 10, Repair: 3}, "the stream has repair chunks of fec 10+2, and this peer is told 10+3"},
			{none, ours, "should be a repair chunk of fec 10+2, and is none"},
		} {
			striped := i == 0
			_, _, logs := fecSwarm(t, 10*time.Second, 0, striped, c.source, c.peer)
			if got := logs[1].String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, c.want) {
				t.Errorf("source %v, peer %v: says %q, want %q once", c.source, c.peer, got, c.want)
			}
		}
	})
}

// TestForgedRepair: a repair chunk that somebody has made up costs its block, and nothing
// is shown that the source never had.
func TestForgedRepair(t *testing.T) {
	conn, r := &recorder{}, &reader{map[node.ChunkID]string{}}
	cfg := watcher(netip.MustParseAddrPort("10.0.0.1:6666"), netip.MustParseAddrPort("10.0.0.2:6666"))
	cfg.Peer.FEC, cfg.Output = node.Code{Data: 3, Repair: 1}, r
	d, err := New(conn, cfg)
	if err == nil {
		err = d.start(0)
	}
	if err != nil {
		t.Fatal(err)
	}
	for c, payload := range []string{0: "a", 1: "b", 3: "\xffFEC\x03\x01\x00\x00 made up"} {
		if payload == "" {
			continue
		}
		if err := d.receive(0, d.encodeChunk(node.ChunkID(c), 0, []byte(payload)), stranger); err != nil {
			t.Fatal(err)
		}
	}
	if d.traffic.Unrecovered != 1 || len(r.payloads) != 2 || r.payloads[0] != "a" || r.payloads[1] != "b" {
		t.Errorf("%d not recovered, %v put out", d.traffic.Unrecovered, r.payloads)
	}
	if err := d.tick(node.Second); err != nil {
		t.Fatal(err)
	}
	for _, p := range conn.sent {
		if len(p.payload) == 0 {
			t.Error("an empty datagram is sent")
		}
	}
}
