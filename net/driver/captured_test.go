package driver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"pushcast/net/media"
	"pushcast/node"
)

// Two captures of the original's packets, replayed: every node is a driver that
// receives what the capture shows it receiving, and must send, byte for byte and
// to the same address, what the capture shows it sending.

// packet is one datagram of a capture.
type packet struct {
	at       node.Time // since the first one
	from, to netip.AddrPort
	payload  []byte
}

// readCapture reads a pcap file of UDP over IPv4 over Ethernet headers.
func readCapture(t testing.TB, file string) (all []packet) {
	t.Helper()
	raw, err := os.ReadFile("../../sim/testdata/captures/" + file)
	if err != nil {
		t.Fatal(err)
	}
	const ethernet, ipv4, udp = 14, 20, 8
	var begin node.Time
	for raw = raw[24:]; len(raw) > 0; {
		at := node.Time(binary.LittleEndian.Uint32(raw))*node.Second +
			node.Time(binary.LittleEndian.Uint32(raw[4:]))*node.Microsecond
		n := binary.LittleEndian.Uint32(raw[8:])
		ip := raw[16+ethernet : 16+n]
		raw = raw[16+n:]
		if begin == 0 {
			begin = at
		}
		end := func(address, port int) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[address:address+4])), binary.BigEndian.Uint16(ip[port:]))
		}
		all = append(all, packet{at - begin, end(12, ipv4), end(16, ipv4+2), ip[ipv4+udp:]})
	}
	return all
}

// recorder is a Conn that keeps what is written, and has nothing to read.
type recorder struct{ sent []packet }

func (r *recorder) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	r.sent = append(r.sent, packet{to: to, payload: bytes.Clone(b)})
	return len(b), nil
}

func (r *recorder) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, errors.New("nothing to read")
}

func (r *recorder) SetReadDeadline(time.Time) error { return nil }

// replayed is one node of a capture.
type replayed struct {
	*Driver
	conn  recorder
	epoch node.Time // its start, on the capture's clock
	last  node.Time
}

// at brings the capture's time to the node's; it does not go back.
func (r *replayed) time(at node.Time) node.Time {
	r.last = max(r.last, at-r.epoch)
	return r.last
}

// idle lets the ticks pass that send nothing, because there is nothing to send
// or nobody to send it to: the capture does not show them.
func (r *replayed) idle(t *testing.T, at node.Time) {
	for len(r.conn.sent) == 0 && r.wakeup() <= at-r.epoch && (r.peer.Chunks() == 0 || r.peer.Neighbours() == 0) {
		r.step(t)
	}
}

// step runs the next tick, at its instant.
func (r *replayed) step(t *testing.T) {
	due := r.wakeup()
	if err := r.tick(r.time(due + r.epoch)); err != nil {
		t.Fatal(err)
	}
}

func TestCapturedTraffic(t *testing.T) {
	source := netip.MustParseAddrPort("127.0.0.1:6666")
	for _, c := range []struct {
		file   string
		period node.Time // -t
		copies int       // ⌊c·t/1000⌋
		push   node.Time // 1/c of the peers
		buffer int
		all    int // packets
	}{
		{"default-source-and-2.pcap", 500 * node.Millisecond, 2, 250 * node.Millisecond, 8, 185},
		{"t100-c40-source-and-5-c10-b16.pcap", 100 * node.Millisecond, 4, 100 * node.Millisecond, 16, 1253},
	} {
		t.Run(c.file, func(t *testing.T) {
			capture := readCapture(t, c.file)
			if len(capture) != c.all {
				t.Fatalf("%d packets, must be %d", len(capture), c.all)
			}
			nodes := map[netip.AddrPort]*replayed{}
			begin := func(addr netip.AddrPort, epoch node.Time) *replayed {
				cfg := Config{Local: addr, Peer: Dumbstreamer()}
				cfg.Peer.RNG, cfg.Peer.Push, cfg.Peer.Buffer = node.Original, c.push, c.buffer
				if addr == source {
					cfg.Peer.Role, cfg.Peer.Period, cfg.Peer.Copies = node.Source, c.period, c.copies
					cfg.Input = media.Text{}
				} else {
					cfg.Contacts = []netip.AddrPort{source}
				}
				r := &replayed{epoch: epoch}
				d, err := New(&r.conn, cfg)
				if err != nil {
					t.Fatal(err)
				}
				r.Driver = d
				if err := d.start(0); err != nil {
					t.Fatal(err)
				}
				nodes[addr] = r
				return r
			}
			for _, p := range capture { // when the source began is in its first chunk
				if p.from == source && p.payload[0] == 0x11 {
					begin(source, p.at-node.Time(binary.BigEndian.Uint32(p.payload[1:]))*c.period)
					break
				}
			}
			mismatches := 0
			for i, p := range capture {
				from := nodes[p.from]
				if from == nil {
					from = begin(p.from, p.at)
				}
				from.idle(t, p.at)
				for ticks := 0; len(from.conn.sent) == 0 && ticks < 2; ticks++ {
					if early := from.wakeup() - (p.at - from.epoch); early > 5*node.Millisecond {
						t.Fatalf("packet %d: sent %v before it is due", i, time.Duration(early))
					}
					from.step(t)
				}
				if len(from.conn.sent) == 0 {
					t.Fatalf("packet %d: nothing is sent", i)
				}
				got := from.conn.sent[0]
				from.conn.sent = from.conn.sent[1:]
				if got.to != p.to || !bytes.Equal(got.payload, p.payload) {
					if mismatches++; mismatches < 5 {
						t.Errorf("packet %d from %v: to %v % x\nthe capture's to %v % x", i, p.from, got.to, got.payload, p.to, p.payload)
					}
				}
				to := nodes[p.to]
				if to == nil {
					t.Fatalf("packet %d: to %v, whom nobody has heard of", i, p.to)
				}
				to.idle(t, p.at)
				if err := to.receive(to.time(p.at), p.payload, p.from); err != nil {
					t.Fatal(err)
				}
				if err := to.peer.Check(); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d datagrams predicted, %d mismatches", len(capture), mismatches)
		})
	}
}
