package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"pushcast/node/measure"
	"pushcast/scenarios"
)

// Run is one finished run, complete in itself: what was run, and what came out.
type Run struct {
	Identity
	Scenario    string // its name, for people: it is no part of the identity
	Fingerprint uint64
	Values      measure.Values
	Counts      json.RawMessage // of the world that it ran in, as that world names them
	// Checkpoints are the fingerprints, cut to 32 bits, at equal steps of simulated
	// time, the last one at the end. Only the first seed of a point has them.
	Checkpoints []uint32
	// Digest is what pictures show beyond the metrics; nil in runs that were kept before
	// there was one. It follows from the run, and is no part of what is compared.
	Digest  *measure.Digest
	Seconds float64 // that it took; for estimates, no part of the result
}

// Live is the world of runs on real sockets, in real time. They are not repeatable: the
// fingerprint only tells them apart.
const Live = "live"

// Identity is what makes a run another run.
type Identity struct {
	World      string // "sim"; "wire", where datagrams were encoded and parsed; or Live
	Model      string // the model's fingerprint; see package scenarios/model
	Parameters []scenarios.Parameter
	Seed       int
}

// Key is what a run is found by: a hash of its identity, in 32 hexadecimal digits.
func (id *Identity) Key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%d\n", id.World, id.Model, id.Seed)
	for _, p := range id.Parameters {
		fmt.Fprintf(h, "%s=%s\n", p.Path, p.Value)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// same tells whether two runs of one identity have shown the same: their fingerprints,
// and their metrics to nine digits, which is what the last bits of floating point
// leave alone on every machine.
func (r *Run) same(other *Run) bool {
	if r.Fingerprint != other.Fingerprint {
		return false
	}
	for m := range r.Values {
		if nine(r.Values[m]) != nine(other.Values[m]) {
			return false
		}
	}
	return true
}

func nine(x float64) string { return strconv.FormatFloat(x, 'g', 9, 64) }

// The line of a run: a JSON object whose last member is a checksum of all before it.
type line struct {
	Schema      int                   `json:"schema"`
	Scenario    string                `json:"scenario"`
	World       string                `json:"world"`
	Model       string                `json:"model"`
	Parameters  []scenarios.Parameter `json:"parameters"`
	Seed        int                   `json:"seed"`
	Fingerprint string                `json:"fingerprint"`
	Metrics     metrics               `json:"metrics"`
	Counts      json.RawMessage       `json:"counts,omitempty"`
	Checkpoints string                `json:"checkpoints,omitempty"`
	Digest      *measure.Digest       `json:"digest,omitempty"`
	Seconds     float64               `json:"seconds"`
}

const (
	schema  = 1
	maxLine = 1 << 20
)

var sumMark = []byte(`,"sum":"`)

// appendLine appends the line of a run, its end included.
func appendLine(to []byte, r *Run) ([]byte, error) {
	text, err := json.Marshal(line{
		Schema: schema, Scenario: r.Scenario, World: r.World, Model: r.Model,
		Parameters: r.Parameters, Seed: r.Seed, Fingerprint: hex64(r.Fingerprint),
		Metrics: metrics(r.Values), Counts: r.Counts,
		Checkpoints: encodeCheckpoints(r.Checkpoints), Digest: r.Digest, Seconds: r.Seconds,
	})
	if err != nil {
		return to, fmt.Errorf("results: %w", err)
	}
	body := text[:len(text)-1] // the closing brace comes after the sum
	to = append(to, body...)
	to = append(to, sumMark...)
	to = append(to, checksum(body)...)
	return append(to, "\"}\n"...), nil
}

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// parseLine reads a line, without its end. It takes nothing that appendLine has not
// written.
func parseLine(text []byte) (*Run, error) {
	at := bytes.LastIndex(text, sumMark)
	if at < 0 || string(text[at+len(sumMark):]) != checksum(text[:at])+`"}` {
		return nil, errors.New("its checksum is wrong")
	}
	var l line
	d := json.NewDecoder(bytes.NewReader(append(bytes.Clone(text[:at]), '}')))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if l.Schema != schema {
		return nil, fmt.Errorf("schema %d is not known here", l.Schema)
	}
	fingerprint, err := strconv.ParseUint(l.Fingerprint, 16, 64)
	if err != nil || l.Seed < 0 {
		return nil, errors.New("has no fingerprint or seed")
	}
	checkpoints, err := decodeCheckpoints(l.Checkpoints)
	if err != nil {
		return nil, err
	}
	if l.Digest != nil && !l.Digest.Sound() {
		return nil, errors.New("its digest is out of bounds")
	}
	return &Run{
		Identity:    Identity{World: l.World, Model: l.Model, Parameters: l.Parameters, Seed: l.Seed},
		Scenario:    l.Scenario,
		Fingerprint: fingerprint,
		Values:      measure.Values(l.Metrics),
		Counts:      l.Counts,
		Checkpoints: checkpoints,
		Digest:      l.Digest,
		Seconds:     l.Seconds,
	}, nil
}

func hex64(x uint64) string { return fmt.Sprintf("%016x", x) }

// metrics are values by their names in JSON, which knows no NaN: null stands for it.
type metrics measure.Values

// MarshalJSON writes the metrics in the order of their definitions.
func (m metrics) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range m {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, measure.Definitions[i].Name)
		b = append(b, ':')
		if math.IsNaN(x) || math.IsInf(x, 0) {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendFloat(b, x, 'g', -1, 64)
		}
	}
	return append(b, '}'), nil
}

// errMetrics is what a program of other metrics has written.
var errMetrics = errors.New("other metrics than this program has")

// UnmarshalJSON reads them; every metric has to be there.
func (m *metrics) UnmarshalJSON(text []byte) error {
	var byName map[string]*float64
	if err := json.Unmarshal(text, &byName); err != nil {
		return err
	}
	if len(byName) != len(m) {
		return fmt.Errorf("%w: %d metrics, want %d", errMetrics, len(byName), len(m))
	}
	for i := range m {
		x, found := byName[measure.Definitions[i].Name]
		if !found {
			return fmt.Errorf("%s is missing", measure.Definitions[i].Name)
		}
		if m[i] = math.NaN(); x != nil {
			m[i] = *x
		}
	}
	return nil
}

// oldMetrics are metrics that an older program may have written: those that it did not
// know have no value, and prove nothing.
type oldMetrics measure.Values

// MarshalJSON writes them as metrics.
func (m oldMetrics) MarshalJSON() ([]byte, error) { return metrics(m).MarshalJSON() }

// UnmarshalJSON reads those that are there.
func (m *oldMetrics) UnmarshalJSON(text []byte) error {
	var byName map[string]*float64
	if err := json.Unmarshal(text, &byName); err != nil {
		return err
	}
	for i := range m {
		if m[i] = math.NaN(); byName[measure.Definitions[i].Name] != nil {
			m[i] = *byName[measure.Definitions[i].Name]
		}
	}
	return nil
}

func encodeCheckpoints(list []uint32) string {
	var b []byte
	for _, c := range list {
		b = binary.LittleEndian.AppendUint32(b, c)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func decodeCheckpoints(text string) (list []uint32, err error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b)%4 != 0 {
		return nil, errors.New("its checkpoints are damaged")
	}
	for ; len(b) > 0; b = b[4:] {
		list = append(list, binary.LittleEndian.Uint32(b))
	}
	return list, nil
}
