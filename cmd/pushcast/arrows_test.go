package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// house is the architecture as a table: what each package of the module may
// import of the module, and, where std is not nil, of the standard library.
var house = map[string]struct{ module, std []string }{
	"pushcast/node":         {nil, []string{"fmt", "math", "math/bits"}},
	"pushcast/node/wire":    {[]string{"node"}, []string{"encoding/binary", "net/netip"}},
	"pushcast/node/law":     {[]string{"node"}, []string{"errors", "fmt", "math", "math/bits"}},
	"pushcast/node/link":    {[]string{"node", "node/law"}, []string{"errors", "fmt", "math/bits"}},
	"pushcast/node/measure": {[]string{"node"}, []string{"math", "math/bits", "slices"}},
	"pushcast/sim": {[]string{"node", "node/law", "node/wire", "node/link", "node/measure"},
		[]string{"cmp", "encoding/binary", "errors", "fmt", "math/bits", "net/netip", "slices"}},
	"pushcast/net/udp":               {nil, nil},
	"pushcast/net/media":             {[]string{"node"}, nil},
	"pushcast/net/fec":               {[]string{"node"}, nil},
	"pushcast/net/driver":            {[]string{"node", "node/wire", "node/link", "node/measure", "net/udp", "net/media", "net/fec"}, nil},
	"pushcast/net/web":               {[]string{"node/measure", "net/media", "net/driver"}, nil},
	"pushcast/cmd/internal/live":     {[]string{"node", "node/link", "node/measure", "net/udp", "net/media", "net/driver", "net/web", "results"}, nil},
	"pushcast/cmd/internal/proctest": {nil, nil},
	"pushcast/cmd/internal/stage":    {[]string{"sim", "node", "node/link", "node/measure", "node/wire", "net/udp", "net/media", "net/driver"}, nil},
	"pushcast/cmd/internal/trace":    {[]string{"node", "scenarios", "sim"}, nil},
	"pushcast/cmd/dumbstreamer":      {[]string{"node", "node/measure", "net/udp", "net/media", "net/driver", "cmd/internal/live"}, nil},
	"pushcast/scenarios":             {[]string{"sim", "node", "node/law", "node/link", "node/measure", "node/wire"}, nil},
	"pushcast/scenarios/model":       {[]string{"scenarios", "sim"}, nil},
	"pushcast/results":               {[]string{"scenarios", "node", "node/measure"}, nil},
	"pushcast/results/report":        {[]string{"scenarios", "node", "node/measure", "results"}, nil},
	"pushcast/cmd/pushcast": {[]string{"sim", "node", "node/link", "node/wire", "node/measure", "scenarios", "scenarios/model", "results", "results/report",
		"net/driver", "net/media", "cmd/internal/live", "cmd/internal/stage", "cmd/internal/trace"}, nil},
}

type goPackage struct {
	ImportPath, Dir, Doc string
	Imports, GoFiles     []string
}

func packages(t *testing.T) (all []goPackage) {
	t.Helper()
	cmd := exec.Command("go", "list", "-pgo=off", "-json=ImportPath,Dir,Doc,Imports,GoFiles", "pushcast/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestArrows holds every package to the table.
func TestArrows(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		room, known := house[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of rooms", p.ImportPath)
			continue
		}
		seen++
		for _, imported := range p.Imports {
			inner, ours := strings.CutPrefix(imported, "pushcast/")
			switch {
			case ours && !slices.Contains(room.module, inner):
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			case !ours && room.std != nil && !slices.Contains(room.std, imported):
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
		}
	}
	if seen != len(house) {
		t.Errorf("%d packages of the table's %d exist", seen, len(house))
	}
}

// TestFiles holds every package to a manual, every file to 400 lines, and the
// folder net to no Go file, so that "net" is always the standard library's.
func TestFiles(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), "\n"); n > 400 {
				t.Errorf("%s/%s has %d lines: split it by concern", p.ImportPath, name, n)
			}
		}
	}
	if files, _ := filepath.Glob("../../net/*.go"); len(files) > 0 {
		t.Errorf("Go files in net/: %v", files)
	}
}
