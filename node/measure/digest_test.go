package measure

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pushcast/node"
)

// TestSpreadKeepsCounts: every value is counted once, between the edges of its bin, in at
// most 96 bins.
func TestSpreadKeepsCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1<<rapid.IntRange(1, 62).Draw(t, "bits")), 1, 50).Draw(t, "values")
		var h Histogram
		for _, v := range values {
			h.Add(node.Time(v))
		}
		s := h.Spread()
		if len(s.Counts) > maxBins {
			t.Fatalf("%d bins", len(s.Counts))
		}
		d := Digest{Delay: s}
		if !d.Sound() {
			t.Fatalf("not sound: %+v", s)
		}
		below := uint64(0)
		for i, n := range s.Counts {
			want := uint64(0)
			for _, v := range values {
				if low, high := s.Edge(i), s.Edge(i+1); node.Time(v) >= low && (node.Time(v) < high || high <= low) {
					want++
				}
			}
			if n != want {
				t.Fatalf("bin %d, from %d to %d, holds %d of %v, want %d", i, s.Edge(i), s.Edge(i+1), n, values, want)
			}
			below += n
		}
		if below != h.N() {
			t.Fatalf("%d of %d are counted", below, h.N())
		}
	})
}

// TestCourseOf: as many chunks in every step, and none is lost.
func TestCourseOf(t *testing.T) {
	const period = 40 * node.Millisecond
	var moments []Moment
	for i := range 1000 {
		moments = append(moments, Moment{Birth: node.Time(i) * period, Up: 10, Received: uint32(i % 11)})
	}
	c := CourseOf(moments, period, 1000*period)
	if len(c.Up) > maxSteps || c.Step%period != 0 {
		t.Fatalf("%d steps of %d", len(c.Up), c.Step)
	}
	up, received, want := uint64(0), uint64(0), uint64(0)
	for i := range c.Up {
		up, received = up+c.Up[i], received+c.Received[i]
		if i < len(c.Up)-1 && c.Up[i] != 10*uint64(c.Step/period) {
			t.Errorf("step %d: %d", i, c.Up[i])
		}
	}
	for _, m := range moments {
		want += uint64(m.Received)
	}
	if up != 10_000 || received != want {
		t.Errorf("%d and %d, want 10000 and %d", up, received, want)
	}
	if short := CourseOf(moments[:7], period, 7*period); len(short.Up) != 7 || short.Step != period {
		t.Errorf("of 7 chunks: %+v", short)
	}
}

// TestSwarmDigest: peers from worst to best, degrees of those that are up, hops by number.
func TestSwarmDigest(t *testing.T) {
	var delay, hops Histogram
	for _, h := range []node.Time{1, 1, 2, 200} {
		hops.Add(h)
	}
	s := Swarm{Delay: &delay, Hops: &hops, Viewed: true, Receivers: []Receiver{
		{Due: 10, Received: 10, Degree: 3}, {Due: 10, Received: 5, Degree: 130}, {Degree: 9, Gone: true},
	}}
	d := s.Digest()
	if !slices.Equal(d.Peers, []uint32{5000, 10000}) || d.Due != 20 {
		t.Errorf("peers %v, due %d", d.Peers, d.Due)
	}
	if len(d.Hops) != maxHops || d.Hops[1] != 2 || d.Hops[2] != 1 || d.Hops[maxHops-1] != 1 {
		t.Errorf("hops %v", d.Hops)
	}
	if d.Degree.Width != 3 || d.Degree.Counts[1] != 1 || d.Degree.Counts[130/3] != 1 {
		t.Errorf("degrees %+v", d.Degree)
	}
	for range 1000 {
		s.Receivers = append(s.Receivers, Receiver{Due: 1, Received: 1})
	}
	if d := s.Digest(); len(d.Peers) != maxPeers || d.Peers[0] != 5000 || d.Peers[maxPeers-1] != 10000 || !d.Sound() {
		t.Errorf("of many: %v", d.Peers)
	}
}

// TestUnsound: a digest from a file may say anything; what is out of bounds is no digest, and
// no bound of it overflows.
func TestUnsound(t *testing.T) {
	for name, spoil := range map[string]func(d *Digest){
		"the first bin is the last number there is": func(d *Digest) { d.Delay.First = math.MaxInt },
		"a negative bin":                func(d *Digest) { d.Delay.First = -1 },
		"bins that are too fine":        func(d *Digest) { d.Delay.Fine = binBits },
		"too many bins":                 func(d *Digest) { d.Delay.Counts = make([]uint64, maxBins+1) },
		"degrees of no width":           func(d *Digest) { d.Degree.Counts = []uint32{1} },
		"a course without steps":        func(d *Digest) { d.Course.Up, d.Course.Received = []uint64{1}, []uint64{1} },
		"received of nobody knows what": func(d *Digest) { d.Course.Received = []uint64{1} },
	} {
		d := Digest{Delay: Spread{Fine: 2, First: 3, Counts: []uint64{1}}}
		if !d.Sound() {
			t.Fatal("a sound digest is refused")
		}
		if spoil(&d); d.Sound() {
			t.Errorf("%s is sound", name)
		}
	}
}
