package stage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
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

// reference is where the runs of both worlds are kept, and the page about them; in
// processes those in which each peer was a process.
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

// keptRuns are the runs of a folder.
func keptRuns(t *testing.T, dir string) (runs []keptRun) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "runs-*.jsonl"))
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

// held is how the live runs of a point compare with its simulated ones: a line of a table,
// and what is too far apart.
func held(label string, said, did []measure.Values, skipped uint64) (line string, apart []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "|%s | %d |", label, len(did))
	agrees := "yes"
	for _, a := range compare(said, did, append(slices.Clone(allowed), allowance{metric: measure.Overhead})) {
		d := &measure.Definitions[a.metric]
		fmt.Fprintf(&b, " %s | %s |", results.Format(a.said, d.Unit), results.Format(a.did, d.Unit))
		switch {
		case a.metric == measure.Overhead:
			continue
		case a.metric == measure.Delivery:
			fmt.Fprintf(&b, " %+.2f ± %.2f |", 100*(a.did-a.said), 100*a.bound)
		case !(math.Abs(a.did-a.said) <= a.always):
			agrees += ", with chance: " + d.Name
		}
		if !a.holds() {
			agrees = "no: " + d.Name
			apart = append(apart, label+": "+d.Name)
		}
	}
	fmt.Fprintf(&b, " %d | %s |\n", skipped, agrees)
	return b.String(), apart
}

// tables are the tables of the page; apart are the points that do not agree. Where runs of
// every point are wanted, none may be missing.
func tables(t *testing.T, title, scenario string, simulated, live []keptRun, every bool) (text string, apart []string) {
	t.Helper()
	s, err := scenarios.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %s | live runs | delivery sim | live | difference, ± allowed | duplicates sim | live | delay.p50 sim | live | delay.p95 sim | live | overhead sim | live | left out | agrees |\n", title)
	b.WriteString("|---" + strings.Repeat("|--:", 13) + "|---|\n")
	points := s.Points()
	labels := telling(points)
	for i := range points {
		of := func(runs []keptRun, world string) (values []measure.Values, skipped uint64) {
			for k := range runs {
				if r := &runs[k]; r.Scenario == scenario && r.World == world && r.isOf(&points[i]) {
					values = append(values, r.values())
					skipped += r.Counts.Machine.Skipped
				}
			}
			return values, skipped
		}
		said, _ := of(simulated, "sim")
		did, skipped := of(live, results.Live)
		switch {
		case len(said) < 20 || len(did) == 0 && every:
			t.Errorf("%s: %d simulated runs and %d live ones", points[i].Label(), len(said), len(did))
		case len(did) > 0:
			line, far := held(labels[i], said, did, skipped)
			b.WriteString(line)
			apart = append(apart, far...)
		}
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
	runs := keptRuns(t, reference)
	want := ""
	for _, x := range []struct {
		title, scenario string
		live            []keptRun
		every           bool
	}{
		{"live", "live", runs, true},
		{"live-events", "live-events", runs, true},
		{"live, each peer a process", "live", keptRuns(t, filepath.Join(reference, "processes")), false},
	} {
		table, apart := tables(t, x.title, x.scenario, runs, x.live, x.every)
		if len(apart) > 0 {
			t.Errorf("%s: apart: %s", x.title, strings.Join(apart, "; "))
		}
		want += table
	}
	if now == want {
		return
	}
	if !*update {
		t.Fatalf("%s says otherwise than its runs: go test ./cmd/internal/stage -run TestReference -update", page)
	}
	if err := os.WriteFile(page, []byte(before+mark+want), 0o644); err != nil {
		t.Fatal(err)
	}
}
