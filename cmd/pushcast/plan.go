package main

import (
	"fmt"
	"io"
	"time"
)

// plan says what would be computed.
func (e *engine) plan(stdout io.Writer, part *shard, f *runFlags) error {
	v := e.judge()
	jobs := e.due(v)
	all := 0
	var took float64
	known := 0
	for i := range v.Points {
		all += len(v.Points[i].Runs) + len(v.Points[i].Missing)
		for _, r := range v.Points[i].Runs {
			took += r.Seconds
			known++
		}
	}
	if part != nil {
		jobs, all = e.share(part)
	}
	estimate := ""
	if known > 0 && len(jobs) > 0 {
		seconds := took / float64(known) * float64(len(jobs)) / float64(min(f.atOnce(), len(jobs)))
		estimate = fmt.Sprintf(", about %s", time.Duration(seconds*float64(time.Second)).Round(100*time.Millisecond))
	}
	_, err := fmt.Fprintf(stdout, "%-10s  %d points × %s seeds: %d runs, %d cached, %d due%s\n",
		e.scenario.Name, len(v.Points), e.scenario.Seeds, all, all-len(jobs), len(jobs), estimate)
	return err
}
