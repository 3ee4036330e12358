package results

import (
	"reflect"
	"testing"

	"pushcast/node"
	"pushcast/node/measure"
)

func digested(seed int) *Run {
	r := someRun(seed)
	r.Digest = &measure.Digest{Due: 10, Hops: []uint64{0, 7}, Peers: []uint32{7000},
		Delay:  measure.Spread{Fine: 3, First: 100, Counts: []uint64{3, 4}},
		Degree: measure.Degrees{Width: 1, Counts: []uint32{0, 1}},
		Course: measure.Course{Step: node.Second, Up: []uint64{10}, Received: []uint64{7}}}
	return r
}

// TestDigestLine: a digest comes back as it was; one without bounds is damage.
func TestDigestLine(t *testing.T) {
	text, err := appendLine(nil, digested(7))
	if err != nil {
		t.Fatal(err)
	}
	back, err := parseLine(text[:len(text)-1])
	if err != nil || !reflect.DeepEqual(back.Digest, digested(7).Digest) {
		t.Fatalf("%+v came back, %v", back, err)
	}
	for what, spoil := range map[string]func(*measure.Digest){
		"many peers":      func(d *measure.Digest) { d.Peers = make([]uint32, 1000) },
		"a negative bin":  func(d *measure.Digest) { d.Delay.First = -1 },
		"bins beyond all": func(d *measure.Digest) { d.Delay.First = 1 << 40 },
		"no width":        func(d *measure.Digest) { d.Degree.Width = 0 },
		"no step":         func(d *measure.Digest) { d.Course.Step = 0 },
		"unequal":         func(d *measure.Digest) { d.Course.Up = nil },
	} {
		r := digested(7)
		spoil(r.Digest)
		text, err := appendLine(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseLine(text[:len(text)-1]); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// TestDigestWins: of one run with and without a digest, in whatever order, the one with it
// is kept; they do not contradict each other.
func TestDigestWins(t *testing.T) {
	for _, runs := range [][]*Run{{someRun(3), digested(3)}, {digested(3), someRun(3)}} {
		s := &Store{runs: map[string]*kept{}}
		for _, r := range runs {
			if err := s.add(r, "file"); err != nil {
				t.Fatal(err)
			}
		}
		if s.Find(&runs[0].Identity).Digest == nil {
			t.Error("the digest is forgotten")
		}
	}
}
