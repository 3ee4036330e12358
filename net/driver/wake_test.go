package driver

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestWokenReceiver: the end of a context wakes the peer, and it may be woken before it sees
// why. A receiver, which has no Input to look into, goes on until it does.
func TestWokenReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		net := newNetwork(1)
		conn := net.listen(1)
		d, err := New(conn, watcher(conn.addr, net.listen(2).addr))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(500*time.Millisecond, d.wake)
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(d.epoch); took < time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}
