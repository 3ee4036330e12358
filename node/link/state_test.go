package link

import (
	"testing"

	"pushcast/node"
)

// TestState: a link that is written down and taken up elsewhere, in bursts and with a queue,
// goes on as if nothing had been.
func TestState(t *testing.T) {
	c := Config{Latency: Span{10, 20}, Access: Span{1, 1000}, Loss: Loss{Rate: 0.3, Burst: 4}, Upload: 8000, Queue: Queue{Time: node.Second}}
	m := New(&c, 7)
	var here, to Access
	m.Attach(&here, 1)
	m.Attach(&to, 2)
	send := func(a *Access, n uint32) Fate { return m.Send(a, node.Time(n)*node.Millisecond, 1, &to, n, 100) }
	for n := range uint32(50) {
		send(&here, n)
		state := here.State()
		if there := state.Resume(); there != here {
			t.Fatalf("after %d datagrams: %+v, was %+v", n+1, there, here)
		}
	}
	if here.upFree == 0 || here.delay == 0 {
		t.Errorf("nothing was put to the test: %+v", here)
	}
}
