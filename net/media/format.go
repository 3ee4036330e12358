package media

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Format names how a stream is cut into chunks.
type Format string

// The formats. Auto recognises one from the stream's first bytes.
const (
	Auto      Format = "auto"
	TextChunk Format = "text"
	M4V       Format = "m4v"
	H264      Format = "h264"
	TS        Format = "ts"
	Raw       Format = "raw"
)

// Formats are those that an input can be told to have.
func Formats() []Format { return []Format{Auto, M4V, H264, TS, Raw} }

// FormatNamed finds a format; the error lists those there are.
func FormatNamed(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("format %q: must be one of %s", name, strings.Join(names, ", "))
}

// enoughToTell is how many bytes recognise wants to see, if there are so many.
const enoughToTell = 4096

// startCode begins every unit of an MPEG elementary stream.
var startCode = []byte{0, 0, 1}

// recognise tells a stream's format from its first bytes. The error names the
// container, if it is one that is known, and what to do.
func recognise(head []byte) (Format, error) {
	if isTS(head) {
		return TS, nil
	}
	if f := elementary(head); f != "" {
		return f, nil
	}
	for _, c := range containers {
		if len(head) >= c.at+len(c.magic) && string(head[c.at:c.at+len(c.magic)]) == c.magic {
			return "", fmt.Errorf("%s is no format that can be cut into chunks: make a transport stream of it, with ffmpeg -i FILE -c copy -f mpegts FILE.ts", c.name)
		}
	}
	return "", fmt.Errorf("it is in no known format (m4v, h264, ts): say which with --format, or send it as it is with --format raw")
}

// containers are formats that people have their films in.
var containers = []struct {
	name  string
	at    int
	magic string
}{
	{"AVI", 0, "RIFF"}, {"MP4 or QuickTime", 4, "ftyp"}, {"Matroska or WebM", 0, "\x1a\x45\xdf\xa3"},
	{"Ogg", 0, "OggS"}, {"Flash video", 0, "FLV"}, {"MPEG program stream", 0, "\x00\x00\x01\xba"},
	{"MPEG-1 or MPEG-2 video", 0, "\x00\x00\x01\xb3"}, {"ASF or WMV", 0, "\x30\x26\xb2\x75"},
}

// isTS: three packets in a row begin as they should, or as many as there are.
func isTS(head []byte) bool {
	for i := range 3 {
		if at := i * packetSize; at < len(head) && head[at] != syncByte || i == 0 && len(head) < packetSize {
			return false
		}
	}
	return true
}

// elementary tells m4v and h264 apart, whose units begin alike: by the byte
// behind the first start codes, which must be among the first bytes.
func elementary(head []byte) Format {
	first := unit(head)
	if first < 0 || first > 3 {
		return ""
	}
	code := head[first+3]
	switch {
	case code == 0xb0 || code == 0xb5 || code == 0xb6: // sequence, object, VOP
		return M4V
	case code >= 0xb0: // program stream, MPEG-2 video
		return ""
	case code < 0x30: // a video object or its layer, or a NAL unit of low importance
		if next := unit(head[first+3:]); next >= 0 {
			second := head[first+3+next+3]
			if second >= 0xb0 || code < 0x20 && second >= 0x20 && second < 0x30 && code != 0x09 && code != 0x06 {
				return M4V
			}
		}
	}
	switch code & 0x1f {
	case 1, 5, 6, 7, 8, 9:
		if code&0x80 == 0 {
			return H264
		}
	}
	return ""
}

// unit is where the next start code with a byte behind it is, -1 if nowhere.
func unit(b []byte) int {
	if i := bytes.Index(b, startCode); i >= 0 && i+3 < len(b) {
		return i
	}
	return -1
}
