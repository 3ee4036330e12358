package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pushcast/net/media"
	"pushcast/node"
)

// films are two seconds each of a test picture, 25 frames a second, as ffmpeg
// encodes it; small.ts has sound, too.
var films = []struct {
	name   string
	format media.Format
	chunks int // frames, or groups of packets
}{
	{"small.m4v", media.M4V, 50},
	{"small.h264", media.H264, 50},
	{"small.ts", media.TS, 0},
}

func film(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// all takes every chunk of an input, and gives the error that ended it.
func all(t testing.TB, f *media.Film) (chunks []media.Chunk, err error) {
	t.Helper()
	there := make(chan struct{}, 1)
	f.Wake(func() { there <- struct{}{} })
	for id := node.ChunkID(0); ; {
		c, err := f.Next(id, nil)
		switch {
		case errors.Is(err, media.ErrNotYet):
			<-there
			continue
		case err != nil:
			return chunks, err
		}
		chunks = append(chunks, c)
		id++
	}
}

// read cuts what comes from a reader.
func read(t testing.TB, from io.Reader, o media.Options) ([]media.Chunk, error) {
	t.Helper()
	if o.Format == "" {
		o.Format = media.Auto
	}
	if o.Size == 0 {
		o.Size = 1128
	}
	o.Period, o.Stdin = 40*node.Millisecond, from
	f, err := media.Open("-", o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return all(t, f)
}

func joined(chunks []media.Chunk) []byte {
	var b []byte
	for _, c := range chunks {
		b = append(b, c.Payload...)
	}
	return b
}

// TestFilms: of a file, a pipe, a reader that gives bytes one by one or halves,
// the chunks are frames or groups of packets, and together the input.
func TestFilms(t *testing.T) {
	for _, f := range films {
		whole := film(t, f.name)
		for how, open := range map[string]func() (*media.Film, error){
			"file": func() (*media.Film, error) {
				return media.Open(filepath.Join("testdata", f.name), media.Options{Format: media.Auto, Period: 40 * node.Millisecond})
			},
			"bytes":  func() (*media.Film, error) { return stdin(iotest.OneByteReader(bytes.NewReader(whole))) },
			"halves": func() (*media.Film, error) { return stdin(iotest.HalfReader(bytes.NewReader(whole))) },
			"errors": func() (*media.Film, error) { return stdin(iotest.DataErrReader(bytes.NewReader(whole))) },
		} {
			in, err := open()
			if err != nil {
				t.Fatalf("%s as %s: %v", f.name, how, err)
			}
			chunks, err := all(t, in)
			if err != io.EOF || !bytes.Equal(joined(chunks), whole) {
				t.Errorf("%s as %s: %d chunks, %v; not the same bytes", f.name, how, len(chunks), err)
			}
			if in.Format() != f.format || f.chunks > 0 && len(chunks) != f.chunks {
				t.Errorf("%s as %s: %s in %d chunks", f.name, how, in.Format(), len(chunks))
			}
			for i, c := range chunks {
				want := []byte{0, 0, 1}
				if f.format == media.TS {
					if len(c.Payload) != 1128 && i != len(chunks)-1 {
						t.Errorf("%s: chunk %d is of %d bytes", f.name, i, len(c.Payload))
					}
				} else if !bytes.HasPrefix(bytes.TrimLeft(c.Payload, "\x00"), want[2:]) {
					t.Errorf("%s: chunk %d begins % x", f.name, i, c.Payload[:6])
				}
				if c.Due == media.ByPeriod && c.Timestamp != uint64(i)*40 {
					t.Errorf("%s: chunk %d has timestamp %d", f.name, i, c.Timestamp)
				}
			}
			in.Close()
		}
	}
}

func stdin(r io.Reader) (*media.Film, error) {
	return media.Open("-", media.Options{Format: media.Auto, Stdin: r, Period: 40 * node.Millisecond, Size: 1128})
}

// TestDamaged: whatever is cut off or overwritten, nothing is lost or added.
func TestDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, f := range films {
		whole := film(t, f.name)
		for range 200 {
			b := bytes.Clone(whole[:r.IntN(len(whole))])
			for range r.IntN(20) {
				if len(b) > 0 {
					b[r.IntN(len(b))] = byte(r.Uint32())
				}
			}
			if at := r.IntN(len(b) + 1); r.IntN(3) == 0 { // some bytes are missing
				b = slices.Delete(b, at, min(len(b), at+r.IntN(400)))
			}
			chunks, err := read(t, bytes.NewReader(b), media.Options{Format: f.format})
			if err != io.EOF || !bytes.Equal(joined(chunks), b) {
				t.Fatalf("%s, %d bytes of it: %d chunks, %v; not the same bytes", f.name, len(b), len(chunks), err)
			}
		}
	}
}

// FuzzFilm: any bytes, in any format, in pieces of any size, come out as they were
// or are refused with a reason.
func FuzzFilm(f *testing.F) {
	for i, m := range films {
		f.Add(film(f, m.name)[:3000], uint8(i), uint8(7))
	}
	f.Add([]byte("\x00\x00\x01\xb6\x00\x00\x01\xb1\x00\x00\x01\xb3"), uint8(0), uint8(1))
	f.Add(bytes.Repeat([]byte("G"), 2000), uint8(2), uint8(255))
	f.Fuzz(func(t *testing.T, b []byte, kind, piece uint8) {
		formats := []media.Format{media.M4V, media.H264, media.TS, media.Raw, media.Auto}
		o := media.Options{Format: formats[int(kind)%len(formats)], Size: 1 + int(piece)}
		chunks, err := read(t, &pieces{bytes.NewReader(b), 1 + int(piece)}, o)
		if err != io.EOF {
			return
		}
		if !bytes.Equal(joined(chunks), b) {
			t.Fatalf("%s: %d bytes became %d", o.Format, len(b), len(joined(chunks)))
		}
		for i, c := range chunks {
			if len(c.Payload) == 0 || len(c.Payload) > media.MaxChunk {
				t.Fatalf("%s: chunk %d is of %d bytes", o.Format, i, len(c.Payload))
			}
		}
	})
}

// pieces reads so many bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p *pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }

// TestOwnClock: a transport stream's chunks are due as its clock says: they
// ascend, the last one is due near the film's end, no two are far apart. Without
// --pace own it is the same; a loop goes on.
func TestOwnClock(t *testing.T) {
	chunks, err := read(t, bytes.NewReader(film(t, "small.ts")), media.Options{})
	if err != io.EOF {
		t.Fatal(err)
	}
	last := chunks[0].Due
	for i, c := range chunks {
		if step := c.Due - last; step < -50*node.Millisecond || step > 300*node.Millisecond {
			t.Errorf("chunk %d is due %v after the one before", i, time.Duration(step))
		}
		if c.Timestamp != uint64(c.Due/node.Millisecond) {
			t.Errorf("chunk %d has timestamp %d, and is due at %v", i, c.Timestamp, time.Duration(c.Due))
		}
		last = c.Due
	}
	if last < 1500*node.Millisecond || last > 2500*node.Millisecond {
		t.Errorf("the last chunk is due at %v", time.Duration(last))
	}

	looped, err := media.Open("testdata/small.ts", media.Options{Format: media.Auto, Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	defer looped.Close()
	there := make(chan struct{}, 1)
	looped.Wake(func() { there <- struct{}{} })
	n := 3 * len(chunks)
	for id := 0; id < n; {
		c, err := looped.Next(node.ChunkID(id), nil)
		if errors.Is(err, media.ErrNotYet) {
			<-there
			continue
		}
		if err != nil || !bytes.Equal(c.Payload, chunks[id%len(chunks)].Payload) {
			t.Fatalf("chunk %d of the loop: %v", id, err)
		}
		last = c.Due
		id++
	}
	if last < 5*node.Second || last > 7*node.Second {
		t.Errorf("thrice the film ends at %v", time.Duration(last))
	}
}

// TestPaces: by arrival all is due at once, by the period nothing says when.
func TestPaces(t *testing.T) {
	for pace, due := range map[media.Pace]node.Time{media.PaceArrival: 0, media.PacePeriod: media.ByPeriod} {
		chunks, _ := read(t, bytes.NewReader(film(t, "small.ts")), media.Options{Pace: pace})
		for i, c := range chunks {
			if c.Due != due {
				t.Fatalf("pace %s: chunk %d is due at %d", pace, i, c.Due)
			}
		}
	}
}

// TestTooLong: a frame that fits no datagram is split between the units of H.264;
// else the error names frame, size and remedy.
func TestTooLong(t *testing.T) {
	frame := func(b ...byte) []byte { return append(b, bytes.Repeat([]byte{0x55}, 70_000)...) }
	slices4 := slices.Concat([]byte{0, 0, 0, 1, 0x65, 0x88}, bytes.Repeat([]byte{0x55}, 40_000),
		[]byte{0, 0, 0, 1, 0x65, 0x08}, bytes.Repeat([]byte{0x55}, 40_000), []byte{0, 0, 1, 0x65, 0x08}, bytes.Repeat([]byte{0x55}, 10_000))
	chunks, err := read(t, bytes.NewReader(slices4), media.Options{Format: media.H264})
	if err != io.EOF || len(chunks) != 2 || !bytes.Equal(joined(chunks), slices4) || !bytes.HasPrefix(chunks[1].Payload, []byte{0, 0, 0, 1, 0x65, 0x08}) {
		t.Errorf("slices: %d chunks, %v", len(chunks), err)
	}
	chunks, err = read(t, bytes.NewReader(slices4), media.Options{Format: media.H264, Most: 45_000})
	if err != io.EOF || len(chunks) != 3 || !bytes.Equal(joined(chunks), slices4) {
		t.Errorf("slices, at most 45000: %d chunks, %v", len(chunks), err)
	}
	small := []byte{0, 0, 1, 0xb6, 0x10}
	for format, b := range map[media.Format][]byte{
		media.M4V:  append(bytes.Clone(small), frame(0, 0, 1, 0xb6)...),
		media.H264: append([]byte{0, 0, 1, 0x65, 0x88}, frame(0, 0, 1, 0x65, 0x88)...),
	} {
		chunks, err := read(t, bytes.NewReader(b), media.Options{Format: format})
		if err == nil || len(chunks) != 1 {
			t.Errorf("%s: %d chunks, %v", format, len(chunks), err)
			continue
		}
		for _, want := range []string{"standard input: frame 1, at byte 5, is of 70", "a datagram carries 65486", "ffmpeg -b:v", "-f mpegts"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; says nothing of %q", format, err, want)
			}
		}
	}
	_, err = read(t, io.MultiReader(bytes.NewReader(small), endless{}), media.Options{Format: media.M4V})
	if err == nil || !strings.Contains(err.Error(), "of more than 16777") {
		t.Errorf("a frame without an end: %v", err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0x55
	}
	return len(b), nil
}

// TestBadFilms: one line that says what is wrong.
func TestBadFilms(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file",
		dir:                        "is a folder, and no film",
		write("empty", ""):         "empty is empty",
		write("film.avi", "RIFF\x00\x00\x00\x00AVI "):      "film.avi: AVI is no format that can be cut into chunks: make a transport stream of it, with ffmpeg -i FILE -c copy -f mpegts FILE.ts",
		write("film.mp4", "\x00\x00\x00\x20ftypisom"):      "MP4 or QuickTime",
		write("film.mkv", "\x1a\x45\xdf\xa3"):              "Matroska",
		write("film.mpg", "\x00\x00\x01\xba\x44"):          "MPEG program stream",
		write("notes.txt", strings.Repeat("a note ", 900)): "notes.txt: it is in no known format (m4v, h264, ts)",
	} {
		if _, err := media.Open(path, media.Options{Format: media.Auto}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := media.Open("-", media.Options{Loop: true}); err == nil || !strings.Contains(err.Error(), "--loop needs a file") {
		t.Errorf("a loop of standard input: %v", err)
	}
	if _, err := media.Open("testdata/small.m4v", media.Options{Format: media.Auto, Pace: media.PaceOwn}); err == nil || !strings.Contains(err.Error(), "--pace period") {
		t.Errorf("m4v by its own clock: %v", err)
	}
	if _, err := read(t, strings.NewReader(""), media.Options{}); err == nil || !strings.Contains(err.Error(), "standard input: it is empty") {
		t.Errorf("an empty pipe: %v", err)
	}
	broken := errors.New("the disk is broken")
	if _, err := read(t, io.MultiReader(bytes.NewReader(film(t, "small.m4v")), iotest.ErrReader(broken)), media.Options{}); !errors.Is(err, broken) {
		t.Errorf("a broken disk: %v", err)
	}
	for _, name := range []string{"mp3", "text", ""} {
		if _, err := media.FormatNamed(name); err == nil || !strings.Contains(err.Error(), "auto, m4v, h264, ts, raw") {
			t.Errorf("format %q: %v", name, err)
		}
	}
	if _, err := media.PaceNamed("slow"); err == nil || !strings.Contains(err.Error(), "auto, period, own, arrival") {
		t.Errorf("pace: %v", err)
	}
}

// BenchmarkFilm cuts each format; MB/s.
func BenchmarkFilm(b *testing.B) {
	for _, f := range append(slices.Clone(films), struct {
		name   string
		format media.Format
		chunks int
	}{"small.ts", media.Raw, 0}) {
		b.Run(string(f.format), func(b *testing.B) {
			whole := bytes.Repeat(film(b, f.name), 100)
			b.SetBytes(int64(len(whole)))
			for b.Loop() {
				if chunks, err := read(b, bytes.NewReader(whole), media.Options{Format: f.format, Pace: media.PaceArrival}); err != io.EOF {
					b.Fatal(len(chunks), err)
				}
			}
		})
	}
}

func ExampleOpen() {
	film, err := media.Open("testdata/small.m4v", media.Options{Format: media.Auto, Period: 40 * node.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer film.Close()
	there := make(chan struct{}, 1)
	film.Wake(func() { there <- struct{}{} })
	for frames := 0; ; {
		_, err := film.Next(node.ChunkID(frames), nil)
		switch {
		case errors.Is(err, media.ErrNotYet):
			<-there
		case err != nil:
			fmt.Println(film.Format(), frames, err)
			return
		default:
			frames++
		}
	}
	// Output: m4v 50 EOF
}
