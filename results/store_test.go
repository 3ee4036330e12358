package results

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

const testModel = "0123456789abcdef"

// someRun is a finished run as another, by its seed.
func someRun(seed int) *Run {
	r := &Run{
		Identity:    Identity{World: "sim", Model: testModel, Parameters: []scenarios.Parameter{{Path: "swarm.peers", Value: "100"}}, Seed: seed},
		Scenario:    "some",
		Fingerprint: 0xfedcba9876543210 + uint64(seed),
		Values:      measure.None(),
		Counts:      json.RawMessage(`{"sends":17}`),
		Checkpoints: []uint32{1, 2, 1 << 31},
		Seconds:     0.5,
	}
	r.Values[measure.Delivery] = 0.1 + 0.2
	return r
}

// TestLine: a run comes back as it was, and no byte of its line can be another.
func TestLine(t *testing.T) {
	text, err := appendLine(nil, someRun(7))
	if err != nil {
		t.Fatal(err)
	}
	text = text[:len(text)-1]
	back, err := parseLine(text)
	if err != nil {
		t.Fatal(err)
	}
	want := someRun(7)
	if !math.IsNaN(back.Values[measure.Played]) || !back.same(want) || !reflect.DeepEqual(back.Checkpoints, want.Checkpoints) || back.Key() != want.Key() {
		t.Errorf("%+v came back as %+v", want, back)
	}
	for i := range text {
		for _, bit := range []byte{1, 0x20, 0x80} {
			damaged := slices.Clone(text)
			damaged[i] ^= bit
			if _, err := parseLine(damaged); err == nil {
				t.Fatalf("byte %d changed from %q to %q: accepted", i, text[i], damaged[i])
			}
		}
		if _, err := parseLine(text[:i]); err == nil {
			t.Fatalf("cut off at %d: accepted", i)
		}
	}
}

// TestKey: whatever makes another run makes another key.
func TestKey(t *testing.T) {
	keys := map[string]bool{}
	for _, change := range []func(*Identity){
		func(*Identity) {},
		func(id *Identity) { id.World = "wire" },
		func(id *Identity) { id.Model = "0" },
		func(id *Identity) { id.Seed++ },
		func(id *Identity) { id.Parameters[0].Value = "101" },
		func(id *Identity) { id.Parameters[0].Path = "swarm.view" },
		func(id *Identity) { id.Parameters = nil },
	} {
		id := someRun(0).Identity
		change(&id)
		keys[id.Key()] = true
	}
	if len(keys) != 7 {
		t.Errorf("7 runs have %d keys", len(keys))
	}
}

// TestTornAnywhere: whatever byte a writer is killed at, the lines before it are there,
// nothing else is, and nothing is called damage.
func TestTornAnywhere(t *testing.T) {
	dir := t.TempDir()
	var text []byte
	var ends []int
	for seed := range 3 {
		text, _ = appendLine(text, someRun(seed))
		ends = append(ends, len(text))
	}
	path := filepath.Join(dir, "runs-"+testModel+"-all-0000000000000000.jsonl")
	for n := 0; n <= len(text); n += 7 {
		if err := os.WriteFile(path, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, testModel)
		if err != nil {
			t.Fatal(err)
		}
		whole := 0
		for whole < len(ends) && ends[whole] <= n {
			whole++
		}
		if len(s.runs) != whole || len(s.Damaged) > 0 {
			t.Fatalf("cut off at %d: %d runs, want %d; damaged: %v", n, len(s.runs), whole, s.Damaged)
		}
	}
}

// TestWriters: two writers in one folder have files of their own; what both hold counts
// once; one run with two results is an error that names both files.
func TestWriters(t *testing.T) {
	dir := t.TempDir()
	for _, seeds := range [][]int{{0, 1}, {1, 2}} {
		s, err := Open(t.TempDir(), testModel) // as if begun at the same time
		if err != nil {
			t.Fatal(err)
		}
		s.dir = dir
		w := s.Writer(testModel, "all")
		for _, seed := range seeds {
			if err := w.Add(someRun(seed)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(dir, testModel)
	if err != nil || len(s.runs) != 3 {
		t.Fatalf("%d runs, %v", len(s.runs), err)
	}
	if other, _ := Open(dir, strings.Repeat("f", 16)); len(other.runs) != 0 {
		t.Error("another model has runs")
	}
	w := s.Writer(testModel, "all")
	s.Forget()
	wrong := someRun(1)
	wrong.Fingerprint++
	if err := w.Add(wrong); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, testModel); err == nil || strings.Count(err.Error(), "runs-") != 2 {
		t.Errorf("two results of one run: %v", err)
	}
}

// TestFullDisk: what cannot be written is an error, again and again, and the file ends
// with a whole line.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := Open(t.TempDir(), testModel)
	w := s.Writer(testModel, "all")
	w.file = full
	for range 2 {
		if err := w.Add(someRun(0)); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("the disk is full: %v", err)
		}
	}
	if len(s.runs) != 0 {
		t.Error("a run that was not written is there")
	}
}
