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
// No clock, no entropy, no sockets, no logs; no goroutines, but for the workers of
// Config.Workers, whom nothing can tell apart (team.go). A run is a function
// of its Config: the same Config gives the same Result and the same Fingerprint
// on every machine, however the run is cut into calls of Advance, and however many
// workers compute it.
//
// # In which order
//
// Events have a total order (order.go). A small run, and one that shows its events or
// has a state that all peers see at once, works through them in this order. A larger one
// goes through windows of time, shorter than any datagram takes, peer by peer: what one
// does in a window no other can notice in it (windows.go). Both come to the same.
//
// # Memory
//
// Of a peer that pushes blindly from a window of ids, in bytes on a 64-bit machine: 328
// for itself, 32 for its station, 16 for its presence, 4 for each neighbour of a static
// overlay, 8 where something is put out, and one for each chunk of its buffer, rounded up
// to a power of two. Other buffers and schedulers need one for each chunk of the run instead. A
// pending event takes 24: a wake-up for each peer, and what is on its way to it. At the end
// the metrics need 40, and, up to 2²⁵ links, the graph of the overlay 8 for each link.
// A million peers of W1 come to 0.67 KB each in the run, and 1 KB at its end.
//
// # What is modelled
//
// Every datagram, a chunk or a view exchange, is charged its exact wire size
// and the headers of UDP and IP; its latency, jitter and loss are package
// link's, and so are the queues of its sender's upload and its receiver's download line.
// Datagrams to a peer that is not up are lost to nobody. Peers join, leave and come back
// (churn.go, sessions.go); a peer's processing takes no time.
//
// Where the literature would have it, peers know for nothing what the others
// hold (Config.Knowledge), and time comes in slots (Config.Slots).
//
// # Where things are
//
//   - config.go: what a run is made of
//   - world.go, lane.go, traffic.go, sessions.go: the loop; what happens, to whom
//   - event.go, order.go, queue.go, heap.go, slab.go: events, their order, their memory
//   - windows.go, calendar.go, sorter.go: peer by peer; team.go, letters.go: side by side
//   - overlay.go, overlay_gamma.go, overlay_regular.go: who knows whom
//   - clairvoyance.go, slots.go: the world of the literature
//   - observer.go, result.go, trace.go: what is seen of it
package sim
