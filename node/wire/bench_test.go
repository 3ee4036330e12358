package wire

import (
	"net/netip"
	"testing"
)

// BenchmarkCodec writes and reads the datagrams of format J that there are most of: a chunk
// of 1,128 bytes, and a view of 30 entries.
func BenchmarkCodec(b *testing.B) {
	chunk := ChunkMessage{ID: 7, Timestamp: 280, Data: make([]byte, 1128)}
	entry := Entry{Addr: netip.MustParseAddrPort("10.0.0.1:6666"), Age: 3, Descriptor: Descriptor}
	view := func(buf []byte) []byte {
		buf = J.AppendTopology(buf, true)
		for range 30 {
			buf = J.AppendEntry(buf, &entry)
		}
		return buf
	}
	var buf []byte
	b.Run("message=chunk/way=append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = J.AppendChunk(buf[:0], &chunk)
		}
	})
	b.Run("message=chunk/way=parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := J.ParseChunk(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("message=view/way=append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = view(buf[:0])
		}
	})
	b.Run("message=view/way=parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read, err := J.ParseTopology(buf)
			if err != nil {
				b.Fatal(err)
			}
			for i := range read.Len() {
				entry = read.Entry(i)
			}
		}
	})
}
