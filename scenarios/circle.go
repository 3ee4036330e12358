package scenarios

import (
	"strconv"

	"pushcast/node"
	"pushcast/sim"
)

// What peers tell each other: buffer maps, offers, and what is asked for.

// byMaps is the knowledge that messages bring: there is no such thing in the simulator.
const byMaps = sim.Landed + 1

// told is what a scenario may say of it.
type told struct {
	maps      node.Time
	ride      bool
	offers    int
	picks     int
	lock      node.Time
	pushYoung float64
}

// toldFields are its keys.
var toldFields = []field{
	timeField("swarm.maps", "200ms", "knowledge: maps: who may push to a peer is told what it holds every…; 0s: only with the chunks that it pushes itself", 0, func(s *settings) *node.Time { return &s.maps }),
	boolField("swarm.ride", "true", "knowledge: maps, push: offer: chunks carry their sender's map, and with push: offer an offer", func(s *settings) *bool { return &s.ride }),
	countField("swarm.offers", strconv.Itoa(node.DefaultOffers), "push: offer: offers and accepted chunks that may be under way from a peer", 1, node.MaxOffers, func(s *settings) *int { return &s.offers }),
	countField("swarm.select", strconv.Itoa(node.DefaultSelect), "push: offer: chunks that are accepted of an offer", 1, node.MaxSelect, func(s *settings) *int { return &s.picks }),
	timeField("swarm.lock", "300ms", "push: offer: an accepted chunk is waited for, and accepted from nobody else, for so long beyond a round trip", 0, func(s *settings) *node.Time { return &s.lock }),
	youngField("swarm.pushYoung", "30%", "push: offer: chunks younger than this share of the mean age at which a peer gets them are pushed unasked; 0% none", func(s *settings) *float64 { return &s.pushYoung }),
}

// youngField is a share from 0 % to 100 % that has a default of its own.
func youngField(path, start, about string, at func(*settings) *float64) field {
	return field{path, start, about,
		func(s *settings, text string) (err error) { *at(s), err = parsePercent(text); return err },
		func(s *settings) string { return formatPercent(*at(s)) }, nil}
}

// trades tells whether chunks are offered.
func (s *settings) trades() bool { return s.push == node.Offer }

// hears tells whether schedulers are answered from maps.
func (s *settings) hears() bool { return s.asks() && s.knowledge == byMaps }

// repairs tells whether chunks can be asked for.
func (s *settings) repairs() bool { return s.push == node.Stripes || s.trades() || s.hears() }

// fillInTold gives the keys their defaults that depend on others.
func (s *settings) fillInTold() {
	if !s.given["swarm.patience"] {
		s.patience = node.DefaultPatience
		switch {
		case s.trades():
			s.patience = node.Second // offers find most gaps by themselves
		case s.hears():
			s.patience = 600 * node.Millisecond
		}
	}
}

// tell says what peers tell each other.
func (s *settings) tell(c *node.Config) {
	switch {
	case s.trades():
		c.Push, c.Adaptive, c.Ticks = 0, false, node.RandomPhase
		c.Offers, c.Select, c.Lock, c.PushYoung = s.offers, s.picks, s.lock, s.pushYoung
	case s.hears():
		c.Maps = s.maps
	default:
		return
	}
	c.Ride, c.Repair = s.ride, s.repair
	if s.repair {
		c.Patience = s.patience
	}
}

// idleTold finds a key of what peers tell each other that means nothing here.
func (s *settings) idleTold() *conflict {
	idle := func(key, where string) *conflict {
		return &conflict{"swarm." + key, key + " has no effect " + where + "; remove it", true}
	}
	for _, key := range []string{"offers", "select", "lock", "pushYoung"} {
		if s.given["swarm."+key] && !s.trades() {
			return idle(key, "without push: offer")
		}
	}
	switch {
	case s.given["swarm.maps"] && !s.hears():
		return idle("maps", "without knowledge: maps")
	case s.given["swarm.ride"] && !s.hears() && !s.trades():
		return idle("ride", "without knowledge: maps, or push: offer")
	}
	for _, key := range []string{"repair", "patience"} {
		if s.given["swarm."+key] && !s.repairs() {
			return idle(key, "without push: stripes or offer, or knowledge: maps")
		}
	}
	if s.given["swarm.patience"] && !s.repair {
		return idle("patience", "with repair: false")
	}
	return nil
}

// toldConflict finds what its keys may not say together.
func (s *settings) toldConflict() *conflict {
	if !s.hears() {
		return nil
	}
	blame := func(path, message string) *conflict { return &conflict{path: path, message: message} }
	switch {
	case node.NeedsOracle(s.push):
		return blame("swarm.knowledge", "push: "+s.push.Name()+" asks for more than maps say; write knowledge: clairvoyant, or landed")
	case s.overlay == sim.FullMesh:
		return blame("swarm.overlay", "with knowledge: maps a peer tells all who may push to it; write an overlay of few neighbours")
	case s.view > node.MaxMapView:
		return blame("swarm.view", "view is "+strconv.Itoa(s.view)+"; with knowledge: maps it is at most "+strconv.Itoa(node.MaxMapView))
	case s.sourceKnowsAll && s.static():
		return blame("swarm.sourceKnowsAll", "with knowledge: maps nobody tells a source that knows all; remove it")
	case s.slots:
		return blame("network.slots", "slots have no time for maps; write knowledge: clairvoyant, or landed")
	case s.maps == 0 && !s.ride:
		return blame("swarm.maps", "with maps: 0s and ride: false nobody tells anything; make one of them otherwise")
	case s.maps > 0 && s.maps < 10*node.Millisecond || s.maps > 10*node.Second:
		return blame("swarm.maps", "maps must be 0s, or 10ms to 10s")
	}
	return nil
}
