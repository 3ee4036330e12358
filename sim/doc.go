// Package sim is the world in which simulated peers live: a virtual clock, an
// event queue, a lossy network, an overlay, and an observer that computes the
// metrics. It drives the peers of package node, thousands or a million of them,
// exactly as a socket driver drives one.
//
//	result, err := sim.Run(cfg)                     // a whole run
//
//	w, err := sim.New(cfg)                          // or step by step
//	for !w.Done() {
//		w.Advance(w.Now() + node.Second)
//	}
//	result := w.Result()
//
// # What never happens here
//
// No clock, no entropy, no sockets, no goroutines, no logs. A run is a function
// of its Config: the same Config gives the same Result and the same Fingerprint
// on every machine, however the run is cut into calls of Advance.
//
// # What is modelled
//
// Every datagram, a chunk or a view exchange, is charged its exact wire size
// and the headers of UDP and IP; its latency, jitter and loss are package
// link's. Datagrams to a peer that has not joined are lost to nobody. A peer's
// processing takes no time, and its upload has no limit but its push rate: there
// is no bandwidth, no queue, and nobody leaves.
//
// Where the literature would have it, peers know for nothing what the others
// hold (Config.Knowledge), and time comes in slots (Config.Slots).
//
// # Where things are
//
//   - config.go: what a run is made of
//   - world.go: the loop; what happens, to whom
//   - order.go, queue.go, heap.go, slab.go: events, their order, their memory
//   - overlay.go, overlay_gamma.go, overlay_regular.go: who knows whom
//   - clairvoyance.go, slots.go: the world of the literature
//   - observer.go, result.go, trace.go: what is seen of it
package sim
