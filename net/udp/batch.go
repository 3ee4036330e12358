package udp

import "net/netip"

// A system call costs more than anything else that a peer does with a datagram.
// A Reader takes in all that has arrived with one, a Writer sends what has gathered
// with one; on Linux, that is. Elsewhere they are a call a datagram, and the same.

// Datagram is one datagram, and who sent it or is to have it.
type Datagram struct {
	Data []byte
	Addr netip.AddrPort
}

// maxDatagram is more than any datagram has: what fills it is too long.
const maxDatagram = 1 << 16

// Reader reads datagrams in batches. Where the kernel can (UDP_GRO, udp(7)), one
// receive also brings several datagrams of one sender: so a socket with a Reader
// must be read by nothing else.
type Reader struct {
	conn  *Conn
	batch []Datagram
	next  int
	kernelReader
}

// NewReader makes the reader of a socket.
func NewReader(c *Conn) *Reader {
	r := &Reader{conn: c}
	r.init(c)
	return r
}

// Read gives the next datagram that has arrived, and waits for one as long as the
// socket's deadline lets it; then the error is os.ErrDeadlineExceeded. The datagram is
// valid until the next call. A datagram that was read with another one is given even
// when the deadline has passed.
func (r *Reader) Read() (Datagram, error) {
	if r.next == len(r.batch) {
		r.batch, r.next = r.batch[:0], 0
		if err := r.fill(); err != nil {
			return Datagram{}, err
		}
	}
	d := r.batch[r.next]
	r.next++
	return d, nil
}

// Waiting is how many datagrams Read gives without a system call.
func (r *Reader) Waiting() int { return len(r.batch) - r.next }

// one reads a single datagram into b.
func (r *Reader) one(b []byte) error {
	n, from, err := r.conn.ReadFromUDPAddrPort(b)
	if err == nil {
		r.batch = append(r.batch, Datagram{b[:n], from})
	}
	return err
}

// MaxBatch is the number of datagrams that a Writer gathers at most.
const MaxBatch = 64

// Writer gathers datagrams and sends them together, in their order. Where the kernel
// can (UDP_SEGMENT, udp(7)), those in a row that have one receiver and one length are
// handed over as one, and cut apart as late as possible.
type Writer struct {
	conn   *Conn
	batch  []Datagram
	failed int
	err    error
	kernelWriter
}

// NewWriter makes a writer on a socket.
func NewWriter(c *Conn) *Writer {
	w := &Writer{conn: c, batch: make([]Datagram, 0, MaxBatch)}
	w.init(c)
	return w
}

// Add lets a datagram wait for Flush, which comes by itself when MaxBatch wait. data
// must not change until then.
func (w *Writer) Add(data []byte, to netip.AddrPort) {
	if w.batch = append(w.batch, Datagram{data, to}); len(w.batch) == MaxBatch {
		w.flush()
	}
}

// Waiting is how many datagrams wait for Flush.
func (w *Writer) Waiting() int { return len(w.batch) }

// Flush sends what waits. It tells how many datagrams the operating system has refused
// since the last Flush, and why it did the first one; the others are sent all the same.
func (w *Writer) Flush() (failed int, err error) {
	w.flush()
	failed, err = w.failed, w.err
	w.failed, w.err = 0, nil
	return failed, err
}

func (w *Writer) flush() {
	switch len(w.batch) {
	case 0:
	case 1:
		w.one(&w.batch[0])
	default:
		w.send()
	}
	clear(w.batch)
	w.batch = w.batch[:0]
}

// one sends a single datagram.
func (w *Writer) one(d *Datagram) {
	if _, err := w.conn.WriteToUDPAddrPort(d.Data, d.Addr); err != nil {
		w.fail(err)
	}
}

// fail counts a datagram that was not sent.
func (w *Writer) fail(err error) {
	if w.failed++; w.err == nil {
		w.err = err
	}
}
