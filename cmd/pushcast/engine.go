package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"pushcast/node"
	"pushcast/results"
	"pushcast/scenarios"
	"pushcast/scenarios/model"
	"pushcast/sim"
)

// engine computes the runs of one scenario that its store does not have.
type engine struct {
	scenario   *scenarios.Scenario
	flags      *runFlags
	world      string
	dir        string
	store      *results.Store
	baseline   *results.Baseline
	parameters map[*scenarios.Point][]scenarios.Parameter
	stderr     io.Writer
	busy       []string // live runs that the machine was too busy for, and why
}

// job is one run.
type job struct {
	point *scenarios.Point
	seed  int
}

// ownFolders stand in results and hold other things: the code of reports, and results that
// are kept for good.
var ownFolders = []string{"report", "reference"}

// newEngine opens the store of a scenario.
func newEngine(s *scenarios.Scenario, f *runFlags, stderr io.Writer) (*engine, error) {
	e := &engine{scenario: s, flags: f, stderr: stderr, world: "sim", dir: f.dir, parameters: map[*scenarios.Point][]scenarios.Parameter{}}
	if f.wire {
		e.world = "wire"
	} else if f.live {
		e.world = liveWorld
	}
	if e.dir == "" {
		if slices.Contains(ownFolders, s.Name) {
			return nil, &failure{exitWrong, fmt.Errorf("%s: results/%s is no folder for results, and a scenario of this name would fill it: rename it, or name a folder", s.Name, s.Name)}
		}
		e.dir = filepath.Join("results", s.Name)
	}
	points := s.Points()
	for i := range points {
		e.parameters[&points[i]] = points[i].Parameters()
	}
	var err error
	if e.store, err = results.Open(e.dir, model.Fingerprint()); err != nil {
		return nil, &failure{exitFailed, err}
	}
	for _, line := range e.store.Damaged {
		fmt.Fprintf(stderr, "pushcast: %s\n", line)
	}
	if f.fresh {
		e.store.Forget()
	}
	if s.NeedsBaseline() {
		if e.baseline, err = loadBaseline(s); err != nil {
			return nil, &failure{exitWrong, err}
		}
		if e.baseline == nil {
			fmt.Fprintf(stderr, "pushcast: %s: no baseline yet; when the runs are there: pushcast accept %s\n", s.Name, s.File)
		}
	}
	return e, nil
}

func (e *engine) identity(p *scenarios.Point, seed int) *results.Identity {
	return &results.Identity{World: e.world, Model: model.Fingerprint(), Parameters: e.parameters[p], Seed: seed}
}

func (e *engine) find(p *scenarios.Point, seed int) *results.Run {
	return e.store.Find(e.identity(p, seed))
}

func (e *engine) judge() *results.Verdict {
	return results.Judge(e.scenario, e.find, e.baseline)
}

// due lists the runs that a verdict misses, the first seed of every point first, so
// that an interrupted sweep is a complete coarser one. A run that two points share is
// due once.
func (e *engine) due(v *results.Verdict) []job {
	var jobs []job
	for i := range v.Points {
		for _, seed := range v.Points[i].Missing {
			jobs = append(jobs, job{v.Points[i].Point, seed})
		}
	}
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(a.seed, b.seed) })
	return e.once(jobs)
}

func (e *engine) once(jobs []job) (left []job) {
	seen := map[string]bool{}
	for _, j := range jobs {
		if key := e.identity(j.point, j.seed).Key(); !seen[key] {
			seen[key] = true
			left = append(left, j)
		}
	}
	return left
}

// dealt lists the runs of the whole plan, there or not, in the order of their keys: they
// are dealt to shards one by one, so that shards agree without talking.
func (e *engine) dealt() []job {
	points := e.scenario.Points()
	var jobs []job
	for _, seed := range e.scenario.SeedsOf(e.scenario.Seeds.Max) {
		for i := range points {
			jobs = append(jobs, job{&points[i], seed})
		}
	}
	jobs = e.once(jobs)
	key := map[job]string{}
	for _, j := range jobs {
		key[j] = e.identity(j.point, j.seed).Key()
	}
	slices.SortFunc(jobs, func(a, b job) int { return cmp.Compare(key[a], key[b]) })
	return jobs
}

// share lists the runs of one shard that are not there yet, and counts all of it.
func (e *engine) share(sh *shard) (due []job, all int) {
	for i, j := range e.dealt() {
		if i%sh.n != sh.i-1 {
			continue
		}
		all++
		if e.find(j.point, j.seed) == nil {
			due = append(due, j)
		}
	}
	slices.SortStableFunc(due, func(a, b job) int { return cmp.Compare(a.seed, b.seed) })
	return due, all
}

// compute runs jobs, workers at a time, and keeps each as soon as it is finished.
// Which worker computes what cannot be seen in the results. Where there are fewer jobs than
// workers, a large run uses what is left.
func (e *engine) compute(ctx context.Context, jobs []job, w *results.Writer, workers int, p *progress) error {
	var mu sync.Mutex
	var failed error
	next := 0
	take := func() (j job, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(jobs) || failed != nil || ctx.Err() != nil {
			return job{}, false
		}
		next++
		return jobs[next-1], true
	}
	var all sync.WaitGroup
	atOnce := min(workers, len(jobs))
	p.alone = atOnce == 1
	for range atOnce {
		all.Go(func() {
			for j, ok := take(); ok; j, ok = take() {
				r, err := e.run(ctx, j, workers/atOnce, p)
				if r == nil && err == nil {
					continue // the machine was too busy
				}
				if err == nil {
					err = w.Add(r)
				}
				mu.Lock()
				if err == nil {
					p.done()
				} else if failed == nil && ctx.Err() == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return failed
}

// slice is how much simulated time of a million peers passes between two looks at the
// context: short enough that they are interrupted within a second. Of fewer it is more, up
// to a second.
const slice = 10 * node.Millisecond

func sliceOf(c *sim.Config) node.Time {
	return max(slice, min(slice*1_000_000/node.Time(c.Peers), node.Second), c.Duration/100_000) // a run of a year has few events in 10 ms
}

// large is of how many peers on several cores compute one run: they meet once for each time
// that the fastest datagram takes, and want something to do between.
const large = 20_000

// checkpoints is how many stretches of a run are told apart, where two runs differ.
const checkpoints = 1000

// run computes one run, on some cores if it is large, and gives up when ctx ends.
func (e *engine) run(ctx context.Context, j job, cores int, p *progress) (*results.Run, error) {
	if e.world == liveWorld {
		return e.runLive(ctx, j)
	}
	began := time.Now()
	c := j.point.Config(j.seed)
	c.Wire = e.world == "wire"
	if c.Peers >= large {
		c.Workers = min(cores, sim.MaxWorkers)
	}
	c.Series = true // for the report
	w, err := sim.New(c)
	if err != nil {
		return nil, err
	}
	r := &results.Run{Identity: *e.identity(j.point, j.seed), Scenario: e.scenario.Name}
	for n := 1; !w.Done(); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		stop := c.Duration
		if j.seed == 0 {
			stop = results.Checkpoint(c.Duration, n, checkpoints)
		}
		w.Advance(min(w.Now()+sliceOf(&c), stop))
		p.reaches(w.Now(), c.Duration, w.Events())
		if j.seed == 0 && w.Now() == stop {
			r.Checkpoints = append(r.Checkpoints, uint32(w.Fingerprint()))
			n++
		}
	}
	result := w.Result()
	r.Fingerprint, r.Values = result.Fingerprint, result.Values
	if r.Counts, err = json.Marshal(result.Counts); err != nil {
		return nil, err
	}
	digest := w.Digest()
	r.Digest = &digest
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}
