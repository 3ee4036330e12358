package model

import (
	"slices"
	"strings"
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

// TestEveryKey: a probe gives every key another value than its default, every named
// alternative stands in a probe, and every key counts: with its default, or
// where that is refused with another choice, the probe comes to something else.
func TestEveryKey(t *testing.T) {
	for _, key := range scenarios.Schema() {
		found, counts := map[string]bool{}, false
		for i, s := range load() {
			for _, p := range parameters(s) {
				if p.Path != key.Path {
					continue
				}
				found[p.Value] = true
				if key.Default == "" || p.Value == key.Default || counts {
					continue
				}
				for _, other := range append([]string{key.Default}, key.Choices...) {
					again := load()[i]
					if err := again.Set(key.Path + "=" + other); err != nil {
						t.Logf("%s: %v", s.Name, err) // it cannot be without; another probe may
						continue
					}
					counts = counts || probe(again) != probe(s)
					break
				}
			}
		}
		for _, choice := range key.Choices {
			if !found[choice] {
				t.Errorf("%s: %s stands in no probe", key.Path, choice)
			}
		}
		if len(found) == 0 || key.Default != "" && !counts {
			t.Errorf("%s: no probe depends on it (%v)", key.Path, found)
		}
	}
}

// parameters are those of all points, each once.
func parameters(s *scenarios.Scenario) (list []scenarios.Parameter) {
	seen := map[scenarios.Parameter]bool{}
	for _, point := range s.Points() {
		for _, p := range point.Parameters() {
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list
}

// TestEveryOwnKey: every key of a class and of an event stands in a probe, with every named
// alternative, and counts: without it, or with another value, the probe comes to something
// else.
func TestEveryOwnKey(t *testing.T) {
	other := map[string]string{
		"share": "", "upload": "900kbit", "download": "900kbit", "queue": "1kB", "loss": "11%", "latency": "17ms", "access": "7ms",
		"jitter": "33ms", "rate": "1x", "nat": "none",
		"at": "1500ms", "for": "700ms", "leave": "80%", "join": "70%", "partition": "90%", "dark": "hidden", "pause": "", "way": "both",
	}
	for section, keys := range map[string][]scenarios.Key{"network.classes.": scenarios.ClassKeys(), "churn.events.": scenarios.EventKeys()} {
		for _, key := range keys {
			found, counts := map[string]bool{}, other[key.Path] == ""
			for i, s := range load() {
				for _, p := range s.Parameters() {
					if !strings.HasPrefix(p.Path, section) || !strings.HasSuffix(p.Path, "."+key.Path) {
						continue
					}
					found[p.Value] = true
					again := load()[i]
					if value := other[key.Path]; value != "" {
						if err := again.Set(p.Path + "=" + value); err != nil {
							t.Errorf("%s: %v", p.Path, err)
						} else if probe(again) != probe(s) {
							counts = true
						}
					}
				}
			}
			for _, choice := range key.Choices {
				if !found[choice] {
					t.Errorf("%s: %s stands in no probe", key.Path, choice)
				}
			}
			if len(found) == 0 || !counts {
				t.Errorf("%s%s: no probe depends on it (%v)", section, key.Path, found)
			}
		}
	}
}

// TestMetrics: every metric has a value in some probe.
func TestMetrics(t *testing.T) {
	none := -1
	for _, s := range load() {
		words := strings.Fields(probe(s))
		values := words[len(words)-int(measure.Count):]
		if at := slices.Index(values, "NaN"); at < 0 {
			return
		} else if at > none {
			none = at
		}
	}
	t.Errorf("every probe lacks a metric, as number %d", none)
}

// TestGolden: who changes the model is told so. If that was meant, write the new value
// here, in a commit that says why; results that are kept are then computed anew.
func TestGolden(t *testing.T) {
	const want = "fe9d7e201cbde575"
	if got := Fingerprint(); got != want {
		t.Errorf("the model's fingerprint is %s, was %s", got, want)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	for b.Loop() {
		for _, s := range load() {
			probe(s)
		}
	}
}
