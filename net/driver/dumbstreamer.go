package driver

import "pushcast/node"

// Dumbstreamer configures a receiving peer as the original dumbstreamer of
// January 2010 is, with its defaults (-c 4 -b 8), and with what keeps it alive:
// the guard against ids that cannot be, and strangers asked when nobody is
// known. For a source, set Role, Period and Copies; it has a Buffer of its own.
func Dumbstreamer() node.Config {
	return node.Config{
		Push: 250 * node.Millisecond, Ticks: node.Immediate, Scheduler: node.Random,
		Policy: node.TopDup, Buffer: 8, Window: 8,
		Sampler: node.Newscast, View: 30, Gossip: 10 * node.Second, GossipCheck: 10, Hidden: node.NoPeer,
		Ahead: node.DefaultAhead, Restart: node.DefaultRestart, AskStrangers: true,
	}
}
