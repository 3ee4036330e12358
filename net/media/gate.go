package media

import (
	"bytes"

	"pushcast/node"
)

// Gate is in front of an Output: it holds chunks back until one comes from which
// a decoder can begin, a key frame or a transport stream's random access point,
// and puts the transport stream's tables before it. What it cannot recognise it
// lets pass, and after Patience chunks everything.
type Gate struct {
	to     Output
	join   joint
	opened bool
	held   int
}

// Patience is how many chunks a Gate holds back at most.
const Patience = 2000

// NewGate makes a closed one.
func NewGate(to Output) *Gate { return &Gate{to: to} }

// Put lets a chunk pass, or holds it back for good.
func (g *Gate) Put(id node.ChunkID, payload []byte) error {
	if !g.opened {
		g.held++
		if !g.join.ready(payload) && g.held <= Patience {
			return nil
		}
		g.opened = true
		if tables := g.join.tables(); len(tables) > 0 {
			if err := g.to.Put(id, tables); err != nil {
				return err
			}
		}
	}
	return g.to.Put(id, payload)
}

// joint knows where a stream can be joined. Its zero value knows nothing yet; it
// is to see every chunk in order.
type joint struct {
	format Format // of the last chunk that could be told
	pat    []byte // the packet with the table of programs
	pmt    []byte // the one with the first program's streams
	pmtPID int
	video  int // the first program's video, 0 without one
	// inside is whether the last chunk has the tables in it, before the point where
	// a decoder can begin.
	inside bool
}

// ready takes the next chunk, and tells whether a decoder can begin with it.
func (j *joint) ready(payload []byte) bool {
	switch {
	case len(payload) >= packetSize && payload[0] == syncByte && isTS(payload):
		j.format = TS
	case j.format == TS:
		return false // a damaged piece of it
	default:
		if f := elementary(payload); f != "" {
			j.format = f
		}
	}
	switch j.format {
	case TS:
		return j.readyTS(payload)
	case M4V:
		return keyFrameM4V(payload)
	case H264:
		return keyFrameH264(payload)
	}
	return true
}

// keyFrameM4V: a VOP whose coding type is intra (ISO/IEC 14496-2, 6.3.5).
func keyFrameM4V(chunk []byte) bool {
	for {
		i := unit(chunk)
		if i < 0 {
			return false
		}
		if chunk[i+3] == m4vFrame && i+4 < len(chunk) {
			return chunk[i+4]>>6 == 0
		}
		chunk = chunk[i+3:]
	}
}

// keyFrameH264: an instantaneous refresh, or the parameter sets that come before
// one.
func keyFrameH264(chunk []byte) bool {
	for {
		i := unit(chunk)
		if i < 0 {
			return false
		}
		if t := chunk[i+3] & 0x1f; t == 5 || t == 7 {
			return true
		}
		chunk = chunk[i+3:]
	}
}

// readyTS: after its tables, a packet of the video that allows random access; of a
// program without video, the tables are enough.
func (j *joint) readyTS(chunk []byte) (ready bool) {
	pat, pmt := false, false
	packets(chunk, func(p packet) {
		switch pid := p.pid(); {
		case pid == 0 && p.begin():
			if s := p.section(); len(s) > 0 {
				j.pat = bytes.Clone(p)
				j.pmtPID = programMap(s)
				pat = true
			}
		case pid == j.pmtPID && pid != 0 && p.begin():
			if s := p.section(); len(s) > 0 {
				j.pmt = bytes.Clone(p)
				j.video = videoOf(s)
				pmt = true
			}
		}
		if j.pmt != nil && (j.video == 0 || p.pid() == j.video && p.randomAccess()) {
			if !ready {
				j.inside = pat && pmt
			}
			ready = true
		}
	})
	return ready
}

// tables are the packets that a decoder wants before it begins with the last
// chunk; none if it has them.
func (j *joint) tables() []byte {
	if j.format != TS || j.pmt == nil || j.inside {
		return nil
	}
	return append(bytes.Clone(j.pat), j.pmt...)
}

// programMap is the PID of the first program's map, 0 without one.
func programMap(section []byte) int {
	for b := section[8:]; len(b) >= 4; b = b[4:] {
		if program := int(b[0])<<8 | int(b[1]); program != 0 {
			return int(b[2]&0x1f)<<8 | int(b[3])
		}
	}
	return 0
}

// videoOf is the PID of a program's first video stream, 0 without one.
func videoOf(section []byte) int {
	if len(section) < 12 {
		return 0
	}
	at := 12 + (int(section[10]&0x0f)<<8 | int(section[11]))
	for at+5 <= len(section) {
		b := section[at:]
		switch b[0] {
		case 0x01, 0x02, 0x10, 0x1b, 0x24, 0x33, 0x42, 0xd1, 0xea: // MPEG-1, -2, -4, H.264, H.265, H.266, AVS, Dirac, VC-1
			return int(b[1]&0x1f)<<8 | int(b[2])
		}
		at += 5 + (int(b[3]&0x0f)<<8 | int(b[4]))
	}
	return 0
}
