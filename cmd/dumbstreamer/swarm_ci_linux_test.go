//go:build ci

package main

import (
	"bufio"
	"os"
	"sort"
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
	at    []time.Time // when each chunk of bytes came
	grew  sync.Cond
}

// record spawns a peer.
func record(t *testing.T, args ...string) *recording {
	r := &recording{joined: time.Now(), process: spawn(t, nil, args...), t: t}
	r.grew.L = &r.mu
	go func() {
		for out := bufio.NewReader(r.Out); ; {
			text, err := out.ReadBytes(0)
			if err != nil {
				return // the process has ended
			}
			r.mu.Lock()
			r.bytes = append(r.bytes, text...)
			r.at = append(r.at, time.Now())
			r.grew.Broadcast()
			r.mu.Unlock()
		}
	}()
	return r
}

// ids gives the chunks put out so far.
func (r *recording) ids() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return chunks(r.t, r.bytes)
}

// before gives the chunks put out before an instant, and when.
func (r *recording) before(end time.Time) (ids []int, at []time.Time) {
	ids = r.ids()
	n := sort.Search(len(ids), func(i int) bool { return !r.at[i].Before(end) })
	return ids[:n], r.at[:n]
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

// flags are one choice of the original's parameters.
type flags struct {
	name         string
	pushes       float64 // a second of a peer
	source, peer []string
}

// fast is the second measured set, and period what its source makes of it.
var fast = flags{"`-t 100 -c 40` / `-c 40 -b 16`", 40, []string{"-t", "100", "-c", "40"}, []string{"-c", "40", "-b", "16"}}

const period = 100 * time.Millisecond

// swarm starts a source and, 200 ms later, n peers 20 ms apart, as the measured
// original's were. The stream is born when the source says where it listens.
func swarm(t *testing.T, n int, f *flags, more ...string) (source *process, peers []*recording, born time.Time) {
	more = append([]string{"-P", "0"}, more...)
	source = start(t, nil, append(more, f.source...)...)
	born = time.Now()
	for i := range n {
		time.Sleep(time.Until(born.Add(200*time.Millisecond + time.Duration(i)*20*time.Millisecond)))
		peers = append(peers, record(t, source.joining(append(more, f.peer...)...)...))
	}
	for _, p := range peers {
		p.listens()
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

// number is the chunk of fast that is born at an instant.
func number(born, at time.Time) int { return int(at.Sub(born) / period) }

// TestKilledAndLate: of a peer killed and one that joins ten seconds late the
// others notice nothing.
func TestKilledAndLate(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 5, &fast)
	at := func(d time.Duration) {
		peers[0].until(func([]int) bool { return time.Since(born) > d })
	}
	at(5 * time.Second)
	if code := peers[4].Stop(syscall.SIGKILL); code != -1 {
		t.Fatalf("killed, and exit %d", code)
	}
	peers = peers[:4]
	at(10 * time.Second)
	late := record(t, source.joining(append([]string{"-P", "0"}, fast.peer...)...)...)
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
	source, peers, born := swarm(t, 5, &fast)
	peers[0].until(func([]int) bool { return time.Since(born) > 12*time.Second })
	port := source.addr[len("127.0.0.1:"):]
	source.Stop(syscall.SIGKILL)
	source = start(t, nil, append([]string{"-P", port}, fast.source...)...)
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

// TestFortyNodes: the original dies at 31. Views have 30 places and all draw the same
// numbers, so that some peer of 40 can be in hardly anybody's view for as long as the
// test lasts; everybody puts out something.
func TestFortyNodes(t *testing.T) {
	t.Parallel()
	source, peers, born := swarm(t, 39, &fast)
	peers[0].until(func([]int) bool { return time.Since(born) > 25*time.Second })
	to := number(born, time.Now()) - 30
	end(t, source, peers)
	var mean, least float64 = 0, 1
	for _, p := range peers {
		ids := p.ids()
		mean += share(ids, 120, to) / float64(len(peers))
		least = min(least, share(ids, 0, to))
	}
	t.Logf("39 peers put out %.3f of chunks 120 to %d, the least %s of all", mean, to, strconv.FormatFloat(least, 'f', 3, 64))
	if mean < 0.3 || least == 0 {
		t.Errorf("39 peers put out %.3f, the least %.3f", mean, least)
	}
}
