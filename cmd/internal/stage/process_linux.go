package stage

import (
	"fmt"
	"os"
	"syscall"
)

// attributes are those of a peer's process. A Ctrl-C is for the stage; and when that is
// killed, its peers are, too, if they do not notice by themselves.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// self is this program, also where the file has been replaced meanwhile.
func self() string { return fmt.Sprintf("/proc/%d/exe", os.Getpid()) }
