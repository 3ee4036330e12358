package media

import (
	"io"
	"sync"
	"time"

	"pushcast/node"
)

// MaxPending is the most that waits in a Writer for a slow reader, in bytes; as much
// again may be on its way to it.
const MaxPending = 16 << 20

// Writer is an Output that writes every chunk, by one Write each, to an
// io.Writer: standard output, a file. A goroutine of its own does so, because a
// reader that pauses must not stop the peer. While MaxPending bytes wait, new
// chunks are not taken, but counted.
type Writer struct {
	to io.Writer

	mu      sync.Mutex
	changed sync.Cond
	pending batch
	skipped uint64
	taken   uint64 // chunks that Put took
	wrote   uint64 // of these, those that are written
	err     error  // of the last Write
	closing bool
	done    chan struct{}
}

// batch is chunks one after another.
type batch struct {
	bytes []byte
	ends  []int
}

// NewWriter starts a Writer; Close ends it.
func NewWriter(to io.Writer) *Writer {
	w := &Writer{to: to, done: make(chan struct{})}
	w.changed.L = &w.mu
	go w.run()
	return w
}

// Put queues a chunk. The error is that of an earlier Write.
func (w *Writer) Put(_ node.ChunkID, payload []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return w.err
	case len(w.pending.bytes)+len(payload) > MaxPending:
		w.skipped++
		return nil
	}
	w.pending.bytes = append(w.pending.bytes, payload...)
	w.pending.ends = append(w.pending.ends, len(w.pending.bytes))
	w.taken++
	w.changed.Signal()
	return nil
}

// Skipped is how many chunks were not written because the reader was too slow.
func (w *Writer) Skipped() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.skipped
}

// Close writes what is pending and ends the goroutine. If the reader takes nothing
// for as long as patience, the rest is given up, and counts as skipped. The error is
// that of the first Write that failed.
func (w *Writer) Close(patience time.Duration) error {
	w.mu.Lock()
	w.closing = true
	w.changed.Signal()
	before := w.wrote
	w.mu.Unlock()
	look := time.NewTicker(patience)
	defer look.Stop()
	for {
		select {
		case <-w.done:
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.err
		case <-look.C:
		}
		w.mu.Lock()
		if w.wrote == before {
			defer w.mu.Unlock()
			w.skipped += w.taken - w.wrote
			return w.err
		}
		before = w.wrote
		w.mu.Unlock()
	}
}

func (w *Writer) run() {
	defer close(w.done)
	var writing batch
	for {
		w.mu.Lock()
		for len(w.pending.ends) == 0 && !w.closing {
			w.changed.Wait()
		}
		if len(w.pending.ends) == 0 {
			w.mu.Unlock()
			return
		}
		writing, w.pending = w.pending, batch{writing.bytes[:0], writing.ends[:0]}
		w.mu.Unlock()
		begin := 0
		for _, end := range writing.ends {
			_, err := w.to.Write(writing.bytes[begin:end])
			w.mu.Lock()
			if w.err = err; err == nil {
				w.wrote++
			}
			w.mu.Unlock()
			if err != nil {
				return
			}
			begin = end
		}
	}
}
