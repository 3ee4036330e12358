package main

import (
	"strconv"

	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/node"
)

// How fast a peer pushes that does so blindly: at a rate, or as its upload link drains.

// adaptiveRate is the --rate that follows --upload.
const adaptiveRate = "adaptive"

// mostAdaptive is how many chunks a peer pushes at most for each of the stream's then, as
// in a scenario.
const mostAdaptive = 8

func (f *peerFlags) adaptive() bool { return f.rate == adaptiveRate }

// perSecond is a rate in numbers.
func (f *peerFlags) perSecond() (float64, error) {
	rate, err := strconv.ParseFloat(f.rate, 64)
	switch {
	case err != nil:
		return 0, live.Bad("--rate %s: want chunks a second, as 100, or adaptive", f.rate)
	case !(rate > 0 && rate <= 1e6):
		return 0, live.Bad("--rate %v is out of range: must be above 0, at most 1000000", rate)
	}
	return rate, nil
}

// checkRate looks at --rate, and at what it needs.
func (f *peerFlags) checkRate(flags *pflag.FlagSet) error {
	if !f.adaptive() {
		_, err := f.perSecond()
		return err
	}
	if !flags.Changed("period") {
		return live.Bad("--rate adaptive needs --period, that of the stream: how often chunks come says how often each can be pushed")
	}
	return nil
}

// pushBlindly says how fast, of checked flags; link is what --link says of the upload.
func (f *peerFlags) pushBlindly(p *node.Config, link uint64) (err error) {
	if !f.adaptive() {
		rate, err := f.perSecond()
		p.Push = node.Time(float64(node.Second) / rate)
		return err
	}
	if p.Upload, err = f.uploadBits(link); err != nil {
		return err
	}
	if p.Upload == 0 {
		return live.Bad("--rate adaptive follows the upload link, and there is no limit to it: write --upload, or a rate as 100")
	}
	p.Adaptive, p.Push = true, max(p.Period/mostAdaptive, 1)
	return nil
}
