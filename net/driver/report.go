package driver

import (
	"pushcast/node"
	"pushcast/node/measure"
)

// Report is how a peer is doing. All counts are since its start.
type Report struct {
	// At is the time since the start.
	At node.Time
	// Values are the metrics of this peer: the delay is lateness (see the
	// package's documentation), and those that need other peers' knowledge
	// (hops, degrees) do not exist.
	Values measure.Values
	// Due, Received and Played are the chunks that the ratios are of.
	Due, Received, Played uint32
	// Chunks counts chunk datagrams that the peer believed, and the later copies
	// among them.
	Chunks measure.Traffic
	// Peer is what the peer itself counts.
	Peer node.Stats
	// Traffic counts datagrams.
	Traffic Traffic
	// Neighbours is the number of peers in the view.
	Neighbours int
	// Published is the number of chunks that a Source has published.
	Published uint64
	// SkippedTicks counts the ticks left out because they were more than MakeUp
	// late: pushes, or a Source's chunks.
	SkippedTicks uint64
	// KernelDrops is how many datagrams the kernel dropped because the receive
	// buffer was full; DropsKnown is false where nobody tells.
	KernelDrops uint64
	DropsKnown  bool
	// Last marks the report at the end.
	Last bool
}

// Traffic counts datagrams and their bytes, headers of UDP and IP included.
type Traffic struct {
	In, InBytes   uint64 // everything that came
	Out, OutBytes uint64 // everything that was sent
	// Of In, what was refused, by reason: no message of the format; a length
	// that is not what the header announces; an id of 2³¹ or more; an entry of
	// age 0 or without an IPv4 address.
	Unknown, BadLength, BadID, BadEntry uint64
	// ChunksToSource are chunks that somebody pushed to this Source.
	ChunksToSource uint64
	// Unsendable counts entries whose address nobody can send to.
	Unsendable uint64
	// LinkLost counts datagrams of Out that Config.Link lost, or had no room for.
	LinkLost uint64
	// Unrecovered are chunks that the peer had recovered (node.Config.FEC) and that could
	// not be computed, because a chunk of their block was none of the source's.
	Unrecovered uint64
	// SendErrors and ReadErrors count what the operating system refused: lost
	// datagrams, as any other.
	SendErrors, ReadErrors uint64
}

// Refused is the sum over all reasons.
func (t *Traffic) Refused() uint64 { return t.Unknown + t.BadLength + t.BadID + t.BadEntry }

func (d *Driver) report(now node.Time, last bool) {
	if d.cfg.Report == nil {
		return
	}
	d.meter.due(now)
	r := Report{
		At: now, Last: last, Chunks: d.meter.traffic, Values: d.meter.values(),
		Due: d.meter.window.Due, Received: d.meter.window.Received, Played: d.meter.window.Played,
		Peer: d.peer.Stats(), Traffic: d.traffic, Neighbours: int(d.peer.Neighbours()),
		Published: uint64(d.source.published), SkippedTicks: d.source.skipped + d.peer.Stats().Skipped,
	}
	if d.link != nil {
		r.Traffic.LinkLost = d.link.lost
	}
	if k, ok := d.conn.(interface{ Drops() (uint64, bool) }); ok {
		r.KernelDrops, r.DropsKnown = k.Drops()
	}
	d.cfg.Report(&r)
}
