package node

import (
	"testing"

	"pgregory.net/rapid"
)

func stripesConfig() Config {
	return Config{
		Scheduler: Stripes, Stripes: 6, Upload: 500_000, Report: 300 * Millisecond, Patience: 20 * Millisecond, Repair: true,
		Policy: Window, Buffer: 60, Window: 32, Deadline: 2 * Second, Period: 40 * Millisecond, Hidden: NoPeer,
	}
}

// society is a few peers in a world where a message takes 10 ms, and those that
// lose says are lost.
type society struct {
	peers []Peer
	cfg   []Config
	now   Time
	next  ChunkID
	post  []letter
	spare []letter
	outs  Outbox
	lose  func(m *Message) bool
	sent  map[Kind]int
}

type letter struct {
	at      Time
	m       Message
	n       int
	entries [12]Entry
}

// newSociety makes a source, of handle 0, and n receivers, all of whom know each other.
func newSociety(cfg Config, n int) *society {
	s := &society{peers: make([]Peer, n+1), cfg: make([]Config, n+1), sent: map[Kind]int{}}
	s.outs.NoStore = true
	for i := range s.peers {
		s.cfg[i] = cfg
		if i == 0 {
			s.cfg[i].Role, s.cfg[i].Upload = Source, 3*cfg.Upload
		}
		s.peers[i].Init(&s.cfg[i], PeerID(i), 3, 0)
		var others []PeerID
		for k := range s.peers {
			if k != i {
				others = append(others, PeerID(k))
			}
		}
		s.peers[i].Bootstrap(0, others, &s.outs)
		s.perform()
	}
	return s
}

func (s *society) perform() {
	for i := range s.outs.Sends {
		m := &s.outs.Sends[i]
		s.sent[m.Kind]++
		if s.lose != nil && s.lose(m) {
			continue
		}
		if m.Kind.IsChunk() {
			m.Size = 1000
		}
		l := letter{at: s.now + 10*Millisecond, m: *m, n: int(m.Count)}
		copy(l.entries[:], s.outs.Entries[m.Offset:m.Offset+uint32(m.Count)])
		s.post = append(s.post, l)
	}
	s.outs.Reset()
}

// run goes on for a while, a chunk every period, in steps of 1 ms.
func (s *society) run(span Time) {
	for end := s.now + span; s.now < end; s.now += Millisecond {
		if s.now >= Time(s.next)*s.cfg[0].Period {
			s.peers[0].Publish(s.now, s.next, 1000, &s.outs)
			s.next++
			s.perform()
		}
		due := s.post
		s.post = s.spare[:0]
		for i := range due {
			if due[i].at > s.now {
				s.post = append(s.post, due[i])
				continue
			}
			s.peers[due[i].m.To].Handle(s.now, &due[i].m, due[i].entries[:due[i].n], &s.outs)
			s.perform()
		}
		s.spare = due[:0]
		for i := range s.peers {
			if s.peers[i].Up() && s.peers[i].Wakeup() <= s.now {
				s.peers[i].Tick(s.now, &s.outs)
				s.perform()
			}
		}
	}
}

// lacking counts the chunks that a receiver lacks, of those from newest−from on; the
// newest until are on their way.
func (s *society) lacking(i int, from, until ChunkID) (n int) {
	for c := s.next - from; c < s.next-until; c++ {
		if !s.peers[i].buffer.holds(Window, c) {
			n++
		}
	}
	return n
}

// TestStripesDeliver: everybody gets every chunk, and hardly any twice, though
// nobody knows more than what messages say.
func TestStripesDeliver(t *testing.T) {
	s := newSociety(stripesConfig(), 12)
	s.run(10 * Second)
	for i := range s.peers[1:] {
		if err := s.peers[i+1].Check(); err != nil {
			t.Error(err)
		}
		if n := s.lacking(i+1, 50, 20); n > 0 {
			t.Errorf("peer %d lacks %d of 30 chunks", i+1, n)
		}
		if st := s.peers[i+1].Stats(); st.Duplicates*20 > st.Received {
			t.Errorf("peer %d: %d of %d chunks came again", i+1, st.Duplicates, st.Received)
		}
	}
	if s.sent[State] > 5*s.sent[Push] {
		t.Errorf("%d states for %d pushes", s.sent[State], s.sent[Push])
	}
}

// TestStripesRepair: with every fifth push lost, all chunks arrive if gaps are asked
// for, and not if they are not.
func TestStripesRepair(t *testing.T) {
	for _, repair := range []bool{true, false} {
		cfg := stripesConfig()
		cfg.Upload = 1_000_000
		if cfg.Repair = repair; !repair {
			cfg.Patience = 0
		}
		s := newSociety(cfg, 8)
		n := 0
		s.lose = func(m *Message) bool { n++; return m.Kind == Push && n%5 == 0 }
		s.run(10 * Second)
		missing := 0
		for i := range s.peers[1:] {
			missing += s.lacking(i+1, 50, 38)
		}
		if repair != (missing == 0) {
			t.Errorf("repair %v: %d chunks are missing", repair, missing)
		}
	}
}

// TestStripesOrphans: when parents die, their children find others within two reports,
// and the dead are forgotten.
func TestStripesOrphans(t *testing.T) {
	s := newSociety(stripesConfig(), 12)
	s.run(8 * Second)
	for i := 1; i <= 6; i++ {
		s.peers[i] = Peer{}
	}
	s.lose = func(m *Message) bool { return m.To >= 1 && m.To <= 6 }
	kept := s.post[:0]
	for _, l := range s.post {
		if l.m.To < 1 || l.m.To > 6 {
			kept = append(kept, l)
		}
	}
	s.post = kept
	s.run(4 * Second)
	for i := 7; i <= 12; i++ {
		if n := s.lacking(i, 45, 20); n > 0 {
			t.Errorf("peer %d lacks %d of 25 chunks", i, n)
		}
		for k := range s.cfg[i].Stripes {
			if f := s.peers[i].mesh.trees[k].parent; f < 0 || s.peers[i].mesh.partners[f].id-1 < 6 {
				t.Errorf("peer %d has no living parent in stripe %d", i, k)
			}
		}
	}
}

// TestStripesBounds: nobody promises more than its upload carries, and nobody sends
// faster than its link.
func TestStripesBounds(t *testing.T) {
	cfg := stripesConfig()
	s := newSociety(cfg, 12)
	s.run(8 * Second)
	before, start := make([]uint64, len(s.peers)), s.now
	for i := range s.peers {
		before[i] = s.peers[i].Stats().Pushed
	}
	s.run(4 * Second)
	most := uint64(s.now-start)/uint64(cfg.takes(pushBytes+1000)) + 2
	for i := range s.peers[1:] {
		if m := s.peers[i+1].mesh; m.serves() > m.slots || m.slots == 0 {
			t.Errorf("peer %d serves %d stripes, and has %d slots", i+1, m.serves(), m.slots)
		}
		if n := s.peers[i+1].Stats().Pushed - before[i+1]; n > most {
			t.Errorf("peer %d has sent %d chunks in 4 s, its link carries %d", i+1, n, most)
		}
	}
}

// TestStripesAllocate: once it runs, it allocates nothing.
func TestStripesAllocate(t *testing.T) {
	s := newSociety(stripesConfig(), 8)
	s.run(10 * Second)
	if n := testing.AllocsPerRun(5, func() { s.run(200 * Millisecond) }); n != 0 {
		t.Errorf("%v allocations in 200 ms of nine peers", n)
	}
}

// TestStripesHostile: whatever a stranger says, a peer does not panic, keeps its
// invariants, and answers with no more than a few messages.
func TestStripesHostile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := stripesConfig()
		if rapid.Bool().Draw(t, "source") {
			cfg.Role = Source
		}
		var p Peer
		var out Outbox
		p.Init(&cfg, 0, 5, 0)
		p.Bootstrap(0, []PeerID{1, 2, 3}, &out)
		now := Time(0)
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			now += Time(rapid.Int64Range(0, int64(300*Millisecond)).Draw(t, "later"))
			out.Reset()
			if p.Wakeup() <= now {
				p.Tick(now, &out)
			}
			small := rapid.Uint32Range(0, 40)
			word := rapid.OneOf(small, rapid.Uint32())
			m := Message{
				Kind: Kind(rapid.Uint8Range(0, 9).Draw(t, "kind")), From: PeerID(rapid.Uint32Range(0, 40).Draw(t, "from")),
				Chunk: ChunkID(word.Draw(t, "chunk")), Size: 1000,
			}
			entries := make([]Entry, rapid.SampledFrom([]int{0, 1, 2, 3, 5}).Draw(t, "entries"))
			for i := range entries {
				entries[i] = Entry{PeerID(word.Draw(t, "a")), word.Draw(t, "b")}
			}
			if m.Kind == State && len(entries) == 5 && rapid.Bool().Draw(t, "stripes") {
				entries[0].ID = entries[0].ID&0xffffff | PeerID(cfg.Stripes)<<24
			}
			out.Reset()
			p.Handle(now, &m, entries, &out)
			if len(out.Sends) > 3*maxPartners {
				t.Fatalf("%d messages for one", len(out.Sends))
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestStripesConfig: what makes no sense with stripes, or without, is refused.
func TestStripesConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no stripes":     func(c *Config) { c.Stripes = 0 },
		"33 stripes":     func(c *Config) { c.Stripes = 33 },
		"top":            func(c *Config) { c.Policy = Top },
		"a small buffer": func(c *Config) { c.Buffer = 15 },
		"no period":      func(c *Config) { c.Period, c.Deadline = 0, 0 },
		"ticks":          func(c *Config) { c.Push = Second },
		"a fast report":  func(c *Config) { c.Report = Millisecond },
		"impatience":     func(c *Config) { c.Patience = -1 },
		"an odd upload":  func(c *Config) { c.Upload = MaxUpload + 1 },
		"another push":   func(c *Config) { c.Scheduler = Random },
	} {
		c := stripesConfig()
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		if change(&c); c.Validate() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestStripesBeforeTheStream: who is there before the source has a chunk is served soon
// after its first one, and its output begins with that one.
func TestStripesBeforeTheStream(t *testing.T) {
	cfg := stripesConfig()
	cfg.Report = 2 * Second
	s := newSociety(cfg, 3)
	s.next = 10 // the first one, born at 400 ms
	s.run(Second)
	for i := range s.peers[1:] {
		if n := s.peers[i+1].Stats().Played; n < 5 {
			t.Errorf("peer %d has put out %d chunks", i+1, n)
		}
	}
}

// TestStripesHearPeriod: who is not told the period hears it with the first states, though
// a partner may speak before it is asked; false words heal as chunks come.
func TestStripesHearPeriod(t *testing.T) {
	for _, early := range []bool{false, true} {
		s := newSociety(stripesConfig(), 3)
		s.run(Second)
		cfg := stripesConfig()
		cfg.Follow, cfg.Period = true, 0
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		s.cfg[3] = cfg
		s.peers[3].Init(&s.cfg[3], 3, 9, s.now)
		if early { // the source speaks first
			i := s.peers[0].mesh.find(3)
			s.peers[0].tell(s.now, i, flagAnswer, &s.outs)
			s.perform()
			s.run(15 * Millisecond)
		}
		s.peers[3].Bootstrap(s.now, []PeerID{0, 1, 2}, &s.outs)
		s.run(200 * Millisecond)
		m := s.peers[3].mesh
		if off := m.period - 40*Millisecond; off < -Millisecond || off > Millisecond || s.peers[3].Stats().Played == 0 {
			t.Errorf("early %v: the period is %d µs, %d chunks are out", early, m.period/Microsecond, s.peers[3].Stats().Played)
		}
		m.clock += Time(m.newest) * (m.period - 25*Millisecond)
		m.period = 25 * Millisecond
		s.run(60 * Second)
		if off := m.period - 40*Millisecond; off < -Millisecond || off > Millisecond {
			t.Errorf("early %v: after a minute the period is %d µs", early, m.period/Microsecond)
		}
		if n := s.lacking(3, 50, 20); n > 0 {
			t.Errorf("early %v: %d chunks are missing", early, n)
		}
		if err := s.peers[3].Check(); err != nil {
			t.Error(err)
		}
	}
}
