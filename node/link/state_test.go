package link

import (
	"testing"

	"pushcast/node"
)

// TestState: a link that is written down and taken up elsewhere, in the midst of a burst and
// with a queue, goes on as if nothing had been; what is no state is refused.
func TestState(t *testing.T) {
	c := Config{Latency: Span{10, 20}, Access: Span{1, 1000}, Loss: Loss{Rate: 0.3, Burst: 4}, Upload: 8000, Queue: Queue{Time: node.Second}}
	m := New(&c, 7)
	var here, to Access
	m.Attach(&here, 1)
	m.Attach(&to, 2)
	send := func(a *Access, n uint32) Fate { return m.Send(a, node.Time(n)*node.Millisecond, 1, &to, n, 100) }
	for n := range uint32(50) {
		send(&here, n)
		text, err := here.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var there Access
		if err := there.UnmarshalBinary(text); err != nil || there != here {
			t.Fatalf("after %d datagrams: %+v, was %+v: %v", n+1, there, here, err)
		}
	}
	for _, wrong := range [][]byte{nil, make([]byte, accessSize-1), append(make([]byte, accessSize-1), 2)} {
		if to.UnmarshalBinary(wrong) == nil {
			t.Errorf("%d bytes are taken for a state", len(wrong))
		}
	}
}
