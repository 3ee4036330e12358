package main

import (
	"time"

	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/net/driver"
	"pushcast/node"
	"pushcast/scenarios"
)

// What --push means for other flags.

// blindOnly are the flags that mean nothing to who pushes along stripes, pacedOnly to all
// others but those whose rate is adaptive. A peer with stripes hears the period from the others.
var (
	blindOnly = []string{"rate", "copies", "policy"}
	pacedOnly = []string{"upload"}
)

func (f *peerFlags) striped() bool { return f.push == node.Stripes.Name() }

// checkPush looks at --push, and at what it leaves nothing to say about.
func (f *peerFlags) checkPush(flags *pflag.FlagSet) error {
	switch found, ok := node.SchedulerNamed(f.push); {
	case ok && node.NeedsKnowledge(found):
		return live.Bad("--push %s asks what neighbours hold, which a real peer is not told; must be one of %s", f.push, list(schedulers()))
	case ok && found == node.Offer:
		return live.Bad("--push %s is for the simulator only; must be one of %s", f.push, list(schedulers()))
	case !ok:
		return live.Bad("--push %s: must be one of %s", f.push, list(schedulers()))
	}
	other := pacedOnly
	if f.adaptive() {
		other = nil
	}
	if f.striped() {
		other = blindOnly
		if len(f.join) > 0 {
			other = append(other[:len(other):len(other)], "period")
		}
	}
	for _, name := range other {
		if flags.Changed(name) && f.striped() {
			return live.Bad("--%s means nothing with --push stripes, where trees set the pace: leave it out, or push blindly, with --push random", name)
		} else if flags.Changed(name) {
			return live.Bad("--%s means nothing with --push %s: it is for stripes, and for --rate adaptive", name, f.push)
		}
	}
	if len(f.join) == 0 && !f.striped() && flags.Changed("buffer") {
		return live.Bad("--buffer means nothing to a source with --push %s, which sends each chunk and forgets it", f.push)
	}
	for _, sized := range []struct {
		flag string
		n    *int
	}{{"buffer", &f.buffer}, {"window", &f.window}} {
		if !flags.Changed(sized.flag) {
			*sized.n = 64
			if f.striped() {
				*sized.n = driver.Stripes().Buffer
			}
		}
	}
	return nil
}

// bounds are those of --buffer and --period.
func (f *peerFlags) bounds() (fewest, most int, longest time.Duration) {
	if f.striped() {
		return node.MinMeshBuffer, node.MaxMeshBuffer, time.Duration(node.MaxFollowed)
	}
	return 1, node.MaxBuffer, time.Hour
}

// uploadBits is what the own link sends; link is what --link says of it, 0 nothing.
func (f *peerFlags) uploadBits(link uint64) (uint64, error) {
	if f.upload == "" {
		return link, nil
	}
	bits, err := scenarios.ParseUpload(f.upload)
	if err != nil {
		return 0, live.Bad("--upload %s: %w", f.upload, err)
	}
	return bits, nil
}
