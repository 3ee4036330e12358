package stage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

var update = flag.Bool("update", false, "write the tables of results/reference/live/README.md anew")

// reference is where the runs of both worlds are kept, and the page about them.
const reference = "../../../results/reference/live"

// keptRun is what a line of a run file says, of whatever model.
type keptRun struct {
	Model, Scenario, World string
	Parameters             []scenarios.Parameter
	Metrics                map[string]*float64
	Counts                 struct{ Machine Machine }
}

// values are its metrics; what does not exist is NaN.
func (r *keptRun) values() (v measure.Values) {
	for m, d := range measure.Definitions {
		v[m] = math.NaN()
		if x := r.Metrics[d.Name]; x != nil {
			v[m] = *x
		}
	}
	return v
}

// isOf tells whether it is a run of a point.
func (r *keptRun) isOf(p *scenarios.Point) bool {
	for _, c := range p.Coords {
		if !slices.ContainsFunc(r.Parameters, func(q scenarios.Parameter) bool {
			return q.Value == c.Value && (q.Path == c.Key || strings.HasSuffix(q.Path, "."+c.Key))
		}) {
			return false
		}
	}
	return true
}

func keptRuns(t *testing.T) (runs []keptRun) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(reference, "runs-*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no runs: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var r keptRun
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			runs = append(runs, r)
		}
		if err := lines.Err(); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return runs
}

// telling are the coordinates that tell the points of a scenario apart: without those that
// say the same as others, and at each point without what is so at most points.
func telling(points []scenarios.Point) (labels []string) {
	labels = make([]string, len(points))
	var kept []int
	for k := range points[0].Coords {
		if slices.ContainsFunc(kept, func(j int) bool { return follows(points, k, j) && follows(points, j, k) }) {
			continue
		}
		kept = append(kept, k)
		count := map[string]int{}
		for i := range points {
			count[points[i].Coords[k].Value]++
		}
		for i := range points {
			if c := &points[i].Coords[k]; 2*count[c.Value] <= len(points) {
				labels[i] += fmt.Sprintf(" %s %s", c.Key, c.Value)
			}
		}
	}
	return labels
}

// follows tells whether a coordinate's value always follows from that of another.
func follows(points []scenarios.Point, coord, from int) bool {
	of := map[string]string{}
	for i := range points {
		a, b := points[i].Coords[from].Value, points[i].Coords[coord].Value
		if was, ok := of[a]; ok && was != b {
			return false
		}
		of[a] = b
	}
	return true
}

// tables are the tables of the page; apart are the points that do not agree.
func tables(t *testing.T, runs []keptRun) (page string, apart []string) {
	var b strings.Builder
	for _, scenario := range []string{"live", "live-events"} {
		s, err := scenarios.Load(scenario)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "| %s | live runs | delivery sim | live | difference, ± allowed | duplicates sim | live | delay.p50 sim | live | delay.p95 sim | live | overhead sim | live | left out | agrees |\n", scenario)
		b.WriteString("|---" + strings.Repeat("|--:", 13) + "|---|\n")
		points := s.Points()
		labels := telling(points)
		for i := range points {
			worlds, skipped := map[string][]measure.Values{}, uint64(0)
			for k := range runs {
				if r := &runs[k]; r.Scenario == scenario && r.isOf(&points[i]) {
					worlds[r.World] = append(worlds[r.World], r.values())
					skipped += r.Counts.Machine.Skipped
				}
			}
			said, did := worlds["sim"], worlds[results.Live]
			if len(said) < 20 || len(did) < 1 || len(worlds) != 2 {
				t.Errorf("%s: %d simulated runs and %d live ones, of worlds %v", points[i].Label(), len(said), len(did), slices.Sorted(maps.Keys(worlds)))
				continue
			}
			fmt.Fprintf(&b, "|%s | %d |", labels[i], len(did))
			agrees := "yes"
			for _, a := range append(compare(said, did, allowed), compare(said, did, []allowance{{metric: measure.Overhead}})...) {
				d := &measure.Definitions[a.metric]
				fmt.Fprintf(&b, " %s | %s |", results.Format(a.said, d.Unit), results.Format(a.did, d.Unit))
				switch {
				case a.metric == measure.Delivery:
					fmt.Fprintf(&b, " %+.2f ± %.2f |", 100*(a.did-a.said), 100*a.bound)
				case a.metric == measure.Overhead:
					continue
				}
				if a.metric != measure.Delivery && !(math.Abs(a.did-a.said) <= a.always) {
					agrees += ", but for chance " + d.Name
				}
				if !a.holds() {
					agrees = "no: " + d.Name
					apart = append(apart, points[i].Label()+": "+d.Name)
				}
			}
			fmt.Fprintf(&b, " %d | %s |\n", skipped, agrees)
		}
		b.WriteString("\n")
	}
	return b.String(), apart
}

// TestReference: the page results/reference/live says what the runs beside it came to, at
// every point of both scenarios, and at every point the two worlds agree.
func TestReference(t *testing.T) {
	const mark = "<!-- the tables -->\n"
	page := filepath.Join(reference, "README.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, now, ok := strings.Cut(string(text), mark)
	if !ok {
		t.Fatalf("%s has no line %q", page, mark)
	}
	want, apart := tables(t, keptRuns(t))
	if len(apart) > 0 {
		t.Errorf("apart: %s", strings.Join(apart, "; "))
	}
	if now == "\n"+want {
		return
	}
	if !*update {
		t.Fatalf("%s says otherwise than its runs: go test ./cmd/internal/stage -run TestReference -update", page)
	}
	if err := os.WriteFile(page, []byte(before+mark+"\n"+want), 0o644); err != nil {
		t.Fatal(err)
	}
}
