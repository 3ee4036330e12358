package udp

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// receiveBuffer reads SO_RCVBUF back. The kernel doubles what it grants, for its
// own book-keeping (socket(7)).
func receiveBuffer(fd int) int {
	n, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF)
	if err != nil {
		return 0
	}
	return n / 2
}

// dropCounter reads a socket's drops from the kernel's table of UDP sockets
// (proc(5), /proc/net/udp, last column), where the socket goes by its inode.
type dropCounter struct {
	inode string
	table string
}

func (d *dropCounter) open(fd int) {
	d.table = "/proc/self/net/udp"
	if name, err := syscall.Getsockname(fd); err == nil {
		if _, six := name.(*syscall.SockaddrInet6); six {
			d.table += "6"
		}
	}
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) == nil {
		d.inode = strconv.FormatUint(st.Ino, 10)
	}
}

func (d *dropCounter) read() (uint64, bool) {
	f, err := os.Open(d.table)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	const inode = 9 // sl, local, remote, st, queues, tr, retrnsmt, uid, timeout, inode, ref, pointer, drops
	for lines := bufio.NewScanner(f); lines.Scan(); {
		columns := strings.Fields(lines.Text())
		if len(columns) > inode && columns[inode] == d.inode {
			n, err := strconv.ParseUint(columns[len(columns)-1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
