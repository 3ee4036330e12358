package node

import (
	"strings"
	"testing"
)

// world is a Knowledge for tests: what everybody holds, in sets.
type world struct {
	holds  map[PeerID][]ChunkID
	upload map[PeerID]uint32
	sent   map[ChunkID]uint32 // how often peer 1 has sent its copy
}

func (w *world) has(j PeerID, c ChunkID) bool { return hasChunk(w.holds[j], c) }

func (w *world) Lacks(j PeerID, top ChunkID) (lacks uint64) {
	for i := range ChunkID(64) {
		if !w.has(j, top-i) {
			lacks |= 1 << i
		}
	}
	return lacks
}

func (w *world) Newest(j PeerID) (newest ChunkID, ok bool) {
	for _, c := range w.holds[j] {
		newest, ok = max(newest, c), true
	}
	return newest, ok
}

func (w *world) Lackers(c ChunkID) (set []uint64, n uint32) {
	set = make([]uint64, 1)
	for j := range PeerID(6) {
		if j != 1 && !w.has(j, c) {
			set[0] |= 1 << j
			n++
		}
	}
	return set, n
}

func (w *world) Latest() []uint32 {
	list := make([]uint32, 64)
	for j := range w.holds {
		if c, ok := w.Newest(j); ok {
			list[j] = uint32(c) + 1
		}
	}
	return list
}

func (w *world) Sent(_, _ PeerID, _ ChunkID) {}

func (w *world) Upload(j PeerID) uint32               { return w.upload[j] }
func (w *world) Postponed(_ PeerID, c ChunkID) uint32 { return w.sent[c] }

// picks is what peer 1, which holds 60, 61, 62 and 200 and has the neighbours 0
// and 2 … 5, pushes in many ticks: every pair with its share in per cent.
func picks(t *testing.T, name string, sampler Sampler) map[[2]uint32]int {
	t.Helper()
	s, err := FindScheduler(name)
	if err != nil {
		t.Fatal(err)
	}
	know := &world{
		holds: map[PeerID][]ChunkID{
			0: {60, 61, 62, 200},
			2: {60, 61},
			3: {61, 62},
			4: {60, 62, 150},
			5: {60, 61, 62, 90, 200},
		},
		upload: map[PeerID]uint32{0: 1, 2: 1, 3: 2, 4: 4, 5: 2},
		sent:   map[ChunkID]uint32{200: 100, 61: 1},
	}
	cfg := Config{
		Scheduler: s, Policy: Window, Buffer: 300, Sampler: sampler, Everyone: Range{0, 6},
		Push: Millisecond, Period: Millisecond, Hidden: NoPeer,
	}
	if NeedsKnowledge(s) {
		cfg.Knowledge = know
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	var p Peer
	var out Outbox
	p.Init(&cfg, 1, 3, 0)
	p.Bootstrap(0, []PeerID{0, 2, 3, 4, 5}, &out)
	for _, c := range []ChunkID{60, 61, 62, 200} {
		p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: c}, nil, &out)
	}
	seen := map[[2]uint32]int{}
	const ticks = 5000
	for range ticks {
		if to, c, ok := s.Pick(&p); ok {
			seen[[2]uint32{uint32(to), uint32(c)}]++
		}
	}
	for pair, n := range seen {
		if seen[pair] = (100*n + ticks/2) / ticks; seen[pair] == 0 {
			t.Errorf("%s pushes %d to %d now and then", name, pair[1], pair[0])
		}
	}
	return seen
}

// TestSelections: what each selection means, in a full mesh, where the oracle
// answers for all at once, and among neighbours asked one by one.
func TestSelections(t *testing.T) {
	type shares = map[[2]uint32]int
	for name, want := range map[string]shares{
		// Of 0 … 5, nobody lacks everything; 200 is lacked by 2, 3, 4; 62 by 2;
		// 61 by 4; 60 by 3.
		"rp/lu":   {{2, 200}: 20, {3, 200}: 20, {4, 200}: 20},
		"rp/ed":   {{2, 62}: 20, {3, 60}: 20, {4, 61}: 20},
		"rp/ru":   {{2, 62}: 10, {2, 200}: 10, {3, 60}: 10, {3, 200}: 10, {4, 61}: 10, {4, 200}: 10},
		"rp/ra":   {{2, 200}: 20, {3, 200}: 20, {4, 200}: 20},
		"rp/dl":   {{2, 62}: 20, {3, 60}: 20, {4, 61}: 20},
		"up/lu":   {{2, 200}: 33, {3, 200}: 33, {4, 200}: 33},
		"lb/up":   {{2, 200}: 33, {3, 200}: 33, {4, 200}: 33},
		"lu/up":   {{2, 200}: 33, {3, 200}: 33, {4, 200}: 33},
		"LUc/ELp": {{2, 200}: 100}, // whose newest chunk is 61
		"DLc/ELp": {{3, 60}: 100},  // 60's deadline is 62 ms, those of 61 and 62 are 65 and 64
		"ed/el":   {{3, 60}: 100},
		"el/ed":   {{2, 62}: 100},
		"ra/ba":   {{2, 200}: 14, {3, 200}: 29, {4, 200}: 57}, // by upload
		"lu/ba":   {{2, 200}: 14, {3, 200}: 29, {4, 200}: 57},
		"ba/lu":   {{2, 200}: 10, {3, 200}: 20, {4, 200}: 40},
		"lb/ba":   {{0, 200}: 10, {2, 200}: 10, {3, 200}: 20, {4, 200}: 40, {5, 200}: 20},
		"dp/lu":   {{2, 200}: 33, {3, 200}: 33, {4, 200}: 33},
		"rr/lu":   {{2, 200}: 20, {3, 200}: 20, {4, 200}: 20},
		"lu/rr":   {{2, 200}: 33, {3, 200}: 33, {4, 200}: 33},
		"lb/rr":   {{0, 200}: 20, {2, 200}: 20, {3, 200}: 20, {4, 200}: 20, {5, 200}: 20},
		"latest":  {{0, 200}: 20, {2, 200}: 20, {3, 200}: 20, {4, 200}: 20, {5, 200}: 20},
	} {
		for _, sampler := range []Sampler{Full, Static} {
			got := picks(t, name, sampler)
			for pair, share := range want {
				if off := got[pair] - share; off < -2 || off > 2 || len(got) != len(want) {
					t.Errorf("%s pushes %v, want %v", name, got, want)
					break
				}
			}
		}
	}
}

// TestRoundRobin: everybody in turn, from a place of the peer's own on.
func TestRoundRobin(t *testing.T) {
	s, _ := FindScheduler("lb/rr")
	first := map[PeerID]bool{}
	for id := range PeerID(40) {
		p := newTestPeer(Config{Buffer: 4, Scheduler: s}, 1)
		p.id = id
		var out Outbox
		p.Handle(0, &Message{Kind: Chunk, From: 2, Chunk: 9}, nil, &out)
		n := p.Neighbours()
		seen := map[PeerID]bool{}
		for i := range n {
			to, _, _ := s.Pick(p)
			if seen[to] {
				t.Fatalf("%d has its turn twice among %d", to, n)
			}
			seen[to] = true
			if i == 0 {
				first[to] = true
			}
		}
	}
	if len(first) < 3 {
		t.Errorf("all peers begin with %v", first)
	}
}

// TestNames: what a name means, and why others mean nothing.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"rp/rb": "random", "RB/rp": "random", "lb/rp": "latest", "rp/lb": "latest", "rr/lb": "lb/rr",
		"LUc/ELp": "lu/el", "DLc/ELp": "dl/el", "rarest/dp": "ra/dp", "Latest": "latest",
	} {
		if s, err := FindScheduler(name); err != nil || s.Name() != want {
			t.Errorf("%s is %v, %v, want %s", name, s, err, want)
		}
	}
	for name, want := range map[string]string{
		"":         "want random, latest, stripes, offer, or chunk/peer",
		"best":     "want random, latest, stripes, offer, or chunk/peer",
		"lu":       "want random, latest, stripes, offer, or chunk/peer",
		"lu/":      "it must have one of the chunks",
		"lu/lb":    "it must have one of the chunks",
		"up/el":    "it must have one of the chunks",
		"lu/up/rp": "it must have one of the chunks",
		"up/lb":    "then a chunk blindly; want lb/up, or up/lu",
		"ru/rp":    "then any neighbour; want ru/up, or rp/ru",
	} {
		if s, err := FindScheduler(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, %v, want an error with %q", name, s, err, want)
		}
	}
	chunks, peers := Parts()
	for _, c := range chunks {
		for _, p := range peers {
			for _, name := range []string{c + "/" + p, p + "/" + c} {
				s, err := FindScheduler(name)
				if err != nil {
					continue
				}
				if listed, ok := SchedulerNamed(s.Name()); !ok || listed != s {
					t.Errorf("%s is %s, which is not listed", name, s.Name())
				}
			}
		}
	}
}

// TestKnowledgeFits: a scheduler that asks needs somebody to ask, and the others
// take nobody.
func TestKnowledgeFits(t *testing.T) {
	onlyNeighbours := struct{ Knowledge }{&world{}}
	for _, c := range []struct {
		push   string
		know   Knowledge
		buffer int
		want   string
	}{
		{"rp/lu", nil, 8, "Scheduler rp/lu needs Knowledge"},
		{"rp/lu", onlyNeighbours, 8, ""},
		{"rp/dl", onlyNeighbours, 8, "must be an Oracle"},
		{"lb/ba", onlyNeighbours, 8, "must be an Oracle"},
		{"lb/ba", &world{}, 8, ""},
		{"random", &world{}, 8, "Knowledge has no use"},
		{"rp/lu", &world{}, 513, "Buffer is 513, must be at most 512"},
	} {
		s, _ := FindScheduler(c.push)
		err := (&Config{Scheduler: s, Knowledge: c.know, Buffer: c.buffer}).Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: says %v, want %q", c.push, err, c.want)
		}
	}
}
