package sim

import "pushcast/node"

// enter starts the receiver of a slot.
func (l *lane) enter(i uint32) {
	id, class := l.crowd.identity(i), 0
	seed, leaves := l.cfg.Seed, node.Never
	if l.net.classes != nil {
		class = int(l.net.classes[i])
	}
	if l.crowd.sessions != nil {
		leaves = l.crowd.stays(i, l.now)
		seed = sessionSeed(seed, l.crowd.sessions[i])
	}
	l.up++
	l.begins(i, leaves)
	l.trace(Joined, id, id, 0)
	if l.clairvoyance != nil {
		l.clairvoyance.joins(id, class)
	}
	l.start(id, &l.peerConfigs[class], seed)
	if leaves < l.cfg.Duration {
		l.schedule(id, leaves, isLeave)
	}
}

// leave ends the session of a receiver.
func (l *lane) leave(id node.PeerID) {
	i := slot(id)
	p := &l.peers[i]
	p.Leave(l.now, &l.out) // a crash, where no goodbye is to be said
	l.perform(id, p)
	l.trace(Left, id, id, 0)
	if l.clairvoyance != nil {
		l.clairvoyance.leaves(id)
	}
	l.crowd.past[i] = node.Mix(l.crowd.past[i] ^ p.Fingerprint())
	*p = node.Peer{}
	l.stations[i].wakeAt = node.Never
	l.up--
	l.counts.Left++
	l.ends(i)
	l.crowd.sessions[i]++
	if back := l.crowd.away(i, l.now); back < l.cfg.Duration {
		l.schedule(node.PeerID(i), back, isJoin)
	}
}

// announce schedules a change that holds for a time; the others are in the plans of those
// whom they strike, and in the births.
func (w *World) announce(i int) {
	ch := &w.cfg.Churn.Changes[i]
	if ch.Kind == Partition || ch.Kind == Dark || ch.Kind == Loss {
		l := w.lanes[0]
		l.causes(&w.stations[sourceID], sourceID, node.PeerID(i), ch.At, isBegin)
		l.causes(&w.stations[sourceID], sourceID, node.PeerID(i), ch.At+ch.For, isEnd)
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
func (w *World) Online() (n int) {
	for _, l := range w.lanes {
		n += l.up
	}
	return n
}
