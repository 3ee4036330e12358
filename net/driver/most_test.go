package driver

import (
	"net/netip"
	"strings"
	"testing"

	"pushcast/net/media"
	"pushcast/node"
	"pushcast/node/wire"
)

// sized is an Input whose chunks are of so many bytes.
type sized int

func (n sized) Next(node.ChunkID, []byte) (media.Chunk, error) {
	return media.Chunk{Payload: make([]byte, n), Due: media.ByPeriod}, nil
}

func (sized) Wake(func()) {}

// TestMostChunk: the largest chunk that the configuration says a source may have makes the
// largest datagram there is, and no larger one; a byte more is refused.
func TestMostChunk(t *testing.T) {
	own, other := netip.MustParseAddrPort("10.0.0.1:6666"), netip.MustParseAddrPort("10.0.0.2:6666")
	for name, cfg := range map[string]Config{"blind": film(own), "stripes": stripesFilm(own)} {
		for _, code := range []node.Code{{}, {Data: 1, Repair: 1}} {
			cfg.Peer.FEC = code
			for _, more := range []int{0, 1} {
				cfg.Input = sized(cfg.MostChunk() + more)
				conn := &recorder{}
				d, err := New(conn, cfg)
				if err == nil {
					err = d.start(0)
				}
				entry := &wire.Entry{Addr: other, Age: 1, Descriptor: d.descriptor}
				if err == nil {
					err = d.receive(1, wire.J.AppendEntry(wire.J.AppendTopology(nil, true), entry), other)
				}
				if err == nil {
					err = d.tick(1)
				}
				if err == nil && d.striped {
					wishes := unhex(t, stateOf("01 2a 00", "ffff0f0000000000", strings.Repeat("ff", 20)))
					err = d.receive(2, prove(d, other, wishes), other)
				}
				for now := node.Time(2); err == nil && now < 200*node.Millisecond; now += 20 * node.Millisecond {
					err = d.tick(now)
				}
				// A push has room left for a long timestamp and for attributes.
				want, largest := wire.MaxPayload, 0
				if d.striped {
					want -= wire.MostPushHeader - wire.PushHeader
				}
				for _, p := range conn.sent {
					largest = max(largest, len(p.payload))
				}
				if (err != nil) != (more == 1) || more == 0 && largest != want {
					t.Errorf("%s, fec %v, %d more than the most: %v; the largest datagram is of %d bytes, of %d", name, code, more, err, largest, want)
				}
			}
		}
	}
}
