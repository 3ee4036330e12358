package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// fileValue names a file that a scenario needs, relative to the scenario's own folder. In
// canonical form the first 16 digits of its SHA-256 follow, so that a run is known by
// what was in the file, and not by its name.
type fileValue struct {
	name string
	sum  string // of the content, once it is read; before, what it must be, or empty
}

// parseFile reads the name of a file, with or without the sum of its content.
func parseFile(text string) (v fileValue, err error) {
	text = strings.TrimSpace(text)
	name, sum, found := strings.Cut(text, "#")
	if name == "" || found && len(sum) != sumDigits {
		return v, errors.New("want the name of a file")
	}
	return fileValue{name, sum}, nil
}

const sumDigits = 16

func (v *fileValue) String() string {
	if v.sum == "" {
		return v.name
	}
	return v.name + "#" + v.sum
}

// maxData bounds a file of data.
const maxData = 64 << 20

// open takes the file's content, and notes its sum, or holds it to the one that it must
// have.
func (v *fileValue) open(read func() ([]byte, error)) ([]byte, error) {
	src, err := read()
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(src)
	sum := hex.EncodeToString(h[:])[:sumDigits]
	if v.sum != "" && v.sum != sum {
		return nil, fmt.Errorf("%s is not what it was: its sum is %s, want %s", v.name, sum, v.sum)
	}
	v.sum = sum
	return src, nil
}

func readData(dir, name string) ([]byte, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, name)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > maxData:
		return nil, fmt.Errorf("%s is larger than %d MiB", path, maxData>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxData))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return src, nil
}
