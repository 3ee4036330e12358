package results

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"pushcast/node/measure"
)

// The files that are derived from a verdict: for plotting, for CI, for benchstat. They
// hold no date and no duration, so that the same runs make the same bytes.

// WriteFiles writes points.csv, bench.txt, summary.md, junit.xml and verdict.json into a
// folder, each whole or not at all.
func (v *Verdict) WriteFiles(dir string) error {
	for _, f := range []struct {
		name string
		make func() ([]byte, error)
	}{
		{"points.csv", v.CSV}, {"bench.txt", v.Bench}, {"summary.md", v.Markdown},
		{"junit.xml", v.JUnit}, {"verdict.json", v.JSON},
	} {
		text, err := f.make()
		if err == nil {
			err = WriteFile(filepath.Join(dir, f.name), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CSV has a row per point and metric: the swept keys, n, the metric's name, its mean,
// and the ends of the two-sided 95 % interval; ratios from 0 to 1, times in seconds,
// nothing where there is no value.
func (v *Verdict) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for _, a := range v.Scenario.Axes() {
		header = append(header, a.Keys...)
	}
	rows := [][]string{append(header, "n", "metric", "mean", "lo", "hi")}
	for i := range v.Points {
		p := &v.Points[i]
		for m, s := range p.Summaries() {
			var row []string
			for _, c := range p.Point.Coords {
				row = append(row, c.Value)
			}
			rows = append(rows, append(row, strconv.Itoa(s.N), measure.Definitions[m].Name,
				plain(s.Mean), plain(s.Mean-s.HalfWidth), plain(s.Mean+s.HalfWidth)))
		}
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// plain is a number for programs, to nine digits; empty for NaN.
func plain(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return nine(x)
}

// Bench is the text of Go benchmarks, a line per run, for benchstat: ratios as per cent,
// times in seconds.
func (v *Verdict) Bench() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "pkg: pushcast/%s\n", v.Scenario.Name)
	for i := range v.Points {
		p := &v.Points[i]
		name := "BenchmarkRun"
		for _, c := range p.Point.Coords {
			name += "/" + c.Key + "=" + strings.ReplaceAll(c.Value, " ", "_")
		}
		for _, run := range p.Runs {
			fmt.Fprintf(&b, "%s\t1", name)
			for m, x := range run.Values {
				d := measure.Definitions[m]
				switch {
				case math.IsNaN(x):
				case d.Unit == measure.Ratio:
					fmt.Fprintf(&b, "\t%s %s-%%", nine(100*x), d.Name)
				case d.Unit == measure.Second:
					fmt.Fprintf(&b, "\t%s %s-s", nine(x), d.Name)
				default:
					fmt.Fprintf(&b, "\t%s %s", nine(x), d.Name)
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// Markdown is the verdict as a table, for the summary of a CI run: a row per rule and
// point.
func (v *Verdict) Markdown() ([]byte, error) {
	var b bytes.Buffer
	state := "proven"
	switch {
	case v.Missing() > 0:
		state = fmt.Sprintf("incomplete: %d runs are missing", v.Missing())
	case v.Exit() != ExitProven:
		state = "not proven"
	case len(v.Rules) == 0:
		state = "no rules"
	}
	fmt.Fprintf(&b, "### %s: %s\n\n", escape(v.Scenario.Name), state)
	if len(v.Rules) == 0 {
		return b.Bytes(), nil
	}
	table := tablewriter.NewTable(&b, tablewriter.WithRenderer(renderer.NewMarkdown()),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone))
	table.Header([]string{"", "rule", "point", "seeds", "mean", "bound"})
	for i := range v.Rules {
		r := &v.Rules[i]
		unit := measure.Definitions[r.Rule.Metric].Unit
		for k := range r.At {
			j := &r.At[k]
			if err := table.Append([]string{string(j.State), escape(r.Rule.String()), escape(v.Points[j.Point].Point.Label()),
				strconv.Itoa(len(v.Points[j.Point].Runs)), Format(j.Bound.Mean, unit), Format(j.Bound.At, unit)}); err != nil {
				return nil, fmt.Errorf("results: %w", err)
			}
		}
	}
	if err := table.Render(); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	return b.Bytes(), nil
}

// escape keeps text from being taken for Markdown's own, which the table's renderer does
// not.
func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "\n", " ").Replace(text)
}

type (
	suite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Cases    []testCase
	}
	testCase struct {
		XMLName xml.Name `xml:"testcase"`
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		File    string   `xml:"file,attr"`
		Line    int      `xml:"line,attr"`
		Failure *failed
	}
	failed struct {
		XMLName xml.Name `xml:"failure"`
		Message string   `xml:"message,attr"`
	}
)

// JUnit is the verdict as test results: a case per rule and point.
func (v *Verdict) JUnit() ([]byte, error) {
	s := suite{Name: v.Scenario.Name}
	for i := range v.Rules {
		r := &v.Rules[i]
		unit := measure.Definitions[r.Rule.Metric].Unit
		for k := range r.At {
			j := &r.At[k]
			c := testCase{Class: v.Scenario.Name, Name: strings.TrimSpace(r.Rule.String() + " " + v.Points[j.Point].Point.Label()),
				File: v.Scenario.File, Line: r.Rule.Line}
			if s.Tests++; j.State != Proven {
				s.Failures++
				c.Failure = &failed{Message: fmt.Sprintf("%s: mean %s, bound %s", j.State, Format(j.Bound.Mean, unit), Format(j.Bound.At, unit))}
			}
			s.Cases = append(s.Cases, c)
		}
	}
	text, err := xml.MarshalIndent(s, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// JSON is the verdict for programs.
func (v *Verdict) JSON() ([]byte, error) {
	type at struct {
		Point  string   `json:"point"`
		State  State    `json:"state"`
		Seeds  int      `json:"seeds"`
		Mean   *float64 `json:"mean"`
		Bound  *float64 `json:"bound"`
		Was    *float64 `json:"was,omitempty"`
		Needed int      `json:"needed,omitempty"`
	}
	type rule struct {
		Rule   string `json:"rule"`
		Line   int    `json:"line"`
		Proven bool   `json:"proven"`
		At     []at   `json:"at"`
	}
	doc := struct {
		Schema   int    `json:"schema"`
		Scenario string `json:"scenario"`
		File     string `json:"file"`
		Exit     int    `json:"exit"`
		Missing  int    `json:"missing"`
		Rules    []rule `json:"rules"`
	}{schema, v.Scenario.Name, v.Scenario.File, v.Exit(), v.Missing(), []rule{}}
	number := func(x float64) *float64 {
		if math.IsNaN(x) {
			return nil
		}
		return &x
	}
	for i := range v.Rules {
		r := &v.Rules[i]
		out := rule{Rule: r.Rule.String(), Line: r.Rule.Line, Proven: r.Passed(), At: []at{}}
		for k := range r.At {
			j := &r.At[k]
			a := at{v.Points[j.Point].Point.Label(), j.State, len(v.Points[j.Point].Runs), number(j.Bound.Mean), number(j.Bound.At), nil, j.Needed}
			if r.Rule.Baseline {
				a.Was = number(j.Was)
			}
			out.At = append(out.At, a)
		}
		doc.Rules = append(doc.Rules, out)
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	return append(text, '\n'), err
}
