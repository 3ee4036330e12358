package link_test

import (
	"math"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
)

// TestLaws: loss is Bernoulli of its rate, latency and jitter are uniform with
// both ends included.
func TestLaws(t *testing.T) {
	const n = 200_000
	m := link.New(&link.Config{Latency: link.Span{Min: 10, Max: 14}, Jitter: 2, Loss: 0.03}, 1)
	lost := 0
	var delays [17]float64
	for i := range uint32(n) {
		delay, gone := m.Send(node.PeerID(i%7), i/7)
		if gone {
			lost++
		} else {
			delays[delay]++
		}
	}
	if share := float64(lost) / n; math.Abs(share-0.03) > 4*math.Sqrt(0.03*0.97/n) {
		t.Errorf("%.4f lost, want 0.03", share)
	}
	// 5 latencies × 3 jitters: 1, 2, 3, 3, 3, 2, 1 of 15.
	for i, of15 := range []float64{1, 2, 3, 3, 3, 2, 1} {
		got, want := delays[10+i], of15/15*(n-float64(lost))
		if math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("delay %d: %.0f times, want %.0f", 10+i, got, want)
		}
	}
}

// TestPartsAreApart: switching one part on moves no draw of another, and a
// datagram's fate depends on nothing but seed, sender and number.
func TestPartsAreApart(t *testing.T) {
	span := link.Span{Min: 0, Max: node.Second}
	all := link.New(&link.Config{Latency: span, Jitter: node.Second, Loss: 0.2}, 3)
	latency := link.New(&link.Config{Latency: span}, 3)
	jitter := link.New(&link.Config{Jitter: node.Second}, 3)
	loss := link.New(&link.Config{Loss: 0.2}, 3)
	more := link.New(&link.Config{Loss: 0.3}, 3)
	for sender := range node.PeerID(20) {
		for n := range uint32(100) {
			delay, gone := all.Send(sender, n)
			l, _ := latency.Send(sender, n)
			j, _ := jitter.Send(sender, n)
			if _, lost := loss.Send(sender, n); lost != gone || !gone && delay != l+j {
				t.Fatalf("sender %d, datagram %d: %d %v, the parts alone %d + %d, %v", sender, n, delay, gone, l, j, lost)
			}
			if _, lost := more.Send(sender, n); gone && !lost {
				t.Fatal("with more loss, a datagram that was lost arrives")
			}
		}
	}
}

// TestExtremes: no loss loses nothing, all loss everything.
func TestExtremes(t *testing.T) {
	none, all := link.New(&link.Config{}, 1), link.New(&link.Config{Loss: 1}, 1)
	for n := range uint32(1000) {
		if delay, lost := none.Send(1, n); delay != 0 || lost {
			t.Fatal("a perfect link is not")
		}
		if _, lost := all.Send(1, n); !lost {
			t.Fatal("a dead link is not")
		}
	}
}

func TestValidate(t *testing.T) {
	for field, c := range map[string]link.Config{
		"Latency": {Latency: link.Span{Min: 2, Max: 1}},
		"Jitter":  {Jitter: -1},
		"Loss":    {Loss: math.NaN()},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: says %v", field, err)
		}
	}
}
