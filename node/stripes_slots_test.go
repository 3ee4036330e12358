package node

import "testing"

// TestStripesSlots: a peer promises more than one copy of the stream and no more than
// its upload, keeps something back for control where there is enough, and promises
// whole trees first where there is not.
func TestStripesSlots(t *testing.T) {
	const payload = 1128
	for _, want := range []struct{ percent, slots int }{
		{100, 18}, {110, 20}, {115, 20}, {125, 21}, {200, 30}, // of 20 stripes
	} {
		cfg := Config{Scheduler: Stripes, Stripes: 20, Period: 40 * Millisecond, Buffer: 64}
		cfg.Upload = uint64(payload * 8 * 25 * want.percent / 100)
		m := newMesh(&cfg, 1, 5, 0)
		m.settleSize(&cfg, payload)
		if m.slots != want.slots {
			t.Errorf("with an upload of %d %% of the stream: %d slots, want %d", want.percent, m.slots, want.slots)
		}
	}
}

// TestStripesOwn: a peer's own stripes lie evenly apart.
func TestStripesOwn(t *testing.T) {
	cfg := stripesConfig()
	cfg.Stripes = 20
	for id := range PeerID(50) {
		m := newMesh(&cfg, id, 7, 0)
		m.settleSize(&cfg, 1000)
		n := count32(m.own)
		if n == 0 {
			t.Fatal("no stripe is its own")
		}
		last := -1
		for k := range 2 * m.stripes {
			if m.own>>(k%m.stripes)&1 == 0 {
				continue
			}
			if gap := k - last; last >= 0 && (gap < m.stripes/n || gap > (m.stripes+n-1)/n) {
				t.Errorf("peer %d: own stripes %020b lie %d apart", id, m.own, gap)
			}
			last = k
		}
	}
}
