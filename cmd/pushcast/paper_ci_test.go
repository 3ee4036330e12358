//go:build ci

package main

import (
	"context"
	"strings"
	"testing"

	"pushcast/scenarios"
)

// TestPaper proves every claim of the literature that is a scenario: each rule of
// scenarios/paper holds.
func TestPaper(t *testing.T) {
	n := 0
	for _, name := range scenarios.Names() {
		if !strings.HasPrefix(name, "paper/") {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(context.Background(), []string{"run", name, "-q", "-o", t.TempDir()}, nil, &stdout, &stderr); code != 0 {
				t.Errorf("exit %d\n%s\n%s", code, stdout.String(), stderr.String())
			}
		})
	}
	if n < 10 {
		t.Errorf("%d claims are scenarios", n)
	}
}
