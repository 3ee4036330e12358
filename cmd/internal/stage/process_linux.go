package stage

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// attributes are those of a peer's process. A Ctrl-C is for the stage; and when that is
// killed, its peers are, too, if they do not notice by themselves.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// self is this program, also where the file has been replaced meanwhile.
func self() string { return fmt.Sprintf("/proc/%d/exe", os.Getpid()) }

// mostMemory is the most that this process has had resident, in bytes: proc(5). The kernel's
// other answer, ru_maxrss, begins with what the parent had when it forked.
func mostMemory() uint64 {
	text, _ := os.ReadFile("/proc/self/status") // without it nothing is known
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseUint(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}
