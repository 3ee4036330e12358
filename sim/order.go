package sim

import "pushcast/node"

// The order of events is total, and favours nobody. Events of one instant are
// ordered by a key: Mix of (the peer that caused the event, that peer's own
// count of events caused). Mix is a bijection, so no two keys are equal and no
// further one is needed; it looks random, so that no peer comes first at every
// tie; and a peer's keys depend on nothing that other peers do, so that neither
// the geometry of the queue nor the number of workers can change them.
//
// Since a bijection can be undone, the key also says who the sender of a
// message is, and the event need not.

// causes puts an event into the queue, caused by the peer from, whose station
// is s.
func (l *lane) causes(s *station, from, to node.PeerID, at node.Time, what uint32) {
	cause := uint64(from)<<32 | uint64(s.events)
	s.events++
	l.push(event{at: at, cause: cause ^ l.cfg.Perturb, to: to, what: what})
}

// sender is the peer that caused e.
func (w *World) sender(e *event) node.PeerID {
	return node.PeerID((e.cause ^ w.cfg.Perturb) >> 32)
}
