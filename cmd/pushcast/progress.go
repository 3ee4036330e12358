package main

import (
	"fmt"
	"io"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"pushcast/node"
)

// progress tells on stderr how far a scenario is: on a terminal a bar, else a plain line
// at growing intervals, the first after two seconds, then at least one a minute, whether
// or not a run has finished meanwhile.
type progress struct {
	finished atomic.Int64
	before   atomic.Int64           // of these, those that the pace knows nothing of
	more     atomic.Pointer[string] // what else there is to say
	bar      *mpb.Bar               // on a terminal
	stop     func()
	lasts    time.Duration // all of it, where that is known; 0: it is reckoned
	alone    bool          // one run at a time is computed
	run      atomic.Pointer[reached]
}

// reached is how far the run has got that is being computed.
type reached struct {
	at, end node.Time
	events  uint64
	began   time.Time
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

// set says how many are finished, where others finish them, and what else there is to say.
func (p *progress) set(n int, more string) {
	p.finished.Store(int64(n))
	p.more.Store(&more)
	if p.bar != nil {
		p.bar.SetCurrent(int64(n))
	}
}

// reaches notes how far a run has got.
func (p *progress) reaches(at, end node.Time, events uint64) {
	if !p.alone {
		return
	}
	r := &reached{at, end, events, time.Now()}
	if was := p.run.Load(); was != nil && was.at < at {
		r.began = was.began
	}
	p.run.Store(r)
}

// String tells of a run its simulated time, how fast it goes since the first look at it, and
// what memory the program takes.
func (r *reached) String() string {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(memory)
	bytes := memory[0].Value.Uint64() - memory[1].Value.Uint64()
	text := fmt.Sprintf("at %.1f of %.1f s", r.at.Seconds(), r.end.Seconds())
	if took := time.Since(r.began).Seconds(); took > 0 {
		text += fmt.Sprintf(", %.2f M events/s", float64(r.events)/took/1e6)
	}
	return text + fmt.Sprintf(", %d MB", bytes>>20)
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
	if p.lasts > 0 {
		return fmt.Sprintf("%s left", max(p.lasts-took, 0).Round(time.Second))
	}
	n, more := p.n()-int(p.before.Load()), ""
	if text := p.more.Load(); text != nil {
		more = *text
	}
	if r := p.run.Load(); r != nil {
		more += "; " + r.String()
	}
	if n <= 0 {
		return fmt.Sprintf("%s so far%s", took.Round(time.Second), more)
	}
	left := time.Duration(float64(took) / float64(n) * float64(total-p.n())).Round(time.Second)
	rate, unit := float64(n)/took.Seconds(), "s"
	if rate < 0.5 {
		rate, unit = 60*rate, "min"
	}
	return fmt.Sprintf("%.1f/%s, %s left%s", rate, unit, left, more)
}
