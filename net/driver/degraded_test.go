package driver

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
	"pushcast/node/link"
)

// TestDegraded: against a list that is sorted: every datagram leaves when the model
// says, or never; of two that are due together the one that was sent first is first.
func TestDegraded(t *testing.T) {
	to := netip.MustParseAddrPort("10.0.0.9:1")
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Seed: rapid.Uint64().Draw(t, "seed"), Link: link.Config{
			Latency: link.Span{Min: 5, Max: node.Time(rapid.Int64Range(5, 20).Draw(t, "latency"))},
			Loss:    rapid.SampledFrom([]link.Loss{{}, {Rate: 0.3}, {Rate: 0.3, Burst: 3}, {Rate: 1}}).Draw(t, "loss"),
		}}
		if rapid.Bool().Draw(t, "everything") {
			cfg.Link.Duplicate, cfg.Link.Corrupt, cfg.Link.NoChecksum = 0.3, 0.3, true
			cfg.Link.Reorder, cfg.Link.ReorderBy = 0.2, 7
			cfg.Link.Upload, cfg.Link.Queue = 100_000_000_000, link.Queue{Time: 12}
		}
		l := newDegraded(&cfg)
		model := link.New(&cfg.Link, cfg.Seed)
		var access link.Access
		model.Attach(&access, self)
		type waiting struct {
			due  node.Time
			text string
		}
		var want []waiting
		now, lost := node.Time(0), uint64(0)
		for n := range uint32(rapid.IntRange(1, 200).Draw(t, "datagrams")) {
			now += node.Time(rapid.Int64Range(0, 6).Draw(t, "later"))
			for l.due() <= now {
				datagram, addr := l.take()
				if len(want) == 0 || want[0].due > now || !bytes.Equal(datagram, []byte(want[0].text)) || addr != to {
					t.Fatalf("at %d %q leaves; waiting are %v", now, datagram, want)
				}
				want = want[1:]
			}
			if len(want) > 0 && want[0].due <= now {
				t.Fatalf("at %d %v has not left", now, want[0])
			}
			text := fmt.Sprint("datagram ", n)
			l.send(now, []byte(text), to, 28)
			f := model.Send(&access, now, self, &link.Access{}, n, int64(len(text)+28))
			if f.Outcome != link.Arrives {
				lost++
				continue
			}
			first := []byte(text)
			if f.Flips > 0 {
				bit := (f.Flips - 1) % uint64(8*len(first))
				first[bit/8] ^= 1 << (bit % 8)
			}
			want = append(want, waiting{now + f.Delay, string(first)})
			if f.Copy > 0 {
				want = append(want, waiting{now + f.Copy, text})
			}
			slices.SortStableFunc(want, func(a, b waiting) int { return cmp.Compare(a.due, b.due) })
		}
		if l.lost != lost {
			t.Fatalf("%d lost, must be %d", l.lost, lost)
		}
	})
}

// TestDegradedIsBounded: what finds no room is lost, and nothing is allocated anew.
func TestDegradedIsBounded(t *testing.T) {
	l := newDegraded(&Config{Link: link.Config{Latency: link.Span{Min: node.Second, Max: node.Second}}})
	datagram := make([]byte, 1200)
	for range maxDelayed + 10 {
		l.send(0, datagram, netip.AddrPort{}, 28)
	}
	if l.lost != 10 || len(l.wait) != maxDelayed {
		t.Errorf("%d lost, %d wait", l.lost, len(l.wait))
	}
	if n := testing.AllocsPerRun(1000, func() {
		l.take()
		l.send(0, datagram, netip.AddrPort{}, 28)
	}); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}
