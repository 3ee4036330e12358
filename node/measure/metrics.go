// Package measure says what the metrics mean, in one place, for the simulator
// and for a real peer alike: their names, units and definitions, and the
// arithmetic from counts to values. It is pure, and knows neither clock nor
// network.
package measure

import "math"

// Metric is the index of a metric in Definitions and Values.
type Metric int

// The metrics, in the order of tables. Values index by them; the names are the
// contract with rules, CSV files and dashboards.
const (
	Delivery Metric = iota
	DeliveryWorst
	DeliveryP05
	Played
	DelayMean
	DelayP50
	DelayP95
	DelayP99
	DelayMax
	HopsMean
	HopsMax
	Duplicates
	Overhead
	StartupP95
	Recovery
	DegreeMax
	DegreeSD
	Isolated
	Clustering
	Path
	Components
	Count // the number of metrics
)

// Unit is what a metric's value is counted in.
type Unit string

// The units.
const (
	Ratio  Unit = "ratio"   // 0 … 1, shown as per cent
	Second Unit = "seconds" // time
	Factor Unit = "factor"  // a multiple, shown as a plain number
	Number Unit = "number"  // a count
)

// Definition is what a metric is called, counted in, and means.
type Definition struct {
	Name  string
	Unit  Unit
	About string
}

// Definitions describes every metric, indexed by Metric.
var Definitions = [Count]Definition{
	Delivery:      {"delivery", Ratio, "due pairs (peer, chunk) received by birth + deadline, of all due pairs"},
	DeliveryWorst: {"delivery.worst", Ratio, "delivery of the peer that has the least"},
	DeliveryP05:   {"delivery.p05", Ratio, "delivery that 95 % of the peers reach"},
	Played:        {"played", Ratio, "due pairs put out by the output window by birth + deadline, of all due pairs"},
	DelayMean:     {"delay.mean", Second, "chunk delay, birth to first copy, over received due pairs"},
	DelayP50:      {"delay.p50", Second, "median of the chunk delay"},
	DelayP95:      {"delay.p95", Second, "95th percentile of the chunk delay"},
	DelayP99:      {"delay.p99", Second, "99th percentile of the chunk delay"},
	DelayMax:      {"delay.max", Second, "longest chunk delay"},
	HopsMean:      {"hops.mean", Number, "hops from the source at the first copy, over received due pairs"},
	HopsMax:       {"hops.max", Number, "most hops from the source at a first copy"},
	Duplicates:    {"duplicates", Ratio, "later copies of a chunk, of all chunk datagrams received"},
	Overhead:      {"overhead", Factor, "all bytes sent, headers, control, lost and duplicate ones included, by the wire bytes of first copies"},
	StartupP95:    {"startup.p95", Second, "95th percentile over peers of the time from joining to the first chunk put out"},
	Recovery:      {"recovery", Second, "from an event of churn, or its healing, until delivery to the peers that are up, over a sliding 10 chunks, is again 99 % of its mean over the 100 chunks before, once it has been at its worst; of several events the longest"},
	DegreeMax:     {"degree.max", Number, "most views that one peer stands in, of peers that are up at the end"},
	DegreeSD:      {"degree.sd", Number, "standard deviation over peers of the number of views that a peer stands in, of peers that are up at the end"},
	Isolated:      {"isolated", Number, "peers up with an empty view, or in nobody's view, at the end"},
	Clustering:    {"clustering", Number, "share of a peer's pairs of neighbours that know each other, mean over the peers that are up; a sample of 256 of more"},
	Path:          {"path", Number, "steps of the shortest way from peer to peer, either knowing the other, mean over the pairs that have one; from a sample of 256 of more"},
	Components:    {"components", Number, "parts of the overlay that do not know each other, of the peers up at the end; 1 is one swarm"},
}

// Named finds a metric; ok is false where there is none of this name.
func Named(name string) (m Metric, ok bool) {
	for i := range Definitions {
		if Definitions[i].Name == name {
			return Metric(i), true
		}
	}
	return 0, false
}

// Values holds a value for every metric. NaN stands for one that does not
// exist: no pair was due, nothing was put out.
type Values [Count]float64

// None is a Values in which no metric exists.
func None() (v Values) {
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}
