package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a mistake in a scenario: where it is, what is wrong, what to do.
type Error struct {
	File      string // a path, the name of an embedded scenario, or a flag
	Line, Col int    // from 1; 0 where the mistake has no place
	Excerpt   string // the line that it stands in
	Message   string // one line: what is wrong, and what to write instead
	Hint      string // a further line, or none
}

// Error gives file:line:col: message in the first line, then the excerpt with
// a mark under the column, then the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Col)
	}
	b.WriteString(": " + e.Message)
	if e.Excerpt != "" {
		fmt.Fprintf(&b, "\n    %s\n    %s^", e.Excerpt, strings.Repeat(" ", max(0, e.Col-1)))
	}
	if e.Hint != "" {
		b.WriteString("\n    " + e.Hint)
	}
	return b.String()
}

// errorAt makes an error at a place of a source, with its excerpt.
func errorAt(file string, src []byte, line, col int, message, hint string) *Error {
	e := &Error{File: file, Line: line, Col: col, Message: message, Hint: hint}
	lines := strings.Split(string(src), "\n")
	if line < 1 || line > len(lines) {
		return e
	}
	text := strings.TrimRight(lines[line-1], "\r")
	const most = 100 // an excerpt is for people
	if utf8.ValidString(text) && len(text) <= most && !strings.ContainsFunc(text, isControl) {
		e.Excerpt = text
	}
	return e
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// quote gives text for a message: no line breaks, not too long.
func quote(text string) string {
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// nearest suggests the candidate that text is most likely meant to be: the one
// at the least edit distance, if that is small.
func nearest(text string, candidates []string) string {
	best, least := "", 1+len(text)/3
	if len(text) > 64 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(text, c); d <= least && (best == "" || d < least) {
			best, least = c, d
		}
	}
	return best
}

// DidYouMean makes a hint of the candidate that is nearest to what somebody wrote; empty where
// none is near.
func DidYouMean(text string, candidates []string) string { return didYouMean(text, candidates) }

func didYouMean(text string, candidates []string) string {
	if c := nearest(text, candidates); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	return ""
}

// distance is the number of insertions, deletions and replacements between two
// strings (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
