package scenarios

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"pushcast/node/measure"
)

// JSONSchema describes scenario files to editors, which complete keys, show what they
// mean, and mark what is wrong while one types; its draft, 07, is the one that all of them
// know (https://json-schema.org/draft-07). It is made by asking the parsers of the keys
// what they take, so that a new key stands in it by itself. It never refuses what Parse
// takes; Parse is stricter, and has the last word.
func JSONSchema() *jsonschema.Schema {
	b := schemaBuilder{definitions: map[string]*jsonschema.Schema{}}
	root := object("What is streamed, to how many peers, over what network, and what is expected of it.")
	root.Schema = "http://json-schema.org/draft-07/schema#"
	root.Title = "pushcast scenario"
	root.Required = []string{"name"}
	set := func(key string, s *jsonschema.Schema) { add(root, key, s) }
	set("name", &jsonschema.Schema{Types: []string{"string", "number", "boolean"}, Pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", Description: "What results are kept under: a folder's name."})
	set("about", &jsonschema.Schema{Types: []string{"string", "number", "boolean"}, Description: "One line for people."})
	for i := range fields {
		f := &fields[i]
		section, key, _ := strings.Cut(f.path, ".")
		if root.Properties[section] == nil {
			set(section, object(""))
		}
		add(root.Properties[section], key, b.define(f.path, f, f.about, f.choices))
	}
	class, event := object(""), object("")
	for _, k := range ClassKeys() {
		add(class, k.Path, b.define("class."+k.Path, ownField(classPrefix+"any."+k.Path), k.About, k.Choices))
	}
	for _, k := range EventKeys() {
		add(event, k.Path, b.define("event."+k.Path, ownField(eventPrefix+"1."+k.Path), k.About, k.Choices))
	}
	add(root.Properties["network"], "classes", &jsonschema.Schema{Type: "object", Description: "Classes of peers, by names of yours; what one does not say is the network's.",
		AdditionalProperties: class, PropertyNames: &jsonschema.Schema{Pattern: "^[A-Za-z][A-Za-z0-9_-]{0,31}$"}})
	event.MinProperties = jsonschema.Ptr(1)
	add(root.Properties["churn"], "events", listOf("What happens when.", event))

	set("seeds", seedsSchema())
	set("sweep", listOf("The first item is the outermost loop; keys in one item advance in lockstep.", b.selection(func(value *jsonschema.Schema) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "array", MinItems: jsonschema.Ptr(1), Items: value}
	})))
	b.definitions["selection"] = b.selection(func(value *jsonschema.Schema) *jsonschema.Schema { return value })
	chosen := &jsonschema.Schema{Ref: "#/definitions/selection"}
	set("exclude", listOf("Points of the sweep that are left out.", chosen))
	rule := object("")
	add(rule, "that", ruleSchema())
	add(rule, "when", chosen)
	rule.Required = []string{"that"}
	set("expect", listOf("Every line must be proven.", &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ruleSchema(), rule}}))
	root.Definitions = b.definitions
	return root
}

// schemaBuilder keeps the definitions, to which all places refer.
type schemaBuilder struct {
	definitions map[string]*jsonschema.Schema
}

// define defines a key, and gives the reference to it.
func (b *schemaBuilder) define(name string, f *field, about string, choices []string) *jsonschema.Schema {
	b.definitions[name] = f.schema(about, choices)
	return reference(name)
}

func reference(name string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/definitions/" + name}
}

// selection is a mapping from keys, by their last name or their path, to what each makes
// of the key's value.
func (b *schemaBuilder) selection(each func(value *jsonschema.Schema) *jsonschema.Schema) *jsonschema.Schema {
	s := object("")
	s.MinProperties = jsonschema.Ptr(1)
	for i := range fields {
		for _, name := range []string{fields[i].name(), fields[i].path} {
			if fieldNamed(name) == &fields[i] {
				add(s, name, each(reference(fields[i].path)))
			}
		}
	}
	s.PatternProperties = map[string]*jsonschema.Schema{}
	for _, k := range ClassKeys() {
		s.PatternProperties[`^(network\.)?classes\.[^.]+\.`+k.Path+"$"] = each(reference("class." + k.Path))
	}
	for _, k := range EventKeys() {
		s.PatternProperties[`^(churn\.)?events\.[0-9]+\.`+k.Path+"$"] = each(reference("event." + k.Path))
	}
	return s
}

// add adds a key to a mapping, behind the others.
func add(to *jsonschema.Schema, key string, s *jsonschema.Schema) {
	to.Properties[key] = s
	to.PropertyOrder = append(to.PropertyOrder, key)
}

// object is a mapping of known keys.
func object(about string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Description: about, Properties: map[string]*jsonschema.Schema{},
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}}}
}

func listOf(about string, item *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Description: about, MinItems: jsonschema.Ptr(1), Items: item}
}

func seedsSchema() *jsonschema.Schema {
	count := func() *jsonschema.Schema {
		return &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(1.0), Maximum: jsonschema.Ptr(float64(MaxSeeds))}
	}
	looks := object("")
	add(looks, "min", count())
	add(looks, "max", count())
	add(looks, "until", &jsonschema.Schema{Type: "string", Pattern: startsWith("%"), Description: "Stop at this half-width of the 95 % interval of delivery."})
	looks.Required = []string{"min", "max"}
	return &jsonschema.Schema{Description: "How often each point is run: a number, or { min: 10, max: 60 }, until the rules are decided.",
		AnyOf: []*jsonschema.Schema{count(), looks}}
}

func ruleSchema() *jsonschema.Schema {
	var names []string
	for _, d := range measure.Definitions {
		names = append(names, regexp.QuoteMeta(d.Name))
	}
	return &jsonschema.Schema{Type: "string", Pattern: `^\s*(` + strings.Join(names, "|") + `)\s*(>=|<=)\s*\S`,
		Description: "As delivery >= 95%, or delivery >= baseline - 0.5%."}
}

// quantities are what values with a unit begin with: some of them, and the units.
var quantities = []struct {
	some  []string
	units []string
}{
	{[]string{"0s", "1us", "1ms", "1s", "1m", "1s..2s"}, []string{"ns", "us", "µs", "μs", "ms", "s", "m", "h"}},
	{[]string{"1B", "100B", "1kB", "1MB"}, []string{"B", "kB", "KB", "MB", "KiB", "MiB"}},
	{[]string{"0%", "1%", "50%", "100%"}, []string{"%"}},
	{[]string{"0/s", "1/s", "100/s"}, []string{"/s"}},
	{[]string{"1Mbit"}, []string{"bit", "kbit", "Mbit", "Gbit"}},
	{[]string{"1x"}, []string{"x"}},
}

// startsWith is the pattern of texts that begin with no number, or with one of these
// units.
func startsWith(units ...string) string {
	return `^([^0-9.]|[0-9.]+\s*(` + strings.Join(units, "|") + "))"
}

// takes tells whether a key may have this value.
func (f *field) takes(text string) bool {
	scratch := defaults()
	return f.set(&scratch, text) == nil
}

// schema asks a key's parser what it takes.
func (f *field) schema(about string, choices []string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Description: about}
	switch {
	case len(choices) == 2 && choices[0] == "true":
		s.Type = "boolean"
	case len(choices) > 0 && f.takes(strings.ToUpper(choices[0])):
		named := &jsonschema.Schema{}
		for _, c := range choices {
			named.Enum = append(named.Enum, c)
		}
		// In capitals, too, and composed.
		s.AnyOf = []*jsonschema.Schema{named, {Pattern: "[A-Z/]"}}
	case len(choices) > 0:
		for _, c := range choices {
			s.Enum = append(s.Enum, c)
		}
		if f.start != "" && !slices.Contains(choices, f.start) {
			s.Enum = append(s.Enum, f.start) // the choice of none of them
		}
	case f.takes("anything"): // a name, which may look like a number
		s.Type, s.Types = "", []string{"string", "number", "boolean"}
	case f.takes("1") || f.takes("2"):
		s.Type = "integer"
		least, most := f.bounds()
		s.Minimum, s.Maximum = &least, &most
	default:
		var units []string
		for _, q := range quantities {
			for _, text := range q.some {
				if f.takes(text) {
					units = append(units, q.units...)
					break
				}
			}
		}
		if len(units) > 0 {
			s.Pattern = startsWith(units...)
		}
	}
	if f.start != "" {
		value := f.start
		if s.Type != "integer" && s.Type != "boolean" {
			value = strconv.Quote(value)
		}
		s.Default = json.RawMessage(value)
	}
	return s
}

// bounds finds the least and the greatest count that a key takes, which is an interval.
func (f *field) bounds() (least, most float64) {
	takes := func(n int64) bool { return f.takes(strconv.FormatInt(n, 10)) }
	lo, hi := int64(1), int64(math.MaxInt32)
	if !takes(lo) {
		lo = 2
	}
	least = float64(lo)
	if takes(0) {
		least = 0
	}
	for lo+1 < hi { // lo is taken, hi is not
		if mid := (lo + hi) / 2; takes(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return least, float64(lo)
}
