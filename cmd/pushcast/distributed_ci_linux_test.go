//go:build ci

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"pushcast/cmd/internal/proctest"
)

// The files that stand in distributed are held to the schemas of those who read them, and
// their commands are carried out in their order, on what the repository is: each comes to
// the verdict of one machine.

// checkout is a folder with the module as links, and with the files of distributed. Its
// results are its own.
func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	link := func(from, to string) {
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name := e.Name(); name != "results" && !strings.HasPrefix(name, ".") {
				if err := os.Symlink(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "results"), 0o777); err != nil {
		t.Fatal(err)
	}
	link(root, dir)
	link(filepath.Join(root, "results"), filepath.Join(dir, "results"))
	copyFiles(t, "distributed", []string{"*.y*ml", "*.sh"}, dir)
	return dir
}

// must carries out a command that has to succeed.
func must(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := try(dir, env, name, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// try gives both outputs.
func try(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// onOneMachine is what one machine prints of the sweep.
func onOneMachine(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	scenario, err := filepath.Abs("distributed/sweep.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cmd := proctest.Command("run", "-q", scenario)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func parse(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// copyFiles copies the files that patterns in a folder match.
func copyFiles(t *testing.T, from string, patterns []string, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range patterns {
		files, _ := filepath.Glob(filepath.Join(from, pattern))
		if len(files) == 0 {
			t.Errorf("there is no %s", pattern)
		}
		for _, path := range files {
			if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), content(t, path), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestGitHubActions: actionlint finds nothing; each job runs in a checkout of its own, and
// what goes from one to the next are artifacts.
func TestGitHubActions(t *testing.T) {
	const path = "distributed/github-actions.yml"
	must(t, ".", nil, "actionlint", "-no-color", path)
	type step struct {
		Run, Uses string
		With      map[string]any
	}
	var workflow struct {
		Jobs map[string]struct {
			Needs    string
			Strategy struct{ Matrix struct{ Shard []string } }
			Steps    []step
		}
	}
	parse(t, content(t, path), &workflow)
	artifacts, summary, printed := t.TempDir(), filepath.Join(t.TempDir(), "summary.md"), ""
	do := func(dir, shard string, s step) {
		with := func(key string) string {
			text, _ := s.With[key].(string)
			return strings.ReplaceAll(text, "${{ matrix.shard }}", shard)
		}
		action, _, _ := strings.Cut(s.Uses, "@")
		switch action {
		case "":
			command := strings.ReplaceAll(s.Run, "${{ matrix.shard }}", shard)
			printed = must(t, dir, []string{"CI=true", "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary}, "bash", "-e", "-c", command)
		case "actions/upload-artifact":
			copyFiles(t, dir, strings.Fields(with("path")), filepath.Join(artifacts, with("name")))
		case "actions/download-artifact":
			copyFiles(t, artifacts, []string{with("pattern") + "/*"}, filepath.Join(dir, with("path")))
		case "actions/checkout", "actions/setup-go":
		default:
			t.Errorf("what does %s do?", s.Uses)
		}
	}
	for _, name := range []string{"shard", "check"} {
		job, shards := workflow.Jobs[name], []string{""}
		if len(job.Strategy.Matrix.Shard) > 0 {
			shards = job.Strategy.Matrix.Shard
		}
		for _, shard := range shards {
			dir := checkout(t)
			for _, s := range job.Steps {
				do(dir, shard, s)
			}
		}
	}
	if workflow.Jobs["check"].Needs != "shard" || !strings.HasPrefix(printed, onOneMachine(t)) {
		t.Errorf("the check prints\n%s", printed)
	}
	if text := string(content(t, summary)); !strings.Contains(text, "### sweep: proven") {
		t.Errorf("the step summary is\n%s", text)
	}
	if _, err := os.Stat(filepath.Join(artifacts, "report/report.html")); err != nil {
		t.Error(err)
	}
}

// TestGitLab: gitlab-ci-local (of npm, with its install scripts; no rung of CI has it) holds the file to GitLab's schema, and runs the pipeline.
func TestGitLab(t *testing.T) {
	dir := checkout(t)
	if err := os.Rename(filepath.Join(dir, "gitlab-ci.yml"), filepath.Join(dir, ".gitlab-ci.yml")); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) {
		must(t, dir, nil, "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"}, args...)...)
	}
	git("init", "--quiet")
	git("remote", "add", "origin", "git@example.org:a/sweep.git") // where it asks for names
	git("add", "--all")
	git("commit", "--quiet", "--message=sweep")
	printed := must(t, dir, []string{"CI="}, "gitlab-ci-local", "--force-shell-executor", "--shell-isolation", "--no-color")
	if !strings.Contains(printed, "json schema validated") {
		t.Errorf("no schema was asked:\n%s", printed)
	}
	var check []string
	for line := range strings.Lines(printed) {
		if name, said, found := strings.Cut(line, " > "); found && strings.HasPrefix(name, "check") {
			check = append(check, strings.TrimRight(said, " \n"))
		}
	}
	for line := range strings.Lines(onOneMachine(t)) {
		if line = strings.TrimRight(line, "\n"); !slices.Contains(check, line) {
			t.Errorf("of the check %q is missing:\n%s", line, printed)
		}
	}
}

// TestKubernetes: nothing in the file is unknown to Kubernetes' types; the pods share a
// folder, where the check waits for the shards.
func TestKubernetes(t *testing.T) {
	path, err := filepath.Abs("distributed/kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	reader := filepath.Join(t.TempDir(), "reader") // its building may say what it downloads
	must(t, "testdata/kubernetes", []string{"GOFLAGS=-mod=mod -buildvcs=false"}, "go", "build", "-o", reader, ".")
	if got := must(t, "testdata/kubernetes", nil, reader, path); got != "batch/v1 Job sweep\nbatch/v1 Job sweep-check\n" {
		t.Errorf("the file holds %q", got)
	}
	type job struct {
		Spec struct {
			CompletionMode string `yaml:"completionMode"`
			Completions    int
			Template       struct {
				Spec struct {
					Containers []struct {
						Command []string
						Env     []struct{ Name, Value string }
					}
				}
			}
		}
	}
	var jobs [2]job
	for i, document := range bytes.Split(content(t, path), []byte("\n---\n")) {
		parse(t, document, &jobs[i])
	}
	work := t.TempDir()
	must(t, ".", []string{"CGO_ENABLED=0"}, "go", "build", "-o", filepath.Join(work, "pushcast"), ".")
	copyFiles(t, "distributed", []string{"sweep.yaml"}, work)
	command := func(j *job) []string { return j.Spec.Template.Spec.Containers[0].Command }
	check := exec.Command(command(&jobs[1])[0], command(&jobs[1])[1:]...)
	check.Dir, check.Path = work, filepath.Join(work, command(&jobs[1])[0])
	check.Err = nil
	watching := proctest.Start(t, check, nil)
	if jobs[0].Spec.CompletionMode != "Indexed" || jobs[0].Spec.Completions != 4 {
		t.Errorf("%d completions, %s", jobs[0].Spec.Completions, jobs[0].Spec.CompletionMode)
	}
	for i := range jobs[0].Spec.Completions {
		env := []string{fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i)}
		for _, e := range jobs[0].Spec.Template.Spec.Containers[0].Env {
			env = append(env, e.Name+"="+e.Value)
		}
		must(t, work, env, filepath.Join(work, command(&jobs[0])[0]), command(&jobs[0])[1:]...)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(watching.Out); err != nil {
		t.Fatal(err)
	}
	if code := watching.Wait(); code != exitFine || out.String() != onOneMachine(t) {
		t.Errorf("exit %d, and the check prints\n%s%s", code, out.String(), watching.Said())
	}
}

const sshdConf = `Port %[2]d
ListenAddress 127.0.0.1
HostKey %[1]s/key
AuthorizedKeysFile %[1]s/key.pub
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
`

const sshConf = `Host alice bob
  HostName 127.0.0.1
  Port %[2]d
  IdentityFile %[1]s/key
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile %[1]s/known
  LogLevel ERROR
`

// TestParallel: over a real ssh, to two names of this machine. A shard whose files are lost
// is all that the same command computes then.
func TestParallel(t *testing.T) {
	keys, dir := t.TempDir(), t.TempDir()
	must(t, keys, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key")
	port := freePort(t)
	for name, text := range map[string]string{"sshd": sshdConf, "ssh": sshConf} {
		if err := os.WriteFile(filepath.Join(keys, name), fmt.Appendf(nil, text, keys, port), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where sshd, as root, wants to be
		t.Fatal(err)
	}
	proctest.Start(t, exec.Command("/usr/sbin/sshd", "-D", "-e", "-f", filepath.Join(keys, "sshd")), nil).WaitFor("Server listening")
	must(t, ".", nil, "go", "build", "-o", filepath.Join(dir, "pushcast"), ".")
	copyFiles(t, "distributed", []string{"sweep.yaml", "parallel.sh"}, dir)
	env := []string{"PARALLEL_SSH=ssh -F " + filepath.Join(keys, "ssh"), "PARALLEL_HOME=" + filepath.Join(keys, "parallel")}
	sweep := func() string { return must(t, dir, env, "sh", "./parallel.sh", "sweep.yaml", "4", "alice,bob") }
	want := onOneMachine(t)
	if got := sweep(); strings.Count(got, "5 runs are there, 5 of them new") != 4 || !strings.HasSuffix(got, want) {
		t.Errorf("prints\n%s", got)
	}
	lost, _ := filepath.Glob(filepath.Join(dir, "results/sweep/runs-*-3of4-*"))
	for _, path := range lost {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if got := sweep(); strings.Count(got, "5 runs are there, 5 of them new") != 1 || !strings.HasSuffix(got, want) {
		t.Errorf("the second time it prints\n%s", got)
	}
}
