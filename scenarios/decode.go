package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Bounds of a source.
const (
	maxSource  = 1 << 20 // bytes
	maxNesting = 20      // brackets, or levels of indentation by two
)

// reader walks a YAML document and puts what it finds into a Scenario.
type reader struct {
	file string
	src  []byte
	into *Scenario
}

func (r *reader) at(n *yaml.Node, hint, format string, args ...any) error {
	return errorAt(r.file, r.src, n.Line, n.Column, fmt.Sprintf(format, args...), hint)
}

// document parses the source into its one YAML document.
func (r *reader) document() (*yaml.Node, error) {
	fail := func(line, col int, message string) error {
		return errorAt(r.file, r.src, line, col, message, "")
	}
	r.src = bytes.TrimPrefix(r.src, []byte("\xef\xbb\xbf"))
	switch {
	case len(r.src) > maxSource:
		return nil, fail(0, 0, "is larger than 1 MiB; a scenario is a few lines")
	case !utf8.Valid(r.src) || bytes.IndexByte(r.src, 0) >= 0:
		return nil, fail(0, 0, "is not text; a scenario is a YAML file in UTF-8")
	case len(bytes.TrimSpace(r.src)) == 0:
		return nil, fail(0, 0, "is empty; the smallest scenario is the line name: something")
	}
	for i, line := range strings.Split(string(r.src), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 && strings.TrimSpace(line) != "" {
			return nil, fail(i+1, tab+1, "a tab in the indentation; use spaces")
		}
		if len(indent) > 2*maxNesting || strings.Count(line, "[")+strings.Count(line, "{") > maxNesting {
			return nil, fail(i+1, 1, "is nested too deep")
		}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(r.src))
	if err != nil {
		return nil, fmt.Errorf("scenarios: %w", err)
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err == io.EOF {
		return nil, fail(0, 0, "has only comments; the smallest scenario is the line name: something")
	} else if err != nil {
		return nil, r.syntax(err)
	}
	if err := loader.Load(&second); err == nil {
		return nil, fail(max(second.Line, 1), 1, "a second document; write it into a file of its own")
	} else if err != io.EOF {
		return nil, r.syntax(err)
	}
	root := &doc
	if root.Kind == yaml.DocumentNode {
		if len(root.Content) == 0 {
			return nil, fail(0, 0, "has only comments; the smallest scenario is the line name: something")
		}
		root = root.Content[0]
	}
	return root, nil
}

// syntax words what the YAML library has found.
func (r *reader) syntax(err error) error {
	line, col, message := 1, 1, err.Error()
	var one *yaml.LoadError
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		one = many.Errors[0]
	}
	if one != nil || errors.As(err, &one) {
		line, col, message = max(one.Mark.Line, 1), max(one.Mark.Column, 1), one.Message
	}
	message, _, _ = strings.Cut(message, "\n")
	return errorAt(r.file, r.src, line, col, "is not YAML: "+message, "")
}

// plain refuses the parts of YAML that a scenario has no use for.
func (r *reader) plain(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return r.at(n, "", "anchors and aliases are not supported: write the value out")
	case n.Style&yaml.TaggedStyle != 0:
		return r.at(n, "", "tags are not supported: write the plain value")
	}
	return nil
}

// pairs calls each with the keys and values of a mapping.
func (r *reader) pairs(n *yaml.Node, what string, each func(key, value *yaml.Node) error) error {
	if err := r.plain(n); err != nil {
		return err
	}
	if n.Kind != yaml.MappingNode {
		return r.at(n, "", "%s must be a mapping, lines of the form key: value", what)
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if err := r.plain(key); err != nil {
			return err
		}
		if key.Kind != yaml.ScalarNode || key.Value == "<<" {
			return r.at(key, "", "a key must be a plain word")
		}
		if line, twice := lines[key.Value]; twice {
			return r.at(key, "", "%s stands here twice; first in line %d", quote(key.Value), line)
		}
		lines[key.Value] = key.Line
		if err := each(key, value); err != nil {
			return err
		}
	}
	return nil
}

// scalar gives the text of a value.
func (r *reader) scalar(name string, n *yaml.Node) (string, error) {
	if err := r.plain(n); err != nil {
		return "", err
	}
	switch n.Kind {
	case yaml.SequenceNode:
		return "", r.at(n, "", "%s takes one value, not a list", name)
	case yaml.MappingNode:
		return "", r.at(n, "", "%s takes one value, not a mapping", name)
	}
	if n.Value == "" || n.Tag == "!!null" {
		return "", r.at(n, "", "%s has no value; write one, or remove the line", name)
	}
	return n.Value, nil
}

// read fills the scenario in.
func (r *reader) read() error {
	root, err := r.document()
	if err != nil {
		return err
	}
	places := map[string]*yaml.Node{}
	err = r.pairs(root, "a scenario", func(key, value *yaml.Node) error {
		switch name := key.Value; name {
		case "name", "about":
			return r.top(name, value)
		case "seeds":
			places[name] = value
			return r.seeds(value)
		case "sweep", "exclude", "expect":
			places[name] = value
			return r.list(name, value, places)
		case "stream", "swarm", "network", "churn":
			return r.pairs(value, name, func(key, value *yaml.Node) error {
				switch name + "." + key.Value {
				case "network.classes":
					return r.classes(value, places)
				case "churn.events":
					return r.events(value, places)
				}
				return r.field(name, key, value, places)
			})
		default:
			return r.unknown("", key)
		}
	})
	if err != nil {
		return err
	}
	if r.into.Name == "" {
		return r.at(root, "", "name is missing; write name: something")
	}
	if t := r.into.expand(); t != nil {
		return r.at(placeOf(t.path, places, root), "", "%s", t.message)
	}
	if s := r.into.Seeds; s.Min < s.Max && s.Until == 0 && len(r.into.Rules) == 0 {
		return r.at(places["seeds"], "", "min and max need something to decide: add expect, or until")
	}
	if line, err := r.into.checkRules(); err != nil {
		return errorAt(r.file, r.src, line, 5, err.Error(), "")
	}
	return nil
}

// placeOf is where a key stands; of one that does not, the section that it would stand
// in, or the first key of the section that it is.
func placeOf(path string, places map[string]*yaml.Node, root *yaml.Node) *yaml.Node {
	for at, found := path, true; found; at, _, found = cutLast(at) {
		if place := places[at]; place != nil {
			return place
		}
	}
	for _, other := range slices.Sorted(maps.Keys(places)) {
		if path != "" && strings.HasPrefix(other, path+".") {
			return places[other]
		}
	}
	return root
}

// top reads one of the words outside of the sections.
func (r *reader) top(name string, n *yaml.Node) error {
	text, err := r.scalar(name, n)
	if err != nil {
		return err
	}
	switch name {
	case "name":
		if !isName(text) {
			return r.at(n, "", "name becomes a folder's: want 1 to 64 letters, digits, dots, dashes, the first a letter or digit")
		}
		r.into.Name = text
	case "about":
		r.into.About = text
	}
	return nil
}

func isQuoted(n *yaml.Node) bool {
	return n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// field reads a key of a section.
func (r *reader) field(section string, key, value *yaml.Node, places map[string]*yaml.Node) error {
	f := fieldAt(section + "." + key.Value)
	if f == nil {
		return r.unknown(section, key)
	}
	return r.set(f, key.Value, value, places)
}

// set gives a field its value.
func (r *reader) set(f *field, name string, value *yaml.Node, places map[string]*yaml.Node) error {
	text, err := r.scalar(name, value)
	if err != nil {
		return err
	}
	if isQuoted(value) {
		return r.at(value, "", "%s: write %s without quotes", name, quote(text))
	}
	if err := f.set(&r.into.values, text); err != nil {
		return r.at(value, "", "%s: %s is wrong: %s", name, quote(text), err)
	}
	r.into.values.given[f.path] = true
	places[f.path] = value
	return nil
}

// unknown is the error of a key that there is not.
func (r *reader) unknown(section string, key *yaml.Node) error {
	where, known := "", []string{"name", "about", "stream", "swarm", "network", "churn", "seeds", "sweep", "exclude", "expect"}
	if section != "" {
		where, known = " in "+section, keysOf(section)
	}
	hint := didYouMean(key.Value, known)
	if f := fieldNamed(key.Value); f != nil {
		hint = fmt.Sprintf("%s belongs under %s", key.Value, strings.Split(f.path, ".")[0])
	} else if hint == "" {
		hint = "known here: " + strings.Join(known, ", ")
	}
	return r.at(key, hint, "unknown key %s%s", quote(key.Value), where)
}
