package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pushcast/results"
	"pushcast/results/report"
)

// reported is the path of the page that a verdict is shown on; empty where it makes none:
// a verdict over some of the points or seeds leaves the files, which speak of all, as they
// are. So does one of no run at all: the folder's files are another model's, or it does not
// exist, and neither is to change for having been looked at.
func (e *engine) reported(v *results.Verdict) string {
	if points, seeds := e.scenario.Restricted(); points || seeds || v.Found() == 0 {
		return ""
	}
	return filepath.Join(e.dir, "report.html")
}

// writeFiles writes the derived files, the page among them.
func (e *engine) writeFiles(v *results.Verdict) error {
	path := e.reported(v)
	if path == "" {
		return nil
	}
	if err := v.WriteFiles(e.dir); err != nil {
		return err
	}
	page, err := report.Page(e.reportInput(v))
	if err != nil {
		return err
	}
	return results.WriteFile(path, page)
}

// report writes what others read of a verdict: the derived files, and in GitHub Actions
// the step summary and a mark at the line of every rule that is not proven.
func (e *engine) report(v *results.Verdict, getenv func(string) string, stdout io.Writer) error {
	if err := e.writeFiles(v); err != nil || e.reported(v) == "" {
		return err
	}
	if getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	for i := range v.Rules {
		if r := &v.Rules[i]; !r.Passed() {
			// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
			message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(r.Rule.String() + " is not proven")
			file := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(e.scenario.File)
			if _, err := fmt.Fprintf(stdout, "::error file=%s,line=%d::%s\n", file, r.Rule.Line, message); err != nil {
				return err
			}
		}
	}
	path := getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	text, err := v.Markdown()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
