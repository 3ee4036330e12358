package node

import (
	"testing"
	"unsafe"
)

// TestLayout: what every push and every chunk touches of a peer lies in its first four lines
// of a cache, of 64 bytes on the machines where a million peers fit.
func TestLayout(t *testing.T) {
	var p Peer
	if unsafe.Sizeof(uintptr(0)) < 8 {
		return // a 32-bit machine: the peer is smaller
	}
	if size := unsafe.Sizeof(p); size > 328 {
		t.Errorf("a peer takes %d bytes", size)
	}
	if last := unsafe.Offsetof(p.stats) + unsafe.Offsetof(p.stats.Late) + 8; last > 256 {
		t.Errorf("what every call needs ends at byte %d", last)
	}
}
