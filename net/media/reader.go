package media

import (
	"errors"
	"fmt"
	"io"
)

// maxFrame bounds what is read in search of a chunk's end, in bytes: frames that
// long are no use, but their length stands in the error.
const maxFrame = 16 << 20

// reader cuts what it reads into chunks.
type reader struct {
	from   io.Reader
	format Format
	size   int // of raw chunks
	most   int // bytes of a chunk
	cutter cutter

	buf   []byte // read, and not yet given out
	begin int
	eof   bool
	err   error    // of reading
	rest  [][]byte // parts of the last frame that are to follow
	frame int      // frames so far
	bytes int64    // given out so far
}

// newReader recognises the format, if it is Auto. The error is that of reading,
// or says what the input is.
func newReader(from io.Reader, format Format, size, most int) (*reader, error) {
	r := &reader{from: from, format: format, size: size, most: most}
	for format == Auto && len(r.buf) < enoughToTell && !r.eof {
		r.fill()
	}
	switch {
	case r.err != nil:
		return nil, r.err
	case format == Auto && len(r.buf) == 0:
		return nil, errors.New("it is empty")
	case format == Auto:
		f, err := recognise(r.buf)
		if err != nil {
			return nil, err
		}
		r.format = f
	}
	switch r.format {
	case M4V:
		r.cutter = &m4vCutter{}
	case H264:
		r.cutter = &h264Cutter{}
	case TS:
		r.cutter = tsCutter{}
	default:
		r.cutter = rawCutter(size)
	}
	return r, nil
}

// rawCutter cuts pieces of so many bytes.
type rawCutter int

func (c rawCutter) cut(data []byte, atEOF bool) int {
	if len(data) >= int(c) {
		return int(c)
	}
	if atEOF {
		return len(data)
	}
	return 0
}

// fill reads once more.
func (r *reader) fill() {
	const least = 64 << 10
	if r.begin > 0 && cap(r.buf)-len(r.buf) < least {
		r.buf = r.buf[:copy(r.buf, r.buf[r.begin:])]
		r.begin = 0
	}
	if cap(r.buf)-len(r.buf) < least {
		r.buf = append(make([]byte, 0, 2*cap(r.buf)+4*least), r.buf...)
	}
	for range 100 {
		n, err := r.from.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil {
			r.eof = true
			if err != io.EOF {
				r.err = err
			}
		}
		if n > 0 || err != nil {
			return
		}
	}
	r.eof, r.err = true, io.ErrNoProgress
}

// next gives the next chunk, valid until the next call. io.EOF is the end.
func (r *reader) next() ([]byte, error) {
	if len(r.rest) > 0 {
		part := r.rest[0]
		r.rest = r.rest[1:]
		return part, nil
	}
	for {
		data := r.buf[r.begin:]
		n := 0
		if len(data) > 0 {
			n = r.cutter.cut(data, r.eof)
		}
		switch {
		case n > 0:
			return r.give(data[:n])
		case r.err != nil:
			return nil, r.err
		case r.eof:
			return nil, io.EOF
		case len(data) >= maxFrame:
			return nil, r.tooLong(fmt.Sprintf("more than %d", maxFrame))
		}
		r.fill()
	}
}

func (r *reader) give(chunk []byte) ([]byte, error) {
	if len(chunk) > r.most {
		if r.format == H264 {
			r.rest = parts(chunk, r.most)
		}
		if r.rest == nil {
			return nil, r.tooLong(fmt.Sprint(len(chunk)))
		}
		chunk, r.rest = r.rest[0], r.rest[1:]
		r.begin += sum(r.rest)
	}
	r.begin += len(chunk)
	r.bytes += int64(len(chunk))
	r.frame++
	return chunk, nil
}

func sum(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

func (r *reader) tooLong(size string) error {
	return fmt.Errorf("frame %d, at byte %d, is of %s bytes, and a datagram carries %d: encode at a lower bit rate (ffmpeg -b:v), or send a transport stream (ffmpeg -f mpegts)",
		r.frame, r.bytes, size, r.most)
}
