package live

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"pushcast/net/media"
	"pushcast/node"
)

// input is a source's, and its end.
type input struct {
	media.Input
	film *media.Film
	err  *atomic.Pointer[error]
}

// openInput opens what a source streams; nobody else has an input.
func openInput(s *Settings, stdin io.Reader) (input, error) {
	switch {
	case s.Driver.Peer.Role != node.Source:
		return input{}, nil
	case s.Input == TextInput:
		return input{Input: media.Text{}}, nil
	}
	if s.Film.Stdin = stdin; s.Film.Period == 0 {
		s.Film.Period = s.Driver.Peer.Period // else that of chunks without repair chunks
	}
	s.Film.Most = s.Driver.MostChunk()
	film, err := media.Open(s.Input, s.Film)
	if err != nil {
		return input{}, &Failure{Wrong, err}
	}
	watched := &watchedInput{Film: film}
	return input{Input: watched, film: film, err: &watched.err}, nil
}

// watchedInput remembers the error that ended a film: it is the question that is
// wrong then, not the machine.
type watchedInput struct {
	*media.Film
	err atomic.Pointer[error]
}

func (w *watchedInput) Next(id node.ChunkID, buf []byte) (media.Chunk, error) {
	c, err := w.Film.Next(id, buf)
	if err != nil && !errors.Is(err, media.ErrNotYet) {
		w.err.Store(&err)
	}
	return c, err
}

func (i *input) close() {
	if i.film != nil {
		i.film.Close()
	}
}

// failed tells whether it was the input that ended the peer with err.
func (i *input) failed(err error) bool {
	if i.err == nil {
		return false
	}
	failed := i.err.Load()
	return failed != nil && errors.Is(err, *failed)
}

// output is where a peer's stream goes.
type output struct {
	media.Output
	writer *media.Writer
	file   io.Closer
}

const udpPrefix = "udp://"

func openOutput(s *Settings, stdout io.Writer) (o output, err error) {
	switch name := s.Output; {
	case name == "none":
		o.Output = media.Nowhere{}
		return o, nil
	case strings.HasPrefix(name, udpPrefix):
		u, err := media.NewUDP(strings.TrimPrefix(name, udpPrefix))
		if err != nil {
			return o, &Failure{Wrong, err}
		}
		o.Output, o.file = u, u
	case name == "-":
		o.writer = media.NewWriter(stdout)
		o.Output = o.writer
	default:
		f, err := os.Create(name)
		if err != nil {
			return o, &Failure{Wrong, err}
		}
		o.writer, o.file = media.NewWriter(f), f
		o.Output = o.writer
	}
	if !s.AsReceived {
		o.Output = media.NewGate(o.Output)
	}
	return o, nil
}

// skipped is how many chunks the reader was too slow for.
func (o *output) skipped() uint64 {
	if o.writer == nil {
		return 0
	}
	return o.writer.Skipped()
}

// close writes what waits, and gives the error that writing ended with.
func (o *output) close() (err error) {
	if o.writer != nil {
		err = o.writer.Close(patience)
	}
	if o.file != nil {
		err = errors.Join(err, o.file.Close())
	}
	return err
}
