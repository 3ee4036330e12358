//go:build ci

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// laborious is the sweep of 24 points × 10 seeds with runs long enough to be disturbed.
var laborious = strings.Replace(crashing, "peers: 40", "peers: 400", 1)

// TestSlurm: sweeps on a real Slurm of two nodes come to what they come to on one machine,
// whatever happens meanwhile.
func TestSlurm(t *testing.T) {
	c := startCluster(t)
	t.Run("refused", func(t *testing.T) { refusedBySlurm(t, c) })
	t.Run("verdict", func(t *testing.T) { sweepOnSlurm(t, c) })
	t.Run("not good enough", func(t *testing.T) { notGoodOnSlurm(t, c) })
	t.Run("killed shard", func(t *testing.T) { killedOnSlurm(t, c) })
	t.Run("time limit", func(t *testing.T) { limitedOnSlurm(t, c) })
	t.Run("cancelled check", func(t *testing.T) { cancelledOnSlurm(t, c) })
	t.Run("node down", func(t *testing.T) { nodeDownOnSlurm(t, c) })
}

// folderWith makes a folder with a scenario c.yaml, where results go to results/c.
func folderWith(t *testing.T, scenario string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// judged is crashing with a rule that it keeps.
const judged = crashing + "expect: [delivery >= 5%]\n"

// sweepOnSlurm: 24 points × 10 seeds over 8 shards, the same verdict and files as on one
// machine; and what --print prints does the same as a shell script.
func sweepOnSlurm(t *testing.T, c *cluster) {
	whole, parts := folderWith(t, judged), folderWith(t, judged)
	want := c.must(c.command(whole, c.program, "run", "-q", "c.yaml"))
	w := c.submit(parts, "c.yaml", "-n", "8")
	got, code := w.end(t)
	if code != exitFine || got != want {
		t.Errorf("exit %d, and on Slurm\n%swant\n%s%s", code, got, want, w.Said())
	}
	shards, _ := filepath.Glob(filepath.Join(parts, "results/c/runs-*-?of8-*.jsonl"))
	if len(shards) != 8 {
		t.Errorf("the files of shards are %q", shards)
	}
	sameFile := func(folder, name string) {
		a, err := os.ReadFile(filepath.Join(whole, "results/c", name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(folder, "results/c", name))
		if err != nil || string(a) != string(b) {
			t.Errorf("%s is another on Slurm: %v", name, err)
		}
	}
	for _, name := range []string{"points.csv", "verdict.json", "junit.xml", "bench.txt"} {
		sameFile(parts, name)
	}
	sameAsWhole(t, crashScenario(t), filepath.Join(parts, "results/c"))

	if got := c.must(c.command(parts, c.program, "submit", "c.yaml", "-n", "8")); got != "# c: all 240 runs are there; to judge them: pushcast check c.yaml\n" {
		t.Errorf("where nothing is missing submit prints %q", got)
	}

	printed := folderWith(t, judged)
	script := c.must(c.command(printed, c.program, "submit", "c.yaml", "-n", "8", "--print", "--", "--job-name=as printed"))
	if _, err := os.Stat(filepath.Join(printed, "results")); err == nil {
		t.Error("--print makes a folder")
	}
	c.must(c.command(printed, "sh", "-c", script))
	c.must(c.command(printed, c.program, "check", "c.yaml", "--watch", "-q"))
	sameFile(printed, "points.csv")
	if jobs := c.must(c.command(printed, "scontrol", "show", "job", "--oneliner")); !strings.Contains(jobs, "JobName=as printed") {
		t.Errorf("the user's name of the job is not among\n%s", jobs)
	}
}

// refusedBySlurm: what sbatch says is shown as it is.
func refusedBySlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, crashing)
	for option, want := range map[string]string{
		"--partition=moon": "sbatch: error: invalid partition specified: moon\n",
		"--nonsense":       "sbatch: unrecognized option '--nonsense'\n",
	} {
		cmd := c.command(dir, c.program, "submit", "c.yaml", "-n", "8", "--", option)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, _ := cmd.Output() // what it says is in the exit code
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || len(out) > 0 || !strings.HasPrefix(stderr.String(), want) {
			t.Errorf("%s: exit %d, %q, and\n%s", option, code, out, stderr.String())
		}
	}
	if jobs := c.must(c.command(dir, "squeue", "--noheader")); jobs != "" {
		t.Errorf("in the queue is\n%s", jobs)
	}
}

// notGoodOnSlurm: a rule that is not proven is submit's exit code.
func notGoodOnSlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, crashing+"expect: [delivery >= 90%]\n")
	w := c.submit(dir, "c.yaml", "-n", "2", "--only", "loss=0%")
	got, code := w.end(t)
	if code != exitNotGood || !strings.Contains(got, "✗ delivery >= 90%") || !strings.Contains(got, "exit 99") {
		t.Errorf("exit %d, and\n%s%s", code, got, w.Said())
	}
}

// killedOnSlurm: what a shard that is killed leaves is said to be missing, and is all that
// the same command computes then.
func killedOnSlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, laborious)
	results := filepath.Join(dir, "results/c")
	w := c.submit(dir, "c.yaml", "-n", "8")
	grown(t, results, "runs-*-1of8-*.jsonl", 3)
	c.must(c.command(dir, "scancel", "--full", "--signal=KILL", w.job+"_1"))
	got, code := w.end(t)
	if code != exitIncomplete || !strings.Contains(got, " runs are missing:\n") || !strings.Contains(got, "compute them:  pushcast run c.yaml\n") {
		t.Errorf("exit %d, and\n%s%s", code, got, w.Said())
	}
	if script := c.must(c.command(dir, c.program, "submit", "c.yaml", "-n", "8", "--print")); !strings.Contains(script, "\n#SBATCH --array=1\n") {
		t.Errorf("the same again is\n%s", script)
	}
	w = c.submit(dir, "c.yaml", "-n", "8")
	if got, code := w.end(t); code != exitFine {
		t.Errorf("again: exit %d, and\n%s%s", code, got, w.Said())
	}
	sameAsWhole(t, filepath.Join(dir, "c.yaml"), results)
}

// limitedOnSlurm: before its time limit a shard keeps what it has, waits for another turn,
// and goes on; the check waits for it.
func limitedOnSlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, laborious)
	results := filepath.Join(dir, "results/c")
	w := c.submit(dir, "c.yaml", "-n", "2")
	grown(t, results, "runs-*-1of2-*.jsonl", 3)
	c.must(c.command(dir, "scancel", "--batch", "--signal=USR1", w.job+"_1")) // as Slurm does then
	grown(t, results, "slurm-*_1.out", 1)
	c.requeued(dir, w.job+"_1")
	if got, code := w.end(t); code != exitFine {
		t.Errorf("exit %d, and\n%s%s", code, got, w.Said())
	}
	log, err := os.ReadFile(filepath.Join(results, "slurm-"+w.job+"_1.out"))
	if err != nil || !strings.Contains(string(log), "pushcast: interrupted; ") || !strings.Contains(string(log), "shard 1/2: 120 runs are there") {
		t.Errorf("the shard says %v\n%s", err, log)
	}
	sameAsWhole(t, filepath.Join(dir, "c.yaml"), results)
}

// requeued waits until a task is in the queue again, and lets it begin soon. Slurm waits two
// minutes; not at all would be too soon, because a node refuses for a second what it has
// just ended.
func (c *cluster) requeued(dir, task string) {
	c.t.Helper()
	waits := func() bool {
		job := c.must(c.command(dir, "scontrol", "show", "job", "--oneliner", task))
		return strings.Contains(job, "Restarts=1") && strings.Contains(job, "JobState=PENDING Reason=BeginTime")
	}
	for !waits() {
	}
	c.must(c.command(dir, "scontrol", "update", "JobId="+task, "StartTime=now+5"))
}

// cancelledOnSlurm: a check that was cancelled in the queue is no pass, though sbatch --wait
// ends with 0.
func cancelledOnSlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, laborious)
	w := c.submit(dir, "c.yaml", "-n", "1")
	grown(t, filepath.Join(dir, "results/c"), "runs-*.jsonl", 1)
	for strings.Count(c.must(c.command(dir, "squeue", "--noheader")), "\n") < 2 {
	}
	c.must(c.command(dir, "scancel", "--name=pushcast-c-check"))
	c.must(c.command(dir, "scancel", w.job))
	if got, code := w.end(t); code != exitFailed || got != "" || !strings.Contains(w.Last(), "the check did not end by itself") {
		t.Errorf("exit %d, %q, and\n%s", code, got, w.Said())
	}
}

// nodeDownOnSlurm: what runs on a node that goes down begins again elsewhere, and goes on
// where it was; nothing is lost, and nothing is there twice.
func nodeDownOnSlurm(t *testing.T, c *cluster) {
	dir := folderWith(t, laborious)
	results := filepath.Join(dir, "results/c")
	w := c.submit(dir, "c.yaml", "-n", "8")
	grown(t, results, "runs-*-1of8-*.jsonl", 3)
	grown(t, results, "runs-*-2of8-*.jsonl", 3)
	task := strings.TrimSpace(c.must(c.command(dir, "squeue", "--noheader", "--nodelist=n2", "--states=running", "--format=%i")))
	if !strings.HasPrefix(task, w.job+"_") {
		t.Fatalf("on n2 there is %q", task)
	}
	if err := c.nodes["n2"].Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.nodes["n2"].Wait()
	c.must(c.command(dir, "scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test"))
	c.requeued(dir, task)
	if got, code := w.end(t); code != exitFine {
		t.Errorf("exit %d, and\n%s%s", code, got, w.Said())
	}
	_, shard, _ := strings.Cut(task, "_")
	files, _ := filepath.Glob(filepath.Join(results, "runs-*-"+shard+"of8-*.jsonl"))
	if len(files) != 2 {
		t.Errorf("shard %s has begun again in %q", shard, files)
	}
	sameAsWhole(t, filepath.Join(dir, "c.yaml"), results)
}
