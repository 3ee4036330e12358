package link_test

import (
	"math"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
)

// TestLaws: loss is Bernoulli of its rate, latency and jitter are uniform with
// both ends included.
func TestLaws(t *testing.T) {
	const n = 200_000
	m := link.New(&link.Config{Latency: link.Span{Min: 10, Max: 14}, Jitter: law.Law{Kind: law.Uniform, Max: 2}, Loss: link.Loss{Rate: 0.03}}, 1)
	lost := 0
	var delays [17]float64
	for i := range uint32(n) {
		delay, gone := m.Quick(node.PeerID(i%7), i/7)
		if gone {
			lost++
		} else {
			delays[delay]++
		}
	}
	if share := float64(lost) / n; math.Abs(share-0.03) > 4*math.Sqrt(0.03*0.97/n) {
		t.Errorf("%.4f lost, want 0.03", share)
	}
	// 5 latencies × 3 jitters: 1, 2, 3, 3, 3, 2, 1 of 15.
	for i, of15 := range []float64{1, 2, 3, 3, 3, 2, 1} {
		got, want := delays[10+i], of15/15*(n-float64(lost))
		if math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("delay %d: %.0f times, want %.0f", 10+i, got, want)
		}
	}
}

// everything is a link with all parts of the model.
func everything() link.Config {
	return link.Config{
		Latency: link.Span{Max: node.Second}, Access: link.Span{Max: 30 * node.Millisecond},
		Jitter: law.Law{Kind: law.LogNormal, Mean: 20 * node.Millisecond, SD: 10 * node.Millisecond},
		Loss:   link.Loss{Rate: 0.2}, Duplicate: 0.1, Reorder: 0.1, ReorderBy: node.Second, Corrupt: 0.1,
		Upload: 10_000_000, MTU: 600,
	}
}

// fates sends 2,000 datagrams of 20 senders, 10 ms apart.
func fates(c link.Config) (all []link.Fate) {
	m := link.New(&c, 3)
	var to link.Access
	m.Attach(&to, 99)
	for sender := range node.PeerID(20) {
		var a link.Access
		m.Attach(&a, sender)
		for n := range uint32(100) {
			all = append(all, m.Send(&a, node.Time(n)*10*node.Millisecond, sender, &to, n, 1200))
		}
	}
	return all
}

// TestPartsAreApart: switching one part off moves no draw of another: what arrives both
// with and without it differs by what the part did, and by nothing else.
func TestPartsAreApart(t *testing.T) {
	with := fates(everything())
	for name, off := range map[string]struct {
		change func(c *link.Config)
		free   bool // the delays of what arrives both ways may differ
	}{
		"loss":        {func(c *link.Config) { c.Loss = link.Loss{} }, false},
		"more loss":   {func(c *link.Config) { c.Loss.Rate = 0.3 }, false},
		"duplication": {func(c *link.Config) { c.Duplicate = 0 }, false},
		"corruption":  {func(c *link.Config) { c.Corrupt = 0 }, false},
		"bursts":      {func(c *link.Config) { c.Loss.Burst = 3 }, false},
		"reordering":  {func(c *link.Config) { c.Reorder = 0 }, true},
		"jitter":      {func(c *link.Config) { c.Jitter = law.Law{} }, true},
		"latency":     {func(c *link.Config) { c.Latency = link.Span{} }, true},
	} {
		c := everything()
		off.change(&c)
		same, both := 0, 0
		for i, f := range fates(c) {
			g := with[i]
			if f.Outcome != link.Arrives || g.Outcome != link.Arrives {
				continue
			}
			if both++; f.Delay == g.Delay {
				same++
			}
			if off.free && (f.Copy == 0) != (g.Copy == 0) {
				t.Fatalf("without %s another datagram is doubled", name)
			}
		}
		if both < 500 || !off.free && same != both {
			t.Errorf("without %s: of %d datagrams that arrive both ways, %d take as long", name, both, same)
		}
	}
	more := everything()
	more.Loss.Rate = 0.3
	for i, f := range fates(more) {
		if with[i].Outcome == link.Lost && f.Outcome != link.Lost {
			t.Fatal("with more loss, a datagram that was lost arrives")
		}
	}
}

// TestExtremes: no loss loses nothing, all loss everything.
func TestExtremes(t *testing.T) {
	none, all := link.New(&link.Config{}, 1), link.New(&link.Config{Loss: link.Loss{Rate: 1}}, 1)
	for n := range uint32(1000) {
		if delay, lost := none.Quick(1, n); delay != 0 || lost {
			t.Fatal("a perfect link is not")
		}
		if _, lost := all.Quick(1, n); !lost {
			t.Fatal("a dead link is not")
		}
	}
}

func TestValidate(t *testing.T) {
	table := link.Regions{Names: []string{"a"}, Shares: []float64{1}, OneWay: [][]node.Time{{1}}}
	for field, c := range map[string]link.Config{
		"Latency":                 {Latency: link.Span{Min: 2, Max: 1}},
		"Access":                  {Access: link.Span{Min: -1}},
		"Max":                     {Jitter: law.Law{Kind: law.Uniform, Max: -1}},
		"Loss.Rate":               {Loss: link.Loss{Rate: math.NaN()}},
		"Burst":                   {Loss: link.Loss{Rate: 0.1, Burst: 0.5}},
		"at most Burst/(Burst+1)": {Loss: link.Loss{Rate: 0.6, Burst: 1}},
		"Duplicate":               {Duplicate: 2},
		"Reorder":                 {Reorder: -1},
		"ReorderBy":               {ReorderBy: -1},
		"Corrupt":                 {Corrupt: math.NaN()},
		"Upload":                  {Upload: link.MaxRate + 1},
		"Queue":                   {Queue: link.Queue{Bytes: -1}},
		"MTU":                     {MTU: 20},
		"both say":                {Regions: &table, Latency: link.Span{Max: 1}},
		"Regions":                 {Regions: &link.Regions{}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: says %v", field, err)
		}
	}
	c := everything()
	if err := c.Validate(); err != nil || c.IsPerfect() {
		t.Errorf("a link with everything: %v", err)
	}
	if none := (link.Config{}); none.Validate() != nil || !none.IsPerfect() {
		t.Error("a perfect link is refused")
	}
}
