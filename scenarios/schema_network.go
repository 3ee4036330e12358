package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// The keys of network: what is between the peers. Those that classKeys lists may be said
// of a class as well.
var networkFields = []field{
	{"network.latency", "50ms", "of every datagram, one way; a range is drawn from uniformly",
		func(s *settings, text string) (err error) {
			s.latency.Min, s.latency.Max, err = parseSpan(text)
			return bounded(err, s.latency.Max)
		},
		func(s *settings) string { return formatSpan(s.latency.Min, s.latency.Max) }, nil},
	{"network.regions", "none", "peers live in regions, with a table of latencies between them: " + strings.Join(regionNames(), ", ") + ", or a CSV file",
		func(s *settings, text string) (err error) {
			s.regions, s.table = fileValue{}, nil
			if text == "none" {
				return nil
			}
			if s.regions, err = parseFile(text); err == nil && !strings.ContainsAny(s.regions.name, "./\\") && !slices.Contains(regionNames(), s.regions.name) {
				err = errors.New(oneOf(s.regions.name, append(regionNames(), "none")).Error() + ", or a file, as ./" + s.regions.name + ".csv")
			}
			return err
		},
		func(s *settings) string {
			if s.regions.name == "" {
				return "none"
			}
			return s.regions.String()
		}, nil},
	{"network.access", "0s", "delay of a peer's own line, at both ends of every way; of a range each peer draws once",
		func(s *settings, text string) (err error) {
			s.access.Min, s.access.Max, err = parseSpan(text)
			return bounded(err, s.access.Max)
		},
		func(s *settings) string { return formatSpan(s.access.Min, s.access.Max) }, nil},
	jitterField("network.jitter", "20ms", "is added to each datagram: a time, uniformly from 0s to it; or a law: exp mean 20ms, normal mean 20ms sd 5ms, lognormal mean 20ms sd 20ms, pareto mean 20ms shape 3, weibull mean 20ms shape 0.6"),
	{"network.loss", "1%", "of packets: 2%, independently; 2% in bursts of 4",
		func(s *settings, text string) (err error) { s.loss, err = parseLoss(text); return err },
		func(s *settings) string { return formatLoss(s.loss) }, nil},
	shareField("network.duplicate", "datagrams of which the network makes a second copy", func(s *settings) *float64 { return &s.duplicate }),
	{"network.reorder", "0%", "datagrams held back, so that later ones overtake them: 2% by 50ms",
		func(s *settings, text string) (err error) {
			words := strings.Fields(text)
			s.reorder, s.reorderBy = 0, 0
			if len(words) != 1 && (len(words) != 3 || words[1] != "by") {
				return errors.New("want a share and a time, as 2% by 50ms")
			}
			if s.reorder, err = parsePercent(words[0]); err != nil {
				return err
			}
			if len(words) == 3 {
				s.reorderBy, err = parseTime(words[2])
			}
			if err == nil && (s.reorder > 0) != (s.reorderBy > 0) {
				err = errors.New("want a share and a time, as 2% by 50ms")
			}
			return bounded(err, s.reorderBy)
		},
		func(s *settings) string {
			if s.reorder == 0 {
				return "0%"
			}
			return formatPercent(s.reorder) + " by " + formatTime(s.reorderBy)
		}, nil},
	shareField("network.corrupt", "datagrams in which a bit is flipped", func(s *settings) *float64 { return &s.corrupt }),
	boolField("network.checksum", "true", "damaged datagrams are dropped by the checksum of UDP; false lets them in", func(s *settings) *bool { return &s.checksum }),
	bitrateField("network.upload", "of a peer's access link: 5Mbit, or a multiple of the stream's bit rate, 1.25x; or none, which is no limit", func(s *settings) *bitrate { return &s.upload }),
	bitrateField("network.download", "as upload, towards the peer", func(s *settings) *bitrate { return &s.download }),
	{"network.queue", "1s", "what may wait for a link of limited rate: 1s, 64kB; or none, which is no bound",
		func(s *settings, text string) (err error) {
			s.queue = link.Queue{}
			if text == "none" {
				return nil
			}
			if strings.HasSuffix(text, "B") {
				if s.queue.Bytes, err = parseSize(text); err == nil && (s.queue.Bytes < 1 || s.queue.Bytes > 1<<40) {
					err = errors.New("must be 1B to 1TiB")
				}
				return err
			}
			if s.queue.Time, err = parseTime(text); err == nil && s.queue.Time == 0 {
				err = errors.New("must be more than 0s; write none for no bound")
			}
			return bounded(err, s.queue.Time)
		},
		func(s *settings) string {
			switch {
			case s.queue.Time > 0:
				return formatTime(s.queue.Time)
			case s.queue.Bytes > 0:
				return formatSize(s.queue.Bytes)
			}
			return "none"
		}, nil},
	{"network.mtu", "1500B", "largest IP packet: what is larger goes as several, each with its header, each of which may be lost",
		func(s *settings, text string) (err error) {
			if s.mtu, err = parseSize(text); err == nil && (s.mtu < link.MinMTU || s.mtu > 65535) {
				err = fmt.Errorf("must be %dB to 65535B", link.MinMTU)
			}
			return err
		},
		func(s *settings) string { return formatSize(s.mtu) }, nil},
}

func shareField(path, about string, at func(*settings) *float64) field {
	return field{path, "0%", about,
		func(s *settings, text string) (err error) { *at(s), err = parsePercent(text); return err },
		func(s *settings) string { return formatPercent(*at(s)) }, nil}
}

func bitrateField(path, about string, at func(*settings) *bitrate) field {
	return field{path, "none", about,
		func(s *settings, text string) (err error) { *at(s), err = parseBitrate(text); return err },
		func(s *settings) string { return at(s).String() }, nil}
}

// parseLoss reads 2%, or 2% in bursts of 4.
func parseLoss(text string) (l link.Loss, err error) {
	share, burst, bursts := strings.Cut(text, " in bursts of ")
	if l.Rate, err = parsePercent(strings.TrimSpace(share)); err != nil || !bursts {
		return l, err
	}
	r, ok := exact(strings.TrimSpace(burst))
	if ok {
		l.Burst, _ = r.Float64()
	}
	switch {
	case !ok || l.Burst < 1 || l.Burst > 1e6:
		return l, errors.New("want the mean length of a burst in packets, 1 or more, as 2% in bursts of 4")
	case l.Rate > l.Burst/(l.Burst+1):
		return l, fmt.Errorf("between two bursts a packet arrives: in bursts of %g at most %s are lost", l.Burst, formatPercent(l.Burst/(l.Burst+1)))
	}
	return l, nil
}

func formatLoss(l link.Loss) string {
	if l.Burst == 0 {
		return formatPercent(l.Rate)
	}
	return formatPercent(l.Rate) + " in bursts of " + strconv.FormatFloat(l.Burst, 'f', -1, 64)
}

// The keys of churn: who comes, who goes, and what happens at a time of its own. Its
// events are no single key; see own.
var churnFields = []field{
	{"churn.join", "0s", "when receivers start: 5s, all at once; 0s..10s, spread; 200ms every 20ms jitter 2ms, in turn; poisson 50/s, or poisson 50/s from 2s",
		func(s *settings, text string) (err error) {
			if s.join, err = parseJoin(text); err == nil && max(s.join.From, s.join.Every, s.join.Spread) > sim.MaxTime {
				err = errors.New("is more than a year")
			}
			return err
		},
		func(s *settings) string { return formatJoin(s.join) }, nil},
	stayField("churn.lifetime", "for how long a receiver stays: forever; 300s; a law, as exp mean 300s, weibull mean 300s shape 0.6, pareto mean 300s shape 2.5; file lives.txt, with a measured time in each line", func(s *settings) *lawValue { return &s.lifetime }),
	stayField("churn.downtime", "after how long one that has left comes back; as lifetime", func(s *settings) *lawValue { return &s.downtime }),
	nameField("churn.leave", "crash", "how receivers leave", []string{"crash", "goodbye"}, func(s *settings) *leaving { return &s.leave }),
	nameField("churn.identity", "same", "as whom a receiver comes back: under the address that others know, or a new one", []string{"same", "new"}, func(s *settings) *identity { return &s.identity }),
}

type (
	leaving  uint8 // crash, goodbye
	identity uint8 // same, new
)

// parseJoin reads when receivers start.
func parseJoin(text string) (j sim.Join, err error) {
	words := strings.Fields(text)
	want := errors.New("want a time (all at once), 0s..10s (spread), 200ms every 20ms jitter 2ms (in turn), or poisson 50/s")
	if words[0] == "poisson" {
		return parsePoisson(words)
	}
	if len(words) == 1 {
		var to node.Time
		j.From, to, err = parseSpan(words[0])
		j.Spread = to - j.From
		return j, err
	}
	if (len(words) != 3 && len(words) != 5) || words[1] != "every" || len(words) == 5 && words[3] != "jitter" {
		return j, want
	}
	if j.From, err = parseTime(words[0]); err != nil {
		return j, err
	}
	if j.Every, err = parseTime(words[2]); err == nil && len(words) == 5 {
		j.Spread, err = parseTime(words[4])
	}
	return j, err
}

func formatJoin(j sim.Join) string {
	switch {
	case j.Poisson:
		text := "poisson " + rate{number: float64(node.Second) / float64(j.Every)}.String()
		if j.From > 0 {
			text += " from " + formatTime(j.From)
		}
		return text
	case j.Every == 0:
		return formatSpan(j.From, j.From+j.Spread)
	case j.Spread == 0:
		return formatTime(j.From) + " every " + formatTime(j.Every)
	}
	return formatTime(j.From) + " every " + formatTime(j.Every) + " jitter " + formatTime(j.Spread)
}

// parsePoisson reads poisson 50/s, or poisson 50/s from 2s.
func parsePoisson(words []string) (j sim.Join, err error) {
	if len(words) != 2 && (len(words) != 4 || words[2] != "from") {
		return j, errors.New("want poisson 50/s, or poisson 50/s from 2s")
	}
	r, err := parseRate(words[1])
	switch {
	case err != nil:
		return j, err
	case r.multiple || r.number <= 0:
		return j, errors.New("want how many join, as 50/s")
	}
	j.Poisson, j.Every = true, r.period(0)
	if len(words) == 4 {
		j.From, err = parseTime(words[3])
	}
	return j, err
}
