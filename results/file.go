package results

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// File is a file in the making. It lies beside its place, and takes it, whole, when it is
// kept; a process that is killed before leaves what was there as it was.
type File struct {
	*os.File
	path   string
	direct bool // it stands in its place: a device or a pipe, which is not replaced
}

// Create begins a file that is to replace the one at path, if there is one.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		return &File{f, path, true}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	return &File{f, path, false}, nil
}

// Keep brings the file to the disk and puts it in its place.
func (f *File) Keep() (err error) {
	if !f.direct {
		if err = f.Chmod(0o644); err == nil {
			err = f.Sync()
		}
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil && !f.direct {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		f.Discard()
		return fmt.Errorf("results: %s: %w", f.path, err)
	}
	return nil
}

// Discard removes what was written.
func (f *File) Discard() {
	_ = f.Close() // what was written is not wanted
	if !f.direct {
		_ = os.Remove(f.Name())
	}
}

// WriteFile replaces a file by new content, whole or not at all. A file that has this
// content already stays as it is.
func WriteFile(path string, content []byte) error {
	if had, err := os.ReadFile(path); err == nil && bytes.Equal(had, content) {
		return nil
	}
	f, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Discard()
		return fmt.Errorf("results: %s: %w", path, err)
	}
	return f.Keep()
}
