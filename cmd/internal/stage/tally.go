package stage

import (
	"cmp"
	"math"
	"slices"

	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/node/wire"
)

// Counts is what happened in a run, of chunk datagrams but for Bytes.
type Counts struct {
	Sends      uint64 `json:"sends"`
	Useful     uint64 `json:"useful"`     // first copies
	Duplicates uint64 `json:"duplicates"` // later copies
	Late       uint64 `json:"late"`       // behind the window (policy Window only)
	ToSource   uint64 `json:"toSource"`
	Forged     uint64 `json:"forged"` // damaged, and of an id that no chunk has
	Recovered  uint64 `json:"recovered,omitempty"`
	LinkLost   uint64 `json:"linkLost"` // by the scenario's links, of all kinds
	Bytes      uint64 `json:"bytes"`    // of all datagrams sent, headers of UDP and IP included
	Left       uint64 `json:"left"`     // receivers that have left, each time
}

// tally counts what was noted, when all is over.
func (s *stage) tally(used resources) *Result {
	w := measure.Window{From: s.cfg.From, To: s.cfg.To, Deadline: s.cfg.Deadline, Grace: s.cfg.Grace}
	births, code := s.source.births, s.cfg.Peer.FEC
	s.trace()
	swarm := measure.Swarm{Receivers: make([]measure.Receiver, s.cfg.Peers), Delay: &measure.Histogram{}, Hops: &measure.Histogram{},
		Playing: s.cfg.Peer.Window > 0, Viewed: true}
	moments := make([]measure.Moment, len(births))
	for c := range births {
		moments[c].Birth = births[c]
	}
	result := &Result{Machine: Machine{resources: used, Peers: s.cfg.Peers}}
	data := uint64(0)
	for i := range s.actors {
		for n, r := range s.actors[i].stays {
			result.Counts.add(r)
			result.Machine.add(r)
			if i == 0 {
				continue
			}
			to := &swarm.Receivers[i-1]
			if n == 0 {
				to.Startup = node.Never
			}
			if r.started != node.Never && to.Startup == node.Never {
				to.Startup = r.started - r.from
			}
			last := node.Never // the last birth whose deadline it lives to see
			switch {
			case r.until < s.cfg.Duration && w.Deadline == 0:
				last = -1
			case r.until < s.cfg.Duration:
				last = r.until - w.Deadline
			}
			for c, birth := range births {
				seen := &r.seen[c]
				if code.IsRepair(node.ChunkID(c)) {
					continue
				}
				has := seen.at != node.Never
				if has {
					data++
				}
				delay := seen.at - birth
				if birth >= r.from && birth <= last {
					moments[c].Up++
					if has && w.InTime(delay) {
						moments[c].Received++
					}
				}
				if !w.Due(birth, r.from) || birth > last {
					continue
				}
				to.Due++
				if seen.played != node.Never && w.InTime(seen.played-birth) {
					to.Played++
				}
				if !has {
					continue
				}
				if w.InTime(delay) {
					to.Received++
				}
				swarm.Delay.Add(delay)
				swarm.Hops.Add(node.Time(seen.hops))
			}
		}
	}
	s.overlay(&swarm)
	first := node.Message{Kind: node.Chunk, Size: s.cfg.ChunkSize}
	n := &result.Counts
	swarm.Traffic = measure.Traffic{Arrived: n.Useful + n.Duplicates + n.Late, Duplicates: n.Duplicates, Bytes: n.Bytes, FirstBytes: data * wire.Size(&first)}
	moments = slices.DeleteFunc(moments, func(m measure.Moment) bool { return m.Birth+w.Deadline > s.cfg.Duration })
	if code.Repair > 0 {
		kept := moments[:0]
		for c := range moments {
			if !code.IsRepair(node.ChunkID(c)) {
				kept = append(kept, moments[c])
			}
		}
		moments = kept
	}
	result.Values = swarm.Values()
	result.Digest = swarm.Digest()
	result.Digest.Course = measure.CourseOf(moments, s.cfg.Period, s.cfg.Duration)
	var shocks []measure.Shock
	for i := range s.cfg.Churn.Changes {
		ch := &s.cfg.Churn.Changes[i]
		shocks = append(shocks, measure.Shock{At: ch.At, Healed: ch.At + ch.For})
	}
	if len(shocks) > 0 && len(moments) > 0 {
		result.Values[measure.Recovery] = measure.RecoveryOf(moments, shocks)
	} else {
		result.Values[measure.Recovery] = math.NaN()
	}
	return result
}

func (n *Counts) add(r *record) {
	n.Useful += r.counts.Useful
	n.Duplicates += r.counts.Duplicates
	n.Late += r.counts.Late
	n.ToSource += r.counts.ToSource
	n.Forged += r.counts.Forged
	n.Recovered += r.counts.Recovered
	n.LinkLost += r.report.Traffic.LinkLost
	n.Bytes += r.report.Chunks.Bytes
	n.Sends += r.report.Peer.Pushed
	if r.until == r.end {
		n.Left++
	}
}

// trace counts the hops of all first copies, in the order of their arrivals: a sender had
// the chunk before it sent it, and what was computed comes after what it was computed from.
func (s *stage) trace() {
	type copied struct {
		r        *record
		c        int
		computed int // 1, from another
	}
	byPort := map[uint16][]*record{}
	var list []copied
	for i := range s.actors {
		for _, r := range s.actors[i].stays {
			byPort[r.local.Port()] = append(byPort[r.local.Port()], r)
			for c := range s.source.births {
				if r.seen[c].at != node.Never {
					list = append(list, copied{r, c, 0})
					if int(r.seen[c].with) != c {
						list[len(list)-1].computed = 1
					}
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b copied) int {
		return cmp.Or(cmp.Compare(a.r.seen[a.c].at, b.r.seen[b.c].at), cmp.Compare(a.computed, b.computed))
	})
	source := s.source.local.Port()
	for _, l := range list {
		seen := &l.r.seen[l.c]
		if l.computed > 0 { // when with came
			seen.hops = l.r.seen[seen.with].hops
			continue
		}
		seen.hops = 1
		if seen.port == source {
			continue
		}
		for _, sender := range byPort[seen.port] {
			if had := &sender.seen[l.c]; had.at < seen.at && had.hops < math.MaxUint16 {
				seen.hops = had.hops + 1
			}
		}
	}
}

// overlay counts in whose views each receiver stands at the end, and looks at the graph.
func (s *stage) overlay(swarm *measure.Swarm) {
	present := make([]*record, len(s.actors)) // who is up at the end
	ports := map[uint16]int{}
	place, n := make([]uint32, len(s.actors)), uint32(0)
	for i := range s.actors {
		for _, r := range s.actors[i].stays {
			if r.until >= s.cfg.Duration {
				present[i] = r
				ports[r.local.Port()] = i
			}
		}
		if i > 0 {
			swarm.Receivers[i-1].Gone = present[i] == nil
			swarm.Receivers[i-1].Absent = len(s.actors[i].stays) == 0
			place[i] = n
			if present[i] != nil {
				n++
			}
		}
	}
	edges := func(edge func(a, b int)) {
		for i, r := range present {
			if r == nil {
				continue
			}
			for _, addr := range r.knows {
				if k, ok := ports[addr.Port()]; ok && k > 0 {
					edge(i, k)
				}
			}
		}
	}
	edges(func(_, b int) { swarm.Receivers[b-1].Degree++ })
	for i, r := range present[1:] {
		to := &swarm.Receivers[i]
		to.Alone = r != nil && (len(r.knows) == 0 || to.Degree == 0)
	}
	g := measure.NewGraph(int(n), func(edge func(a, b uint32)) {
		edges(func(a, b int) {
			if a > 0 {
				edge(place[a], place[b])
			}
		})
	})
	swarm.Shape = &measure.Shape{Clustering: g.Clustering(), Path: g.Path(), Components: len(g.Components())}
}
