package media

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"pushcast/node"
)

// Pace names when the chunks of a film are sent.
type Pace string

// The paces.
const (
	// PaceAuto is PaceOwn for transport streams, PacePeriod for all else.
	PaceAuto Pace = "auto"
	// PacePeriod sends a chunk every period, as the original.
	PacePeriod Pace = "period"
	// PaceOwn sends chunks when the stream's own clock says; transport streams only.
	PaceOwn Pace = "own"
	// PaceArrival sends chunks as soon as they are read: for what comes live.
	PaceArrival Pace = "arrival"
)

// PaceNamed finds a pace; the error lists those there are.
func PaceNamed(name string) (Pace, error) {
	switch p := Pace(name); p {
	case PaceAuto, PacePeriod, PaceOwn, PaceArrival:
		return p, nil
	}
	return "", fmt.Errorf("pace %q: must be one of auto, period, own, arrival", name)
}

// Options say how a film is read.
type Options struct {
	Format Format // Auto recognises it
	Pace   Pace
	// Period is the stream's, for timestamps.
	Period node.Time
	// Size is that of raw chunks in bytes: 1 … Most.
	Size int
	// Most is the most bytes of a chunk, where a datagram carries something beside it, at
	// most MaxChunk; 0 is that.
	Most int
	// Loop begins anew at the end, for ever. Not for standard input.
	Loop bool
	// Stdin is read where the name is "-".
	Stdin io.Reader
}

func (o *Options) most() int {
	if o.Most == 0 {
		return MaxChunk
	}
	return o.Most
}

// readAhead is how many chunks are read before they are wanted.
const readAhead = 64

// Film is an Input that reads a file, or standard input, in a goroutine of its
// own, so that a slow disk or an idle pipe does not stop the peer.
type Film struct {
	name string
	opt  Options
	file *os.File // nil for standard input

	ready chan Chunk
	spare chan []byte
	quit  chan struct{}
	once  sync.Once
	err   error // why ready is closed

	mu      sync.Mutex
	wake    func()
	waiting bool // somebody was told ErrNotYet
	format  Format
}

// Open opens a film: a file's name, or "-" for standard input. The error says
// what is wrong with it: it is missing, a folder, empty, of no known format.
// Close ends the reading.
func Open(name string, opt Options) (*Film, error) {
	f := &Film{
		name: name, opt: opt, wake: func() {},
		ready: make(chan Chunk, readAhead), spare: make(chan []byte, readAhead+2), quit: make(chan struct{}),
	}
	if opt.Pace == "" {
		f.opt.Pace = PaceAuto
	}
	if name == "-" {
		if opt.Loop {
			return nil, errors.New("standard input cannot be begun anew: --loop needs a file")
		}
		// What comes is looked at in the goroutine: nothing may come for long.
		f.start(func() (*reader, error) { return f.open(opt.Stdin) })
		return f, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder, and no film", name)
	}
	if err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	f.file = file
	if !info.Mode().IsRegular() { // a FIFO or device, as standard input
		f.start(func() (*reader, error) { return f.open(file) })
		return f, nil
	}
	r, err := f.open(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	f.start(func() (*reader, error) { return r, nil })
	return f, nil
}

// open begins to read.
func (f *Film) open(from io.Reader) (*reader, error) {
	r, err := newReader(from, f.opt.Format, f.opt.Size, f.opt.most())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.title(), err)
	}
	if f.opt.Pace == PaceOwn && r.format != TS {
		return nil, fmt.Errorf("%s is %s, which has no clock of its own: use --pace period", f.title(), r.format)
	}
	f.mu.Lock()
	f.format = r.format
	f.mu.Unlock()
	return r, nil
}

func (f *Film) title() string {
	if f.name == "-" {
		return "standard input"
	}
	return f.name
}

// Format is what the film was recognised as; Auto while nothing was read.
func (f *Film) Format() Format {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.format == "" {
		return Auto
	}
	return f.format
}

// Wake says whom to tell that there is a chunk again.
func (f *Film) Wake(wake func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wake = wake
}

// Next gives the next chunk that was read.
func (f *Film) Next(id node.ChunkID, buf []byte) (Chunk, error) {
	select {
	case c, ok := <-f.ready:
		return f.take(id, buf, c, ok)
	default:
	}
	f.mu.Lock()
	f.waiting = true
	f.mu.Unlock()
	select { // it may have come meanwhile
	case c, ok := <-f.ready:
		return f.take(id, buf, c, ok)
	default:
		return Chunk{}, ErrNotYet
	}
}

func (f *Film) take(id node.ChunkID, buf []byte, c Chunk, ok bool) (Chunk, error) {
	if !ok {
		return Chunk{}, f.err
	}
	buf = append(buf[:0], c.Payload...)
	f.spare <- c.Payload
	c.Payload = buf
	c.Timestamp = uint64(c.Due / node.Millisecond)
	if c.Due == ByPeriod {
		c.Timestamp = uint64(node.Time(id) * f.opt.Period / node.Millisecond)
	}
	return c, nil
}

// Close ends the reading. A read of standard input that is under way is left to
// itself.
func (f *Film) Close() error {
	f.once.Do(func() { close(f.quit) })
	if f.file != nil {
		return f.file.Close()
	}
	return nil
}

func (f *Film) start(open func() (*reader, error)) {
	for range cap(f.spare) {
		f.spare <- nil
	}
	go func() {
		f.err = f.read(open)
		close(f.ready)
		f.tell()
	}()
}

// read reads until the end, and says why.
func (f *Film) read(open func() (*reader, error)) error {
	r, err := open()
	if err != nil {
		return err
	}
	var clock tsClock
	own := f.opt.Pace == PaceOwn || f.opt.Pace == PaceAuto && r.format == TS
	for {
		payload, err := r.next()
		if err == io.EOF && f.opt.Loop && r.bytes > 0 {
			if _, err := f.file.Seek(0, io.SeekStart); err != nil {
				return fmt.Errorf("%s: beginning anew: %w", f.name, err)
			}
			if r, err = newReader(f.file, r.format, f.opt.Size, f.opt.most()); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			continue
		}
		if err != nil {
			if err != io.EOF {
				err = fmt.Errorf("%s: %w", f.title(), err)
			}
			return err
		}
		c := Chunk{Due: ByPeriod}
		switch {
		case own:
			c.Due = clock.due(payload)
		case f.opt.Pace == PaceArrival:
			c.Due = 0
		}
		var spare []byte
		select {
		case spare = <-f.spare:
		case <-f.quit:
			return io.EOF
		}
		c.Payload = append(spare[:0], payload...)
		select {
		case f.ready <- c:
			f.tell()
		case <-f.quit:
			return io.EOF
		}
	}
}

// tell wakes whoever was told ErrNotYet.
func (f *Film) tell() {
	f.mu.Lock()
	wake, waiting := f.wake, f.waiting
	f.waiting = false
	f.mu.Unlock()
	if waiting {
		wake()
	}
}
