package driver

import (
	"net/netip"

	"pushcast/net/udp"
)

// mail is how datagrams come in and go out: in batches if the Conn is a *udp.Conn, else
// one by one. What is sent waits until flush, which comes before the driver waits for
// anything, so that nothing is later for it.
type mail struct {
	conn Conn
	read []byte // the datagram that came
	// in and out are nil for one by one.
	in   *udp.Reader
	out  *udp.Writer
	kept [udp.MaxBatch][]byte // copies of what waits in out
	// failed counts datagrams that could not be sent, why is the first error.
	failed uint64
	why    error
}

func newMail(conn Conn) mail {
	m := mail{conn: conn}
	if c, ok := conn.(*udp.Conn); ok {
		m.in, m.out = udp.NewReader(c), udp.NewWriter(c)
	} else {
		m.read = make([]byte, maxDatagram)
	}
	return m
}

// receive waits for a datagram, which is valid until the next one is.
func (m *mail) receive() ([]byte, netip.AddrPort, error) {
	if m.in == nil {
		n, from, err := m.conn.ReadFromUDPAddrPort(m.read)
		return m.read[:n], from, err
	}
	if m.in.Waiting() == 0 {
		m.flush()
	}
	d, err := m.in.Read()
	return d.Data, d.Addr, err
}

// waiting is how many datagrams receive gives without waiting.
func (m *mail) waiting() int {
	if m.in == nil {
		return 0
	}
	return m.in.Waiting()
}

// send sends a copy of a datagram, now or with others.
func (m *mail) send(datagram []byte, to netip.AddrPort) {
	if m.out == nil {
		if _, err := m.conn.WriteToUDPAddrPort(datagram, to); err != nil {
			m.fail(1, err)
		}
		return
	}
	b := &m.kept[m.out.Waiting()]
	*b = append((*b)[:0], datagram...)
	m.out.Add(*b, to)
}

// flush sends what waits.
func (m *mail) flush() {
	if m.out != nil {
		m.fail(m.out.Flush())
	}
}

func (m *mail) fail(failed int, err error) {
	if m.failed += uint64(failed); m.why == nil {
		m.why = err
	}
}
