package media

import (
	"bytes"

	"pushcast/node"
)

// MPEG transport streams: ISO/IEC 13818-1, 2.4.3. Packets are passed on as they
// are, damaged ones too; only what pacing and joining need is read of them.
const (
	packetSize = 188
	syncByte   = 0x47
	// groupSize is a chunk: six packets.
	groupSize = 6 * packetSize
)

// tsCutter cuts groups of six packets. Where packets do not begin as they should
// it cuts there, and takes what lies before the next packet for a chunk.
type tsCutter struct{}

func (tsCutter) cut(data []byte, atEOF bool) int {
	if data[0] != syncByte {
		n := resync(data)
		if n > 0 {
			return n
		}
		if atEOF || len(data) > groupSize+packetSize {
			return min(len(data), groupSize)
		}
		return 0
	}
	for at := 0; at < groupSize; at += packetSize {
		if at >= len(data) {
			if atEOF {
				return len(data)
			}
			return 0
		}
		if data[at] != syncByte {
			return at
		}
	}
	if len(data) < groupSize {
		if atEOF {
			return len(data)
		}
		return 0
	}
	return groupSize
}

// resync finds where packets begin again: at a sync byte that another one follows
// a packet later. 0 if that is not known yet.
func resync(data []byte) int {
	for at := 1; at+packetSize < len(data) && at <= groupSize; at++ {
		i := bytes.IndexByte(data[at:], syncByte)
		if i < 0 {
			return 0
		}
		if at += i; at+packetSize >= len(data) || at > groupSize {
			return 0
		}
		if data[at+packetSize] == syncByte {
			return at
		}
	}
	return 0
}

// packet is one packet of a transport stream.
type packet []byte

func (p packet) pid() int    { return int(p[1]&0x1f)<<8 | int(p[2]) }
func (p packet) begin() bool { return p[1]&0x40 != 0 } // a table or frame begins

// adaptation is the flags of the adaptation field, 0 without one.
func (p packet) adaptation() byte {
	if p[3]&0x20 == 0 || p[4] == 0 {
		return 0
	}
	return p[5]
}

// randomAccess: a decoder can begin here.
func (p packet) randomAccess() bool { return p.adaptation()&0x40 != 0 }

// clock is the program clock reference, in ticks of 90 kHz.
func (p packet) clock() (ticks uint64, ok bool) {
	if p.adaptation()&0x10 == 0 || p[4] < 7 {
		return 0, false
	}
	return uint64(p[6])<<25 | uint64(p[7])<<17 | uint64(p[8])<<9 | uint64(p[9])<<1 | uint64(p[10])>>7, true
}

// payload is what the packet carries.
func (p packet) payload() []byte {
	at := 4
	if p[3]&0x20 != 0 {
		at += 1 + int(p[4])
	}
	if p[3]&0x10 == 0 || at > len(p) {
		return nil
	}
	return p[at:]
}

// section is the table that begins in a packet, as far as the packet holds it.
func (p packet) section() []byte {
	b := p.payload()
	if !p.begin() || len(b) == 0 || 1+int(b[0]) >= len(b) {
		return nil
	}
	b = b[1+int(b[0]):]
	if len(b) < 12 {
		return nil
	}
	end := 3 + (int(b[1]&0x0f)<<8 | int(b[2])) - 4 // without its checksum
	return b[:max(0, min(end, len(b)))]
}

// packets calls f for every packet of a chunk.
func packets(chunk []byte, f func(packet)) {
	for len(chunk) >= packetSize && chunk[0] == syncByte {
		f(packet(chunk[:packetSize]))
		chunk = chunk[packetSize:]
	}
}

// tsClock reckons when a transport stream's chunks are due: at its program clock
// references, and between these at the rate that lay between the last two.
type tsClock struct {
	pid         int // of the clock; the first that is seen
	known       bool
	last        uint64    // ticks
	at          node.Time // when they are due
	since       int       // bytes since then
	bytesPerGap int
	gap         node.Time
}

const (
	ticksPerSecond = 90_000
	wrap           = 1 << 33
	// leap is the longest step of a clock that is believed; any other is taken for
	// a stream that begins anew.
	leap = 10 * ticksPerSecond
	// ahead bounds what is reckoned beyond the last reference.
	ahead = 100 * node.Millisecond
)

// due takes the stream's next chunk in.
func (c *tsClock) due(chunk []byte) node.Time {
	packets(chunk, func(p packet) {
		ticks, ok := p.clock()
		if !ok || c.known && p.pid() != c.pid {
			return
		}
		if c.known {
			step := (ticks - c.last) % wrap
			if step <= leap {
				c.gap = node.Time(step) * node.Second / ticksPerSecond
				c.bytesPerGap = c.since
			}
			c.at += c.gap
		}
		c.known, c.pid, c.last, c.since = true, p.pid(), ticks, 0
	})
	due := c.at
	if c.bytesPerGap > 0 {
		due += min(c.gap*node.Time(c.since)/node.Time(c.bytesPerGap), c.gap, ahead)
	}
	c.since += len(chunk)
	return due
}
