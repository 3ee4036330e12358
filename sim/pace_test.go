package sim_test

import (
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/node/wire"
	"pushcast/sim"
)

// overloaded is a swarm that has more to push than its uploads carry: 1.5 times the stream
// each, and a queue of two chunks.
func overloaded(push string) sim.Config {
	const chunk = 1000
	c := sim.Config{
		Seed: 1, Peers: 60, Copies: 2, Overlay: sim.Cyclon, SourceInViews: true,
		Peer: node.Config{
			Policy: node.Window, Buffer: 32, Window: 64, Adaptive: true, Push: 5 * node.Millisecond,
			View: 12, Shuffle: 6, Gossip: node.Second, Stagger: true, Rejoin: true,
		},
		Link: link.Config{
			Latency: link.Span{Min: 10 * node.Millisecond, Max: 60 * node.Millisecond}, Loss: link.Loss{Rate: 0.02},
			Upload: 25 * 8 * chunk * 3 / 2, Queue: link.Queue{Time: 60 * node.Millisecond},
		},
		SourceLink: &link.Config{Latency: link.Span{Min: 10 * node.Millisecond, Max: 60 * node.Millisecond}},
		Period:     40 * node.Millisecond, ChunkSize: chunk,
		Duration: 40 * node.Second, From: 10 * node.Second, To: 35 * node.Second, Deadline: 5 * node.Second,
	}
	c.Peer.Scheduler, _ = node.SchedulerNamed(push)
	return c
}

// TestUploadIsUsed: at overload every link is busy for 95 % of the time, and its queue
// drops nothing; with every kind of knowledge, and where datagrams go in pieces.
func TestUploadIsUsed(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(c *sim.Config)
	}{
		{"random", func(c *sim.Config) { *c = overloaded("random") }},
		{"latest", func(c *sim.Config) { *c = overloaded("latest") }},
		{"random, in pieces", func(c *sim.Config) { *c = overloaded("random"); c.Link.MTU = 576 }},
		{"random, fec", func(c *sim.Config) { *c = overloaded("random"); c.Peer.FEC = node.Code{Data: 20, Repair: 2} }},
		{"rp/lu, clairvoyant", func(c *sim.Config) {
			*c = overloaded("rp/lu")
			c.Knowledge, c.Link.Upload = sim.Clairvoyant, c.Link.Upload*6/10
		}},
		{"rp/lu, maps", func(c *sim.Config) {
			*c = overloaded("rp/lu")
			c.Peer.Maps, c.Peer.Ride, c.Peer.Repair, c.Link.Upload = 200*node.Millisecond, true, true, c.Link.Upload*6/10
		}},
	} {
		var config sim.Config
		c.set(&config)
		w, err := sim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * node.Second)
		before := w.Result().Counts
		w.Advance(35 * node.Second)
		after := w.Result().Counts
		w.Advance(config.Duration)
		r := w.Result()
		// What the source has sent is not from those links.
		source := uint64(config.Copies) * uint64(25*node.Second/config.Period) * wire.Size(&node.Message{Kind: node.Chunk, Size: config.ChunkSize})
		capacity := float64(25*config.Peers) * float64(config.Link.Upload) / 8
		used := float64(after.Bytes-before.Bytes-source) / capacity
		t.Logf("%s: %.2f %% of the upload used, %d dropped, delivery %.4f", c.name, 100*used, r.Counts.Dropped, r.Values[measure.Delivery])
		if used < 0.95 || used > 1.005 {
			t.Errorf("%s: %.2f %% of the upload is used", c.name, 100*used)
		}
		if r.Counts.Dropped > 0 {
			t.Errorf("%s: %d chunks do not fit the queues", c.name, r.Counts.Dropped)
		}
		checkSends(t, r.Counts)
	}
}
