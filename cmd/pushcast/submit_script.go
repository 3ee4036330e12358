package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// submission is a sweep as two jobs of Slurm: an array with an index for every shard that
// has something to compute, and the check.
//
// The check depends on the array by afterany: afterok would wait for ever after one shard
// that failed. Few indices of many runs each, because clusters refuse arrays past about
// 1,000 and schedule a task no faster than some runs take.
type submission struct {
	engine    *engine
	program   string // the path of this one
	ref       string // the scenario, as it was said
	n         int
	shards    []int // those with due runs
	due, runs int
	options   []string // of the user, for sbatch
}

// The lines of a job's script; see sbatch(1).
const (
	arrayScript = `#!/bin/sh
#SBATCH --job-name=%[1]s
#SBATCH --array=%[2]s
#SBATCH --output="%[3]s"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
# Before the time limit: what is finished is kept, the rest waits for another turn.
turn() {
  kill -TERM "$shard"
  wait "$shard"
  [ "${SLURM_RESTART_COUNT:-0}" -ge 10 ] || scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
  exit 130
}
export GOMAXPROCS="${SLURM_CPUS_ON_NODE:-1}"
%[4]s --shard "$SLURM_ARRAY_TASK_ID/%[5]d" &
shard=$!
trap turn USR1
wait "$shard"
`
	checkScript = `#!/bin/sh
#SBATCH --job-name=%[1]s-check
#SBATCH --open-mode=append
#SBATCH --requeue
%[2]s
code=$?
echo "` + checkSays + `"
exit $code
`
	checkSays = "the check ends with exit code $code"
	checkEnds = "the check ends with exit code %d"
)

func (s *submission) arrayScript() string {
	log := filepath.Join(s.engine.dir, "slurm-%A_%a.out")
	return fmt.Sprintf(arrayScript, s.jobName(), indices(s.shards), log, s.command("run"), s.n)
}

func (s *submission) checkScript() string {
	return fmt.Sprintf(checkScript, s.jobName(), s.command("check"))
}

func (s *submission) jobName() string { return "pushcast-" + s.engine.scenario.Name }

// command is the command line of a job.
func (s *submission) command(verb string) string {
	return quoted(s.program) + strings.TrimPrefix(s.engine.flags.command(verb, s.ref), "pushcast")
}

// checkOptions are those of the check, the user's first: the last of two counts.
func (s *submission) checkOptions(array string) []string {
	log := s.checkLog(array)
	return append(append([]string(nil), s.options...), "--dependency=afterany:"+array,
		"--output="+log, "--error="+log, "--nodes=1", "--ntasks=1", "--cpus-per-task=1")
}

func (s *submission) checkLog(array string) string {
	return filepath.Join(s.engine.dir, "slurm-"+array+"-check.out")
}

// shell is the whole as a script that does what submit does.
func (s *submission) shell() string {
	return fmt.Sprintf(`mkdir -p %s
array=$(sbatch --parsable%s <<'EOF'
%sEOF
) || exit
array=${array%%%%;*} # without the cluster's name
sbatch --parsable%s <<'EOF'
%sEOF
`, quoted(s.engine.dir), joined(s.options), s.arrayScript(), joined(s.checkOptions(arrayJob)), s.checkScript())
}

// arrayJob stands for the number of the array's job where it is not known yet.
const arrayJob = "\x00"

// joined are words as a shell takes them.
func joined(words []string) (text string) {
	for _, w := range words {
		before, after, found := strings.Cut(w, arrayJob)
		text += " " + quoted(before)
		if found {
			text += `"$array"`
			if after != "" {
				text += quoted(after)
			}
		}
	}
	return text
}

// indices writes numbers as Slurm's arrays have them: 1-3,7.
func indices(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		part := strconv.Itoa(numbers[i])
		if k > i {
			part += "-" + strconv.Itoa(numbers[k])
		}
		parts = append(parts, part)
		i = k + 1
	}
	return strings.Join(parts, ",")
}
