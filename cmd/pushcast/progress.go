package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress tells on stderr how far a scenario is: on a terminal one line that
// is written over, else a plain line at growing intervals, the first after two
// seconds, then at least one a minute. Its callers hold a lock.
type progress struct {
	w           io.Writer
	name        string
	total, n    int
	terminal    bool
	quiet       bool
	began, next time.Time
	interval    time.Duration
}

func newProgress(w io.Writer, name string, total int, quiet bool) *progress {
	now := time.Now()
	p := &progress{w: w, name: name, total: total, quiet: quiet, began: now, interval: 2 * time.Second}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	if p.terminal {
		p.interval = 100 * time.Millisecond
	}
	p.next = now.Add(p.interval)
	return p
}

// done counts one more finished run.
func (p *progress) done() {
	p.n++
	now := time.Now()
	if p.quiet || now.Before(p.next) {
		return
	}
	took := now.Sub(p.began)
	left := time.Duration(float64(took) / float64(p.n) * float64(p.total-p.n)).Round(time.Second)
	rate := float64(p.n) / took.Seconds()
	if p.terminal {
		const width = 20
		full := width * p.n / p.total
		fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %d/%d  %.1f/s  %s left", p.name,
			strings.Repeat("#", full), strings.Repeat(".", width-full), p.n, p.total, rate, left)
	} else {
		fmt.Fprintf(p.w, "%s: %d of %d runs, %.1f/s, %s left\n", p.name, p.n, p.total, rate, left)
		p.interval = min(2*p.interval, time.Minute)
	}
	p.next = now.Add(p.interval)
}

// end clears the line of a terminal.
func (p *progress) end() {
	if p.terminal && !p.quiet {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
