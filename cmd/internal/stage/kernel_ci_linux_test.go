//go:build ci

package stage

import (
	"fmt"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
	"pushcast/node/measure"
	"pushcast/node/wire"
	"pushcast/scenarios"
)

// wires are network namespaces, one for each peer, whose only ways out are cables to a
// bridge, which stands in a namespace of its own: what is sent stays there.
type wires struct {
	t    *testing.T
	name string
	runs int // ports differ from run to run: queues still hold what the last one has sent
}

func (w *wires) space(actor int) string { return fmt.Sprintf("%s-%d", w.name, actor) }

func (w *wires) home(actor int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 77, 0, byte(actor + 1)}), uint16(20000+100*w.runs+actor))
}

// do runs a command, given as words.
func (w *wires) do(format string, args ...any) string {
	w.t.Helper()
	words := strings.Fields(fmt.Sprintf(format, args...))
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v: %v: %s", words, err, out)
	}
	return string(out)
}

// lay lays the wires for so many peers; where namespaces cannot be made the test is skipped.
func lay(t *testing.T, peers int) *wires {
	t.Helper()
	w := &wires{t: t, name: fmt.Sprintf("pushcast-%d", os.Getpid())}
	hub := w.name + "-hub"
	if out, err := exec.Command("ip", "netns", "add", hub).CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %v: %s", err, out)
	}
	remove := func(space string) {
		if out, err := exec.Command("ip", "netns", "del", space).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
	t.Cleanup(func() { remove(hub) })
	w.do("ip -n %s link add bridge type bridge", hub)
	w.do("ip -n %s link set bridge up", hub)
	for i := range peers {
		space := w.space(i)
		w.do("ip netns add %s", space)
		t.Cleanup(func() { remove(space) })
		w.do("ip -n %s link add port%d type veth peer name eth0 netns %s", hub, i, space)
		w.do("ip -n %s link set port%d master bridge up", hub, i)
		w.do("ip -n %s addr add %s/24 dev eth0", space, w.home(i).Addr())
		w.do("ip -n %s link set eth0 up", space)
	}
	return w
}

// degrade has the kernel lose what comes to a peer, and let out what it sends at a rate: tbf
// counts Ethernet's header, which the link of a scenario does not have. Its bucket holds one
// datagram of a chunk, and a few bytes for rounding. And its limit is of all that waits, the
// newcomer included, the model's of what waits before it, and the rest of what is being sent:
// in the mean half a datagram more.
//
// What is lost is lost by the receiver: on the way out it would not take the link's time,
// which in the model comes first, and sendto(2) would say that it was refused.
func (w *wires) degrade(actor int, at *link.Config, size int64) {
	const ethernet, rounding = 14, 8
	space := w.space(actor)
	w.do("ip netns exec %s nft add table ip t", space)
	w.do("ip netns exec %s nft add chain ip t in { type filter hook input priority 0 ; }", space)
	w.do("ip netns exec %s nft add rule ip t in meta l4proto udp counter", space)
	w.do("ip netns exec %s nft add rule ip t in meta l4proto udp numgen random mod 1000 < %d counter drop", space, int(1000*at.Loss.Rate))
	rate := int64(at.Upload) * (size + ethernet) / size
	w.do("ip netns exec %s tc qdisc add dev eth0 root tbf rate %dbit burst %d limit %d", space,
		rate, size+ethernet+rounding, int64(float64(rate)/8*at.Queue.Time.Seconds())+(size+ethernet)/2)
}

// counted sums what nft has counted of all peers: datagrams, and those it has dropped.
func (w *wires) counted(peers int) (all, dropped int) {
	for i := range peers {
		rules := w.do("ip netns exec %s nft list table ip t", w.space(i))
		n := regexp.MustCompile(`packets (\d+)`).FindAllStringSubmatch(rules, -1)
		if len(n) != 2 {
			w.t.Fatalf("two counters should be in %s", rules)
		}
		a, _ := strconv.Atoi(n[0][1]) // digits
		d, _ := strconv.Atoi(n[1][1])
		all, dropped = all+a, dropped+d
	}
	return all, dropped
}

// TestKernel: the simulator's word against the kernel's. A source and eight peers are
// processes in network namespaces of their own, joined by a bridge; loss is nft's, the rate
// of every upload and its queue are tbf's, and only the latency is the stage's own link. They
// come to what the simulator says of the same scenario, with its own loss and queues, as in
// TestTruth: where the rate is enough, and where it is not, and the queue is always full.
//
// A token bucket sends a datagram when its first bit may go, the model's link when its last
// one is out: as long as a datagram of a chunk takes at the rate. So much the stage's link
// adds to the latency; without, medians are two such times too small.
func TestKernel(t *testing.T) {
	for name, set := range map[string]string{
		"enough":     "push=latest rate=4x upload=1200kbit queue=1s",
		"overloaded": "push=random rate=4x upload=800kbit queue=200ms",
	} {
		t.Run(name, func(t *testing.T) { throughKernel(t, strings.Fields(set)) })
	}
}

func throughKernel(t *testing.T, set []string) {
	s, err := scenarios.Load("quickstart")
	if err == nil {
		err = s.Set(append([]string{"peers=8", "overlay=full", "latency=50ms", "jitter=0s", "loss=5%", "duration=20s", "measure=3s..15s", "deadline=3s"}, set...)...)
	}
	if err != nil {
		t.Fatal(err)
	}
	const seeds, attempts = 20, 5
	said := simulated(t, s.Config, seeds)
	c := s.Config(0)
	size := int64(wire.Size(&node.Message{Kind: node.Chunk, Size: c.ChunkSize}))
	w := lay(t, c.Peers+1)
	for i := range c.Peers + 1 {
		w.degrade(i, &c.Link, size)
	}
	how := Processes{Stderr: os.Stderr, Home: w.home, Via: func(actor int) []string {
		return []string{"ip", "netns", "exec", w.space(actor)}
	}}
	var live *Result
	for seed := 0; live == nil || live.Machine.Saturated() != ""; seed++ {
		if seed == attempts {
			t.Fatalf("the machine is too busy: %s", live.Machine.Saturated())
		}
		w.runs = seed
		k := s.Config(seed)
		k.Link.Loss, k.Link.Upload, k.Link.Queue = link.Loss{}, 0, link.Queue{}
		takes := node.Time(size * 8 * int64(node.Second) / int64(c.Link.Upload))
		k.Link.Latency.Min += takes
		k.Link.Latency.Max += takes
		if live, err = RunProcesses(t.Context(), k, how); err != nil {
			t.Fatal(err)
		}
		t.Log(&live.Machine, live.Machine.Saturated())
	}
	all, dropped := w.counted(c.Peers + 1)
	t.Logf("the kernel dropped %d of %d datagrams", dropped, all)
	if share := float64(dropped) / float64(all); all < 5000 || math.Abs(share-c.Link.Loss.Rate) > 0.01 {
		t.Errorf("the kernel dropped %d of %d datagrams, and should one in 20", dropped, all)
	}
	for _, actor := range []int{0, 1} {
		line := w.do("ip netns exec %s tc -s qdisc show dev eth0", w.space(actor))
		t.Log(line)
		if strings.Contains(line, "overlimits 0 ") {
			t.Errorf("nothing has waited for the rate: %s", line)
		}
	}
	if live.Counts.LinkLost > 0 {
		t.Errorf("the stage's own link has lost %d datagrams", live.Counts.LinkLost)
	}
	require(t, said, []measure.Values{live.Values}, promised)
}
