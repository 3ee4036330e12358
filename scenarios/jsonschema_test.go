package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v4"

	"pushcast/scenarios"
)

// validator is the schema as it is printed, read back.
func validator(t testing.TB) *jsonschema.Resolved {
	t.Helper()
	text, err := json.Marshal(scenarios.JSONSchema())
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// validate holds a scenario's text to the schema, as an editor does.
func validate(r *jsonschema.Resolved, src []byte) error {
	var doc any
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	return r.Validate(plain)
}

// TestSchemaTakes: ready-made scenarios, and the probes of the model, which use every key
// and every named alternative.
func TestSchemaTakes(t *testing.T) {
	r := validator(t)
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	probes, err := filepath.Glob("model/*.yaml")
	if err != nil || len(files) < 5 || len(probes) < 5 {
		t.Fatal(files, probes, err)
	}
	for _, path := range append(files, probes...) {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(r, src); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// beyond are the broken scenarios in which no key or value is wrong by itself: only the
// whole is, or how it is written, which a schema does not see.
var beyond = []string{
	"absurd-period", "alias", "anchor", "backwards-range", "deadline-past-the-run", "exclude-everything", "exclude-nothing",
	"expect-margin", "expect-margin-unit", "expect-bare-ratio", "expect-unit", "expect-no-value", "expect-not-played", "expect-twice", "expect-when-nowhere", "fraction-of-a-byte", "gossip-without-cast", "loss-of-110",
	"measure-of-nothing", "measure-past-the-end", "negative-time", "octal", "seeds-backwards", "seeds-equal",
	"seeds-undecided", "seeds-until-zero", "sweep-conflict", "sweep-idle", "sweep-out-of-step", "sweep-too-many-points", "sweep-twice",
	"sweep-value-twice", "too-large-chunk", "too-many-neighbours", "tag", "exponent",
	"two-documents", "utf-16", "merge-key",
	"cyclon-drops-anyway", "recall-of-nobody", "shuffle-of-newscast", "shuffle-over-view",
}

// TestSchemaRefuses: what is wrong by itself is marked while one types.
func TestSchemaRefuses(t *testing.T) {
	r := validator(t)
	for name, src := range broken {
		err := validate(r, []byte(src))
		if isBeyond := slices.Contains(beyond, name); err == nil && !isBeyond {
			t.Errorf("%s is taken:\n%s", name, src)
		} else if err != nil && isBeyond {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	for _, name := range beyond {
		if _, is := broken[name]; !is {
			t.Errorf("%s is no broken scenario", name)
		}
	}
}

// TestSchemaExplains: every key stands there with its meaning and its default.
func TestSchemaExplains(t *testing.T) {
	s := scenarios.JSONSchema()
	for _, key := range scenarios.Schema() {
		section, name, _ := strings.Cut(key.Path, ".")
		at := s.Properties[section].Properties[name]
		if at == nil {
			t.Errorf("%s is missing", key.Path)
			continue
		}
		d := s.Definitions[strings.TrimPrefix(at.Ref, "#/definitions/")]
		if d.Description != key.About || key.Default != "" && !strings.Contains(string(d.Default), key.Default) && key.Path != "stream.duration" {
			t.Errorf("%s: %q, default %s", key.Path, d.Description, d.Default)
		}
	}
}
