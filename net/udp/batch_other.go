//go:build !linux

package udp

// kernelReader and kernelWriter are a call a datagram here.
type kernelReader struct{ buf []byte }

func (k *kernelReader) init(*Conn) { k.buf = make([]byte, maxDatagram) }

func (r *Reader) fill() error { return r.one(r.buf) }

type kernelWriter struct{}

func (*kernelWriter) init(*Conn) {}

func (w *Writer) send() {
	for i := range w.batch {
		w.one(&w.batch[i])
	}
}
