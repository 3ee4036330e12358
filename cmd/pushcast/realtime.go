package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"pushcast/cmd/internal/stage"
	"pushcast/node"
	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/results/report"
)

// lasts is how long jobs take in real time; 0 where they are not live.
func (e *engine) lasts(jobs []job) (d time.Duration) {
	if e.world != liveWorld {
		return 0
	}
	for _, j := range jobs {
		c := j.point.Config(j.seed)
		d += time.Duration(c.Duration)
	}
	return d
}

// liveCounts is what is kept of a live run beside its metrics.
type liveCounts struct {
	stage.Counts
	Machine stage.Machine `json:"machine"`
}

// runLive plays a run on real sockets. It gives no run, and no error, where the machine
// was too busy for it to say anything: see tooBusy.
func (e *engine) runLive(ctx context.Context, j job) (*results.Run, error) {
	began := time.Now()
	c := j.point.Config(j.seed)
	var played *stage.Result
	var err error
	if e.flags.processes {
		played, err = stage.RunProcesses(ctx, c, stage.Processes{Stderr: e.stderr})
	} else {
		played, err = stage.Run(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	if why := played.Machine.Saturated(); why != "" {
		where := fmt.Sprintf("seed %d", j.seed)
		if label := j.point.Label(); label != "" {
			where += " of " + label
		}
		e.busy = append(e.busy, fmt.Sprintf("%s: %s (%s)", where, why, &played.Machine))
		return nil, nil
	}
	r := &results.Run{Identity: *e.identity(j.point, j.seed), Scenario: e.scenario.Name, Values: played.Values, Digest: &played.Digest}
	r.Fingerprint = fingerprintOf(&played.Values)
	if r.Counts, err = json.Marshal(liveCounts{played.Counts, played.Machine}); err != nil {
		return nil, err
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// playedOtherwise says how many of the runs that were there were played in one process,
// where they are wanted in many, and the other way round: they count alike.
func (e *engine) playedOtherwise(v *results.Verdict) string {
	n := 0
	for i := range v.Points {
		for _, r := range v.Points[i].Runs {
			var c liveCounts
			if err := json.Unmarshal(r.Counts, &c); err == nil && (c.Machine.Processes > 0) != e.flags.processes {
				n++
			}
		}
	}
	switch {
	case e.world != liveWorld || n == 0:
		return ""
	case e.flags.processes:
		return fmt.Sprintf(", %d of them played in one process", n)
	}
	return fmt.Sprintf(", %d of them played in processes", n)
}

// fingerprintOf tells live runs apart, which have no history that could be folded: by what
// they came to.
func fingerprintOf(v *measure.Values) (h uint64) {
	for _, x := range v {
		h = node.Mix(h ^ math.Float64bits(x))
	}
	return h
}

// tooBusy says which runs were not kept, and is the error of it.
func (e *engine) tooBusy(stderr io.Writer) error {
	for _, line := range e.busy {
		fmt.Fprintf(stderr, "pushcast: %s: the machine was too busy, not kept: %s\n", e.scenario.Name, line)
	}
	runs := "runs"
	if len(e.busy) == 1 {
		runs = "run"
	}
	return &failure{exitIncomplete, fmt.Errorf("%s: %d live %s not kept because the machine was too busy: run it again when less else runs, or with fewer peers", e.scenario.Name, len(e.busy), runs)}
}

// compared are the metrics of the table of differences.
var compared = []measure.Metric{measure.Delivery, measure.Duplicates, measure.DelayP50, measure.DelayP95, measure.HopsMean}

// writeDifferences prints how far real sockets are from the simulator, where there are runs
// of both; else how to get them.
func (e *engine) writeDifferences(w io.Writer, live *results.Verdict) error {
	simulated := e.in("sim")
	if simulated == nil || simulated.Found() == 0 {
		_, err := fmt.Fprintf(w, "\nto compare with the simulator: %s\n", e.simulatedCommand())
		return err
	}
	header := coordsOf(live)
	if len(live.Points) == 1 {
		header = []string{""}
	}
	for _, m := range compared {
		header = append(header, measure.Definitions[m].Name)
	}
	var rows [][]string
	for i := range live.Points {
		if len(live.Points[i].Runs) == 0 || len(simulated.Points[i].Runs) == 0 {
			continue
		}
		row := []string{"difference"}
		if len(live.Points) > 1 {
			row = values(&live.Points[i])
		}
		for _, m := range compared {
			row = append(row, results.DifferenceOf(&simulated.Points[i], &live.Points[i], m).Text())
		}
		rows = append(rows, row)
	}
	if _, err := fmt.Fprint(w, "\nreal sockets less the simulator: difference of means, 95 % interval\n\n"); err != nil {
		return err
	}
	return results.Render(w, header, rows)
}

// simulatedCommand computes the same in the simulator.
func (e *engine) simulatedCommand() string {
	f := *e.flags
	f.live = false
	return f.command("run", e.scenario.File)
}

// liveCommand computes the same on real sockets.
func (e *engine) liveCommand() string {
	f := *e.flags
	f.live, f.wire = true, false
	return f.command("run", e.scenario.File)
}

// apart says why nothing can be laid over each other.
func (e *engine) apart(in *report.Input) string {
	none := func(v *results.Verdict) bool { return v == nil || v.Found() == 0 }
	switch {
	case e.world == liveWorld && none(in.Simulated):
		return "there are no simulated runs; first: " + e.simulatedCommand()
	case e.world != liveWorld && none(in.Live):
		return "there are no live runs; first: " + e.liveCommand()
	}
	return "at no point both worlds have runs that say something of it"
}
