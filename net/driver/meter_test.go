package driver

import (
	"math"
	"testing"
	"time"

	"pushcast/node"
	"pushcast/node/measure"
)

// TestLateness: with the period told, it is arrival − id·period less the smallest
// such value; not told, it comes near.
func TestLateness(t *testing.T) {
	delay := func(c int) node.Time { // true delays of 50 … 550 ms
		return 50*node.Millisecond + node.Time(node.Mix(uint64(c))%500)*node.Millisecond
	}
	const period = 40 * node.Millisecond
	told, reckoned := newLateness(period), newLateness(0)
	least := node.Never
	var worst node.Time
	for c := range 3000 {
		at := node.Time(c)*period + delay(c)
		want := node.Time(0)
		if least != node.Never {
			want = max(0, delay(c)-least)
		}
		least = min(least, delay(c))
		if got := told.add(at, node.ChunkID(c)); got != want {
			t.Fatalf("chunk %d: lateness %d, must be %d", c, got, want)
		}
		got := reckoned.add(at, node.ChunkID(c))
		if c > 500 {
			worst = max(worst, max(got-want, want-got))
		}
	}
	if worst > 80*node.Millisecond {
		t.Errorf("reckoned, it is wrong by up to %v", time.Duration(worst))
	}
	if p := reckoned.period; p < period-period/100 || p > period+period/100 {
		t.Errorf("the period is reckoned as %v", time.Duration(p))
	}
}

// TestMeter: due, received, played, duplicates of a stream with known losses.
func TestMeter(t *testing.T) {
	m := newMeter(&Config{Peer: node.Config{Period: 10}, Deadline: 100})
	for c := range node.ChunkID(1000) {
		now := node.Time(c) * 10
		m.due(now)
		if c%4 == 3 {
			continue // lost
		}
		m.chunk(now, c, 100)
		if c%4 == 0 {
			m.chunk(now, c, 100)
		}
		if c%2 == 0 {
			m.put(now, c)
		}
	}
	v := m.values()
	if m.window.Due != 990 || v[measure.Delivery] < 0.749 || v[measure.Delivery] > 0.752 || v[measure.Played] < 0.499 || v[measure.Played] > 0.502 ||
		v[measure.Duplicates] != 0.25 || v[measure.DelayMax] != 0 || v[measure.StartupP95] != 0 {
		t.Errorf("%d due, %v", m.window.Due, v)
	}
	if !math.IsNaN(v[measure.HopsMean]) || !math.IsNaN(v[measure.HopsMax]) || !math.IsNaN(v[measure.DegreeMax]) {
		t.Errorf("figures that no single peer can know: %v", v)
	}
	before := m.window
	m.beginAnew(&Config{Peer: node.Config{Period: 10}})
	m.chunk(20_000, 5, 100)
	m.chunk(20_010, 1_000_000, 100) // a leap beyond all memory
	m.chunk(20_020, 1_000_000, 100)
	if m.window != before || m.traffic.Duplicates != 251 {
		t.Errorf("%+v became %+v, %d duplicates", before, m.window, m.traffic.Duplicates)
	}
}

// TestLatenessRecovers: after a pause of the stream, and after a false id from the
// future, lateness is what it was within two spans.
func TestLatenessRecovers(t *testing.T) {
	const period = 40 * node.Millisecond
	for _, told := range []node.Time{period, 0} {
		l := newLateness(told)
		at, c := node.Time(0), node.ChunkID(0)
		run := func(d node.Time) (late node.Time) {
			for end := at + d; at < end; at += period {
				late = l.add(at+node.Time(c%7)*node.Millisecond, c)
				c++
			}
			return late
		}
		run(30 * node.Second)
		at += 7 * node.Second // the source was suspended
		if late := run(30 * node.Second); late > 50*node.Millisecond {
			t.Errorf("period %d: half a minute after a pause %v late", told, time.Duration(late))
		}
		l.add(at, c+500)
		if late := run(45 * node.Second); late > 50*node.Millisecond {
			t.Errorf("period %d: half a minute after a false id %v late", told, time.Duration(late))
		}
	}
}

// TestLateIsMissed: what comes, or is put out, after its deadline is not received, or
// played.
func TestLateIsMissed(t *testing.T) {
	m := newMeter(&Config{Peer: node.Config{Period: 10}, Deadline: 100})
	for c := range node.ChunkID(1000) {
		now := node.Time(c) * 10
		late := node.Time(0)
		if c >= 500 {
			late = 300
		}
		m.due(now + late)
		m.chunk(now+late, c, 100)
		m.put(now+late+node.Time(c%2)*150, c)
	}
	m.due(1 << 40)
	if w := m.window; w.Due != 1000 || w.Received != 500 || w.Played != 250 || m.delay.N() != 500 {
		t.Errorf("%+v, %d delays", m.window, m.delay.N())
	}
}
