// Package node is the peer of an epidemic push overlay, as a pure state
// machine: it takes chunks of a live stream in, keeps some of them in a
// buffer, pushes one to a neighbour at every tick, and puts them out in order.
//
// # What never happens here
//
// The peer owns no clock, no socket, no goroutine, no source of entropy, no
// log. It never sees payload: chunks are ids. It never panics on input. Handle
// and Tick allocate nothing once their Outbox has grown. The same Config, seed
// and calls give the same effects and the same Fingerprint on every machine:
// there is no map iteration, and no floating-point result that may differ
// between processors.
//
// # How to drive it
//
// Time comes in by argument and never goes backwards; effects go out into an
// Outbox that the caller owns and reuses.
//
//	var out node.Outbox
//	p.Init(&cfg, self, seed, now)
//	p.Bootstrap(now, contacts, &out)
//	for {
//		perform(&out)                    // store, put out, drop, send; then:
//		out.Reset()
//		switch at, m, entries := wait(p.Wakeup()); {
//		case m != nil:
//			p.Handle(at, m, entries, &out)
//		default:
//			p.Tick(at, &out)
//		}
//	}
//
// A source is driven by Publish in place of Tick, once a chunk; it still
// handles view exchanges, and has a Wakeup where gossip has a timer of its own
// (Config.GossipCheck 0).
//
// Handles (PeerID) are the driver's names for peers. A driver with a bounded
// address book asks Holds before it gives a handle to somebody else.
//
// # Where things are
//
//   - config.go: every knob, with unit and range
//   - peer.go, fingerprint.go: dispatch, ticks, what was processed
//   - buffer.go, playout.go, register.go: chunks in, chunks out
//   - scheduler.go, schedule_*.go: what is pushed to whom; one file a scheduler
//   - compose.go, choose_*.go, chunkmap.go: schedulers made of the literature's
//     selections; knowledge.go: what they may ask about neighbours
//   - stripes*.go: trees that a mesh builds and mends: the scheduler stripes
//   - circle*.go, maps.go: buffer maps, and what they tell about neighbours
//   - offer*.go: chunks that are offered, selected, and pushed then: the scheduler offer
//   - repair.go: chunks that are missing and asked for
//   - ticks.go, pace.go: when a peer pushes; as fast as its upload link drains
//   - fec.go: chunks that are computed from others of their block
//   - guard.go: which ids are believed, and when the stream began anew
//   - pause.go: what a pause of the stream changes
//   - neighbors.go, neighborhood.go, mutual.go, membership.go: whom a peer pushes to, and
//     whom it knows; newscast.go, cyclon.go: how views are exchanged; memory.go: who is
//     asked when nobody is left; goodbye.go: who else is told of a leave
//   - rng.go, glibc.go, ln.go: random numbers
//
// Everything that the original dumbstreamer of 2010 does differently from what
// one would do today is a named option of Config, so that one can be turned
// into the other a step at a time.
package node
