package media

import "bytes"

// cutter finds where the chunks of a stream end. It keeps where it has looked
// already, so that a frame that comes in small pieces is looked through once.
type cutter interface {
	// cut gives the length of the first chunk of data, 0 if its end is not there
	// yet. At the end of the stream data is the rest, and not empty.
	cut(data []byte, atEOF bool) int
}

// m4vCutter cuts before the first unit behind a frame (VOP): ISO/IEC 14496-2,
// 6.2.1. The end code belongs to what it ends.
type m4vCutter struct {
	looked int
	frame  bool // a VOP has begun
}

const (
	m4vFrame = 0xb6
	m4vEnd   = 0xb1
)

func (c *m4vCutter) cut(data []byte, atEOF bool) int {
	for {
		i := unit(data[c.looked:])
		if i < 0 {
			break
		}
		at := c.looked + i
		code := data[at+3]
		if c.frame && code != m4vEnd {
			*c = m4vCutter{}
			return at
		}
		c.frame = c.frame || code == m4vFrame
		c.looked = at + 3
	}
	if atEOF {
		*c = m4vCutter{}
		return len(data)
	}
	c.looked = max(c.looked, len(data)-3)
	return 0
}

// h264Cutter cuts before the first NAL unit of the next access unit: ITU-T H.264,
// 7.4.1.2.3. The zero byte before a start code belongs to the unit that follows.
type h264Cutter struct {
	looked int
	slice  bool // a slice has begun
}

func (c *h264Cutter) cut(data []byte, atEOF bool) int {
	for {
		i := unit(data[c.looked:])
		if i < 0 || c.looked+i+4 >= len(data) {
			break // the byte behind the NAL unit's header counts, too
		}
		at := c.looked + i
		if c.slice && beginsAccessUnit(data[at+3], data[at+4]) {
			if at > 0 && data[at-1] == 0 {
				at--
			}
			*c = h264Cutter{}
			return at
		}
		c.slice = c.slice || isSlice(data[at+3])
		c.looked = at + 3
	}
	if atEOF {
		*c = h264Cutter{}
		return len(data)
	}
	c.looked = max(c.looked, len(data)-4)
	return 0
}

func isSlice(header byte) bool { t := header & 0x1f; return t >= 1 && t <= 5 }

// beginsAccessUnit: a delimiter, parameter sets, supplemental information, or the
// first slice of a picture, whose first_mb_in_slice is 0: the single bit 1.
func beginsAccessUnit(header, next byte) bool {
	switch t := header & 0x1f; {
	case t >= 6 && t <= 9, t >= 14 && t <= 18:
		return true
	case t == 1, t == 2, t == 5:
		return next&0x80 != 0
	}
	return false
}

// parts cuts an access unit that is too long for one chunk between NAL units, as
// few times as need be; nil if one of these is too long itself.
func parts(frame []byte, most int) (all [][]byte) {
	for len(frame) > most {
		end := 0
		for at := 1; ; {
			i := bytes.Index(frame[at:min(len(frame), most+4)], startCode)
			if i < 0 {
				break
			}
			if at += i; frame[at-1] == 0 && at-1 > end {
				at--
			}
			if at > most {
				break
			}
			end = at
			at += 4
		}
		if end == 0 {
			return nil
		}
		all = append(all, frame[:end])
		frame = frame[end:]
	}
	return append(all, frame)
}
