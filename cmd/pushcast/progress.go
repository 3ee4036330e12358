package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress tells on stderr how far a scenario is: on a terminal a bar, else a plain line
// at growing intervals, the first after two seconds, then at least one a minute, whether
// or not a run has finished meanwhile.
type progress struct {
	finished atomic.Int64
	bar      *mpb.Bar // on a terminal
	stop     func()
	lasts    time.Duration // all of it, where that is known; 0: it is reckoned
}

// newProgress begins to tell; end has to be called.
func newProgress(w io.Writer, name string, total int, quiet bool) *progress {
	p := &progress{stop: func() {}}
	switch {
	case quiet || total == 0:
	case isTerminal(w):
		p.draw(w, name, total)
	default:
		p.lines(w, name, total)
	}
	return p
}

// done counts one more finished run.
func (p *progress) done() {
	p.finished.Add(1)
	if p.bar != nil {
		p.bar.Increment()
	}
}

// n is how many are finished.
func (p *progress) n() int { return int(p.finished.Load()) }

// end falls silent, and clears the line of a terminal.
func (p *progress) end() { p.stop() }

// draw draws a line that is written over, ten times a second.
func (p *progress) draw(w io.Writer, name string, total int) {
	began := time.Now()
	all := mpb.New(mpb.WithOutput(w), mpb.WithWidth(20), mpb.WithRefreshRate(100*time.Millisecond))
	p.bar = all.AddBar(int64(total), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(name+" ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf(" %d/%d  %s", p.n(), total, p.pace(total, time.Since(began)))
		})))
	p.stop = func() {
		p.bar.Abort(true)
		all.Wait()
	}
}

// lines writes a line now and then.
func (p *progress) lines(w io.Writer, name string, total int) {
	stop, ended := make(chan struct{}), make(chan struct{})
	began, interval := time.Now(), 2*time.Second
	go func() {
		defer close(ended)
		timer := time.NewTimer(interval)
		defer timer.Stop()
		for {
			select {
			case <-stop:
				return
			case <-timer.C:
			}
			fmt.Fprintf(w, "%s: %d of %d runs, %s\n", name, p.n(), total, p.pace(total, time.Since(began)))
			interval = min(2*interval, time.Minute)
			timer.Reset(interval)
		}
	}()
	p.stop = sync.OnceFunc(func() {
		close(stop)
		<-ended
	})
}

// pace is how fast it goes, and when that will be all.
func (p *progress) pace(total int, took time.Duration) string {
	n := p.n()
	if p.lasts > 0 {
		return fmt.Sprintf("%s left", max(p.lasts-took, 0).Round(time.Second))
	}
	if n == 0 {
		return fmt.Sprintf("%s so far", took.Round(time.Second))
	}
	left := time.Duration(float64(took) / float64(n) * float64(total-n)).Round(time.Second)
	rate, unit := float64(n)/took.Seconds(), "s"
	if rate < 0.5 {
		rate, unit = 60*rate, "min"
	}
	return fmt.Sprintf("%.1f/%s, %s left", rate, unit, left)
}
