package udp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of recvmmsg(2) and sendmmsg(2).
type mmsghdr struct {
	unix.Msghdr
	n uint32
}

// header is what one message of a call has beside its data. Nothing is allocated after
// the beginning.
type header struct {
	control [4]uint64             // room for one control message of an int, aligned
	name    unix.RawSockaddrInet6 // of IPv4 it is a RawSockaddrInet4
}

// message is the control message.
func (h *header) message() *unix.Cmsghdr { return (*unix.Cmsghdr)(unsafe.Pointer(&h.control)) }

// content is where its data begins.
func (h *header) content() unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(&h.control), unix.CmsgLen(0))
}

// readAtOnce is how many messages a receive asks for. Each has room for the largest
// datagram; the memory is the kernel's to touch, and what is not touched costs nothing.
const readAtOnce = 16

type kernelReader struct {
	raw     syscall.RawConn
	buf     []byte
	headers [readAtOnce]header
	vectors [readAtOnce]unix.Iovec
	calls   [readAtOnce]mmsghdr
	receive func(uintptr) bool // made once: a closure is an allocation
	n       int
	errno   syscall.Errno
	scope   uint32 // zone, the name of this interface, was asked for last
	zone    string
}

func (k *kernelReader) init(c *Conn) {
	k.buf = make([]byte, readAtOnce*maxDatagram)
	for i := range k.calls {
		k.vectors[i].Base = &k.buf[i*maxDatagram]
		k.vectors[i].SetLen(maxDatagram)
		h := &k.calls[i].Msghdr
		h.Name, h.Control = (*byte)(unsafe.Pointer(&k.headers[i].name)), (*byte)(unsafe.Pointer(&k.headers[i].control))
		h.Iov = &k.vectors[i]
		h.SetIovlen(1)
	}
	k.receive = k.call
	raw, err := c.udp.SyscallConn()
	if err != nil {
		return // fill says what is wrong
	}
	k.raw = raw
	// A kernel that does not know the option brings them one by one.
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_GRO, 1) })
}

// call receives what is there; false waits until something is.
func (k *kernelReader) call(fd uintptr) bool {
	for i := range k.calls {
		h := &k.calls[i].Msghdr
		h.Namelen = uint32(unsafe.Sizeof(k.headers[i].name))
		h.SetControllen(int(unsafe.Sizeof(k.headers[i].control)))
	}
	for {
		n, _, errno := syscall.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&k.calls[0])), readAtOnce, unix.MSG_DONTWAIT, 0, 0)
		if k.n, k.errno = int(n), errno; errno != syscall.EINTR {
			return errno != syscall.EAGAIN
		}
	}
}

// fill takes in what has arrived.
func (r *Reader) fill() error {
	if r.raw == nil {
		return r.one(r.buf)
	}
	if err := r.raw.Read(r.receive); err != nil {
		return err
	}
	if r.errno != 0 {
		return &net.OpError{Op: "read", Net: "udp", Source: r.conn.LocalAddr(), Err: os.NewSyscallError("recvmmsg", r.errno)}
	}
	for i := range r.n {
		data := r.buf[i*maxDatagram:][:r.calls[i].n]
		from := r.from(&r.headers[i].name)
		each := r.segment(i)
		for each > 0 && len(data) > each {
			r.batch = append(r.batch, Datagram{data[:each:each], from})
			data = data[each:]
		}
		r.batch = append(r.batch, Datagram{data, from})
	}
	return nil
}

// segment is the length of the datagrams that the kernel has put together in message
// i; 0: it has not.
func (k *kernelReader) segment(i int) int {
	h := &k.headers[i]
	if int(k.calls[i].Controllen) < unix.CmsgLen(4) || h.message().Level != unix.SOL_UDP || h.message().Type != unix.UDP_GRO {
		return 0
	}
	return int(*(*int32)(h.content()))
}

// from is who sent a datagram, as the standard library has it.
func (k *kernelReader) from(a *unix.RawSockaddrInet6) netip.AddrPort {
	if a.Family == unix.AF_INET {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(a))
		return netip.AddrPortFrom(netip.AddrFrom4(four.Addr), swap(four.Port))
	}
	ip := netip.AddrFrom16(a.Addr)
	if a.Scope_id != 0 {
		if a.Scope_id != k.scope {
			k.scope, k.zone = a.Scope_id, ""
			if i, err := net.InterfaceByIndex(int(a.Scope_id)); err == nil {
				k.zone = i.Name
			}
		}
		ip = ip.WithZone(k.zone)
	}
	return netip.AddrPortFrom(ip, swap(a.Port))
}

// swap turns a port in the network's order into the machine's, and back.
func swap(port uint16) uint16 {
	return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&port))[:])
}

// What goes out as one: no more segments than every kernel takes, no longer than fits
// an Ethernet frame, all in all what an IP datagram holds.
const (
	maxSegments = 64
	maxSegment  = 1452
	maxTogether = 65507
)

type kernelWriter struct {
	raw     syscall.RawConn
	six     bool
	cutting bool // the kernel cuts datagrams apart
	headers [MaxBatch]header
	vectors [MaxBatch]unix.Iovec
	calls   [MaxBatch]mmsghdr
	counts  [MaxBatch]int // datagrams in each call
	deliver func(uintptr) bool
	from    int // calls of this batch: the next one
	to      int // and how many they are
	n       int
	errno   syscall.Errno
}

func (k *kernelWriter) init(c *Conn) {
	k.six, k.cutting = c.local.Addr().Is6(), true
	k.deliver = k.call
	if raw, err := c.udp.SyscallConn(); err == nil {
		k.raw = raw
	}
}

// call sends what is left of the batch; false waits until the socket has room.
func (k *kernelWriter) call(fd uintptr) bool {
	for {
		n, _, errno := syscall.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&k.calls[k.from])), uintptr(k.to-k.from), unix.MSG_DONTWAIT, 0, 0)
		if k.n, k.errno = int(n), errno; errno != syscall.EINTR {
			return errno != syscall.EAGAIN
		}
	}
}

// send sends the batch.
func (w *Writer) send() {
	for i := range w.batch {
		if d := &w.batch[i]; w.raw == nil || len(d.Data) == 0 || len(d.Data) > maxTogether || !w.plain(d.Addr) {
			// What is unusual goes one by one, and so does what comes before and after it.
			for i := range w.batch {
				w.one(&w.batch[i])
			}
			return
		}
	}
	w.from, w.to = 0, w.gather()
	first := 0 // datagram of the call from
	for w.from < w.to {
		err := w.raw.Write(w.deliver)
		done := w.n
		if err != nil || w.errno != 0 {
			done = 0
		}
		for range done {
			first += w.counts[w.from]
			w.from++
		}
		if done > 0 {
			continue
		}
		// The next call was refused.
		together := w.counts[w.from]
		if err == nil && together > 1 && w.errno != syscall.ENOBUFS {
			w.cutting = false // not here, or not by this interface
		}
		for i := first; i < first+together; i++ {
			if err != nil || together == 1 {
				w.refused(&w.batch[i], err)
				continue
			}
			w.one(&w.batch[i])
		}
		first += together
		w.from++
	}
}

// refused counts a datagram that sendmmsg did not take.
func (w *Writer) refused(d *Datagram, err error) {
	if err == nil && w.err == nil { // an error is an allocation, and only the first is told
		err = &net.OpError{
			Op: "write", Net: "udp", Source: w.conn.LocalAddr(), Addr: net.UDPAddrFromAddrPort(d.Addr),
			Err: os.NewSyscallError("sendmmsg", w.errno),
		}
	}
	w.fail(err)
}

// plain tells whether an address is of the socket's family, and of no zone.
func (k *kernelWriter) plain(a netip.AddrPort) bool {
	ip := a.Addr()
	return !k.six && ip.Is4() || k.six && ip.Is6() && !ip.Is4In6() && ip.Zone() == ""
}

// gather makes messages of the batch, and tells how many. Datagrams in a row become
// one when they have one receiver and one length; the last may be shorter.
func (w *Writer) gather() int {
	n := 0
	for i := 0; i < len(w.batch); n++ {
		first := &w.batch[i]
		each, together := len(first.Data), 0
		bytes := 0
		for i < len(w.batch) {
			d := &w.batch[i]
			if together > 0 && (!w.cutting || together == maxSegments || each > maxSegment || d.Addr != first.Addr ||
				len(d.Data) > each || bytes+len(d.Data) > maxTogether) {
				break
			}
			w.vectors[i].Base = &d.Data[0]
			w.vectors[i].SetLen(len(d.Data))
			bytes += len(d.Data)
			together++
			i++
			if len(d.Data) < each {
				break
			}
		}
		w.counts[n] = together
		w.address(n, first.Addr, &w.vectors[i-together], together, each)
	}
	return n
}

// address makes message n.
func (k *kernelWriter) address(n int, to netip.AddrPort, data *unix.Iovec, together, each int) {
	head, call := &k.headers[n], &k.calls[n].Msghdr
	if k.six {
		head.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: swap(to.Port()), Addr: to.Addr().As16()}
		call.Namelen = unix.SizeofSockaddrInet6
	} else {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(&head.name))
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swap(to.Port()), Addr: to.Addr().As4()}
		call.Namelen = unix.SizeofSockaddrInet4
	}
	call.Name = (*byte)(unsafe.Pointer(&head.name))
	call.Iov = data
	call.SetIovlen(together)
	if call.Control = nil; together == 1 {
		call.SetControllen(0)
		return
	}
	c := head.message()
	c.Level, c.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.SetLen(unix.CmsgLen(2))
	*(*uint16)(head.content()) = uint16(each)
	call.Control = (*byte)(unsafe.Pointer(&head.control))
	call.SetControllen(unix.CmsgSpace(2))
}
