package main

import (
	"math"
	"time"

	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/node"
	"pushcast/scenarios"
)

// neighbourFlags say whom of its view a peer pushes to.
type neighbourFlags struct {
	size   int
	keep   time.Duration
	choose string
	share  string
}

// choices are those that a real peer can have.
var choices = []string{"random", "latency"}

func (f *neighbourFlags) add(flags *pflag.FlagSet) {
	flags.IntVar(&f.size, "neighbours", 0, "peers of the view that are pushed to; 0: all of it")
	flags.DurationVar(&f.keep, "keep", 30*time.Second, "with --neighbours: how long each is kept, before its place is\ngiven anew")
	flags.StringVar(&f.choose, "choose", "random", "with --neighbours: `who` gets a place: random, anybody; latency,\nthe nearest of those that view exchanges have measured")
	flags.StringVar(&f.share, "random-share", "70%", "with --choose latency: `share` of the places that go to anybody")
}

// check finds what is wrong with the flags of a peer of that view.
func (f *neighbourFlags) check(flags *pflag.FlagSet, view int) error {
	for _, flag := range []string{"keep", "choose", "random-share"} {
		if f.size == 0 && flags.Changed(flag) {
			return live.Bad("--%s needs --neighbours: without it the whole view is pushed to", flag)
		}
	}
	_, wrong := scenarios.ParseShare(f.share)
	switch {
	case f.size < 0 || f.size > view:
		return live.Bad("--neighbours %d is out of range: must be 0 to %d", f.size, view)
	case f.keep < time.Second || f.keep > time.Hour:
		return live.Bad("--keep %s is out of range: must be 1s to 1h0m0s", f.keep)
	case f.choose == "upload":
		return live.Bad("--choose upload asks how fast others push, which a real peer is not told; must be one of %s", list(choices))
	case f.choose != "random" && f.choose != "latency":
		return live.Bad("--choose %s: must be one of %s", f.choose, list(choices))
	case f.choose == "random" && flags.Changed("random-share"):
		return live.Bad("--random-share needs --choose latency: else all places go to anybody")
	case wrong != nil:
		return live.Bad("--random-share %s: %w", f.share, wrong)
	}
	return nil
}

// neighbourhood is what checked flags say.
func (f *neighbourFlags) neighbourhood() (n node.Neighbourhood) {
	if f.size == 0 {
		return n
	}
	n = node.Neighbourhood{Size: f.size, Keep: node.Time(f.keep)}
	if f.choose == "latency" {
		share, _ := scenarios.ParseShare(f.share)
		n.Choose, n.AtRandom = node.ChooseLatency, int(math.Round(share*float64(f.size)))
	}
	return n
}
