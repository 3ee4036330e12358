package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"pushcast/node/measure"
	"pushcast/results"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what page.html shows.
type page struct {
	Name, About, State, Kind, Size string
	Light, Dark                    template.CSS
	Rules                          []ruleLine
	Missing, Where, Notes          []string
	Compute, Command, Export       string
	File, Hash, Model, Version     string
	Pictures                       []drawn
}

type ruleLine struct{ Mark, Kind, Text, Said string }

type drawn struct {
	*Picture
	Drawn template.HTML
}

// Page makes the report: one HTML file that needs nothing else.
func Page(in *Input) ([]byte, error) {
	v := in.Verdict
	s := v.Scenario
	p := &page{
		Name: s.Name, About: s.About, Light: template.CSS(variables(false)), Dark: template.CSS(variables(true)),
		File: s.File, Hash: in.hash(), Model: in.Model, Version: in.Version,
		Command: in.Command("run"), Export: in.Command("report"), Rules: ruleLines(v),
	}
	p.State, p.Kind = state(v)
	p.Size = size(v)
	p.Missing, p.Where = in.missing()
	p.Notes = in.notes()
	if len(p.Missing) > 0 {
		p.Compute = in.Command("run")
	}
	for _, picture := range Pictures(in) {
		p.Pictures = append(p.Pictures, drawn{picture, template.HTML(picture.svg(true))})
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// state is the verdict in a word.
func state(v *results.Verdict) (text, kind string) {
	switch {
	case v.Missing() > 0:
		return "incomplete", "bad"
	case len(v.Rules) == 0:
		return "no rules", "open"
	case !v.Judged:
		return "not judged", "open"
	case v.Exit() == results.ExitProven:
		return "proven", "good"
	case v.Exit() == results.ExitBaseless:
		return "no baseline", "bad"
	}
	return "not proven", "bad"
}

func size(v *results.Verdict) string {
	c := v.Points[0].Point.Config(0)
	text := fmt.Sprintf("%s × %s seeds, %s", count(len(v.Points), "point"), v.Scenario.Seeds, count(v.Found(), "run"))
	if len(v.Points) == 1 {
		text += fmt.Sprintf(" of %d peers and %s", c.Peers, results.Format(c.Duration.Seconds(), measure.Second))
	}
	return text
}

// ruleLines says of every rule where it is proven.
func ruleLines(v *results.Verdict) (lines []ruleLine) {
	if !v.Judged {
		return nil
	}
	for k := range v.Rules {
		r := &v.Rules[k]
		if k == maxRules {
			lines = append(lines, ruleLine{"…", "open", fmt.Sprintf("%d more", len(v.Rules)-k), ""})
			break
		}
		l := ruleLine{"✗", "bad", r.Rule.String(), ""}
		at, worst := 0, results.Proven
		for i := range r.At {
			if r.At[i].State == results.Proven {
				at++
			} else if worst == results.Proven || worst == results.Undecided {
				worst = r.At[i].State
			}
		}
		switch {
		case len(r.At) == 0:
			l.Mark, l.Kind = "–", "open"
		case at == len(r.At):
			l.Mark, l.Kind = "✓", "good"
		case worst == results.Undecided:
			l.Mark, l.Kind = "?", "open"
		case worst == results.Unmeasured:
			l.Mark, l.Kind = "…", "open"
		}
		l.Said = fmt.Sprintf("proven at %d of %s", at, count(len(r.At), "point"))
		if len(r.At) == 1 {
			j, unit := &r.At[0], measure.Definitions[r.Rule.Metric].Unit
			l.Said = fmt.Sprintf("%s: %s, bound %s", j.State, results.Format(j.Bound.Mean, unit), results.Format(j.Bound.At, unit))
			if j.Needed > 0 {
				l.Said += fmt.Sprintf("; would need %d seeds", j.Needed)
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// maxMissing bounds the points whose missing runs are listed.
const maxMissing = 40

// missing says that runs are not there, and at which points.
func (in *Input) missing() (lines, where []string) {
	v := in.Verdict
	if v.Missing() == 0 {
		return nil, nil
	}
	lines = append(lines, fmt.Sprintf("%d of %d runs are missing: what is shown is of those that are there, and proves nothing.", v.Missing(), v.Missing()+v.Found()))
	points := 0
	for i := range v.Points {
		p := &v.Points[i]
		if len(p.Missing) == 0 {
			continue
		}
		if points++; points <= maxMissing {
			where = append(where, fmt.Sprintf("%s: %d of %s", label(p), len(p.Missing), count(len(p.Missing)+len(p.Runs), "run")))
		}
	}
	if points > maxMissing {
		where = append(where, fmt.Sprintf("and at %d further points", points-maxMissing))
	}
	if len(in.Shards) > 0 {
		lines = append(lines, "There are files of the shards "+strings.Join(in.Shards, ", ")+".")
	}
	return lines, where
}

// alike tells whether seeds make no difference at any point, and there are several.
func (in *Input) alike() (some bool) {
	for i := range in.Verdict.Points {
		runs := in.Verdict.Points[i].Runs
		for k := 1; k < len(runs); k++ {
			some = true
			for m, x := range runs[k].Values {
				if was := runs[0].Values[m]; x != was && (x == x || was == was) { // NaN is not itself
					return false
				}
			}
		}
	}
	return some
}

// notes are what else the reader must know to take the pictures rightly.
func (in *Input) notes() (lines []string) {
	for i, text := range in.Damaged {
		if i == maxMissing {
			lines = append(lines, fmt.Sprintf("and %d further damaged lines", len(in.Damaged)-i))
			break
		}
		lines = append(lines, text)
	}
	if text := in.unmatched(); text != "" {
		lines = append(lines, text)
	}
	if in.alike() {
		lines = append(lines, "All seeds of every point have shown the same values: luck makes no difference here, and the intervals say nothing.")
	}
	if n := in.undigested(); n > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d runs were kept before runs had distributions: the pictures of delays, peers, time, hops and the overlay are of the others. For all of them: %s",
			n, in.Verdict.Found(), in.Command("run", "--fresh")))
	}
	return lines
}
