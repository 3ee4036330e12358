package report

import (
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// TestSparse: a label begins neither on the one before nor further left than there is room;
// one that is too long is cut, one that would touch another is not written.
func TestSparse(t *testing.T) {
	s := scale{lo: 0, hi: 10}
	list := sparse([]plot.Tick{{Value: 0, Label: strings.Repeat("long ", 10)}, {Value: 1, Label: "touches"}, {Value: 5, Label: "stands"}}, s.norm, 200, 30)
	style := lettering(sizeTick, inkSoft, 0, 0)
	if got := list[0].Label; !strings.HasPrefix(got, "long ") || !strings.HasSuffix(got, "…") || style.Width(got) > 60 || style.Width(got) < 40 {
		t.Errorf("the first label is %q, %v wide", got, style.Width(got))
	}
	if list[1].Label != "" || list[2].Label != "stands" {
		t.Errorf("the others are %q and %q", list[1].Label, list[2].Label)
	}
}

// TestFitting: no text is wider than it may be, and one that has room is left as it is.
func TestFitting(t *testing.T) {
	style := lettering(sizeLabel, inkText, 0, 0)
	for width := vg.Length(5); width < 100; width++ {
		if got := fitting("peers, loss, rate", style, width); len([]rune(got)) > 1 && style.Width(got) > width {
			t.Fatalf("%q is %v wide, and may be %v", got, style.Width(got), width)
		}
	}
	if got := fitting("peers", style, 100); got != "peers" {
		t.Errorf("peers has become %q", got)
	}
}

// TestPanelsOfLockstep: the steps of several keys are told apart by their values, which the
// names of the keys would leave no room for.
func TestPanelsOfLockstep(t *testing.T) {
	in := invented{}.input(t, "name: lockstep\nseeds: 2\nsweep:\n  - peers: [5, 6]\n  - loss: [0%, 1%]\n  - { rate: [1x, 2x], buffer: [4, 8] }\n")
	var titles []string
	for _, n := range picture(in, "delay").panels {
		titles = append(titles, n.title)
	}
	if got, want := strings.Join(titles, "; "), "peers 5, 1x, 4; peers 5, 2x, 8; peers 6, 1x, 4; peers 6, 2x, 8"; got != want {
		t.Errorf("panels %s, want %s", got, want)
	}
}
