package sim_test

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/sim"
)

// The simulator, configured as the original and with its one unseeded rand(),
// against two captures of the original's packets: every node sends the same
// datagrams in the same order, to the same peers, chunk for chunk.

// datagram is one line of a node's sequence. A view's chunk is 0.
type datagram struct {
	to    int // 0 the source, then in the order of joining
	chunk node.ChunkID
	view  bool
}

// captured reads a pcap file of UDP over IPv4 on loopback and gives, for each
// of the ports, the sequence of its datagrams.
func captured(t *testing.T, file string, ports []uint16) [][]datagram {
	t.Helper()
	raw, err := os.ReadFile("testdata/captures/" + file)
	if err != nil {
		t.Fatal(err)
	}
	const ethernet, ipv4, udp = 14, 20, 8
	sent := make([][]datagram, len(ports))
	for raw = raw[24:]; len(raw) > 0; {
		n := binary.LittleEndian.Uint32(raw[8:])
		packet := raw[16 : 16+n]
		raw = raw[16+n:]
		header := packet[ethernet+ipv4:]
		from := slices.Index(ports, binary.BigEndian.Uint16(header))
		to := slices.Index(ports, binary.BigEndian.Uint16(header[2:]))
		if from < 0 || to < 0 {
			t.Fatalf("%s: a datagram between strangers", file)
		}
		d := datagram{to: to}
		switch body := header[udp:]; body[0] {
		case 0x11:
			d.chunk = node.ChunkID(binary.BigEndian.Uint32(body[1:]))
		case 0x10:
			d.view = true
		default:
			t.Fatalf("%s: message type %#x", file, body[0])
		}
		sent[from] = append(sent[from], d)
	}
	return sent
}

// TestCapturedTraffic replays the captures' starting times, which stand in
// their first datagrams, and compares the sequences up to the shorter one: the
// captures were cut off by hand.
func TestCapturedTraffic(t *testing.T) {
	defaults, fast := parameterSets[0], parameterSets[1]
	fast.push = 100 * node.Millisecond // its peers ran with -c 10
	for _, c := range []struct {
		file  string
		ports []uint16
		set   parameterSet
		join  sim.Join
		most  node.Time // how long the capture lasts
		least int       // datagrams compared, of all nodes
		// ties are datagrams at which a node's sequence may part from the
		// capture's, because its tick fell between two datagrams of one burst of
		// the source's, microseconds apart: there the original itself does
		// differently from one run to the next.
		ties map[uint16]int
	}{
		{"default-source-and-2.pcap", []uint16{6666, 5555, 5556}, defaults,
			sim.Join{From: 200600 * node.Microsecond, Every: 50350 * node.Microsecond}, 15 * node.Second, 180, nil},
		{"t100-c40-source-and-5-c10-b16.pcap", []uint16{6666, 5555, 5556, 5557, 5558, 5559}, fast,
			sim.Join{From: 202300 * node.Microsecond, Every: 53500 * node.Microsecond}, 14200 * node.Millisecond, 1240, map[uint16]int{5555: 136}},
	} {
		t.Run(c.file, func(t *testing.T) {
			want := captured(t, c.file, c.ports)
			got := make([][]datagram, len(c.ports))
			cfg := c.set.config(len(c.ports)-1, node.Original, 0)
			cfg.Join, cfg.Grace = c.join, 0
			cfg.Duration, cfg.To = c.most, c.most
			cfg.Link = link.Config{Latency: link.Span{Min: 50 * node.Microsecond, Max: 50 * node.Microsecond}}
			cfg.Trace = func(e sim.Event) {
				if e.What == sim.Sent || e.What == sim.SentView {
					got[e.Peer] = append(got[e.Peer], datagram{int(e.Other), e.Chunk, e.What == sim.SentView})
				}
			}
			if _, err := sim.Run(cfg); err != nil {
				t.Fatal(err)
			}
			compared := 0
			for i, port := range c.ports {
				n := min(len(got[i]), len(want[i]))
				if n < len(want[i])-2 {
					t.Errorf("port %d: %d datagrams, the original sent %d", port, len(got[i]), len(want[i]))
				}
				for k := range n {
					if tie, ok := c.ties[port]; ok && k == tie {
						break
					}
					if got[i][k] != want[i][k] {
						t.Errorf("port %d: datagram %d is %+v, the original's %+v", port, k, got[i][k], want[i][k])
						break
					}
					compared++
				}
			}
			t.Logf("%d datagrams compared", compared)
			if compared < c.least {
				t.Errorf("%d datagrams compared, want at least %d", compared, c.least)
			}
		})
	}
}
