package sim_test

import (
	"cmp"
	"slices"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/wire"
	"pushcast/sim"
)

// TestScript: what the script of a run says beforehand is what its world does: who comes
// and goes when, under which handle, when chunks are born, and which datagrams are lost.
func TestScript(t *testing.T) {
	c := everythingOn()
	for _, l := range []*link.Config{&c.Link, c.SourceLink, &c.Classes[0].Link, &c.Classes[1].Link, &c.Classes[2].Link} {
		// Of a view the trace does not tell the size, nor of a datagram that it arrives.
		l.Upload, l.Download, l.MTU, l.NoChecksum, l.Duplicate = 0, 0, 0, false, 0
	}
	c.Classes[1].NAT = 0
	for i := range c.Churn.Changes {
		c.Churn.Changes[i].At += node.Time(7919*i*i + 7) // at an instant of its own: ties have an order that nobody foretells
	}
	s, err := sim.NewScript(c)
	if err != nil {
		t.Fatal(err)
	}
	type visit struct {
		at   node.Time
		what sim.What
		id   node.PeerID
	}
	var want, got []visit
	for i := 1; i <= c.Peers; i++ {
		for stay := range s.Sessions(i) {
			want = append(want, visit{stay.From, sim.Joined, stay.ID})
			if stay.Until < c.Duration {
				want = append(want, visit{stay.Until, sim.Left, stay.ID})
			}
		}
	}
	size := int64(wire.Size(&node.Message{Kind: node.Chunk, Size: c.ChunkSize}))
	sent, lost := map[node.PeerID]uint32{}, 0
	doomed := false // the script says so of what was sent last
	var last sim.Event
	c.Trace = func(e sim.Event) {
		died := e.What == sim.Lost || e.What == sim.Cut || e.What == sim.Spoiled
		if last.What == sim.Sent || last.What == sim.SentView {
			if died != doomed {
				t.Fatalf("the script says %v, and after %+v comes %+v", doomed, last, e)
			}
		}
		last = e
		switch e.What {
		case sim.Joined, sim.Left:
			got = append(got, visit{e.At, e.What, e.Peer})
		case sim.Sent, sim.SentView:
			f, _ := s.Send(e.At, e.Peer, e.Other, sent[e.Peer&(1<<22-1)], size)
			sent[e.Peer&(1<<22-1)]++
			if doomed = f.Outcome != link.Arrives; doomed {
				lost++
			}
		case sim.Born:
			if at, ok := s.Birth(e.Chunk); at != e.At || !ok {
				t.Errorf("chunk %d is born at %v, the script says %v", e.Chunk, e.At, at)
			}
		}
	}
	if _, err := sim.Run(c); err != nil {
		t.Fatal(err)
	}
	order := func(a, b visit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id))
	}
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if !slices.Equal(want, got) || len(got) < 200 || lost < 1000 {
		t.Errorf("%d comings and goings of %d in the script, equal: %v; %d lost", len(got), len(want), slices.Equal(want, got), lost)
	}
}
