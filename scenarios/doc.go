// Package scenarios reads scenario files: what is streamed, to how many peers,
// over what network, and what is measured. It turns one into the sim.Config of
// a run; it runs nothing itself.
//
//	s, err := scenarios.Load("quickstart")   // embedded, or the path of a file
//	err = s.Set("loss=5%")                   // as the flag -s
//	result, err := sim.Run(s.Config(0))      // seed 0
//
// Reading is strict. Every key is known, every dimensioned value carries its
// unit, nothing is accepted and ignored; a mistake is reported with file, line,
// column, the line itself, and what to write instead. A file is at most 1 MiB,
// one YAML document, without anchors, aliases or tags: lists are lists, and
// nothing is inherited.
//
// # Where things are
//
//   - schema.go: every key, with its default, parser and meaning
//   - settings.go: the values of the keys, and the sim.Config made of them
//   - conflicts.go: what keys may not say together
//   - sweep.go, selection.go, override.go: the points of a sweep, what is left of them,
//     and what -s makes of them
//   - rule.go, seeds.go: what is expected, and with how many seeds
//   - quantity.go: numbers with units
//   - jsonschema.go: what editors are told
//   - decode.go, lists.go, errors.go: YAML, positions, messages
//   - *.yaml: the ready-made scenarios, embedded
package scenarios
