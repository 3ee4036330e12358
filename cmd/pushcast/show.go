package main

import (
	"fmt"
	"io"
	"strings"

	"pushcast/node/measure"
	"pushcast/results"
	"pushcast/scenarios"
)

// show prints the verdict, then what is missing, then the numbers.
func (e *engine) show(v *results.Verdict, f *runFlags, interrupted bool, w io.Writer) error {
	if f.json {
		for i := range v.Points {
			if err := e.batch(&v.Points[i], interrupted).writeJSON(w, false); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	if len(v.Points) == 1 {
		if err := e.batch(&v.Points[0], interrupted).writeText(&b, f.verbose); err != nil {
			return err
		}
	} else {
		state := ""
		if interrupted {
			state = ", interrupted"
		}
		fmt.Fprintf(&b, "%-10s  %d points × %s seeds%s\n\n", e.scenario.Name, len(v.Points), e.scenario.Seeds, state)
		if err := e.writeSweep(&b, v, shadesOf(w)); err != nil {
			return err
		}
	}
	head, rest, _ := strings.Cut(b.String(), "\n")
	if !interrupted {
		head += "\n" + e.verdictText(v) + e.missingText(v)
	} else {
		head += "\n"
	}
	if _, err := io.WriteString(w, head+rest); err != nil || e.world != liveWorld || v.Found() == 0 {
		return err
	}
	return e.writeDifferences(w, v)
}

func (e *engine) batch(p *results.PointVerdict, interrupted bool) *batch {
	return &batch{e.scenario, p.Point, p.Runs, len(p.Runs) + len(p.Missing), interrupted}
}

// marks of the states, as people know them from tests.
var marks = map[results.State]string{results.Proven: "✓", results.Undecided: "?", results.Unmeasured: "…"}

func mark(s results.State) string {
	if m, ok := marks[s]; ok {
		return m
	}
	return "✗"
}

// verdictText is the block of the rules: a line a rule, and below it the points at which
// it is not proven.
func (e *engine) verdictText(v *results.Verdict) string {
	if !v.Judged {
		return ""
	}
	var b strings.Builder
	failed := 0
	b.WriteString("\n")
	for i := range v.Rules {
		r := &v.Rules[i]
		if len(r.At) == 0 {
			continue // --only has left its points out
		}
		worst, open := results.Proven, 0
		for k := range r.At {
			if s := r.At[k].State; s != results.Proven {
				open++
				if worst == results.Proven || worst == results.Undecided {
					worst = s
				}
			}
		}
		if open > 0 {
			failed++
		}
		if len(r.At) == 1 {
			fmt.Fprintln(&b, folded(fmt.Sprintf("  %s %-28s %s", mark(worst), r.Rule, judgementText(r.Rule, &r.At[0])), "  was "))
		} else {
			fmt.Fprintf(&b, "  %s %-28s at %d of %d points\n", mark(worst), r.Rule, len(r.At)-open, len(r.At))
		}
		told := false
		for k, shown := 0, 0; k < len(r.At); k++ {
			j := &r.At[k]
			if j.State == results.Proven {
				// Good enough, and yet another run: where does it begin?
				if j.Differs && !told {
					told = true
					e.difference(&b, j, v.Points[j.Point].Point)
				}
				continue
			}
			if shown++; shown > 10 {
				fmt.Fprintf(&b, "    and %d more\n", open-10)
				break
			}
			if len(r.At) > 1 {
				fmt.Fprintln(&b, folded(fmt.Sprintf("    %s %s: %s", mark(j.State), v.Points[j.Point].Point.Label(), judgementText(r.Rule, j)), "  was "))
			}
			e.explain(&b, r.Rule, j, v.Points[j.Point].Point)
		}
	}
	at := e.reported(v)
	if at == "" {
		at = e.dir
	}
	if failed > 0 {
		fmt.Fprintf(&b, "\nfail %d of %d   %s   exit %d\n", failed, len(v.Rules), at, v.Exit())
	} else if v.Exit() == results.ExitProven {
		fmt.Fprintf(&b, "\npass %d of %d   %s   exit 0\n", len(v.Rules), len(v.Rules), at)
	}
	return b.String()
}

// judgementText is the figure, its bound, and what else there is to say.
func judgementText(r *scenarios.Rule, j *results.Judgement) string {
	unit := measure.Definitions[r.Metric].Unit
	show := func(x float64) string { return results.Format(x, unit) }
	switch j.State {
	case results.Baseless:
		return "no baseline"
	case results.Unmeasured:
		return "runs are missing"
	case results.Valueless:
		return "has no value in some run"
	}
	interval := "[" + show(j.Bound.At) + ", ∞)"
	if !r.AtLeast {
		interval = "(-∞, " + show(j.Bound.At) + "]"
	}
	text := fmt.Sprintf("%s  %s", show(j.Bound.Mean), interval)
	if r.Baseline {
		text += fmt.Sprintf("  was %s, now %s", show(j.Was), show(j.Now))
	}
	if j.Identical {
		text += "  identical"
	}
	if j.State == results.Undecided {
		switch {
		case j.Bound.N < 2:
			text += "  one seed decides nothing"
		case j.Needed == 0:
			text += "  how many seeds would decide it is not known"
		default:
			text += fmt.Sprintf("  would need %d seeds", j.Needed)
		}
	}
	return text
}

// explain says where a rule stands and where a difference from the baseline begins.
func (e *engine) explain(b *strings.Builder, r *scenarios.Rule, j *results.Judgement, p *scenarios.Point) {
	fmt.Fprintf(b, "      %s:%d\n", e.scenario.File, r.Line)
	if !r.Baseline {
		return
	}
	if len(j.Changed) > 0 {
		fmt.Fprintf(b, "      changed: %s\n", strings.Join(j.Changed, ", "))
	}
	e.difference(b, j, p)
	// What -s has changed is no result of the file's, and what is built in has no place
	// beside it.
	if isFile := !scenarios.IsName(e.scenario.File); isFile && len(e.flags.set) == 0 {
		fmt.Fprintf(b, "      accept:  %s\n", e.flags.command("accept", e.scenario.File))
	}
}

// difference says where a run begins to differ from the baseline's, and how to see it.
func (e *engine) difference(b *strings.Builder, j *results.Judgement, p *scenarios.Point) {
	if !j.Differs {
		return
	}
	only := "seed=" + fmt.Sprint(j.Seed)
	if point := p.Only(); point != "" {
		only = point + "," + only
	}
	from, to := scenarios.FormatTime(j.From), scenarios.FormatTime(j.To)
	fmt.Fprintf(b, "      first difference: seed %d, between %s and %s\n", j.Seed, from, to)
	fmt.Fprintf(b, "      see it:  %s\n", e.flags.command("trace", e.scenario.File, "--only", only, "--from", from, "--to", to))
}

// missingText names the runs that are not there.
func (e *engine) missingText(v *results.Verdict) string {
	if v.Missing() == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d runs are missing:\n", v.Missing())
	for i := range v.Points {
		p := &v.Points[i]
		if len(p.Missing) == 0 {
			continue
		}
		label := p.Point.Label()
		if label != "" {
			label += ": "
		}
		fmt.Fprintf(&b, "  %sseeds %s\n", label, ranges(p.Missing))
	}
	fmt.Fprintf(&b, "compute them:  %s\n", e.flags.command("run", e.scenario.File))
	return b.String()
}

// ranges writes ascending numbers short: 0, 3…7.
func ranges(list []int) string {
	var words []string
	for i := 0; i < len(list); {
		k := i
		for k+1 < len(list) && list[k+1] == list[k]+1 {
			k++
		}
		if k > i {
			words = append(words, fmt.Sprintf("%d…%d", list[i], list[k]))
		} else {
			words = append(words, fmt.Sprint(list[i]))
		}
		i = k + 1
	}
	return strings.Join(words, ", ")
}
