package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"pushcast/sim"
)

// MaxSeeds bounds the seeds of a scenario.
const MaxSeeds = 10_000

// Scenario is one scenario file: a run, to be repeated with several seeds.
type Scenario struct {
	File  string // where it was read from
	Name  string // becomes a folder's name
	About string // one line for people
	Seeds int    // runs: seeds 0 … Seeds−1

	values settings
}

//go:embed *.yaml
var embedded embed.FS

// Names lists the ready-made scenarios, in alphabetical order.
func Names() []string {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic(err) // cannot be: the folder is part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Load reads a scenario: a file, or a ready-made one by its bare name, which
// has neither slash nor dot. Mistakes in it are of type *Error.
func Load(ref string) (*Scenario, error) {
	if ref == "" {
		return nil, errors.New("a scenario has no empty name; ready-made are " + strings.Join(Names(), ", "))
	}
	if !strings.ContainsAny(ref, "./\\") {
		src, err := embedded.ReadFile(ref + ".yaml")
		if err != nil {
			hint := "ready-made are " + strings.Join(Names(), ", ")
			if near := didYouMean(ref, Names()); near != "" {
				hint = near + " " + hint
			}
			return nil, &Error{File: ref, Message: "no scenario of this name; for a file, write its path, as ./" + ref + ".yaml", Hint: hint}
		}
		return Parse(ref, src)
	}
	src, err := readFile(ref)
	if err != nil {
		return nil, err
	}
	return Parse(ref, src)
}

// readFile reads a regular file of bounded size.
func readFile(path string) ([]byte, error) {
	fail := func(message string) error { return &Error{File: path, Message: message} }
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &Error{File: path, Message: "no such file", Hint: "ready-made scenarios: " + strings.Join(Names(), ", ")}
	case err != nil:
		return nil, fail("cannot be read: " + err.Error())
	case info.IsDir():
		return nil, fail("is a folder; want a scenario file")
	case !info.Mode().IsRegular():
		return nil, fail("is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fail("cannot be read: " + err.Error())
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSource+1))
	if err != nil {
		return nil, fail("cannot be read: " + err.Error())
	}
	return src, nil
}

// Parse reads a scenario from its text; file is what messages call it.
func Parse(file string, src []byte) (*Scenario, error) {
	s := &Scenario{File: file, Seeds: 10, values: defaults()}
	r := reader{file: file, src: src, into: s}
	if err := r.read(); err != nil {
		return nil, err
	}
	c := s.Config(0)
	if err := c.Validate(); err != nil {
		return nil, &Error{File: file, Message: err.Error()}
	}
	return s, nil
}

// defaults are the settings of a scenario that says nothing.
func defaults() settings {
	s := settings{given: map[string]bool{}}
	for i := range fields {
		if f := &fields[i]; f.start != "" {
			if err := f.set(&s, f.start); err != nil {
				panic(fmt.Sprintf("scenarios: default of %s: %v", f.path, err))
			}
		}
	}
	return s
}

// Set changes one value: "key=value", the key by its last name, or its path
// where that is not unique. On an error s is unchanged.
func (s *Scenario) Set(assignment string) error {
	fail := func(message, hint string) error {
		return &Error{File: "-s " + assignment, Message: message, Hint: hint}
	}
	key, text, found := strings.Cut(assignment, "=")
	if !found || key == "" || text == "" {
		return fail("want key=value", "")
	}
	f := fieldNamed(key)
	if f == nil {
		return fail("unknown key "+quote(key), didYouMean(key, Keys()))
	}
	if strings.Contains(text, ",") {
		return fail("a list of values is a sweep, which is not supported yet", "")
	}
	values := s.values
	values.given = maps.Clone(s.values.given)
	if err := f.set(&values, text); err != nil {
		return fail(fmt.Sprintf("%s is wrong: %s", quote(text), err), "")
	}
	values.given[f.path] = true
	values.reset()
	values.fillIn()
	if c := values.conflict(); c != nil {
		return fail(c.message, "")
	}
	c := values.config(0)
	if err := c.Validate(); err != nil {
		return fail(err.Error(), "")
	}
	s.values = values
	return nil
}

// reset gives the keys whose default depends on others their first value back.
func (s *settings) reset() {
	if !s.given["swarm.view"] {
		s.view = defaults().view
	}
}

// Config is the run with seed number seed, from 0. Seed i is the same random
// number at every point of every scenario, so that runs compare in pairs.
func (s *Scenario) Config(seed int) sim.Config { return s.values.config(uint64(seed)) }

// Parameter is one key with its value in canonical form.
type Parameter struct{ Path, Value string }

// Parameters lists every key with its value, in the order of the schema. Equal
// scenarios have equal parameters, in whatever units they were written. Keys
// that have no effect in this scenario are left out.
func (s *Scenario) Parameters() []Parameter {
	var list []Parameter
	for i := range fields {
		f := &fields[i]
		if s.values.has(f.path) {
			list = append(list, Parameter{f.path, f.get(&s.values)})
		}
	}
	return list
}

// has tells whether a key means something in this scenario.
func (s *settings) has(path string) bool {
	probe := *s
	probe.given = map[string]bool{path: true}
	c := probe.conflict()
	return c == nil || c.path != path
}

func fieldAt(path string) *field {
	for i := range fields {
		if fields[i].path == path {
			return &fields[i]
		}
	}
	return nil
}

// fieldNamed finds a key by its path or its last name.
func fieldNamed(name string) *field {
	for i := range fields {
		if fields[i].path == name || strings.HasSuffix(fields[i].path, "."+name) {
			return &fields[i]
		}
	}
	return nil
}

// keysOf lists the keys of a section.
func keysOf(section string) (keys []string) {
	for i := range fields {
		if key, found := strings.CutPrefix(fields[i].path, section+"."); found {
			keys = append(keys, key)
		}
	}
	return keys
}

// Keys lists the names that Set takes, in alphabetical order.
func Keys() (keys []string) {
	for i := range fields {
		keys = append(keys, fields[i].path[strings.IndexByte(fields[i].path, '.')+1:])
	}
	slices.Sort(keys)
	return keys
}

// isName tells whether a scenario may have this name.
func isName(text string) bool {
	if text == "" || len(text) > 64 || strings.ContainsAny(text[:1], ".-_") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}
