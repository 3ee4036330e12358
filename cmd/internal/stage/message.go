package stage

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"net/netip"
	"time"

	"pushcast/net/driver"
	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// What the stage and the process of a peer say to each other, over its standard input and
// output: messages in encoding/gob, each behind its length, each of bounded length.

// part is what a process is to play; the first message to it.
type part struct {
	Config    []byte // a script: see encodeConfig
	Scheduler string
	Stay      sim.Session
	At        netip.AddrPort // where it is to listen; port 0: any
	// Held: the address is that of an earlier stay, and not free before this one begins.
	Held bool
}

// cue is all that is said to it after that.
type cue struct {
	Begin *begin     // once
	Who   []resident // who is somewhere from now on
}

// begin is what it takes to begin.
type begin struct {
	Epoch time.Time        // by the wall clock
	Cast  []netip.AddrPort // where everybody is at first, by number; invalid: who does not appear
	Sent  uint32           // datagrams in earlier stays
	Link  link.State       // as earlier stays have left it
}

// resident is who is at an address.
type resident struct {
	At netip.AddrPort
	ID node.PeerID
}

// answer is all that a process says: that it is ready, then what it has noted; or at any
// time that it has failed.
type answer struct {
	Ready   *ready
	Done    *done
	Failure string
}

type ready struct {
	At  netip.AddrPort
	CPU time.Duration // that starting has taken
}

type done struct {
	Notes  notes
	Sent   uint32 // as in begin
	Link   link.State
	Memory uint64 // as in resources
}

// Bounds of messages, in bytes.
const (
	mostSaid     = 64 << 20 // to a process: a sample of times is the longest there is
	mostFailure  = 1 << 10
	perSighting  = 64
	perNeighbour = 32
)

// mostAnswered is the longest answer to a script.
func mostAnswered(chunks int) int {
	return 1<<16 + chunks*perSighting + driver.MaxKnown*perNeighbour
}

// encodeConfig writes a script's Config down: all but its scheduler, which goes by its name,
// and what Check has refused.
func encodeConfig(c sim.Config) ([]byte, error) {
	c.Peer.Scheduler = nil
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(&c)
	return b.Bytes(), err
}

// config reads it again.
func (p *part) config() (c sim.Config, err error) {
	if err = gob.NewDecoder(bytes.NewReader(p.Config)).Decode(&c); err != nil {
		return c, err
	}
	c.Peer.Scheduler, err = node.FindScheduler(p.Scheduler)
	return c, err
}

// send writes a message.
func send(w io.Writer, message any) error {
	var b bytes.Buffer
	b.Write(make([]byte, 4))
	if err := gob.NewEncoder(&b).Encode(message); err != nil {
		return err
	}
	binary.BigEndian.PutUint32(b.Bytes(), uint32(b.Len()-4))
	_, err := w.Write(b.Bytes())
	return err
}

// receive reads a message of at most so many bytes. Where there is none any more, the
// error is io.EOF.
func receive(r io.Reader, most int, message any) error {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(length[:])
	if int64(n) > int64(most) {
		return fmt.Errorf("a message of %d bytes, at most %d are taken", n, most)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(text)).Decode(message)
}
