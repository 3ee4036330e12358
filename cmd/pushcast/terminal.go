package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// isTerminal tells whether somebody is looking who can be shown colours and lines that
// are written over.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}
