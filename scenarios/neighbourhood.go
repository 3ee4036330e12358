package scenarios

import (
	"fmt"

	"pushcast/node"
	"pushcast/sim"
)

// hood is whom of its view a peer pushes to.
type hood struct {
	neighbours  int // 0: all
	keep        node.Time
	choose      node.Choice
	randomShare float64
	mutual      bool
}

var hoodFields = []field{
	countField("swarm.neighbours", "0", "newscast, cyclon: peers of the view that are pushed to, a set of its own, of which the overlay's metrics then are; 0: all of the view", 0, node.MaxView, func(s *settings) *int { return &s.neighbours }),
	timeField("swarm.keep", "30s", "with neighbours: each is kept for this long, and then its place is given anew; places come in turn", node.Millisecond, func(s *settings) *node.Time { return &s.keep }),
	nameField("swarm.choose", "random", "with neighbours: who gets a place, anybody of the view, the fastest of it (needs knowledge: clairvoyant), or the nearest of those that view exchanges have measured in the last two keeps",
		[]string{"random", "upload", "latency"}, func(s *settings) *node.Choice { return &s.choose }),
	{"swarm.randomShare", "70%", "with choose: upload or latency: places that go to anybody all the same",
		func(s *settings, text string) (err error) { s.randomShare, err = parsePercent(text); return err },
		func(s *settings) string { return formatPercent(s.randomShare) }, nil},
	boolField("swarm.mutual", "false", "with neighbours: who is given a place is asked, and pushes back if it agrees; a peer looks for neighbours while it has fewer, and agrees to twice as many", func(s *settings) *bool { return &s.mutual }),
}

// neighbourhood says whom a peer pushes to.
func (s *settings) neighbourhood() (n node.Neighbourhood) {
	if s.neighbours == 0 || !s.gossips() {
		return n
	}
	n = node.Neighbourhood{Size: s.neighbours, Keep: s.keep, Choose: s.choose, Mutual: s.mutual}
	if s.choose != node.ChooseRandom {
		n.AtRandom = int(float64(s.randomShare*float64(s.neighbours)) + 0.5)
	}
	return n
}

// looksAtUploads tells whether neighbours are chosen by what only the clairvoyant know.
func (s *settings) looksAtUploads() bool {
	return s.neighbourhood().Choose == node.ChooseUpload
}

// hoodConflict finds what the keys of the neighbourhood may not say.
func (s *settings) hoodConflict() *conflict {
	for _, c := range []struct {
		key   string
		means bool
		where string
	}{
		{"neighbours", s.gossips(), "without overlay: newscast or cyclon"},
		{"keep", s.gossips() && s.neighbours > 0, "without neighbours"},
		{"choose", s.gossips() && s.neighbours > 0, "without neighbours"},
		{"mutual", s.gossips() && s.neighbours > 0, "without neighbours"},
		{"randomShare", s.neighbourhood().Choose != node.ChooseRandom, "without choose: upload or latency"},
	} {
		if s.given["swarm."+c.key] && !c.means {
			return &conflict{"swarm." + c.key, fmt.Sprintf("%s has no effect %s; remove it", c.key, c.where), true}
		}
	}
	switch {
	case s.gossips() && s.neighbours > s.view:
		return &conflict{path: "swarm.neighbours", message: fmt.Sprintf("neighbours is %d, and a view has only %d entries to choose from", s.neighbours, s.view)}
	case s.looksAtUploads() && !s.asks() && s.knowledge != sim.Clairvoyant, s.looksAtUploads() && (s.knowledge == sim.NoKnowledge || s.knowledge == byMaps):
		return &conflict{path: "swarm.choose", message: "choose: upload asks how fast others push, and nobody tells; write knowledge: clairvoyant"}
	}
	return nil
}
