package main

import (
	"fmt"
	"strconv"
	"strings"
)

// shard is a part of a sweep: i of n, from 1.
type shard struct{ i, n int }

// maxShards bounds n.
const maxShards = 100_000

func (s *shard) String() string {
	if s == nil {
		return "all"
	}
	return fmt.Sprintf("%dof%d", s.i, s.n)
}

// parseShard reads i/n, or auto: from the variables of whatever runs the parts.
func parseShard(text string, getenv func(string) string) (*shard, error) {
	if text == "" {
		return nil, nil
	}
	if text == "auto" {
		return autoShard(getenv)
	}
	i, n, found := strings.Cut(text, "/")
	s, err := shardOf(i, n, 1)
	if !found || err != nil {
		return nil, fmt.Errorf("--shard %s: want i/n, from 1/4 to 4/4, or auto", text)
	}
	return s, nil
}

// shardOf makes a shard of two numbers, the first counted from first.
func shardOf(i, n string, first int) (*shard, error) {
	a, err := strconv.Atoi(i)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", i)
	}
	b, err := strconv.Atoi(n)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", n)
	}
	if a -= first - 1; b < 1 || b > maxShards || a < 1 || a > b {
		return nil, fmt.Errorf("%s of %s is no part", i, n)
	}
	return &shard{a, b}, nil
}

// engines are the programs that run parts, with their variables: the part's number, the
// number of parts, and from what the first counts.
var engines = []struct {
	name, i, n string
	first      int
}{
	{"Kubernetes", "JOB_COMPLETION_INDEX", "PUSHCAST_SHARDS", 0},
	{"GitLab", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
	{"CircleCI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
	{"Buildkite", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
}

func autoShard(getenv func(string) string) (*shard, error) {
	var found *shard
	var by string
	take := func(name string, s *shard, err error) error {
		if err != nil {
			return fmt.Errorf("--shard auto: %s says %w", name, err)
		}
		if found != nil && *found != *s {
			return fmt.Errorf("--shard auto: %s says %s, %s says %s; write --shard i/n", by, found, name, s)
		}
		found, by = s, name
		return nil
	}
	if id := getenv("SLURM_ARRAY_TASK_ID"); id != "" {
		// Slurm counts from where the array begins, in steps; only steps of one are a
		// partition.
		first, err := strconv.Atoi(getenv("SLURM_ARRAY_TASK_MIN"))
		if err != nil {
			return nil, fmt.Errorf("--shard auto: Slurm says SLURM_ARRAY_TASK_MIN is %q", getenv("SLURM_ARRAY_TASK_MIN"))
		}
		count := getenv("SLURM_ARRAY_TASK_COUNT")
		if max, err := strconv.Atoi(getenv("SLURM_ARRAY_TASK_MAX")); err == nil && strconv.Itoa(max-first+1) != count {
			return nil, fmt.Errorf("--shard auto: Slurm's array has gaps, %s tasks from %d to %d; write --shard \"$SLURM_ARRAY_TASK_ID/%d\"", count, first, max, max)
		}
		s, err := shardOf(id, count, first)
		if err := take("Slurm", s, err); err != nil {
			return nil, err
		}
	}
	for _, e := range engines {
		if getenv(e.i) == "" {
			continue
		}
		if getenv(e.n) == "" {
			return nil, fmt.Errorf("--shard auto: %s gives %s, and %s is not set: set it to the number of shards", e.name, e.i, e.n)
		}
		s, err := shardOf(getenv(e.i), getenv(e.n), e.first)
		if err := take(e.name, s, err); err != nil {
			return nil, err
		}
	}
	if found == nil {
		return nil, fmt.Errorf("--shard auto: no variable of Slurm, Kubernetes, GitLab, CircleCI or Buildkite is set; write --shard i/n")
	}
	if n := getenv("PUSHCAST_SHARDS"); n != "" && n != strconv.Itoa(found.n) {
		return nil, fmt.Errorf("--shard auto: %s says %s, PUSHCAST_SHARDS says %s shards; write --shard i/n", by, found, n)
	}
	return found, nil
}
