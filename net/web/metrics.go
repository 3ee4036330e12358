package web

import (
	"math"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"pushcast/node/measure"
)

// namespace begins the name of every metric.
const namespace = "pushcast_"

// MetricName is the Prometheus name of one of the simulator's metrics.
func MetricName(name string) string { return namespace + strings.ReplaceAll(name, ".", "_") }

// registry has the peer's metrics in it, and nothing else.
func (s *Server) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(newCollector(s)) // names are constant: tests have seen them
	return r
}

// collector makes metrics of the last report.
type collector struct {
	server  *Server
	values  [measure.Count]*prometheus.Desc
	counts  []count
	players *prometheus.Desc
	missed  *prometheus.Desc
}

// count is a number of the report that is no metric of the simulator's.
type count struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels []string
	value  func(*Server) float64
}

func newCollector(s *Server) *collector {
	c := &collector{server: s}
	for m, d := range measure.Definitions {
		c.values[m] = prometheus.NewDesc(MetricName(d.Name), d.About+" ("+string(d.Unit)+")", nil, nil)
	}
	add := func(name, help string, kind prometheus.ValueType, label string, values map[string]func(*Server) float64) {
		var names []string
		if label != "" {
			names = []string{label}
		}
		desc := prometheus.NewDesc(namespace+name, help, names, nil)
		for of, value := range values {
			one := count{desc: desc, kind: kind, value: value}
			if label != "" {
				one.labels = []string{of}
			}
			c.counts = append(c.counts, one)
		}
	}
	type of = map[string]func(*Server) float64
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	add("datagrams_total", "datagrams received and sent", counter, "direction", of{
		"in":  func(s *Server) float64 { return float64(s.last.Traffic.In) },
		"out": func(s *Server) float64 { return float64(s.last.Traffic.Out) },
	})
	add("bytes_total", "bytes received and sent, headers of UDP and IP included", counter, "direction", of{
		"in":  func(s *Server) float64 { return float64(s.last.Traffic.InBytes) },
		"out": func(s *Server) float64 { return float64(s.last.Traffic.OutBytes) },
	})
	add("refused_datagrams_total", "datagrams that were dropped unread", counter, "reason", of{
		"unknown": func(s *Server) float64 { return float64(s.last.Traffic.Unknown) },
		"length":  func(s *Server) float64 { return float64(s.last.Traffic.BadLength) },
		"id":      func(s *Server) float64 { return float64(s.last.Traffic.BadID) },
		"entry":   func(s *Server) float64 { return float64(s.last.Traffic.BadEntry) },
	})
	for _, n := range []struct {
		name, help string
		kind       prometheus.ValueType
		value      func(*Server) float64
	}{
		{"neighbours", "peers in the view", gauge, func(s *Server) float64 { return float64(s.last.Neighbours) }},
		{"chunks_put_out_total", "chunks put out", counter, func(s *Server) float64 { return float64(s.last.Peer.Played) }},
		{"chunks_published_total", "chunks that this source has published", counter, func(s *Server) float64 { return float64(s.last.Published) }},
		{"chunks_pushed_total", "chunks pushed to neighbours", counter, func(s *Server) float64 { return float64(s.last.Peer.Pushed) }},
		{"chunks_recovered_total", "chunks computed from repair chunks", counter, func(s *Server) float64 { return float64(s.last.Peer.Recovered) }},
		{"chunks_unrecovered_total", "chunks that could not be computed, because somebody has lied", counter, func(s *Server) float64 { return float64(s.last.Traffic.Unrecovered) }},
		{"strays_total", "chunks too far from the stream to be believed", counter, func(s *Server) float64 { return float64(s.last.Peer.Strays) }},
		{"restarts_total", "times that the stream was found elsewhere", counter, func(s *Server) float64 { return float64(s.last.Peer.Restarts) }},
		{"late_ticks_total", "ticks left out because they were too late", counter, func(s *Server) float64 { return float64(s.last.SkippedTicks) }},
		{"kernel_drops_total", "datagrams that the kernel dropped because the receive buffer was full", counter, func(s *Server) float64 { return float64(s.last.KernelDrops) }},
		{"link_lost_total", "datagrams that the artificial link lost", counter, func(s *Server) float64 { return float64(s.last.Traffic.LinkLost) }},
		{"send_errors_total", "datagrams that the operating system refused to send", counter, func(s *Server) float64 { return float64(s.last.Traffic.SendErrors) }},
	} {
		add(n.name, n.help, n.kind, "", of{"": n.value})
	}
	c.players = prometheus.NewDesc(namespace+"players", "players of the stream", nil, nil)
	c.missed = prometheus.NewDesc(namespace+"missed_chunks_total", "chunks that players were too slow for", nil, nil)
	return c
}

// Describe tells the metrics there may be.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.values {
		to <- d
	}
	for _, n := range c.counts {
		to <- n.desc
	}
	to <- c.players
	to <- c.missed
}

// Collect tells those there are now.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	players, missed := c.server.hub.Players()
	to <- prometheus.MustNewConstMetric(c.players, prometheus.GaugeValue, float64(players))
	to <- prometheus.MustNewConstMetric(c.missed, prometheus.CounterValue, float64(missed))
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if !c.server.known {
		return
	}
	for m, d := range c.values {
		if x := c.server.last.Values[m]; !math.IsNaN(x) {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x)
		}
	}
	for _, n := range c.counts {
		to <- prometheus.MustNewConstMetric(n.desc, n.kind, n.value(c.server), n.labels...)
	}
}
