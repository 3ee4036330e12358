// Package web shows one peer to browsers, players and monitors: the stream, a live
// page, metrics. It reads reports and hands chunks on, and changes nothing.
//
//	/             the live page; it asks nobody else for anything
//	/stream       the stream, from the next key frame on
//	/status.json  what the page shows: the last ten minutes, a second each
//	/metrics      for Prometheus, under the simulator's names
//	/healthz      200 while chunks come, 503 else
//	/debug/pprof  only where asked for, and only at loopback addresses
package web

import (
	"context"
	_ "embed" // the page
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/node/measure"
)

//go:embed page.html
var page []byte

// Options say what is shown.
type Options struct {
	// Title heads the page: what the peer is.
	Title string
	// Source is set for a source: it receives nothing, and is healthy while it
	// publishes.
	Source bool
	// Pprof adds /debug/pprof, if the address is of loopback.
	Pprof bool
	Log   *slog.Logger
}

// Server serves one peer.
type Server struct {
	opt  Options
	hub  *media.Hub
	http http.Server
	addr net.Addr
	done chan struct{}

	mu    sync.Mutex
	last  driver.Report
	known bool
	past  []Point
	moved time.Time // when the last new chunk came
}

// Point is one second of the page's curves. What does not exist is null.
type Point struct {
	At         float64  `json:"at"`         // seconds since the start
	Delivery   *float64 `json:"delivery"`   // of the chunks that fell due in the last ten seconds
	Lateness   *float64 `json:"lateness"`   // 95th percentile, seconds
	Duplicates *float64 `json:"duplicates"` // of the chunks that came in the last ten seconds
	Neighbours int      `json:"neighbours"`
	Down       float64  `json:"down"` // bit/s, in the last ten seconds
	Up         float64  `json:"up"`
	Chunks     uint64   `json:"chunks"` // put out, or published

	counts driver.Report
}

// Bounds: ten minutes of curves, ten seconds of looking back.
const (
	maxPoints = 600
	lookBack  = 10
	// writeFor is how long a player may take nothing before it is dropped.
	writeFor = 30 * time.Second
	// quietFor is how long no new chunk may come before /healthz says so.
	quietFor = 30 * time.Second
)

// Listen serves at an address, from now on. The error says what is wrong with it.
func Listen(address string, hub *media.Hub, opt Options) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{opt: opt, hub: hub, addr: l.Addr(), done: make(chan struct{}), moved: time.Now()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /stream", s.serveStream)
	mux.HandleFunc("GET /status.json", s.serveStatus)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry(), promhttp.HandlerOpts{}))
	if opt.Pprof {
		if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
			return nil, errors.Join(fmt.Errorf("profiles are served at loopback addresses only, and %s is none: use 127.0.0.1", ip), l.Close())
		}
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	s.http = http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(opt.Log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			opt.Log.Error("the web server has ended", "error", err)
		}
	}()
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.addr }

// Close ends the players' streams, then the server; what takes longer than
// patience is cut off.
func (s *Server) Close(patience time.Duration) error {
	s.hub.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.done
	return err
}

// Report takes what the driver says, once a second.
func (s *Server) Report(r *driver.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if progress(r) > progress(&s.last) {
		s.moved = time.Now()
	}
	s.last, s.known = *r, true
	p := Point{
		At: r.At.Seconds(), Neighbours: r.Neighbours, Chunks: r.Peer.Played + r.Published, counts: *r,
		Lateness: number(r.Values[measure.DelayP95]),
	}
	if n := len(s.past); n > 0 {
		old := &s.past[max(0, n-lookBack)].counts
		seconds := (r.At - old.At).Seconds()
		p.Delivery = ratio(uint64(r.Received-old.Received), uint64(r.Due-old.Due))
		p.Duplicates = ratio(r.Chunks.Duplicates-old.Chunks.Duplicates, r.Chunks.Arrived-old.Chunks.Arrived)
		if seconds > 0 {
			p.Down = 8 * float64(r.Traffic.InBytes-old.Traffic.InBytes) / seconds
			p.Up = 8 * float64(r.Traffic.OutBytes-old.Traffic.OutBytes) / seconds
		}
	}
	if len(s.past) == maxPoints {
		s.past = s.past[:copy(s.past, s.past[1:])]
	}
	s.past = append(s.past, p)
}

// progress counts the chunks that are new.
func progress(r *driver.Report) uint64 {
	return r.Published + r.Chunks.Arrived - r.Chunks.Duplicates
}

func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func ratio(n, of uint64) *float64 {
	if of == 0 {
		return nil
	}
	return number(float64(n) / float64(of))
}

func (s *Server) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:")
	_, _ = w.Write(page) // who has gone needs no page
}

// status is what /status.json says.
type status struct {
	Title   string              `json:"title"`
	Source  bool                `json:"source"`
	Players int                 `json:"players"`
	Missed  uint64              `json:"missed"`
	Values  map[string]*float64 `json:"values"` // the metrics, by the simulator's names
	Past    []Point             `json:"past"`
}

func (s *Server) serveStatus(w http.ResponseWriter, _ *http.Request) {
	st := status{Title: s.opt.Title, Source: s.opt.Source, Values: map[string]*float64{}}
	st.Players, st.Missed = s.hub.Players()
	s.mu.Lock()
	if s.known {
		for m, d := range measure.Definitions {
			st.Values[d.Name] = number(s.last.Values[m])
		}
	}
	st.Past = append([]Point{}, s.past...)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(st)
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	quiet := time.Since(s.moved)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if quiet > quietFor {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "no new chunk for %.0f s\n", quiet.Seconds())
		return
	}
	fmt.Fprintln(w, "ok")
}

func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	player, err := s.hub.Join()
	if err != nil {
		http.Error(w, "too many players", http.StatusServiceUnavailable)
		return
	}
	defer player.Leave()
	out := http.NewResponseController(w)
	for begun := false; ; {
		chunks, err := player.Next(r.Context())
		if err != nil {
			return
		}
		if !begun {
			begun = true
			w.Header().Set("Content-Type", s.hub.MIME())
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
		}
		if out.SetWriteDeadline(time.Now().Add(writeFor)) != nil {
			return
		}
		for _, c := range chunks {
			if _, err := w.Write(c); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
	}
}
