//go:build !linux

package stage

import (
	"os"
	"syscall"
)

// attributes are the usual ones: a peer's process ignores what is for the stage, and ends
// when that does.
func attributes() *syscall.SysProcAttr { return nil }

// self is this program.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
