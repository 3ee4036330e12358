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
	births, code := s.actors[0].stays[0].Births, s.cfg.Peer.FEC
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
			if r.Started != node.Never && to.Startup == node.Never {
				to.Startup = r.Started - r.stay.From
			}
			last := node.Never // the last birth whose deadline it lives to see
			switch {
			case r.stay.Until < s.cfg.Duration && w.Deadline == 0:
				last = -1
			case r.stay.Until < s.cfg.Duration:
				last = r.stay.Until - w.Deadline
			}
			for c, birth := range births {
				seen := &r.Seen[c]
				if code.IsRepair(node.ChunkID(c)) {
					continue
				}
				has := seen.At != node.Never
				if has {
					data++
				}
				delay := seen.At - birth
				if birth >= r.stay.From && birth <= last {
					moments[c].Up++
					if has && w.InTime(delay) {
						moments[c].Received++
					}
				}
				if !w.Due(birth, r.stay.From) || birth > last {
					continue
				}
				to.Due++
				if seen.Played != node.Never && w.InTime(seen.Played-birth) {
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
	n.Useful += r.Counts.Useful
	n.Duplicates += r.Counts.Duplicates
	n.Late += r.Counts.Late
	n.ToSource += r.Counts.ToSource
	n.Forged += r.Counts.Forged
	n.Recovered += r.Counts.Recovered
	n.LinkLost += r.Report.Traffic.LinkLost
	n.Bytes += r.Report.Chunks.Bytes
	n.Sends += r.Report.Peer.Pushed
	if r.stay.Until == r.end {
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
			byPort[r.Local.Port()] = append(byPort[r.Local.Port()], r)
			for c := range s.actors[0].stays[0].Births {
				if r.Seen[c].At != node.Never {
					list = append(list, copied{r, c, 0})
					if int(r.Seen[c].With) != c {
						list[len(list)-1].computed = 1
					}
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b copied) int {
		return cmp.Or(cmp.Compare(a.r.Seen[a.c].At, b.r.Seen[b.c].At), cmp.Compare(a.computed, b.computed))
	})
	source := s.actors[0].stays[0].Local.Port()
	for _, l := range list {
		seen := &l.r.Seen[l.c]
		if l.computed > 0 { // when with came
			seen.hops = l.r.Seen[seen.With].hops
			continue
		}
		seen.hops = 1
		if seen.Port == source {
			continue
		}
		for _, sender := range byPort[seen.Port] {
			if had := &sender.Seen[l.c]; had.At < seen.At && had.hops < math.MaxUint16 {
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
			if r.stay.Until >= s.cfg.Duration {
				present[i] = r
				ports[r.Local.Port()] = i
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
			for _, addr := range r.Knows {
				if k, ok := ports[addr.Port()]; ok && k > 0 {
					edge(i, k)
				}
			}
		}
	}
	edges(func(_, b int) { swarm.Receivers[b-1].Degree++ })
	for i, r := range present[1:] {
		to := &swarm.Receivers[i]
		to.Alone = r != nil && (len(r.Knows) == 0 || to.Degree == 0)
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
