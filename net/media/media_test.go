package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushcast/net/media"
	"pushcast/node"
)

// The original's generated chunks.
func ExampleText() {
	c, _ := media.Text{}.Next(12, nil)
	fmt.Printf("%q %d\n", c.Payload, c.Timestamp)
	// Output: "Chunk 12\x00" 480
}

// writes keeps every Write apart.
type writes []string

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, string(b))
	return len(b), nil
}

// TestWriter: one Write for each chunk, in order, all of them before Close ends.
func TestWriter(t *testing.T) {
	var got, want writes
	w := media.NewWriter(&got)
	var buf []byte
	for c := range node.ChunkID(1000) {
		chunk, _ := media.Text{}.Next(c, buf)
		buf = chunk.Payload
		want = append(want, string(buf))
		if err := w.Put(c, buf); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(time.Minute); err != nil || w.Skipped() != 0 {
		t.Errorf("closes with %v, %d skipped", err, w.Skipped())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d writes of %d chunks", len(got), len(want))
	}
}

// TestWriterWhoseReaderHasGone: the error comes with the next chunk, and at the
// end.
func TestWriterWhoseReaderHasGone(t *testing.T) {
	r, p := io.Pipe()
	gone := errors.New("gone")
	r.CloseWithError(gone)
	w := media.NewWriter(p)
	for c := node.ChunkID(0); ; c++ {
		if err := w.Put(c, []byte("data")); err != nil {
			if err != gone {
				t.Errorf("fails with %v", err)
			}
			break
		}
	}
	if err := w.Close(time.Minute); err != gone {
		t.Errorf("closes with %v", err)
	}
}

// TestWriterWhoseReaderSleeps: Put never waits; what does not fit is counted;
// Close gives up after its patience.
func TestWriterWhoseReaderSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := io.Pipe() // nobody reads
		w := media.NewWriter(p)
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for c := range node.ChunkID(40) {
			if err := w.Put(c, chunk); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.Skipped(); n < 40-2*media.MaxPending>>20 || n > 40-media.MaxPending>>20 {
			t.Errorf("%d of 40 MiB skipped, %d MiB may wait, and as many lie in the last write", n, media.MaxPending>>20)
		}
		began := time.Now()
		if err := w.Close(5 * time.Second); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("closes with %v after %v", err, time.Since(began))
		}
		if n := w.Skipped(); n != 40 {
			t.Errorf("%d of 40 chunks were never read, and %d are counted", 40, n)
		}
		r.Close() // so that the goroutine ends
	})
}

// TestWriterWhoseReaderIsSlow: while it reads, it is waited for.
func TestWriterWhoseReaderIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := io.Pipe()
		w := media.NewWriter(p)
		for c := range node.ChunkID(100) {
			if err := w.Put(c, []byte("a chunk")); err != nil {
				t.Fatal(err)
			}
		}
		got, gone := 0, make(chan struct{})
		go func() {
			defer close(gone)
			for buf := make([]byte, 7); ; time.Sleep(time.Second) {
				n, err := io.ReadFull(r, buf)
				if got += n; err != nil {
					return
				}
			}
		}()
		began := time.Now()
		err, took := w.Close(5*time.Second), time.Since(began)
		r.Close()
		<-gone
		if err != nil || w.Skipped() != 0 || got != 700 || took < 90*time.Second {
			t.Errorf("%d of 700 bytes in %v: %v", got, took, err)
		}
	})
}

// TestWriterAllocatesNothing, once its two batches have grown.
func TestWriterAllocatesNothing(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	w := media.NewWriter(null)
	chunk := make([]byte, 1128)
	put := func() {
		for c := range node.ChunkID(100) {
			if err := w.Put(c, chunk); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2000 {
		put()
	}
	if n := testing.AllocsPerRun(1000, put); n > 0 {
		t.Errorf("%v allocations in 100 chunks", n)
	}
	if err := w.Close(time.Minute); err != nil {
		t.Error(err)
	}
}
