package sim

import (
	"fmt"
	"math"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
)

// TestRandomConfigs draws configurations, reasonable and not, and holds every run to what
// must always be true: no panic, peers whose invariants hold, each send ended once,
// metrics within their bounds, and the same run again when it is cut into other pieces
// or its datagrams are written out.
func TestRandomConfigs(t *testing.T) {
	runs, refused := 300, 0
	for seed := range uint64(runs) {
		c := randomConfig(seed)
		if err := c.Validate(); err != nil {
			refused++
			continue
		}
		if err := lives(c, seed); err != nil {
			t.Errorf("seed %d: %v\n%+v", seed, err, c)
		}
	}
	if refused > runs/2 {
		t.Errorf("%d of %d configurations are refused: too many to learn from", refused, runs)
	}
}

// lives runs c and tells the first thing that must not be.
func lives(c Config, seed uint64) error {
	w, err := New(c)
	if err != nil {
		return fmt.Errorf("valid, and refused: %w", err)
	}
	for last := node.Time(0); !w.Done(); {
		w.Advance(w.Now() + c.Duration/23)
		if w.Now() < last {
			return fmt.Errorf("time goes back from %d to %d", last, w.Now())
		}
		last = w.Now()
		up := 0
		for i := range w.peers {
			if !w.peers[i].Up() {
				continue
			}
			if up++; slot(w.peers[i].ID()) != uint32(i) {
				return fmt.Errorf("peer %d is in place %d", w.peers[i].ID(), i)
			}
			if err := w.peers[i].Check(); err != nil {
				return fmt.Errorf("at %d: %w", w.Now(), err)
			}
		}
		if up-1 != w.Online() {
			return fmt.Errorf("at %d %d receivers are up, and %d are counted", w.Now(), up-1, w.Online())
		}
	}
	first := w.Result()
	n := first.Counts
	if ends := n.Useful + n.Duplicates + n.Late + n.ToSource + n.ToNobody + n.Lost + n.Dropped + n.Cut + n.Spoiled + n.Forged + n.InFlight; n.Sends+n.Doubled != ends {
		return fmt.Errorf("%d sends, %d ends: %+v", n.Sends+n.Doubled, ends, n)
	}
	for m, x := range first.Values {
		if x < 0 || math.IsInf(x, 0) || m < 4 && x > 1 {
			return fmt.Errorf("metric %d is %v", m, x)
		}
	}
	for _, moment := range w.Series() {
		if moment.Received > moment.Up || int(moment.Up) > c.Peers {
			return fmt.Errorf("of %d peers %d are up, and %d receive the chunk born at %d", c.Peers, moment.Up, moment.Received, moment.Birth)
		}
	}
	c.Wire = seed%2 == 0
	second, err := Run(c)
	if err != nil {
		return nil //nolint:nilerr // a view that no datagram has room for
	}
	if first.Fingerprint != second.Fingerprint || first.Counts != second.Counts || fmt.Sprint(first.Values) != fmt.Sprint(second.Values) {
		return fmt.Errorf("another run the second time: %+v, then %+v", first, second)
	}
	return nil
}

// dice draws what a configuration is made of.
type dice struct{ node.Rand }

func (d *dice) one(n int) int              { return int(d.Below(uint32(n))) }
func (d *dice) heads() bool                { return d.Below(2) == 0 }
func (d *dice) share() float64             { return []float64{0, 0.01, 0.2, 0.5, 0.99, 1}[d.one(6)] }
func (d *dice) upTo(t node.Time) node.Time { return d.Span(t) }

// span is a time from nothing to more than a run is long.
func (d *dice) time() node.Time {
	return []node.Time{0, 1, node.Microsecond, node.Millisecond, 30 * node.Millisecond, 700 * node.Millisecond, 3 * node.Second, 3600 * node.Second}[d.one(8)]
}

func (d *dice) law() law.Law {
	mean := d.time() + 1
	return law.Law{Kind: law.Kind(d.one(8)), Mean: mean, Max: 2 * mean, SD: mean * node.Time(1+d.one(9)),
		Shape: []float64{1.1, 1.5, 3}[d.one(3)], Values: []node.Time{d.time(), d.time(), law.MaxTime}}
}

func (d *dice) link() link.Config {
	c := link.Config{Latency: link.Span{Min: d.upTo(node.Second), Max: node.Second}, MTU: []int{0, 68, 576, 1500}[d.one(4)]}
	if d.heads() {
		if c.Jitter = d.law(); c.Jitter.Kind == law.Sample || max(c.Jitter.Mean, c.Jitter.Max) > link.MaxDelay {
			c.Jitter.Kind = law.None
		}
	}
	if d.heads() {
		c.Loss = link.Loss{Rate: d.share() / 2, Burst: float64(d.one(5))}
	}
	if d.heads() {
		c.Duplicate, c.Reorder, c.ReorderBy = d.share(), d.share(), d.time()
	}
	if d.heads() {
		c.Corrupt, c.NoChecksum = d.share(), d.heads()
	}
	if d.heads() {
		c.Upload, c.Download = link.BitsPerSecond([]uint64{0, 1, 1e5, 1e9, 1e13}[d.one(5)]), link.BitsPerSecond([]uint64{0, 1, 1e5, 1e9}[d.one(4)])
		c.Queue = link.Queue{Time: d.time(), Bytes: []int64{0, 1, 3000, 1 << 40}[d.one(4)]}
	}
	if d.heads() {
		c.Access.Max = d.time()
	}
	return c
}

func randomConfig(seed uint64) Config {
	const ms = node.Millisecond
	d := &dice{node.Stream(seed, node.ForEvent, 99)}
	period := []node.Time{ms, 20 * ms, 40 * ms}[d.one(3)]
	c := Config{
		Seed: seed, Peers: 1 + d.one(60), Copies: d.one(5), Period: period, ChunkSize: []uint32{1, 1000, 60000}[d.one(3)],
		Overlay: Overlay(d.one(6)), View: 1 + d.one(8), Shape: 1 + d.one(5), SourceInViews: d.heads(),
		Duration: period * node.Time(1+d.one(200)), Series: true,
		Peer: node.Config{
			Push: []node.Time{0, 5 * ms, 10 * ms, 40 * ms}[d.one(4)], Ticks: node.Ticks(d.one(4)), Policy: node.Policy(d.one(4)),
			Scheduler: []node.Scheduler{node.Random, node.Latest}[d.one(2)], Buffer: 1 + d.one(64), Window: d.one(65),
		},
	}
	c.Link = d.link()
	c.From = d.upTo(c.Duration / 2)
	c.To = c.Duration
	if d.heads() {
		c.Deadline = c.Duration / 4
		c.To -= c.Deadline
		c.Peer.Deadline = c.Deadline
	}
	c.Grace = []node.Time{0, c.Deadline, MaxTime}[d.one(3)]
	if c.Overlay.gossips() {
		p := &c.Peer
		p.View, p.Gossip, p.Stagger, p.MaxAge = 1+d.one(30), 50*ms+d.upTo(node.Second), d.heads(), d.one(6)
		p.Rejoin, p.Retry, p.JoinWalk = d.heads(), []node.Time{0, 100 * ms}[d.one(2)], d.one(4)
		if c.Overlay == Cyclon {
			p.Shuffle = 1 + d.one(p.View)
		} else {
			p.DropSilent, p.AgeReplies = d.heads(), d.heads()
		}
		if d.heads() {
			p.Remember, p.RecallEvery = 1+d.one(16), 1+d.one(50)
		}
		c.Churn.NewIdentity, c.Churn.Goodbye = d.heads(), d.heads()
	}
	c.Join = Join{From: d.upTo(c.Duration), Spread: d.time()}
	if d.heads() {
		c.Join.Every = []node.Time{0, 10 * ms, MaxTime}[d.one(3)]
		if c.Join.Poisson = d.heads() && c.Join.Every > 0; c.Join.Poisson {
			c.Join.Spread = 0
		}
	}
	if d.heads() {
		c.Churn.Lifetime, c.Churn.Downtime = d.law(), d.law()
	}
	for range d.one(4) {
		c.Classes = append(c.Classes, Class{Share: d.share() + 0.1, Link: d.link(), Push: []node.Time{0, c.Peer.Push}[d.one(2)], NAT: d.time()})
	}
	if d.heads() {
		l := d.link()
		c.SourceLink = &l
	}
	for range d.one(6) {
		ch := Change{Kind: ChangeKind(d.one(6)), At: d.upTo(c.Duration), For: d.time(), Share: d.share(), Way: Way(d.one(3)), Loss: d.share()}
		if d.one(8) == 0 {
			ch.At, ch.For = MaxTime, MaxTime-1
		}
		if ch.Class = d.one(4); ch.Kind == Dark && ch.Class >= len(c.Classes) {
			continue
		}
		if ch.Kind >= Partition {
			ch.For++
		}
		c.Churn.Changes = append(c.Churn.Changes, ch)
	}
	switch d.one(4) {
	case 0:
		d.offers(&c)
	case 1:
		d.maps(&c)
	}
	if p := &c.Peer; d.heads() && p.Push > 0 && p.Push <= c.Period && p.Ticks == node.RandomPhase {
		p.Adaptive = true
		for i := range c.Classes {
			c.Classes[i].Adaptive = c.Classes[i].Push > 0 && d.heads()
		}
	}
	if d.one(3) == 0 {
		c.Peer.FEC = node.Code{Data: 1 + d.one(20), Repair: 1 + d.one(4)}
	}
	return c
}

// offers makes chunks be offered.
func (d *dice) offers(c *Config) {
	p := &c.Peer
	p.Scheduler, p.Push, p.Policy, p.Buffer = node.Offer, 0, node.Window, 16+d.one(200)
	p.Offers, p.Select, p.Lock, p.PushYoung = 1+d.one(node.MaxOffers), 1+d.one(node.MaxSelect), d.upTo(node.Second), d.share()
	p.Ride, p.Repair = d.heads(), d.heads()
	for i := range c.Classes {
		c.Classes[i].Push = 0
	}
}

// maps makes schedulers be answered from maps.
func (d *dice) maps(c *Config) {
	p := &c.Peer
	p.Scheduler, _ = node.SchedulerNamed([]string{"rp/lu", "lu/el", "ra/up", "ed/dp"}[d.one(4)])
	p.Maps, p.Ride, p.Repair = []node.Time{0, 10 * node.Millisecond, node.Second}[d.one(3)], d.heads(), d.heads()
}
