// Package model tells one version of the model from another: what peers do, what the
// network does to them, and what the metrics mean, as one number. Finished runs are
// kept under it, so that a change of behaviour drops them and a refactor does not. It
// computes a few small runs and reads nothing but its own probes.
package model

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"pushcast/scenarios"
	"pushcast/sim"
)

// probes are scenarios that between them use every key and every named alternative.
//
//go:embed *.yaml
var probes embed.FS

// Fingerprint hashes what the probes come to: fingerprints, counts, and all metrics to
// nine digits, in 16 hexadecimal digits. It costs some hundredths of a second, once.
var Fingerprint = sync.OnceValue(func() string {
	h := sha256.New()
	for _, s := range load() {
		fmt.Fprintln(h, probe(s))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
})

// load reads the probes. They are part of the program: a mistake in them is a bug.
func load() (list []*scenarios.Scenario) {
	entries, err := probes.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		src, err := probes.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		s, err := scenarios.Parse(e.Name(), src)
		if err != nil {
			panic(err)
		}
		list = append(list, s)
	}
	return list
}

// probe is what a scenario comes to, as text: a line a point.
func probe(s *scenarios.Scenario) string {
	var lines []string
	for _, p := range s.Points() {
		r, err := sim.Run(p.Config(0))
		if err != nil {
			panic(err)
		}
		text := fmt.Sprintf("%016x %+v", r.Fingerprint, r.Counts)
		for _, x := range r.Values {
			text += " " + strconv.FormatFloat(x, 'g', 9, 64)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}
