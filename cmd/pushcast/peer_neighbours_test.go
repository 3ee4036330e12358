package main

import (
	"testing"

	"github.com/spf13/pflag"

	"pushcast/node"
)

// TestNeighbourFlags: what the flags of the neighbourhood make of a peer.
func TestNeighbourFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want node.Neighbourhood
	}{
		{nil, node.Neighbourhood{}},
		{[]string{"--neighbours=10"}, node.Neighbourhood{Size: 10, Keep: 30 * node.Second}},
		{[]string{"--neighbours=10", "--choose=latency", "--keep=1m"}, node.Neighbourhood{Size: 10, Keep: 60 * node.Second, Choose: node.ChooseLatency, AtRandom: 7}},
		{[]string{"--neighbours=5", "--choose=latency", "--random-share=50%"}, node.Neighbourhood{Size: 5, Keep: 30 * node.Second, Choose: node.ChooseLatency, AtRandom: 3}},
	} {
		var f neighbourFlags
		flags := pflag.NewFlagSet("peer", pflag.ContinueOnError)
		f.add(flags)
		if err := flags.Parse(c.args); err != nil {
			t.Fatal(err)
		}
		if err := f.check(flags, 30); err != nil {
			t.Errorf("%q: %v", c.args, err)
		}
		if got := f.neighbourhood(); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.args, got, c.want)
		}
	}
}
