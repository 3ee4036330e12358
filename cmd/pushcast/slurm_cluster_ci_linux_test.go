//go:build ci

package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"pushcast/cmd/internal/proctest"
)

// cluster is a Slurm of its own in a private folder: munged, slurmctld and two nodes of one
// processor each, without a service manager. Each node is a process namespace, so that it
// goes down as a machine does, with everything that runs on it.
type cluster struct {
	t       *testing.T
	dir     string // of the daemons
	program string
	nodes   map[string]*proctest.Process
}

const slurmConf = `ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmctldPort=%[4]d
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/munge
AuthInfo=socket=%[3]s/munge.socket
CredType=cred/munge
StateSaveLocation=%[3]s/state
SlurmdSpoolDir=%[3]s/spool-%%n
SlurmctldPidFile=%[3]s/slurmctld.pid
SlurmdPidFile=%[3]s/slurmd-%%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
KillWait=2
NodeName=n1 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[5]d CPUs=1
NodeName=n2 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[6]d CPUs=1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
`

// startCluster starts the daemons, which end with the test, and builds the program.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: t.TempDir(), nodes: map[string]*proctest.Process{}}
	c.program = filepath.Join(c.dir, "pushcast")
	c.must(exec.Command("go", "build", "-o", c.program, "."))
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	short, _, _ := strings.Cut(host, ".")
	conf := fmt.Sprintf(slurmConf, short, me.Username, c.dir, freePort(t), freePort(t), freePort(t))
	key := make([]byte, 1024)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{c.conf(): []byte(conf), c.path("munge.key"): key} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(c.path("state"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.daemon("munged", "--foreground", "--force", "--key-file="+c.path("munge.key"), "--socket="+c.path("munge.socket"),
		"--pid-file="+c.path("munged.pid"), "--log-file="+c.path("munged.log"), "--seed-file="+c.path("munge.seed")).
		WaitFor("Created [0-9]+ work threads")
	c.daemon("slurmctld", "-D", "-f", c.conf()).WaitFor("Running as primary controller")
	for _, n := range []string{"n1", "n2"} {
		c.nodes[n] = c.daemon("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "slurmd", "-D", "-N", n, "-f", c.conf())
		c.nodes[n].WaitFor("slurmd started")
	}
	return c
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }
func (c *cluster) conf() string            { return c.path("slurm.conf") }

// daemon starts one; it is gone, with all that it has started, before the test ends.
func (c *cluster) daemon(name string, args ...string) *proctest.Process {
	c.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	defer null.Close()
	p := proctest.Start(c.t, cmd, null)
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have gone already
		p.Wait()
		if c.t.Failed() {
			lines := p.Lines()
			c.t.Logf("%s said at last\n%s", name, strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
	return p
}

// command is a command line in a folder, which knows of the cluster what sbatch does.
func (c *cluster) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLURM_CONF="+c.conf())
	return cmd
}

func (c *cluster) must(cmd *exec.Cmd) string {
	c.t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out, &stderr)
	}
	return string(out)
}

// submission is pushcast submit --wait while it waits.
type waiting struct {
	*proctest.Process
	job string // the array
	out *bufio.Reader
}

// submit starts one, and gives it when the array is in the queue.
func (c *cluster) submit(dir string, args ...string) *waiting {
	c.t.Helper()
	p := proctest.Start(c.t, c.command(dir, c.program, append([]string{"submit", "--wait"}, args...)...), nil)
	w := &waiting{p, "", bufio.NewReader(p.Out)}
	line, err := w.out.ReadString('\n')
	if err != nil {
		c.t.Fatalf("submit prints %q: %v\n%s", line, err, p.Said())
	}
	w.job = strings.TrimSpace(line[strings.LastIndex(line, "job ")+len("job "):])
	return w
}

// end gives what it prints after that, and its exit code.
func (w *waiting) end(t *testing.T) (printed string, code int) {
	t.Helper()
	var b bytes.Buffer
	if _, err := w.out.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.Wait()
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// grown waits until a file of a folder, whose name matches, has some lines. It sleeps in
// the kernel, which tells of every change; see inotify(7).
func grown(t *testing.T, dir, pattern string, lines int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_MODIFY); err != nil {
		t.Fatal(err)
	}
	event := make([]byte, 64*(int(unsafe.Sizeof(syscall.InotifyEvent{}))+unix.NAME_MAX+1))
	for {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range files {
			if text, _ := os.ReadFile(path); bytes.Count(text, []byte("\n")) >= lines {
				return
			}
		}
		if _, err := unix.Read(fd, event); err != nil && err != unix.EINTR {
			t.Fatal(err)
		}
	}
}
