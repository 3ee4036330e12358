//go:build ci

package main

import (
	"bytes"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Whole swarms that push along stripes, real processes on loopback in real time, judged by
// what they put out.

// viewer is a peer whose text chunks are noted as they come out.
type viewer struct {
	*realPeer
	joined time.Time

	mu  sync.Mutex
	ids []int
	at  []time.Time
}

// view starts a peer and notes what it puts out.
func view(t *testing.T, args ...string) *viewer {
	t.Helper()
	v := &viewer{joined: time.Now()}
	v.realPeer = startPeer(t, args...)
	go func() {
		var rest []byte
		buf := make([]byte, 4096)
		for {
			n, err := v.Out.Read(buf)
			now := time.Now()
			rest = append(rest, buf[:n]...)
			v.mu.Lock()
			for {
				chunk, more, whole := bytes.Cut(rest, []byte{0})
				if !whole {
					break
				}
				id, bad := strconv.Atoi(string(bytes.TrimPrefix(chunk, []byte("Chunk "))))
				if bad != nil {
					t.Errorf("%s puts out %q", v.addr, chunk)
				}
				v.ids, v.at, rest = append(v.ids, id), append(v.at, now), more
			}
			v.mu.Unlock()
			if err != nil {
				return // the process has ended
			}
		}
	}()
	return v
}

// got is what has come out so far: the first chunk and when, and how many are missing from
// there to before end.
func (v *viewer) got(end int) (first int, startup time.Duration, missing, n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.ids) == 0 {
		return 0, time.Hour, end, 0
	}
	next := v.ids[0]
	for _, id := range v.ids {
		if id >= end {
			break
		}
		missing += id - next
		next = id + 1
		n++
	}
	if next < end {
		missing += end - next
	}
	return v.ids[0], v.at[0].Sub(v.joined), missing, n
}

// chunkEvery is the period of these swarms, 25 chunks a second.
const chunkEvery = 40 * time.Millisecond

// swarmOf starts a source and n peers.
func swarmOf(t *testing.T, n int) (source *realPeer, peers []*viewer, born time.Time) {
	born = time.Now()
	source = startPeer(t)
	for range n {
		peers = append(peers, view(t, "--join", source.addr))
	}
	return source, peers, born
}

// until waits for a moment.
func until(at time.Time) { <-time.After(time.Until(at)) }

// TestStripesSwarm: a source and twenty peers, 25 chunks a second, for a minute after the
// last has joined: everybody puts out every chunk from its first one on, the first one
// within a second of the start of its process, and none that was born long before.
func TestStripesSwarm(t *testing.T) {
	t.Parallel()
	source, peers, born := swarmOf(t, 20)
	until(time.Now().Add(time.Minute))
	end := int((time.Since(born) - 3*time.Second) / chunkEvery)
	until(time.Now().Add(time.Second))
	slowest := time.Duration(0)
	for i, p := range peers {
		first, startup, missing, n := p.got(end)
		slowest = max(slowest, startup)
		if missing > 0 || n < 1400 || startup > time.Second {
			t.Errorf("peer %d begins after %v with chunk %d, %d of %d are missing", i, startup, first, missing, n+missing)
		}
		if now := int(p.joined.Sub(born) / chunkEvery); first < now-10 {
			t.Errorf("peer %d begins with chunk %d, when %d was being made", i, first, now)
		}
	}
	t.Logf("%d peers, chunks up to %d, all begin within %v", len(peers), end, slowest)
	for _, p := range append(peers, &viewer{realPeer: source}) {
		if code := p.stop(); code != exitFine {
			t.Errorf("exit %d: %s", code, p.Said())
		}
	}
	t.Log(peers[0].Last())
}

// TestStripesKilledAndLate: of three peers of twenty that are killed, one after the other,
// the others lose next to nothing; who joins late is served as soon as all.
func TestStripesKilledAndLate(t *testing.T) {
	t.Parallel()
	_, peers, born := swarmOf(t, 20)
	joined := time.Now()
	for i := range 3 {
		until(joined.Add(time.Duration(10+4*i) * time.Second))
		if code := peers[0].Stop(syscall.SIGKILL); code != -1 {
			t.Fatalf("killed, and exit %d", code)
		}
		peers = peers[1:]
	}
	late := view(t, "--join", peers[0].addr)
	peers = append(peers, late)
	until(joined.Add(35 * time.Second))
	end := int((time.Since(born) - 3*time.Second) / chunkEvery)
	until(time.Now().Add(time.Second))
	lost, all := 0, 0
	for i, p := range peers {
		first, startup, missing, n := p.got(end)
		lost, all = lost+missing, all+n+missing
		if missing > 10 || startup > time.Second {
			t.Errorf("peer %d begins after %v with chunk %d, %d of %d are missing", i, startup, first, missing, n+missing)
		}
	}
	_, startup, missing, n := late.got(end)
	t.Logf("%d of %d chunks are missing with all; the late one begins after %v, %d of %d are missing", lost, all, startup, missing, n+missing)
	if float64(lost) > 0.001*float64(all) {
		t.Errorf("%d of %d chunks are missing", lost, all)
	}
}
