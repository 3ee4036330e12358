package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pushcast/sim"
)

// Scenario is one scenario file: the points of a sweep, or a single one, each to be
// run with several seeds, and what is expected of them.
type Scenario struct {
	File  string // where it was read from
	Name  string // becomes a folder's name
	About string // one line for people
	Seeds Seeds
	Rules []Rule

	values     settings // what the sections say; the sweep goes over it
	axes       []Axis
	exclude    []selection
	points     []Point
	overridden map[string]bool // the keys that Set has changed
	only       []int           // the seed that Restrict has left, if it did
	restricted bool
}

// Points lists the points of the sweep, the first axis the outermost loop.
func (s *Scenario) Points() []Point { return s.points }

// Axes lists what is swept, the outermost loop first.
func (s *Scenario) Axes() []Axis { return s.axes }

// Restricted tells whether Restrict has left out points, and of the seeds all but one.
func (s *Scenario) Restricted() (points, seeds bool) { return s.restricted, len(s.only) > 0 }

// SeedsOf lists the seeds of the first n that are to be run: all of them, but for
// Restrict.
func (s *Scenario) SeedsOf(n int) []int {
	if len(s.only) > 0 {
		return s.only
	}
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// NeedsBaseline tells whether a rule compares with the baseline.
func (s *Scenario) NeedsBaseline() bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Baseline })
}

//go:embed *.yaml *.baseline.json paper/*.yaml
var embedded embed.FS

// Names lists the ready-made scenarios, in alphabetical order: those of the
// literature's claims as paper/NAME.
func Names() (names []string) {
	err := fs.WalkDir(embedded, ".", func(path string, _ fs.DirEntry, err error) error {
		if name, found := strings.CutSuffix(path, ".yaml"); found {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		panic(err) // cannot be: the folder is part of the program
	}
	slices.Sort(names)
	return names
}

// Choices words which ready-made scenarios there are, for who wrote ref: of the
// literature's claims only that they are, unless ref is about these.
func Choices(ref string) string {
	about := strings.HasPrefix(ref, folder)
	var names []string
	for _, name := range Names() {
		if strings.HasPrefix(name, folder) == about {
			names = append(names, name)
		}
	}
	if !about {
		names = append(names, folder+"…")
	}
	return strings.Join(names, ", ")
}

// folder holds the scenarios of the literature's claims.
const folder = "paper/"

// IsName tells whether ref is what a ready-made scenario may be called, and not
// the path of a file: it has neither dot nor backslash, and no slash but that of
// paper/.
func IsName(ref string) bool {
	return !strings.ContainsAny(strings.TrimPrefix(ref, folder), "./\\")
}

// Baseline gives the baseline file of a ready-made scenario that was loaded by its bare
// name; ok is false for a file's path. A ready-made scenario without one gives nothing.
func Baseline(ref string) (text []byte, ok bool) {
	if !IsName(ref) {
		return nil, false
	}
	text, err := embedded.ReadFile(ref + ".baseline.json")
	return text, err == nil
}

// Load reads a scenario: a file, or a ready-made one by its name (IsName).
// Mistakes in it are of type *Error.
func Load(ref string) (*Scenario, error) {
	if ref == "" {
		return nil, errors.New("a scenario has no empty name; ready-made are " + Choices(ref))
	}
	if IsName(ref) {
		src, err := embedded.ReadFile(ref + ".yaml")
		if err != nil {
			hint := "ready-made are " + Choices(ref)
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
		return nil, &Error{File: path, Message: "no such file", Hint: "ready-made scenarios: " + Choices("")}
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
	s := &Scenario{File: file, Seeds: Exactly(10), values: defaults()}
	s.values.dir = filepath.Dir(file)
	r := reader{file: file, src: src, into: s}
	if err := r.read(); err != nil {
		return nil, err
	}
	return s, nil
}

// defaults are the settings of a scenario that says nothing.
func defaults() settings {
	s := settings{given: map[string]bool{}, read: map[string][]byte{}}
	for i := range fields {
		if f := &fields[i]; f.start != "" {
			if err := f.set(&s, f.start); err != nil {
				panic(fmt.Sprintf("scenarios: default of %s: %v", f.path, err))
			}
		}
	}
	return s
}

// reset gives the keys whose default depends on others their first value back.
func (s *settings) reset() {
	if !s.given["swarm.view"] {
		s.view = defaults().view
	}
}

// Config is the run of the first point with a seed.
func (s *Scenario) Config(seed int) sim.Config { return s.points[0].Config(seed) }

// Parameter is one key with its value in canonical form.
type Parameter struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// Parameters are those of the first point.
func (s *Scenario) Parameters() []Parameter { return s.points[0].Parameters() }

// has tells whether a key means something in this scenario.
func (s *settings) has(path string) bool {
	probe := *s
	probe.given = map[string]bool{path: true}
	c := probe.conflict()
	return c == nil || !c.idle || c.path != path
}

// name is the key without its section.
func (f *field) name() string {
	_, name, _ := strings.Cut(f.path, ".")
	return name
}

func fieldAt(path string) *field {
	for i := range fields {
		if fields[i].path == path {
			return &fields[i]
		}
	}
	return ownField(path)
}

// fieldNamed finds a key by its path or its last name.
func fieldNamed(name string) *field {
	for i := range fields {
		if fields[i].path == name || strings.HasSuffix(fields[i].path, "."+name) {
			return &fields[i]
		}
	}
	return ownField(ownPath(name))
}

// keysOf lists the keys of a section.
func keysOf(section string) (keys []string) {
	for i := range fields {
		if key, found := strings.CutPrefix(fields[i].path, section+"."); found {
			keys = append(keys, key)
		}
	}
	switch section {
	case "network":
		keys = append(keys, "classes")
	case "churn":
		keys = append(keys, "events")
	}
	return keys
}

// Keys lists the names that Set takes, in alphabetical order.
func Keys() (keys []string) {
	for i := range fields {
		keys = append(keys, fields[i].name())
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
