package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Recorded is a text that NewText has begun and End has ended.
type Recorded struct {
	Name string
	Text io.Reader
}

// Damaged is what is wrong with a text that is to be compared.
type Damaged struct{ Name, Why string }

func (d *Damaged) Error() string { return d.Name + " " + d.Why }

// Bounds of what Diff reads and shows.
const (
	maxLine = 4096
	around  = 3 // events shown before the first difference, and after it
)

// Diff compares two recorded texts to the event, and reports the first one that differs,
// between those before and those after it. What the runs are called makes no difference;
// their selections must be the same. It holds a few lines of each in memory.
func Diff(report io.Writer, a, b Recorded) (same bool, err error) {
	ra, err := open(&a)
	if err != nil {
		return false, err
	}
	rb, err := open(&b)
	if err != nil {
		return false, err
	}
	if ra.shown != rb.shown {
		return false, &Damaged{b.Name, fmt.Sprintf("has the %s, %s the %s: record both alike", rb.shown, a.Name, ra.shown)}
	}
	var before []string
	for {
		la, err := ra.next()
		if err != nil {
			return false, err
		}
		lb, err := rb.next()
		if err != nil {
			return false, err
		}
		if la == lb && ra.ended {
			_, err := fmt.Fprintf(report, "the same: %d events\n", ra.events)
			return true, err
		}
		if la == lb {
			if before = append(before, la); len(before) > around {
				before = before[1:]
			}
			continue
		}
		return false, differ(report, before, ra, rb, la, lb)
	}
}

// differ reports the first difference.
func differ(report io.Writer, before []string, a, b *reader, la, lb string) error {
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s: %s\n+++ %s: %s\n", a.name, a.title, b.name, b.title)
	switch {
	case a.ended && b.ended:
		fmt.Fprintf(&out, "all %d events are the same; the runs end otherwise\n", a.events)
	default:
		fmt.Fprintf(&out, "first difference: event %d, in line %d\n", max(a.events, b.events), max(a.line, b.line))
	}
	for _, line := range before {
		fmt.Fprintf(&out, "  %s\n", line)
	}
	for _, side := range []struct {
		mark string
		r    *reader
		line string
	}{{"-", a, la}, {"+", b, lb}} {
		line := side.line
		for n := 0; ; n++ {
			fmt.Fprintf(&out, "%s %s\n", side.mark, line)
			if side.r.ended || n == around {
				break
			}
			var err error
			if line, err = side.r.next(); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(report, out.String())
	return err
}

// reader reads the lines of a recorded text.
type reader struct {
	name, title, shown string
	lines              *bufio.Scanner
	line, events       int
	ended              bool
}

// open reads the lines before the first event.
func open(r *Recorded) (*reader, error) {
	t := &reader{name: r.Name, lines: bufio.NewScanner(r.Text)}
	t.lines.Buffer(make([]byte, maxLine), maxLine)
	var head [3]string
	for i := range head {
		if !t.lines.Scan() && t.lines.Err() != nil && !errors.Is(t.lines.Err(), bufio.ErrTooLong) {
			return nil, t.lines.Err() // it names the file
		}
		head[i] = t.lines.Text()
		t.line++
	}
	var isTrace bool
	if t.title, isTrace = strings.CutPrefix(head[0], firstLine); !isTrace || head[2] != columns {
		return nil, &Damaged{r.Name, "is no trace in text: record one with pushcast trace SCENARIO -o FILE"}
	}
	t.shown = strings.TrimPrefix(head[1], shownLine)
	return t, nil
}

// next gives the next event, or the line of the end.
func (t *reader) next() (string, error) {
	if !t.lines.Scan() {
		if err := t.lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
			return "", err
		}
		return "", &Damaged{t.name, fmt.Sprintf("is not whole: it breaks off after line %d", t.line)}
	}
	t.line++
	text := t.lines.Text()
	if strings.HasPrefix(text, mark) {
		t.ended = true
	} else {
		t.events++
	}
	return text, nil
}
