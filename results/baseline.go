package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

// Baseline is what rules compare with: the results of a scenario that somebody has
// accepted, in a file beside it.
type Baseline struct {
	Schema   int             `json:"schema"`
	Scenario string          `json:"scenario"`
	Model    string          `json:"model"`
	Points   []BaselinePoint `json:"points"`
	Sum      string          `json:"sum"` // SHA-256 of the file with an empty sum
}

// BaselinePoint is one point of it.
type BaselinePoint struct {
	Point        string                `json:"point"` // its label
	Parameters   []scenarios.Parameter `json:"parameters"`
	Seeds        []int                 `json:"seeds"`
	Fingerprints []string              `json:"fingerprints"`
	Metrics      []oldMetrics          `json:"metrics"`
	// Checkpoints are those of the first seed.
	Checkpoints string `json:"checkpoints"`
}

// MaxBaseline bounds a baseline file.
const MaxBaseline = 1 << 30

// NewBaseline makes a baseline of what has been judged.
func NewBaseline(v *Verdict, model string) *Baseline {
	b := &Baseline{Schema: schema, Scenario: v.Scenario.Name, Model: model}
	for i := range v.Points {
		p := &v.Points[i]
		bp := BaselinePoint{Point: p.Point.Label(), Parameters: p.Point.Parameters()}
		for _, run := range p.Runs {
			bp.Seeds = append(bp.Seeds, run.Seed)
			bp.Fingerprints = append(bp.Fingerprints, hex64(run.Fingerprint))
			bp.Metrics = append(bp.Metrics, oldMetrics(run.Values))
		}
		if len(p.Runs) > 0 {
			bp.Checkpoints = encodeCheckpoints(p.Runs[0].Checkpoints)
		}
		b.Points = append(b.Points, bp)
	}
	return b
}

// Encode gives the file.
func (b *Baseline) Encode() ([]byte, error) {
	c := *b
	c.Sum = ""
	text, err := c.indented()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	c.Sum = hex.EncodeToString(sum[:])
	return c.indented()
}

func (b *Baseline) indented() ([]byte, error) {
	text, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return nil, fmt.Errorf("results: baseline: %w", err)
	}
	return append(text, '\n'), nil
}

// ParseBaseline reads the file. What was edited, cut off, or made by something else is
// refused.
func ParseBaseline(text []byte) (*Baseline, error) {
	// Git may have changed the ends of the lines, and nothing else.
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	damaged := func(why string) error {
		return fmt.Errorf("is not a baseline as it was accepted (%s): restore it, or delete it and accept a new one", why)
	}
	if len(text) > MaxBaseline {
		return nil, damaged("too large")
	}
	var b Baseline
	if err := json.Unmarshal(text, &b); errors.Is(err, errMetrics) {
		return nil, fmt.Errorf("is a baseline with %w: delete it, run again, and accept a new one", err)
	} else if err != nil {
		return nil, damaged(err.Error())
	}
	if b.Schema != schema {
		return nil, fmt.Errorf("is a baseline of schema %d, this program knows %d: accept a new one", b.Schema, schema)
	}
	if !intact(text, b.Sum) {
		return nil, damaged("its checksum is wrong")
	}
	for i := range b.Points {
		if err := b.Points[i].check(); err != nil {
			return nil, damaged(err.Error())
		}
	}
	return &b, nil
}

// intact tells whether sum is that of the text with an empty one. What the program has
// learned since then, metrics for one, is no damage.
func intact(text []byte, sum string) bool {
	member := []byte(`"sum": "` + sum + `"`)
	at := bytes.LastIndex(text, member)
	if at < 0 {
		return false
	}
	h := sha256.New()
	h.Write(text[:at])
	h.Write([]byte(`"sum": ""`))
	h.Write(text[at+len(member):])
	return hex.EncodeToString(h.Sum(nil)) == sum
}

func (p *BaselinePoint) check() error {
	if len(p.Seeds) == 0 || len(p.Fingerprints) != len(p.Seeds) || len(p.Metrics) != len(p.Seeds) {
		return errors.New("a point without runs")
	}
	_, err := decodeCheckpoints(p.Checkpoints)
	return err
}

// at finds a point by its label.
func (b *Baseline) at(label string) *BaselinePoint {
	if b == nil {
		return nil
	}
	for i := range b.Points {
		if b.Points[i].Point == label {
			return &b.Points[i]
		}
	}
	return nil
}

// values gives a metric of every seed.
func (p *BaselinePoint) values(m measure.Metric) []float64 {
	list := make([]float64, len(p.Metrics))
	for i := range p.Metrics {
		list[i] = p.Metrics[i][m]
	}
	return list
}

// match gives the metric of the runs and of the baseline for the seeds that both have,
// in pairs. identical tells whether each of the runs is the baseline's, to the
// fingerprint.
func (p *BaselinePoint) match(runs []*Run, m measure.Metric) (now, was []float64, identical bool) {
	identical = true
	place := make(map[int]int, len(p.Seeds))
	for i, seed := range p.Seeds {
		place[seed] = i
	}
	for _, run := range runs {
		i, found := place[run.Seed]
		if !found {
			identical = false
			continue
		}
		now, was = append(now, run.Values[m]), append(was, p.Metrics[i][m])
		if p.Fingerprints[i] != hex64(run.Fingerprint) || nine(run.Values[m]) != nine(p.Metrics[i][m]) {
			identical = false
		}
	}
	return now, was, identical && len(now) > 0
}

// firstDifference gives the stretch of a run, the i-th of n, in which it first differs
// from the baseline's run of the same seed; ok is false where none is known.
func (p *BaselinePoint) firstDifference(run *Run) (i, n int, ok bool) {
	was, err := decodeCheckpoints(p.Checkpoints)
	if err != nil || len(was) == 0 || len(was) != len(run.Checkpoints) || p.Seeds[0] != run.Seed {
		return 0, 0, false
	}
	for i := range was {
		if was[i] != run.Checkpoints[i] {
			return i, len(was), true
		}
	}
	return 0, 0, false
}

// changed lists the parameters that are not the baseline's: "loss 2% → 5%".
func (p *BaselinePoint) changed(now []scenarios.Parameter) (list []string) {
	was := map[string]string{}
	for _, q := range p.Parameters {
		was[q.Path] = q.Value
	}
	for _, q := range now {
		old, had := was[q.Path]
		delete(was, q.Path)
		if old == q.Value {
			continue
		}
		if !had {
			old = "–"
		}
		list = append(list, fmt.Sprintf("%s %s → %s", q.Path, old, q.Value))
	}
	for _, q := range p.Parameters {
		if old, left := was[q.Path]; left {
			list = append(list, fmt.Sprintf("%s %s → –", q.Path, old))
		}
	}
	return list
}
