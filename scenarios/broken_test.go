package scenarios_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pushcast/scenarios"
)

var update = flag.Bool("update", false, "write the golden messages anew")

// broken are the mistakes that people make, by the name of their golden
// message in testdata/broken.
var broken = map[string]string{
	"adaptive-no-limit":     "name: x\nswarm:\n  rate: adaptive\n",
	"adaptive-slots":        "name: x\nswarm:\n  rate: adaptive\nnetwork:\n  upload: 2x\n  slots: true\n",
	"adaptive-ticks":        "name: x\nswarm:\n  rate: adaptive\n  ticks: poisson\nnetwork:\n  upload: 2x\n",
	"adaptive-gossip-check": "name: x\nswarm:\n  rate: adaptive\n  overlay: newscast\n  gossipCheck: 10\nnetwork:\n  upload: 2x\n",
	"adaptive-class":        "name: x\nnetwork:\n  upload: 2x\n  classes:\n    home: { share: 50%, rate: adaptive, upload: none }\n    work: { share: 50%, rate: adaptive }\n",
	"adaptive-stripes":      "name: x\nswarm:\n  rate: adaptive\n  push: stripes\nnetwork:\n  upload: 2x\n",
	"fec-spelling":          "name: x\nstream:\n  fec: 20\n",
	"fec-too-large":         "name: x\nstream:\n  fec: 60+8\n",
	"fec-without-repair":    "name: x\nstream:\n  fec: 20+0\n",
	"fec-slots":             "name: x\nstream:\n  fec: 20+2\nswarm:\n  overlay: full\nnetwork:\n  slots: true\n",
	"fec-chunk":             "name: x\nstream:\n  fec: 20+2\n  chunk: 65480B\n",
	"fec-measure":           "name: x\nstream:\n  fec: 2+8\n  duration: 20s\n  measure: 20ms..60ms\n",
	"stripes-without":       "name: x\nswarm:\n  stripes: 8\n",
	"stripes-rate":          "name: x\nswarm:\n  push: stripes\n  rate: 2x\n",
	"stripes-patience":      "name: x\nswarm:\n  push: stripes\n  repair: false\n  patience: 1s\n",
	"stripes-policy":        "name: x\nswarm:\n  push: stripes\n  policy: fifo\n",
	"stripes-buffer":        "name: x\nswarm:\n  push: stripes\n  buffer: 5\n",
	"stripes-slots":         "name: x\nswarm:\n  push: stripes\nnetwork:\n  slots: true\n",
	"stripes-rng":           "name: x\nswarm:\n  push: stripes\n  rng: original\n",
	"stripes-class-rate":    "name: x\nswarm:\n  push: stripes\nnetwork:\n  classes:\n    home: { share: 100%, rate: 2x }\n",
	"stripes-too-many":      "name: x\nswarm:\n  push: stripes\n  stripes: 33\n",
	"absurd-period":         "name: x\nstream:\n  period: 400h\n",
	"absurd-peers":          "name: x\nswarm:\n  peers: 99999999999999999999\n",
	"alias":                 "name: &n x\nabout: *n\n",
	"anchor":                "name: x\nswarm: &s\n  peers: 3\n",
	"backwards-range":       "name: x\nnetwork:\n  latency: 80ms..20ms\n",
	"binary":                "name: x\n\x00\x01\x02\xff\xfe",
	"bool":                  "name: x\nswarm:\n  sourceInViews: yes\n",
	"bracket-left-open":     "name: [x\n",
	"deep":                  "name: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n",
	"duplicate-key":         "name: x\nswarm:\n  peers: 3\n  peers: 4\n",
	"duplicate-section":     "name: x\nswarm:\n  peers: 3\nswarm:\n  view: 2\n",
	"empty":                 "",
	"empty-value":           "name: x\nswarm:\n  peers:\n",
	"exponent":              "name: x\nswarm:\n  peers: 1e3\n",
	"fraction-of-a-byte":    "name: x\nstream:\n  chunk: 0.5B\n",
	"fraction-of-a-peer":    "name: x\nswarm:\n  peers: 2.5\n",
	"gossip-without-cast":   "name: x\nswarm:\n  overlay: full\n  gossip: 2s\n",
	"infinite":              "name: x\nnetwork:\n  loss: .inf\n",
	"list-for-a-scenario":   "- name: x\n",
	"list-for-a-section":    "name: x\nswarm:\n  - peers\n",
	"list-for-a-value":      "name: x\nswarm:\n  peers: [1, 2]\n",
	"loss-of-110":           "name: x\nnetwork:\n  loss: 110%\n",
	"loss-without-unit":     "name: x\nnetwork:\n  loss: 1\n",
	"mapping-for-a-value":   "name: x\nswarm:\n  peers: {min: 3}\n",
	"measure-past-the-end":  "name: x\nstream:\n  duration: 10s\n  measure: 5s..20s\n",
	"measure-of-nothing":    "name: x\nstream:\n  measure: 5s..5s\n",
	"merge-key":             "name: x\nswarm:\n  <<: {peers: 3}\n",
	"missing-name":          "about: nameless\n",
	"missing-unit":          "name: x\nstream:\n  period: 40\n",
	"name-is-a-path":        "name: ../x\n",
	"negative-time":         "name: x\nnetwork:\n  jitter: -5ms\n",
	"negative-count":        "name: x\nswarm:\n  copies: -1\n",
	"no-peers":              "name: x\nswarm:\n  peers: 0\n",
	"sweep-is-a-mapping":    "name: x\nsweep:\n  peers: [1, 2]\n",
	"sweep-of-nothing":      "name: x\nsweep: []\n",
	"sweep-without-list":    "name: x\nsweep:\n  - peers: 3\n",
	"sweep-empty-list":      "name: x\nsweep:\n  - peers: []\n",
	"sweep-unknown-key":     "name: x\nsweep:\n  - piers: [1, 2]\n",
	"sweep-twice":           "name: x\nsweep:\n  - peers: [1, 2]\n  - peers: [3, 4]\n",
	"sweep-value-twice":     "name: x\nsweep:\n  - latency: [1s, 2ms, 1000ms]\n",
	"sweep-wrong-unit":      "name: x\nsweep:\n  - loss: [1%, 2]\n",
	"sweep-out-of-step":     "name: x\nsweep:\n  - { loss: [1%, 2%], latency: [20ms] }\n",
	"sweep-too-many-points": "name: x\nsweep:\n  - loss: [" + hundred("%") + "]\n  - jitter: [" + hundred("ms") + "]\n  - peers: [50, 51]\n",
	"sweep-conflict":        "name: x\nswarm:\n  overlay: ring\nsweep:\n  - view: [5, 20]\n  - peers: [100, 10]\n",
	"sweep-idle":            "name: x\nsweep:\n  - gossip: [1s, 2s]\n",
	"exclude-nothing":       "name: x\nsweep:\n  - peers: [10, 20]\nexclude:\n  - { peers: 30 }\n",
	"exclude-everything":    "name: x\nsweep:\n  - loss: [1%, 2%]\nexclude:\n  - { peers: 100 }\n",
	"exclude-empty":         "name: x\nexclude:\n  - {}\n",
	"expect-empty":          "name: x\nexpect:\n",
	"expect-metric":         "name: x\nexpect:\n  - delivry >= 95%\n",
	"expect-far-off":        "name: x\nexpect:\n  - happiness >= 95%\n",
	"expect-greater":        "name: x\nexpect:\n  - delivery > 95%\n",
	"expect-equal":          "name: x\nexpect:\n  - delivery == 95%\n",
	"expect-no-operator":    "name: x\nexpect:\n  - delivery\n",
	"expect-unit":           "name: x\nexpect:\n  - delay.p95 <= 2\n",
	"expect-bare-ratio":     "name: x\nexpect:\n  - delivery >= 0.95\n",
	"expect-no-value":       "name: x\nexpect:\n  - overhead <= many\n",
	"expect-twice":          "name: x\nexpect:\n  - delivery >= 95%\n  - delivery  >= 95%\n",
	"expect-margin":         "name: x\nexpect:\n  - delivery >= baseline 0.5%\n",
	"expect-margin-unit":    "name: x\nexpect:\n  - delivery >= baseline - 0.5\n",
	"expect-when-nowhere":   "name: x\nexpect:\n  - { that: delivery >= 95%, when: { buffer: 99 } }\n",
	"expect-unless":         "name: x\nexpect:\n  - { that: delivery >= 95%, unless: { buffer: 99 } }\n",
	"expect-only-when":      "name: x\nexpect:\n  - { when: { buffer: 16 } }\n",
	"expect-not-played":     "name: x\nswarm:\n  window: 0\nexpect:\n  - played >= 95%\n",
	"seeds-without-max":     "name: x\nseeds: { min: 10 }\n",
	"seeds-backwards":       "name: x\nseeds: { min: 20, max: 10 }\n",
	"seeds-equal":           "name: x\nseeds: { min: 10, max: 10 }\n",
	"seeds-unknown":         "name: x\nseeds: { min: 10, maxx: 20 }\n",
	"seeds-zero":            "name: x\nseeds: 0\n",
	"seeds-until-zero":      "name: x\nseeds: { min: 10, max: 20, until: 0% }\n",
	"seeds-undecided":       "name: x\nseeds: { min: 10, max: 60 }\n",
	"cyclon-drops-anyway":   "name: x\nswarm:\n  overlay: cyclon\n  dropSilent: true\n",
	"shuffle-of-newscast":   "name: x\nswarm:\n  overlay: newscast\n  shuffle: 8\n",
	"shuffle-over-view":     "name: x\nswarm:\n  overlay: cyclon\n  view: 5\n  shuffle: 6\n",
	"recall-of-nobody":      "name: x\nswarm:\n  overlay: cyclon\n  remember: 0\n  recallEvery: 10\n",
	"offers-without":        "name: x\nswarm:\n  offers: 4\n",
	"offer-rate":            "name: x\nswarm:\n  push: offer\n  rate: 2x\n",
	"offer-select":          "name: x\nswarm:\n  push: offer\n  select: 9\n",
	"offer-young":           "name: x\nswarm:\n  push: offer\n  pushYoung: 110%\n",
	"offer-policy":          "name: x\nswarm:\n  push: offer\n  policy: fifo\n",
	"maps-without":          "name: x\nswarm:\n  push: rp/lu\n  knowledge: clairvoyant\n  maps: 1s\n",
	"maps-oracle":           "name: x\nswarm:\n  push: ba/lu\n  knowledge: maps\n",
	"maps-full":             "name: x\nswarm:\n  push: rp/lu\n  knowledge: maps\n  overlay: full\n",
	"maps-view":             "name: x\nswarm:\n  push: rp/lu\n  knowledge: maps\n  view: 41\n",
	"maps-silent":           "name: x\nswarm:\n  push: rp/lu\n  knowledge: maps\n  maps: 0s\n  ride: false\n",
	"maps-fast":             "name: x\nswarm:\n  push: rp/lu\n  knowledge: maps\n  maps: 5ms\n",
	"maps-slots":            "name: x\nswarm:\n  push: rp/lu\n  knowledge: maps\nnetwork:\n  slots: true\n",
	"ride-without":          "name: x\nswarm:\n  ride: true\n",
	"null":                  "name: x\nswarm: null\n",
	"octal":                 "name: x\nswarm:\n  peers: 010\n",
	"only-comments":         "# nothing\n# here\n",
	"quoted-number":         "name: x\nswarm:\n  peers: \"100\"\n",
	"scalar":                "quickstart\n",
	"tab":                   "name: x\nswarm:\n\tpeers: 3\n",
	"tag":                   "name: x\nswarm:\n  peers: !!int 3\n",
	"too-large-chunk":       "name: x\nstream:\n  chunk: 1MB\n",
	"too-many-neighbours":   "name: x\nswarm:\n  peers: 10\n  view: 50\n",
	"two-documents":         "name: x\n---\nname: y\n",
	"unknown-key":           "name: x\nswarm:\n  piers: 3\n",
	"unknown-nothing-near":  "name: x\nnetwork:\n  colour: blue\n",
	"unknown-section":       "name: x\nstreams:\n  period: 40ms\n",
	"knowledge-missing":     "name: x\nswarm:\n  push: rp/lu\n",
	"knowledge-useless":     "name: x\nswarm:\n  push: latest\n  knowledge: clairvoyant\n",
	"knowledge-buffer":      "name: x\nswarm:\n  push: rp/lu\n  knowledge: landed\n  buffer: 1000\n",
	"scheduler-useless":     "name: x\nswarm:\n  push: up/lb\n",
	"scheduler-two-chunks":  "name: x\nswarm:\n  push: lu/lb\n",
	"slots-ticks":           "name: x\nswarm:\n  ticks: poisson\nnetwork:\n  slots: true\n",
	"slots-of-nothing":      "name: x\nswarm:\n  rate: 0/s\nnetwork:\n  slots: true\n",
	"gamma-view":            "name: x\nswarm:\n  overlay: gamma\n  peers: 30\n  view: 20\n",
	"regular-odd":           "name: x\nswarm:\n  overlay: regular\n  peers: 30\n  view: 5\n",
	"neighbours-many":       "name: x\nswarm:\n  overlay: cyclon\n  view: 10\n  neighbours: 11\n",
	"neighbours-static":     "name: x\nswarm:\n  neighbours: 11\n",
	"neighbours-none":       "name: x\nswarm:\n  overlay: cyclon\n  choose: latency\n",
	"neighbours-keep":       "name: x\nswarm:\n  overlay: cyclon\n  keep: 3s\n",
	"neighbours-share":      "name: x\nswarm:\n  overlay: cyclon\n  neighbours: 5\n  randomShare: 10%\n",
	"neighbours-mutual":     "name: x\nswarm:\n  overlay: cyclon\n  mutual: true\n",
	"neighbours-untold":     "name: x\nswarm:\n  overlay: cyclon\n  neighbours: 5\n  choose: upload\n",
	"neighbours-landed":     "name: x\nswarm:\n  overlay: cyclon\n  neighbours: 5\n  choose: upload\n  knowledge: landed\n",
	"neighbours-choice":     "name: x\nswarm:\n  overlay: cyclon\n  neighbours: 5\n  choose: rtt\n",
	"shape-without-gamma":   "name: x\nswarm:\n  shape: 3\n",
	"source-knows-anyway":   "name: x\nswarm:\n  overlay: full\n  sourceKnowsAll: true\n",
	"unknown-scheduler":     "name: x\nswarm:\n  push: lastest\n",
	"unit-of-another-kind":  "name: x\nstream:\n  period: 40B\n",
	"utf-16":                "\xff\xfen\x00a\x00m\x00e\x00:\x00 \x00x\x00",
	"wrong-section":         "name: x\nswarm:\n  loss: 1%\n",
	"windows-line-ends":     "name: x\r\nswarm:\r\n  piers: 3\r\n",
	"deadline-past-the-run": "name: x\nstream:\n  duration: 10s\n  measure: 1s..8s\nswarm:\n  deadline: 5s\n",
}

// hundred is a list of as many values.
func hundred(unit string) string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "%d%s, ", i, unit)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// TestBroken: every mistake gets its exact message: the file, the line, the
// column, what is wrong, what to do.
func TestBroken(t *testing.T) {
	for name, src := range broken {
		t.Run(name, func(t *testing.T) {
			_, err := scenarios.Parse("x.yaml", []byte(src))
			if err == nil {
				t.Fatal("is accepted")
			}
			var e *scenarios.Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			golden := filepath.Join("testdata", "broken", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, readErr := os.ReadFile(golden)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if got := err.Error() + "\n"; got != string(want) {
				t.Errorf("the message is\n%swant\n%s", got, want)
			}
			if strings.Contains(e.Message, "\n") || e.Message == "" {
				t.Errorf("the message is not one line: %q", e.Message)
			}
		})
	}
	files, err := os.ReadDir(filepath.Join("testdata", "broken"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := broken[strings.TrimSuffix(f.Name(), ".txt")]; !ok {
			t.Errorf("testdata/broken/%s belongs to no test", f.Name())
		}
	}
}

// TestFiles: what is wrong with a file before one looks inside.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	giga := filepath.Join(dir, "giga.yaml")
	if err := os.WriteFile(giga, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(giga, 1<<30); err != nil { // sparse: it takes no room
		t.Fatal(err)
	}
	names := scenarios.Choices("")
	for ref, want := range map[string]string{
		giga:                 "giga.yaml: is larger than 1 MiB; a scenario is a few lines",
		dir:                  ": is a folder; want a scenario file",
		dir + "/absent.yaml": "absent.yaml: no such file",
		"":                   "a scenario has no empty name; ready-made are " + names,
		"quikstart":          "quikstart: no scenario of this name; for a file, write its path, as ./quikstart.yaml\n    did you mean \"quickstart\"? ready-made are " + names,
		"paper/fmim":         "did you mean \"paper/fmin\"? ready-made are paper/dumb, paper/fmin, paper/fmin-10000,",
		"/dev/null":          "/dev/null: is not a regular file",
	} {
		_, err := scenarios.Load(ref)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q) says %v, want %s", ref, err, want)
		}
	}
}

// TestBrokenOverrides: -s is as strict as the file, and says where.
func TestBrokenOverrides(t *testing.T) {
	for assignment, want := range map[string]string{
		"loss":           "-s loss",
		"loss=1":         "write 1%",
		"lss=1%":         "loss",
		"=3":             "-s =3",
		"peers=":         "peers",
		"name=y":         "name",
		"swarm.peers=x":  "want a plain number",
		"network.peers=": "network.peers",
		"peers=1,1":      "stands here twice",
	} {
		s, err := scenarios.Load("quickstart")
		if err != nil {
			t.Fatal(err)
		}
		before := s.Parameters()
		err = s.Set(assignment)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("-s %s says %v, want something of %q", assignment, err, want)
		}
		if !slices.Equal(before, s.Parameters()) {
			t.Errorf("-s %s has failed and changed the scenario", assignment)
		}
	}
}

// FuzzParse: nothing panics, and what is accepted can be run and told again; an editor
// does not mark it.
func FuzzParse(f *testing.F) {
	schema := validator(f)
	for _, src := range broken {
		f.Add([]byte(src))
	}
	for _, name := range scenarios.Names() {
		src, err := os.ReadFile(name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := scenarios.Parse("fuzz", src)
		if err != nil {
			var e *scenarios.Error
			if !errors.As(err, &e) || strings.Contains(e.Message, "\n") {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		c := s.Config(0)
		if err := c.Validate(); err != nil {
			t.Fatalf("accepted, and cannot be run: %v", err)
		}
		roundTrip(t, s)
		if err := validate(schema, src); err != nil {
			t.Fatalf("accepted, and not by the schema: %v", err)
		}
	})
}
