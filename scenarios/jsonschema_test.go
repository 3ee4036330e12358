package scenarios_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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
	text, err := json.Marshal(named(doc))
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	return r.Validate(plain)
}

// named makes strings of all keys, as JSON has them.
func named(doc any) any {
	switch v := doc.(type) {
	case map[any]any:
		m := map[string]any{}
		for key, value := range v {
			m[fmt.Sprint(key)] = named(value)
		}
		return m
	case map[string]any:
		for key, value := range v {
			v[key] = named(value)
		}
	case []any:
		for i := range v {
			v[i] = named(v[i])
		}
	}
	return doc
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

// marked are the broken scenarios in which a key or value is wrong by itself, so that an
// editor marks it; of the others only the whole is wrong, or how it is written.
var marked = []string{
	"absurd-peers", "bandwidth-without-unit", "binary", "bool", "bracket-left-open", "class-key", "class-name",
	"classes-list", "corrupt-share", "deep", "duplicate-key", "duplicate-section", "empty", "empty-value",
	"event-empty", "event-key", "event-pause", "events-mapping", "exclude-empty", "expect-empty",
	"expect-equal", "expect-far-off", "expect-greater", "expect-metric", "expect-no-operator", "expect-only-when",
	"expect-unless", "fraction-of-a-peer", "infinite", "leave-how", "list-for-a-scenario", "list-for-a-section",
	"list-for-a-value", "loss-without-unit", "mapping-for-a-value", "missing-name", "missing-unit",
	"name-is-a-path", "negative-count", "no-peers", "null", "only-comments", "quoted-number", "scalar",
	"seeds-unknown", "seeds-without-max", "seeds-zero", "sweep-empty-list", "sweep-is-a-mapping",
	"sweep-of-nothing", "sweep-unknown-key", "sweep-without-list", "sweep-wrong-unit", "tab",
	"unit-of-another-kind", "unknown-key", "unknown-nothing-near", "unknown-scheduler", "unknown-section",
	"windows-line-ends", "wrong-section",
}

// TestSchemaRefuses: what is wrong by itself is marked while one types.
func TestSchemaRefuses(t *testing.T) {
	r := validator(t)
	for _, name := range marked {
		if src, is := broken[name]; !is || validate(r, []byte(src)) == nil {
			t.Errorf("%s is taken:\n%s", name, src)
		}
	}
	t.Logf("%d of %d broken scenarios are marked", len(marked), len(broken))
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
