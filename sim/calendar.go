package sim

import (
	"math/bits"

	"pushcast/node"
)

// calendar keeps events by the window of time that they fall into: a ring of windows, and
// a heap for what lies beyond. It does not order the events of a window. Their memory is
// pages, which go round: what is pending takes what it needs, and little more.
type calendar struct {
	ring  []day
	mask  int64
	shift uint  // a window spans 2^shift ns
	open  int64 // number of the open window: instants >> shift
	far   heap  // beyond the ring
	n     int
	blank []*page   // free
	out   []*page   // whose events have been taken
	parts [][]event // of these
}

// day is what falls into one window.
type day struct {
	last  *page // the one that is not full
	n     int
	pages []*page
}

// pageEvents is a page's room: 6 KB, so that a day's first events cost little memory, and
// the further ones few steps.
const pageEvents = 256

type page [pageEvents]event

// maxDays bounds the ring.
const maxDays = 1024

// newCalendar makes a calendar of windows of 2^shift ns, whose ring spans at least the
// given time.
func newCalendar(shift uint, span node.Time) *calendar {
	days := min(1<<bits.Len64(uint64(span)>>shift+1), maxDays)
	return &calendar{ring: make([]day, days), mask: int64(days) - 1, shift: shift}
}

// push adds an event, which must not lie before the open window.
func (c *calendar) push(e event) {
	c.n++
	if d := int64(e.at) >> c.shift; d-c.open <= c.mask {
		c.write(&c.ring[d&c.mask], e)
		return
	}
	c.far.push(e)
}

func (c *calendar) write(d *day, e event) {
	i := d.n % pageEvents
	if i == 0 {
		d.last = c.page()
		d.pages = append(d.pages, d.last)
	}
	d.last[i] = e
	d.n++
}

// page gives an empty page.
func (c *calendar) page() *page {
	if n := len(c.blank); n > 0 {
		p := c.blank[n-1]
		c.blank = c.blank[:n-1]
		return p
	}
	return new(page)
}

// next is the number of the first window, from the open one on, that has events; ok is
// false where there are none.
func (c *calendar) next() (window int64, ok bool) {
	if c.n == 0 {
		return 0, false
	}
	window = 1<<63 - 1
	if len(c.far) > 0 {
		window = int64(c.far[0].at) >> c.shift
	}
	for d := c.open; d <= min(c.open+c.mask, window); d++ {
		if c.ring[d&c.mask].n > 0 {
			return d, true
		}
	}
	return window, true
}

// turnTo opens a window; those before it must be empty.
func (c *calendar) turnTo(window int64) {
	c.open = window
	for len(c.far) > 0 && int64(c.far[0].at)>>c.shift <= window {
		e := c.far.pop()
		c.write(&c.ring[window&c.mask], e)
	}
}

// take gives the events of the open window that lie before an instant, in no order, in
// parts that are valid until release.
func (c *calendar) take(before node.Time) (parts [][]event, n int) {
	d := &c.ring[c.open&c.mask]
	pages, all := d.pages, d.n
	*d = day{pages: c.out[:0]}
	c.out, n = pages, all
	if before < node.Time(c.open+1)<<c.shift {
		n = 0 // what stays is written to other pages, the rest moves up
		for i := range all {
			if e := &pages[i/pageEvents][i%pageEvents]; e.at >= before {
				c.write(d, *e)
			} else {
				pages[n/pageEvents][n%pageEvents] = *e
				n++
			}
		}
	}
	parts = c.parts[:0]
	for i := 0; i*pageEvents < n; i++ {
		parts = append(parts, pages[i][:min(pageEvents, n-i*pageEvents)])
	}
	c.parts = parts
	c.n -= n
	return parts, n
}

// release takes back the pages of what take gave.
func (c *calendar) release() {
	c.blank = append(c.blank, c.out...)
	clear(c.out)
	c.out = c.out[:0]
}

// each calls f for every pending event, in no order.
func (c *calendar) each(f func(*event)) {
	for k := range c.ring {
		d := &c.ring[k]
		for i := range d.n {
			f(&d.pages[i/pageEvents][i%pageEvents])
		}
	}
	for i := range c.far {
		f(&c.far[i])
	}
}
