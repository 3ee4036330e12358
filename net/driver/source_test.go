package driver

import (
	"io"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/media"
	"pushcast/node"
)

// tape is an Input whose chunks are due when it says; -2 is a chunk that is not
// there yet.
type tape struct {
	mu   sync.Mutex
	due  []node.Time
	wake func()
}

// goOn replaces what is to come, and wakes the driver.
func (t *tape) goOn(due []node.Time) {
	t.mu.Lock()
	t.due = due
	wake := t.wake
	t.mu.Unlock()
	wake()
}

const notYet node.Time = -2

func (t *tape) Wake(wake func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wake = wake
}

func (t *tape) Next(node.ChunkID, []byte) (media.Chunk, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.due) == 0 {
		return media.Chunk{}, io.EOF
	}
	if t.due[0] == notYet {
		return media.Chunk{}, media.ErrNotYet
	}
	c := media.Chunk{Payload: []byte("chunk"), Due: t.due[0]}
	t.due = t.due[1:]
	return c, nil
}

// published runs a source on an input till it ends, and tells when each chunk was
// published, since the first one.
func published(t *testing.T, in *tape, meanwhile func()) (at []time.Duration, report Report) {
	net := newNetwork(1)
	conn := &stamping{memConn: net.listen(1)}
	viewer := net.listen(2)
	cfg := film(conn.addr)
	cfg.Peer.Sampler, cfg.Peer.AskStrangers, cfg.Peer.Copies = node.Static, false, 1
	cfg.Contacts = append(cfg.Contacts, viewer.addr)
	cfg.Input = in
	cfg.Report, cfg.ReportEvery = func(r *Report) { report = *r }, time.Hour
	d, err := New(conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		go meanwhile()
	}
	if err := d.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range conn.stamps {
		at = append(at, s.Sub(conn.stamps[0]))
	}
	return at, report
}

// stamping is a conn that notes when something is sent.
type stamping struct {
	*memConn
	stamps []time.Time
}

func (s *stamping) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	s.stamps = append(s.stamps, time.Now())
	return s.memConn.WriteToUDPAddrPort(b, to)
}

// TestOwnClock: chunks leave when they are due by the stream's clock, from the first
// one on; what is due at once, at once.
func TestOwnClock(t *testing.T) {
	const ms = node.Millisecond
	for name, c := range map[string]struct {
		due  []node.Time
		want []time.Duration
	}{
		"clock":   {[]node.Time{500 * ms, 507 * ms, 507 * ms, 530 * ms, 900 * ms}, []time.Duration{0, 7e6, 7e6, 30e6, 400e6}},
		"at once": {[]node.Time{0, 0, 0}, []time.Duration{0, 0, 0}},
		"period":  {[]node.Time{media.ByPeriod, media.ByPeriod, media.ByPeriod}, []time.Duration{0, 40e6, 80e6}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if at, r := published(t, &tape{due: c.due}, nil); !slices.Equal(at, c.want) || r.SkippedTicks != 0 {
					t.Errorf("published at %v, must be %v; %d skipped", at, c.want, r.SkippedTicks)
				}
			})
		})
	}
}

// TestIdleInput: a source whose input pauses waits without a tick, and goes on when
// it is woken: by the period on its schedule (a tick that is 5 ms ago is made up for), by its own clock from now on.
func TestIdleInput(t *testing.T) {
	const ms = node.Millisecond
	for name, c := range map[string]struct {
		before, after []node.Time
		want          []time.Duration
	}{
		"period": {[]node.Time{media.ByPeriod, notYet}, []node.Time{media.ByPeriod, media.ByPeriod}, []time.Duration{0, 1005e6, 1040e6}},
		"clock":  {[]node.Time{500 * ms, notYet}, []node.Time{540 * ms, 580 * ms}, []time.Duration{0, 1005e6, 1045e6}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := &tape{due: c.before}
				at, r := published(t, in, func() {
					time.Sleep(1005 * time.Millisecond)
					in.goOn(c.after)
				})
				if !slices.Equal(at, c.want) || r.SkippedTicks != 0 {
					t.Errorf("published at %v, must be %v; %d skipped", at, c.want, r.SkippedTicks)
				}
			})
		})
	}
}
