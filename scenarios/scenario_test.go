package scenarios_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/scenarios"
	"pushcast/sim"
)

func mustLoad(t testing.TB, ref string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// roundTrip holds a scenario to the rule that its parameters, set one by one on
// a scenario of defaults, make the same run.
func roundTrip(t testing.TB, s *scenarios.Scenario) {
	t.Helper()
	var sections, classes []string // in the order of the parameters
	lines, said := map[string]string{}, map[string]string{}
	var events []string
	for _, p := range s.Parameters() {
		words := strings.Split(p.Path, ".")
		switch section := words[0]; words[1] {
		case "classes":
			if said[words[2]] == "" {
				classes = append(classes, words[2])
			}
			said[words[2]] += fmt.Sprintf(", %s: %s", words[3], p.Value)
		case "events":
			n, err := strconv.Atoi(words[2])
			if err != nil {
				t.Fatal(err)
			}
			if n > len(events) {
				events = append(events, "")
			}
			events[n-1] += fmt.Sprintf(", %s: %s", words[3], p.Value)
		default:
			if lines[section] == "" {
				sections = append(sections, section)
			}
			lines[section] += fmt.Sprintf("  %s: %s\n", words[1], p.Value)
		}
	}
	for i, name := range classes {
		if i == 0 {
			lines["network"] += "  classes:\n"
		}
		lines["network"] += fmt.Sprintf("    %s: { %s }\n", name, said[name][2:])
	}
	for i, e := range events {
		if i == 0 {
			lines["churn"] += "  events:\n"
		}
		lines["churn"] += "    - { " + e[2:] + " }\n"
	}
	text := "name: again\n"
	for _, section := range sections {
		text += section + ":\n" + lines[section]
	}
	again, err := scenarios.Parse("again", []byte(text))
	if err != nil {
		t.Fatalf("its own parameters are refused: %v\n%s", err, text)
	}
	if !slices.Equal(s.Parameters(), again.Parameters()) || !reflect.DeepEqual(s.Config(3), again.Config(3)) {
		t.Fatalf("its own parameters make another scenario:\n%s", text)
	}
}

// TestReadyMade: every embedded scenario loads by name and by path, says what
// it is, and survives being written out again.
func TestReadyMade(t *testing.T) {
	want := []string{"adaptive", "burst", "ci", "crash", "fastest", "fec", "flash-crowd", "flash-crowd-limit", "goal", "goal-10000", "goal-crash", "live", "live-events", "loss-latency", "nearest", "original", "original-tcb", "paper/dumb", "paper/fmin", "paper/fmin-10000", "paper/latest-blind", "paper/limited-degree",
		"paper/random-blind", "paper/rate", "paper/schedulers", "paper/schedulers-landed", "paper/static-graph", "paper/uneven", "paper/unseen",
		"partition", "peers", "quickstart", "schedulers", "w1"}
	if !slices.Equal(scenarios.Names(), want) {
		t.Fatalf("ready-made: %v, want %v", scenarios.Names(), want)
	}
	for _, name := range scenarios.Names() {
		s, file := mustLoad(t, name), mustLoad(t, "./"+name+".yaml")
		if s.Name != strings.ReplaceAll(name, "/", "-") || s.About == "" || s.Seeds.Min < 5 {
			t.Errorf("%s: name %q, about %q, %v seeds", name, s.Name, s.About, s.Seeds)
		}
		if !slices.Equal(s.Parameters(), file.Parameters()) {
			t.Errorf("%s: by name and by path it is not the same", name)
		}
		roundTrip(t, s)
	}
}

// TestEveryKeyIsHonoured: a key that is accepted changes what is run.
func TestEveryKeyIsHonoured(t *testing.T) {
	other := map[string][]string{
		"stream.period": {"80ms"}, "stream.chunk": {"200B"}, "stream.duration": {"70s"}, "stream.measure": {"21s..40s"}, "stream.fec": {"10+1"},
		"swarm.peers": {"50"}, "swarm.overlay": {"ring"}, "swarm.view": {"7"}, "swarm.copies": {"9"},
		"swarm.rate": {"1x"}, "swarm.buffer": {"3"}, "swarm.push": {"latest"}, "swarm.policy": {"fifo"},
		"swarm.ticks": {"poisson"}, "swarm.window": {"9"}, "swarm.deadline": {"4s"}, "swarm.grace": {"1s"},
		"swarm.sourceInViews": {"false"}, "swarm.rng": {"original"}, "swarm.gossip": {"7s"}, "swarm.gossipCheck": {"3"},
		"swarm.maxAge": {"4"}, "swarm.dropSilent": {"false"}, "swarm.ageReplies": {"false"}, "swarm.rejoin": {"false"},
		"swarm.stagger": {"false"}, "swarm.retry": {"1s"}, "swarm.joinWalk": {"1"}, "swarm.remember": {"0"}, "swarm.neighbours": {"5"},
		"swarm.recallEvery": {"9"},
		"network.latency":   {"1ms..2ms"}, "network.jitter": {"1ms"}, "network.loss": {"33%"}, "churn.join": {"1s every 10ms jitter 5ms"},
		"network.slots":   {"true"},
		"network.regions": {"world"}, "network.access": {"1ms..9ms"}, "network.duplicate": {"1%"}, "network.reorder": {"2% by 5ms"},
		"network.corrupt": {"1%"}, "network.checksum": {"false"}, "network.upload": {"1Mbit"}, "network.download": {"1Mbit"},
		"network.queue": {"2s"}, "network.mtu": {"576B"}, "churn.lifetime": {"exp mean 30s"}, "churn.downtime": {"20s"},
		"churn.leave": {"goodbye"}, "churn.identity": {"new"},
	}
	needs := map[string]string{
		"network.checksum": "corrupt=1%", "network.queue": "upload=1Mbit", "churn.downtime": "lifetime=30s",
		"churn.leave": "lifetime=30s", "churn.identity": "lifetime=30s downtime=20s",
	}
	base := "name: x\nstream:\n  duration: 60s\n  measure: 20s..50s\nswarm:\n  overlay: newscast\n"
	for _, p := range mustLoad(t, "quickstart").Parameters() {
		values, ok := other[p.Path]
		if !ok {
			t.Errorf("%s is not tried here", p.Path)
			continue
		}
		s, err := scenarios.Parse("x", []byte(base))
		if err != nil {
			t.Fatal(err)
		}
		if first := needs[p.Path]; first != "" {
			if err := s.Set(strings.Fields(first)...); err != nil {
				t.Fatal(err)
			}
		}
		before := s.Config(1)
		if err := s.Set(p.Path + "=" + values[0]); err != nil {
			t.Errorf("%s: %v", p.Path, err)
			continue
		}
		if reflect.DeepEqual(before, s.Config(1)) {
			t.Errorf("%s=%s changes nothing", p.Path, values[0])
		}
	}
}

// TestQuantities: what is read, and how it is written in results.
func TestQuantities(t *testing.T) {
	for _, c := range []struct{ path, text, shown string }{
		{"stream.period", "0.04s", "40ms"},
		{"stream.period", "40000us", "40ms"},
		{"stream.period", "1m", "1m0s"},
		{"stream.chunk", "1.5kB", "1500B"},
		{"stream.chunk", "2KiB", "2048B"},
		{"network.loss", "0.5%", "0.5%"},
		{"network.loss", "100%", "100%"},
		{"network.loss", "0%", "0%"},
		{"network.latency", "20ms..80ms", "20ms..80ms"},
		{"network.latency", "20ms..20ms", "20ms"},
		{"swarm.rate", "4x", "4x"},
		{"swarm.rate", "100/s", "100/s"},
		{"swarm.rate", "0/s", "0/s"},
		{"swarm.deadline", "none", "none"},
		{"churn.join", "0s..10s", "0s..10s"},
		{"churn.join", "200ms every 20ms jitter 2ms", "200ms every 20ms jitter 2ms"},
	} {
		s, err := scenarios.Parse("x", []byte("name: x\nstream:\n  duration: 100m\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Set(c.path + "=" + c.text); err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		i := slices.IndexFunc(s.Parameters(), func(p scenarios.Parameter) bool { return p.Path == c.path })
		if got := s.Parameters()[i].Value; got != c.shown {
			t.Errorf("%s=%s is shown as %s, want %s", c.path, c.text, got, c.shown)
		}
		roundTrip(t, s)
	}
}

// TestW1File: the scenario file is the workload of performance.md.
func TestW1File(t *testing.T) {
	c := mustLoad(t, "w1").Config(4)
	if c.Seed != 4 || c.Peers+1 != 1000 || c.View != 20 || c.Peer.Push != 40*node.Millisecond || c.Peer.Buffer != 50 ||
		c.Peer.Policy != node.Window || c.Overlay != sim.RandomOut || c.Copies != 5 || c.Deadline != 0 ||
		c.Link.Loss.Rate != 0.01 || c.From != 5*node.Second || c.To != 25*node.Second || c.Peer.Window != 0 || !c.SourceInViews {
		t.Errorf("w1 is %+v", c)
	}
}

// TestSmallAndStrange: what is unusual and right is accepted.
func TestSmallAndStrange(t *testing.T) {
	for name, src := range map[string]string{
		"a byte order mark":  "\xef\xbb\xbfname: x\n",
		"Windows line ends":  "name: x\r\nswarm:\r\n  peers: 3\r\n",
		"no last line end":   "name: x",
		"a document's marks": "---\nname: x\n...\n",
		"flow style":         "{name: x, swarm: {peers: 3}}",
		"one peer":           "name: x\nswarm:\n  peers: 1\n",
		"nobody pushes":      "name: x\nswarm:\n  rate: 0/s\n  overlay: newscast\n",
		"a short run":        "name: x\nstream:\n  duration: 12s\n",
		"a quoted name":      "name: \"x\"\n",
	} {
		if _, err := scenarios.Parse("x.yaml", []byte(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func ExampleLoad() {
	s, err := scenarios.Load("quickstart")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Set("loss=5%"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Name, s.Config(0).Peers, s.Config(0).Link.Loss.Rate)
	fmt.Println(s.Set("lss=5%"))
	// Output:
	// quickstart 100 0.05
	// -s lss=5%: unknown key "lss"
	//     did you mean "loss"?
}
