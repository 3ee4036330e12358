package main

import (
	"fmt"
	"io"
	"time"

	"pushcast/node"
	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/sim"
)

// plan says what would be computed, and about how long it would take.
func (e *engine) plan(stdout io.Writer, part *shard, f *runFlags) error {
	v := e.judge()
	jobs := e.due(v)
	all := 0
	for i := range v.Points {
		all += len(v.Points[i].Runs) + len(v.Points[i].Missing)
	}
	kept := keptPace(v)
	if part != nil {
		jobs, all = e.share(part)
	}
	estimate := ""
	if len(jobs) > 0 && f.live {
		estimate = ", " + rough(e.lasts(jobs))
	} else if len(jobs) > 0 {
		if kept.work == 0 {
			kept = e.taste(jobs[0].point)
		}
		estimate = ", about " + rough(kept.of(jobs)/time.Duration(min(f.atOnce(), len(jobs))))
	}
	points := "1 point"
	if n := len(v.Points); n > 1 {
		points = fmt.Sprintf("%d points", n)
	}
	_, err := fmt.Fprintf(stdout, "%-10s  %s × %s seeds: %d runs, %d cached, %d due%s\n",
		e.scenario.Name, points, e.scenario.Seeds, all, all-len(jobs), len(jobs), estimate)
	return err
}

// pace is how many seconds some work took.
type pace struct{ seconds, work float64 }

// keptPace is that of the runs that are there.
func keptPace(v *results.Verdict) (kept pace) {
	for i := range v.Points {
		c := v.Points[i].Point.Config(0)
		for _, r := range v.Points[i].Runs {
			kept.seconds += r.Seconds
			kept.work += work(&c)
		}
	}
	return kept
}

// of is about how long jobs take, one after the other.
func (p pace) of(jobs []job) time.Duration {
	due := 0.0
	for _, j := range jobs {
		c := j.point.Config(j.seed)
		due += work(&c)
	}
	return time.Duration(due * p.seconds / p.work * float64(time.Second))
}

// work is about how many events a run has: ticks and arrivals of pushes, and what the
// source sends.
func work(c *sim.Config) float64 {
	events := float64(c.Chunks()) * float64(1+c.Copies)
	events += 2 * float64(c.Peers) * c.Duration.Seconds() * pushes(c)
	if c.Peer.Scheduler == node.Stripes {
		// A push arrives and the link is free again, once a chunk, and every beat is a look
		// at all; some twenty partners report.
		seconds := float64(c.Peers) * c.Duration.Seconds()
		events += seconds * (3.5/c.Period.Seconds() + 20/c.Peer.Report.Seconds())
	}
	if c.Peer.Scheduler == node.Offer {
		// A chunk arrives and the link is free again, offers and answers arrive, and every
		// half of a chunk's time is a look at all.
		events += float64(c.Peers) * c.Duration.Seconds() * 9 / c.Period.Seconds()
	}
	if c.Peer.Maps > 0 {
		events += float64(c.Peers*c.View) * c.Duration.Seconds() / c.Peer.Maps.Seconds()
	}
	return events
}

// pushes is how often a second a receiver pushes, in the mean of its class.
func pushes(c *sim.Config) float64 {
	rate := func(push node.Time) float64 {
		if push == 0 {
			return 0
		}
		return 1 / push.Seconds()
	}
	if len(c.Classes) == 0 {
		return rate(c.Peer.Push)
	}
	sum, shares := 0.0, 0.0
	for i := range c.Classes {
		sum += c.Classes[i].Share * rate(c.Classes[i].Push)
		shares += c.Classes[i].Share
	}
	return sum / shares
}

// tasting is how long a run is tried: long enough to be told from the clock's noise,
// and short enough that nobody waits for a plan.
const tasting = 100 * time.Millisecond

// taste computes the beginning of a run, where none is kept that tells how long one takes.
func (e *engine) taste(p *scenarios.Point) pace {
	began := time.Now()
	c := p.Config(0)
	c.Wire = e.world == "wire"
	w, err := sim.New(c)
	if err != nil {
		panic(err) // cannot be: all points have been validated
	}
	for time.Since(began) < tasting && !w.Done() {
		w.Advance(w.Now() + node.Millisecond)
	}
	whole := work(&c)
	return pace{time.Since(began).Seconds(), whole * float64(max(w.Now(), 1)) / float64(c.Duration)}
}

// rough is a time to two digits, as an estimate has.
func rough(d time.Duration) string {
	switch {
	case d < time.Second:
		return "1s"
	case d < 10*time.Second:
		return d.Round(time.Second).String()
	case d < 10*time.Minute:
		return d.Round(10 * time.Second).String()
	case d < 10*time.Hour:
		return d.Round(10 * time.Minute).String()
	}
	return fmt.Sprintf("%.0f h", d.Hours())
}
