//go:build ci

package main

import (
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"pushcast/cmd/internal/live"
)

// Whole swarms of real processes on loopback, in real time: what they must reach
// is what was measured of the original, or what the original cannot do. They run
// side by side.

// recording is a peer whose output is being kept.
type recording struct {
	*process
	t      *testing.T
	joined time.Time

	mu    sync.Mutex
	bytes []byte
	grew  sync.Cond
}

func record(t *testing.T, args ...string) *recording {
	r := &recording{process: start(t, nil, args...), t: t, joined: time.Now()}
	r.grew.L = &r.mu
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := r.Out.Read(buf)
			r.mu.Lock()
			r.bytes = append(r.bytes, buf[:n]...)
			r.grew.Broadcast()
			r.mu.Unlock()
			if err != nil {
				return // the process has ended
			}
		}
	}()
	return r
}

// ids gives the chunks put out so far.
func (r *recording) ids() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	whole := r.bytes
	for len(whole) > 0 && whole[len(whole)-1] != 0 {
		whole = whole[:len(whole)-1]
	}
	return chunks(r.t, whole)
}

// until waits till what has been put out is to somebody's liking.
func (r *recording) until(enough func(ids []int) bool) {
	for {
		r.mu.Lock()
		before := len(r.bytes)
		r.mu.Unlock()
		if enough(r.ids()) {
			return
		}
		r.mu.Lock()
		for len(r.bytes) == before {
			r.grew.Wait()
		}
		r.mu.Unlock()
	}
}

// fast are the flags of the second measured parameter set, and its period.
var (
	fastSource = []string{"-t", "100", "-c", "40"}
	fastPeer   = []string{"-c", "40", "-b", "16"}
)

const period = 100 * time.Millisecond

// swarm starts a source and n peers, 20 ms apart.
func swarm(t *testing.T, n int) (source *process, peers []*recording, born time.Time) {
	born = time.Now()
	source = start(t, nil, append([]string{"-P", "0"}, fastSource...)...)
	for range n {
		peers = append(peers, record(t, source.joining(append([]string{"-P", "0"}, fastPeer...)...)...))
		time.Sleep(20 * time.Millisecond) // the measured original's distance
	}
	return source, peers, born
}

// end stops all in order, and holds every peer to an ascending output, exit
// code 0 and no error.
func end(t *testing.T, source *process, peers []*recording) {
	for _, p := range peers {
		if code := p.Stop(os.Interrupt); code != live.Fine {
			t.Errorf("exit %d of %s: %s", code, p.addr, p.Said())
		}
		if ids := p.ids(); !ascending(ids) {
			t.Errorf("%s puts out %v", p.addr, ids)
		}
	}
	if code := source.Stop(os.Interrupt); code != live.Fine {
		t.Errorf("source: exit %d: %s", code, source.Said())
	}
}

// share is the part of the ids from … to−1 that a peer has put out.
func share(ids []int, from, to int) float64 {
	n := 0
	for _, id := range ids {
		if id >= from && id < to {
			n++
		}
	}
	return float64(n) / float64(to-from)
}

// number is the chunk that is born at an instant.
func number(born, at time.Time) int { return int(at.Sub(born) / period) }

// TestDelivery: the measured cell, N = 5 (dumbstreamer.md 6: the original puts
// out 0.92 to 0.94 in its steady state).
func TestDelivery(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 5)
	stop := time.Now().Add(30 * time.Second)
	peers[0].until(func([]int) bool { return time.Now().After(stop) })
	from, to := number(born, peers[4].joined.Add(10*time.Second)), number(born, stop.Add(-3*time.Second))
	end(t, source, peers)
	var mean float64
	for _, p := range peers {
		s := share(p.ids(), from, to)
		t.Logf("%s puts out %.3f of chunks %d to %d", p.addr, s, from, to)
		mean += s / 5
	}
	t.Logf("mean %.3f", mean)
	if mean < 0.87 || mean > 0.98 {
		t.Errorf("mean %.3f, must be 0.87 to 0.98", mean)
	}
}

// TestKilledAndLate: of a peer killed and one that joins ten seconds late the
// others notice nothing.
func TestKilledAndLate(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 5)
	at := func(d time.Duration) {
		peers[0].until(func([]int) bool { return time.Since(born) > d })
	}
	at(5 * time.Second)
	if code := peers[4].Stop(syscall.SIGKILL); code != -1 {
		t.Fatalf("killed, and exit %d", code)
	}
	peers = peers[:4]
	at(10 * time.Second)
	late := record(t, source.joining(append([]string{"-P", "0"}, fastPeer...)...)...)
	peers = append(peers, late)
	at(30 * time.Second)
	to := number(born, time.Now()) - 30
	end(t, source, peers)
	for i, p := range peers {
		from := 60
		if p == late {
			// Its neighbours hear of it by gossip, every ten seconds.
			from = number(born, late.joined.Add(10*time.Second))
		}
		s := share(p.ids(), from, to)
		t.Logf("peer %d puts out %.3f of chunks %d to %d", i, s, from, to)
		if s < 0.6 {
			t.Errorf("peer %d puts out %.3f", i, s)
		}
	}
}

// TestSourceRestarted: a source that is killed and begins anew at chunk 0 is
// seen again by every peer within five seconds; the original's peers are silent
// for ever.
func TestSourceRestarted(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 5)
	peers[0].until(func([]int) bool { return time.Since(born) > 12*time.Second })
	port := source.addr[len("127.0.0.1:"):]
	source.Stop(syscall.SIGKILL)
	source = start(t, nil, append([]string{"-P", port}, fastSource...)...)
	restarted := time.Now()
	for i, p := range peers {
		fell := -1
		p.until(func(ids []int) bool {
			for k := 1; k < len(ids); k++ {
				if ids[k] < ids[k-1] {
					fell = k
				}
			}
			return fell > 0 || time.Since(restarted) > 10*time.Second
		})
		took := time.Since(restarted)
		t.Logf("peer %d: new chunks within %.2f s", i, took.Seconds())
		if took > 5*time.Second {
			t.Errorf("peer %d: no new chunk in %.1f s", i, took.Seconds())
		}
	}
	peers[0].until(func([]int) bool { return time.Since(restarted) > 15*time.Second })
	for i, p := range peers {
		p.Stop(os.Interrupt)
		falls := 0
		ids := p.ids()
		last := 0
		for k := 1; k < len(ids); k++ {
			if ids[k] <= ids[k-1] {
				falls, last = falls+1, k
			}
		}
		after := ids[last:]
		s := share(after, 60, 120)
		t.Logf("peer %d: falls back %d time(s), from %d on puts out %.3f of chunks 60 to 120", i, falls, after[0], s)
		if falls != 1 || s < 0.8 {
			t.Errorf("peer %d: falls back %d times, puts out %.3f afterwards", i, falls, s)
		}
	}
	source.Stop(os.Interrupt)
}

// TestFortyNodes: the original dies at 31.
func TestFortyNodes(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 39)
	peers[0].until(func([]int) bool { return time.Since(born) > 25*time.Second })
	to := number(born, time.Now()) - 30
	end(t, source, peers)
	var mean, least float64 = 0, 1
	for _, p := range peers {
		s := share(p.ids(), 120, to)
		mean += s / float64(len(peers))
		least = min(least, s)
	}
	t.Logf("39 peers put out %.3f of chunks 120 to %d, the least %s", mean, to, strconv.FormatFloat(least, 'f', 3, 64))
	if mean < 0.3 || least == 0 {
		t.Errorf("39 peers put out %.3f, the least %.3f", mean, least)
	}
}
