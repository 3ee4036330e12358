package sim

import "pushcast/node"

// enter starts the receiver of a slot.
func (w *World) enter(i uint32) {
	id, class := w.crowd.identity(i), 0
	seed, leaves := w.cfg.Seed, node.Never
	if w.net.classes != nil {
		class = int(w.net.classes[i])
	}
	if w.crowd.sessions != nil {
		leaves = w.crowd.stays(i, w.now)
		seed = sessionSeed(seed, w.crowd.sessions[i])
	}
	w.up++
	w.observer.begins(i, w.now, leaves)
	w.trace(Joined, id, id, 0)
	if w.clairvoyance != nil {
		w.clairvoyance.joins(id, class)
	}
	w.start(id, &w.peerConfigs[class], seed)
	if leaves < w.cfg.Duration {
		w.schedule(id, leaves, isLeave)
	}
}

// leave ends the session of a receiver.
func (w *World) leave(id node.PeerID) {
	i := slot(id)
	p := &w.peers[i]
	p.Leave(w.now, &w.out) // a crash, where no goodbye is to be said
	w.perform(id, p)
	w.trace(Left, id, id, 0)
	if w.clairvoyance != nil {
		w.clairvoyance.leaves(id)
	}
	w.crowd.past[i] = node.Mix(w.crowd.past[i] ^ p.Fingerprint())
	*p = node.Peer{}
	w.stations[i].wakeAt = node.Never
	w.up--
	w.counts.Left++
	w.observer.ends(i)
	w.crowd.sessions[i]++
	if back := w.crowd.away(i, w.now); back < w.cfg.Duration {
		w.schedule(node.PeerID(i), back, isJoin)
	}
}

// announce schedules a change that holds for a time; the others are in the plans of those
// whom they strike, and in the births.
func (w *World) announce(i int) {
	ch := &w.cfg.Churn.Changes[i]
	if ch.Kind == Partition || ch.Kind == Dark || ch.Kind == Loss {
		w.causes(&w.stations[sourceID], sourceID, node.PeerID(i), ch.At, isBegin)
		w.causes(&w.stations[sourceID], sourceID, node.PeerID(i), ch.At+ch.For, isEnd)
	}
}

// change begins or ends a change.
func (w *World) change(i int, begins bool) {
	n, ch := &w.net, &w.cfg.Churn.Changes[i]
	switch {
	case !begins:
		n.cuts = without(n.cuts, func(c *cut) bool { return c.change == i })
		n.worse = without(n.worse, func(x worse) bool { return x.change == i })
	case ch.Kind == Partition:
		n.cuts = append(n.cuts, &cut{change: i, inside: w.crowd.struck[i], way: ch.Way})
	case ch.Kind == Dark:
		dark := n.darkness(ch.Class, len(w.peers))
		dark.change = i
		n.cuts = append(n.cuts, &dark)
	case ch.Kind == Loss:
		n.worse = append(n.worse, worsening(&w.cfg, i))
	}
	n.quick = n.plain && len(n.cuts) == 0 && len(n.worse) == 0
}

// without leaves out the elements that drop picks.
func without[T any](list []T, drop func(T) bool) (left []T) {
	for _, x := range list {
		if !drop(x) {
			left = append(left, x)
		}
	}
	return left
}

// Online is the number of receivers that are up.
func (w *World) Online() int { return w.up }
