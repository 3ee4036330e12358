package web

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/measure"
)

// begin starts a server on loopback.
func begin(t *testing.T, opt Options) (*Server, *media.Hub, string) {
	t.Helper()
	hub := &media.Hub{}
	opt.Log = slog.New(slog.DiscardHandler)
	s, err := Listen("127.0.0.1:0", hub, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(time.Second) })
	return s, hub, "http://" + s.Addr().String()
}

func get(t *testing.T, url string) (code int, body string, header http.Header) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b), r.Header
}

// report is what a driver says after so many seconds of a good stream.
func report(seconds int) *driver.Report {
	r := &driver.Report{
		At: node.Time(seconds) * node.Second, Values: measure.None(),
		Due: uint32(25 * seconds), Received: uint32(24 * seconds), Neighbours: 5,
	}
	r.Peer.Played = uint64(24 * seconds)
	r.Traffic.InBytes, r.Traffic.In = uint64(125_000*seconds), uint64(100*seconds)
	r.Traffic.BadLength = 3
	r.Chunks = measure.Traffic{Arrived: uint64(96 * seconds), Duplicates: uint64(72 * seconds)}
	r.Values[measure.Delivery] = 0.96
	r.Values[measure.DelayP95] = 0.4
	return r
}

// TestMetrics: they pass the library's lint, and go by the simulator's names.
func TestMetrics(t *testing.T) {
	s, _, url := begin(t, Options{})
	r := report(30)
	for m := range r.Values { // so that every metric exists
		r.Values[m] = float64(m)
	}
	s.Report(r)
	problems, err := testutil.GatherAndLint(s.registry())
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	code, body, _ := get(t, url+"/metrics")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	again, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(again) > 0 {
		t.Errorf("lint of the page: %v %v", again, err)
	}
	for m, d := range measure.Definitions {
		want := fmt.Sprintf("\npushcast_%s %d\n", strings.ReplaceAll(d.Name, ".", "_"), m)
		if !strings.Contains(body, want) {
			t.Errorf("no line %q", want)
		}
	}
	for _, want := range []string{`pushcast_refused_datagrams_total{reason="length"} 3`, `pushcast_bytes_total{direction="in"} 3.75e+06`, "pushcast_neighbours 5", "pushcast_chunks_put_out_total 720"} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("no line %q in\n%s", want, body)
		}
	}
	s.Report(report(31)) // where hops do not exist, they are not 0
	if _, body, _ := get(t, url+"/metrics"); strings.Contains(body, "pushcast_hops") || !strings.Contains(body, "pushcast_delivery 0.96") {
		t.Error("a metric that does not exist is shown")
	}
}

// TestStatus: rates and ratios are of the last ten seconds; ten minutes are kept.
func TestStatus(t *testing.T) {
	s, _, url := begin(t, Options{Title: "peer 7"})
	_, body, _ := get(t, url+"/status.json")
	var st status
	if err := json.Unmarshal([]byte(body), &st); err != nil || len(st.Past) != 0 || st.Title != "peer 7" {
		t.Fatalf("%s: %v", body, err)
	}
	for i := range 700 {
		s.Report(report(i))
	}
	_, body, _ = get(t, url+"/status.json")
	if err := json.Unmarshal([]byte(body), &st); err != nil {
		t.Fatal(err)
	}
	p := st.Past[len(st.Past)-1]
	if len(st.Past) != 600 || p.At != 699 || *p.Delivery != 0.96 || *p.Duplicates != 0.75 || p.Down != 1e6 || *p.Lateness != 0.4 {
		t.Errorf("%d points, the last %s", len(st.Past), body[len(body)-300:])
	}
	if st.Values["hops.mean"] != nil || *st.Values["delivery"] != 0.96 {
		t.Errorf("values %v", st.Values)
	}
}

// TestHealth: a peer that has got nothing new for half a minute is not well.
func TestHealth(t *testing.T) {
	s, _, url := begin(t, Options{})
	if code, body, _ := get(t, url+"/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("at first %d %q", code, body)
	}
	s.Report(report(5))
	s.mu.Lock()
	s.moved = time.Now().Add(-time.Minute)
	s.mu.Unlock()
	s.Report(report(5)) // the same counts
	if code, body, _ := get(t, url+"/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "no new chunk for 60 s") {
		t.Errorf("a minute of nothing: %d %q", code, body)
	}
	s.Report(report(6))
	if code, _, _ := get(t, url+"/healthz"); code != http.StatusOK {
		t.Errorf("well again: %d", code)
	}
}

// TestPage is the page's own; anything else is not there.
func TestPage(t *testing.T) {
	_, _, url := begin(t, Options{})
	code, body, header := get(t, url+"/")
	if code != http.StatusOK || body != string(page) || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d, %d bytes, %v", code, len(body), header)
	}
	for _, foreign := range []string{"http://", "https://", "src=\"//"} {
		if strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), foreign) {
			t.Errorf("the page speaks of %s", foreign)
		}
	}
	for _, path := range []string{"/nothing", "/debug/pprof/"} {
		if code, _, _ := get(t, url+path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}

// TestProfiles are served where asked for, and never beyond the machine.
func TestProfiles(t *testing.T) {
	_, _, url := begin(t, Options{Pprof: true})
	if code, _, _ := get(t, url+"/debug/pprof/"); code != http.StatusOK {
		t.Errorf("asked for: %d", code)
	}
	_, err := Listen("0.0.0.0:0", &media.Hub{}, Options{Pprof: true, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "loopback addresses only") {
		t.Errorf("everywhere: %v", err)
	}
}

// TestTenPlayers: one of them is stuck; the others get every chunk from the first
// key frame on, byte for byte, the stream is not held up, and memory is bounded.
func TestTenPlayers(t *testing.T) {
	s, hub, url := begin(t, Options{})
	chunks := frames(t)
	type result struct {
		sum string
		err error
	}
	results := make(chan result)
	const well = 9
	var read [well]atomic.Int64
	for k := range well {
		go func() {
			r, err := http.Get(url + "/stream")
			if err != nil {
				results <- result{err: err}
				return
			}
			sum := sha256.New()
			_, err = io.Copy(io.MultiWriter(sum, counter{&read[k]}), r.Body)
			if r.Header.Get("Content-Type") != "video/mpeg4-generic" {
				err = fmt.Errorf("content type %q", r.Header.Get("Content-Type"))
			}
			results <- result{string(sum.Sum(nil)), err}
		}()
	}
	stuck, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stuck.Close() }()
	if _, err := io.WriteString(stuck, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for { // until all ten have joined
		if n, _ := hub.Players(); n == well+1 {
			break
		}
		runtime.Gosched()
	}
	want, sent := sha256.New(), int64(0)
	put := func(b []byte, begun bool) {
		if err := hub.Put(0, b); err != nil {
			t.Fatal(err)
		}
		if begun {
			want.Write(b)
			sent += int64(len(b))
		}
	}
	for _, c := range chunks[1:12] { // they join in the middle of a group of pictures
		put(c, false)
	}
	const loops = 100
	for i := range loops * len(chunks) {
		c := chunks[(i+12)%len(chunks)] // frame 12 is a key frame
		put(append(bytes.Clone(c), bytes.Repeat([]byte{0xff}, 10_000)...), true)
		if i%100 == 0 { // those that read keep up, however busy the machine
			for k := range read {
				for deadline := time.Now().Add(time.Minute); read[k].Load() < sent; runtime.Gosched() {
					if time.Now().After(deadline) {
						t.Fatalf("a player has %d of %d bytes, after a minute", read[k].Load(), sent)
					}
				}
			}
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 64<<20 {
		t.Errorf("%d MiB are in use", m.HeapAlloc>>20)
	}
	if _, missed := hub.Players(); missed == 0 {
		t.Error("the stuck player has missed nothing: this test tests nothing")
	}
	hub.Close()
	for range well {
		r := <-results
		if r.err != nil || r.sum != string(want.Sum(nil)) {
			t.Errorf("a player did not get what was put out: %v", r.err)
		}
	}
}

// counter counts the bytes that are written to it.
type counter struct{ n *atomic.Int64 }

func (c counter) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

// frames cuts the small film.
func frames(t *testing.T) (all [][]byte) {
	t.Helper()
	f, err := os.Open("../media/testdata/small.m4v")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	film, err := media.Open("-", media.Options{Format: media.M4V, Stdin: bufio.NewReader(f)})
	if err != nil {
		t.Fatal(err)
	}
	there := make(chan struct{}, 1)
	film.Wake(func() { there <- struct{}{} })
	for {
		c, err := film.Next(node.ChunkID(len(all)), nil)
		switch err {
		case nil:
			all = append(all, bytes.Clone(c.Payload))
		case media.ErrNotYet:
			<-there
		default:
			return all
		}
	}
}

// TestTooManyPlayers are turned away.
func TestTooManyPlayers(t *testing.T) {
	_, hub, url := begin(t, Options{})
	for range media.MaxPlayers {
		if _, err := hub.Join(); err != nil {
			t.Fatal(err)
		}
	}
	if code, body, _ := get(t, url+"/stream"); code != http.StatusServiceUnavailable || body != "too many players\n" {
		t.Errorf("%d %q", code, body)
	}
}
