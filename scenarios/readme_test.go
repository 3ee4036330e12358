package scenarios_test

import (
	"os"
	"regexp"
	"testing"

	"pushcast/scenarios"
)

// TestReadme: the scenarios of the README are read as they stand there.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) < 2 {
		t.Fatalf("%d scenarios in the README", len(blocks))
	}
	for _, b := range blocks {
		src := "name: x\nstream: { duration: 120s }\nswarm: { overlay: newscast }\n" + string(b[1])
		s, err := scenarios.Parse("README.md", []byte(src))
		if err != nil {
			t.Errorf("%v\n%s", err, src)
			continue
		}
		roundTrip(t, s)
	}
}
