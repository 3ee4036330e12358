package udp_test

import (
	"net/netip"
	"testing"

	"pushcast/net/udp"
)

// BenchmarkSend sends 64 datagrams of 1,128 bytes over loopback and reads them: one by
// one; in batches, turn by turn to two receivers, as a source does; and in batches to
// one receiver, where the kernel puts them together.
func BenchmarkSend(b *testing.B) {
	data := make([]byte, 1128)
	sockets := func(b *testing.B) (from *udp.Conn, to [2]*udp.Conn) {
		var all [3]*udp.Conn
		for i := range all {
			c, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { c.Close() })
			all[i] = c
		}
		b.ReportAllocs()
		return all[0], [2]*udp.Conn(all[1:])
	}
	rate := func(b *testing.B) {
		b.ReportMetric(float64(b.N*udp.MaxBatch)/b.Elapsed().Seconds(), "datagrams/s")
	}
	b.Run("one", func(b *testing.B) {
		from, to := sockets(b)
		buf := make([]byte, 2000)
		for b.Loop() {
			for i := range udp.MaxBatch {
				if _, err := from.WriteToUDPAddrPort(data, to[i&1].AddrPort()); err != nil {
					b.Fatal(err)
				}
			}
			for i := range udp.MaxBatch {
				if _, _, err := to[i&1].ReadFromUDPAddrPort(buf); err != nil {
					b.Fatal(err)
				}
			}
		}
		rate(b)
	})
	for name, receivers := range map[string]int{"batch-2": 2, "batch-1": 1} {
		b.Run(name, func(b *testing.B) {
			from, to := sockets(b)
			w := udp.NewWriter(from)
			readers := [2]*udp.Reader{udp.NewReader(to[0]), udp.NewReader(to[1])}
			for b.Loop() {
				for i := range udp.MaxBatch {
					w.Add(data, to[i%receivers].AddrPort())
				}
				if failed, err := w.Flush(); failed > 0 {
					b.Fatal(err)
				}
				for i := range udp.MaxBatch {
					if d, err := readers[i%receivers].Read(); err != nil || len(d.Data) != len(data) {
						b.Fatal(err, len(d.Data))
					}
				}
			}
			rate(b)
		})
	}
}
