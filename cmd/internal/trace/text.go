package trace

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"

	"pushcast/node"
	"pushcast/sim"
)

// The lines of a text that are no events begin with a mark. The first says that this is
// a trace, and of which form; the last that it is whole.
const (
	mark      = "#"
	firstLine = "# pushcast trace, form 1: "
	shownLine = "# "
	columns   = "#        time/s  what          peer   other     chunk  hops"
	lastLine  = "# end at "
)

// Text writes a line per event: when, what, at which peer, with which other one, about
// which chunk, and of a first copy how many hops it has come.
type Text struct {
	out    *bufio.Writer
	want   Selection
	line   []byte
	events uint64
}

// NewText begins a text; the title says what run it is, in one line.
func NewText(w io.Writer, title string, want Selection) *Text {
	t := &Text{out: bufio.NewWriterSize(w, 64<<10), want: want}
	fmt.Fprintf(t.out, "%s%s\n%s%s\n%s\n", firstLine, title, shownLine, &want, columns)
	return t
}

// Until is when the selection ends.
func (t *Text) Until() node.Time { return t.want.until() }

// Event writes a line.
func (t *Text) Event(_ *sim.World, e *sim.Event) error {
	if !t.want.event(e) {
		return nil
	}
	t.events++
	t.line = appendEvent(t.line[:0], e)
	_, err := t.out.Write(t.line)
	return err
}

// End says that the text is whole.
func (t *Text) End(w *sim.World) error {
	fmt.Fprintf(t.out, "%s%ss: %d events, fingerprint %016x\n", lastLine, seconds(w.Now()), t.events, w.Fingerprint())
	return t.out.Flush()
}

func appendEvent(b []byte, e *sim.Event) []byte {
	b = fmt.Appendf(b, "%15s  %-9s%9d%8s%10s%6s", seconds(e.At), e.What, e.Peer,
		shown(uint32(e.Other), e.Other != e.Peer), shown(uint32(e.Chunk), e.What.HasChunk()), shown(e.Hops, e.What.Brings()))
	return append(bytes.TrimRight(b, " "), '\n')
}

// shown is a number, or nothing.
func shown(x uint32, is bool) string {
	if !is {
		return ""
	}
	return strconv.FormatUint(uint64(x), 10)
}

// seconds is a time as a decimal number of seconds, exactly.
func seconds(t node.Time) string {
	const digits = 9
	text := strconv.FormatInt(int64(t), 10)
	for len(text) <= digits {
		text = "0" + text
	}
	return text[:len(text)-digits] + "." + text[len(text)-digits:]
}
