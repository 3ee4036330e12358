package live

import (
	"io"
	"log/slog"
	"os"
	"sync"
)

// screen is standard error: log lines, and on a terminal a status line below
// them that is written over.
type screen struct {
	w        io.Writer
	terminal bool

	mu     sync.Mutex
	status string // the line that stands there now
}

func newScreen(w io.Writer) *screen {
	s := &screen{w: w}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		s.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return s
}

const clearLine = "\r\x1b[K"

// Write writes log lines above the status line.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == "" {
		return s.w.Write(b)
	}
	if _, err := io.WriteString(s.w, clearLine+string(b)+s.status); err != nil {
		return 0, err
	}
	return len(b), nil
}

// show replaces the status line; "" removes it.
func (s *screen) show(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line != s.status {
		_, _ = io.WriteString(s.w, clearLine+line) // who closes stderr wants no status
	}
	s.status = line
}

// logger writes to the screen.
func logger(s *screen, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(s, options))
	}
	return slog.New(slog.NewTextHandler(s, options))
}
