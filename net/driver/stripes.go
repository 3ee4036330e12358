package driver

import (
	"net/netip"

	"pushcast/node"
	"pushcast/node/wire"
)

// Peers that push along stripes, and how they and peers of format J alone keep apart. A
// view is format J's, so both read it; its sender's entry says by its descriptor whether
// it pushes along stripes. Who does not is told nothing that it cannot read, and what it
// pushes is not taken in.

// Stripes configures a receiving peer that pushes along stripes, with what keeps its view
// alive. For a source, set Role and Period. Upload is what the own link sends; 0 serves up
// to eight peers with the whole stream, without pacing.
func Stripes() node.Config {
	return node.Config{
		Scheduler: node.Stripes, Stripes: node.DefaultStripes, Report: node.DefaultReport,
		Repair: true, Patience: node.DefaultPatience, Follow: true,
		Policy: node.Window, Buffer: 512, Window: 512, Deadline: DefaultDeadline,
		Sampler: node.Newscast, View: 30, Gossip: 2 * node.Second, Stagger: true, Hidden: node.NoPeer,
		MaxAge: 30, DropSilent: true, AgeReplies: true, Rejoin: true, Retry: node.Second / 2, JoinWalk: 3,
		Remember: 16, RecallEvery: 50, Goodbye: true,
		Ahead: node.DefaultAhead, Restart: node.DefaultRestart, AskStrangers: true,
	}
}

// avoided is for how long nothing is sent to who was found to speak format J alone: it may
// be started anew with stripes.
const avoided = 30 * node.Second

// meets looks at who sends a view, before the peer does: whether it is one of ours.
func (d *Driver) meets(now node.Time, t *wire.Topology, from netip.AddrPort) bool {
	id := d.book.lookup(from)
	striped := t.Entry(0).Descriptor == wire.StripesDescriptor
	if striped == d.striped {
		if striped && id != node.NoPeer {
			d.book.avoid[id] = 0
		}
		return true
	}
	d.foreign(now, from)
	if striped && t.Query() { // it hears that there is nothing for it here, and nobody learns of it
		own := wire.Entry{Addr: d.cfg.Local, Age: 1, Descriptor: wire.Descriptor}
		d.view = d.cfg.Format.AppendEntry(d.cfg.Format.AppendTopology(d.view[:0], false), &own)
		d.put(now, d.view, from)
	}
	return false
}

// foreign counts a datagram of the other way of pushing, and says so once.
func (d *Driver) foreign(now node.Time, from netip.AddrPort) {
	d.traffic.Foreign++
	if id := d.book.lookup(from); d.striped && id != node.NoPeer && d.proven(now, id) == node.NoPeer {
		d.book.avoid[id], d.book.reads[id] = now+avoided, false
	}
	if d.strange {
		return
	}
	d.strange = true
	if d.striped {
		d.log.Warn("a peer that does not push along stripes is here: dumbstreamer, or pushcast peer --push random; "+
			"to watch its swarm, push as it does; further ones are counted only", "peer", from.String())
	} else {
		d.log.Warn("a peer that pushes along stripes is here, and cannot watch this swarm: it needs pushcast peer --push random; "+
			"further ones are counted only", "peer", from.String())
	}
}

// receiveStripes takes in a datagram that only peers with stripes read.
func (d *Driver) receiveStripes(now node.Time, kind wire.Kind, datagram []byte, from netip.AddrPort) (err error) {
	msg := node.Message{To: self}
	var asked, given uint32
	switch kind {
	case wire.IsPush:
		var c wire.ChunkMessage
		if c, d.entries, err = wire.ParsePush(datagram, d.entries[:0]); err == nil {
			return d.takeChunk(now, node.Push, &c, d.entries, d.chunkOf(&c), len(datagram), from)
		}
	case wire.IsState:
		var stripes int
		var state []byte
		if state, asked, given, err = wire.CutProof(datagram); err == nil {
			stripes, d.entries, err = wire.ParseState(state, d.entries[:0])
			msg.Kind, msg.Size = node.State, uint32(stripes)
		}
	case wire.IsAsk:
		d.entries = d.entries[:0]
		if msg.Chunk, err = wire.ParseAsk(datagram); err == nil {
			msg.Kind = node.Ask
		}
	case wire.IsDeny:
		if msg.Chunk, d.entries, err = wire.ParseDeny(datagram, d.entries[:0]); err == nil {
			msg.Kind = node.Deny
		}
	}
	if err != nil {
		d.refuse(err, datagram, from)
		return nil
	}
	if !sendable(d.cfg.Format, from) {
		d.traffic.Unsendable++
		return nil
	}
	if msg.From = d.book.lookup(from); msg.Kind == node.State && msg.From == node.NoPeer {
		msg.From = d.book.enter(from, &d.peer)
	}
	if msg.From == self {
		return nil // an echo of one's own
	}
	if msg.From != node.NoPeer {
		d.book.reads[msg.From], d.book.avoid[msg.From] = true, 0
	}
	switch {
	case msg.Kind != node.State:
		msg.From = d.proven(now, msg.From)
	case msg.From == node.NoPeer:
		return nil // the book is full of partners
	case !d.book.proofs[msg.From].hear(now, asked, given, d.cfg.Peer.Report):
		node.Wishless(d.entries)
	}
	d.logTold(&msg, from)
	msg.Count = uint16(len(d.entries))
	d.peer.Handle(now, &msg, d.entries, &d.out)
	return d.perform(now, nil)
}

// chunkOf makes the datagram of a push's chunk as it is kept.
func (d *Driver) chunkOf(c *wire.ChunkMessage) []byte {
	d.write = d.cfg.Format.AppendChunk(d.write[:0], c)
	return d.write
}

// encodeStripes makes the datagram of a message of stripes; nil for a chunk that is not
// kept any more.
func (d *Driver) encodeStripes(m *node.Message) []byte {
	words := d.out.Entries[m.Offset : m.Offset+uint32(m.Count)]
	to := d.view[:0]
	switch m.Kind {
	case node.Push:
		chunk, _ := d.store.get(m.Chunk)
		if chunk == nil {
			return nil
		}
		c, err := d.cfg.Format.ParseChunk(chunk)
		if err != nil {
			return nil
		}
		to = wire.AppendPush(to, &c, words)
	case node.State:
		p := &d.book.proofs[m.To]
		to = wire.AppendProof(wire.AppendState(to, int(m.Size), words), p.ask(), p.theirs)
	case node.Ask:
		to = wire.AppendAsk(to, m.Chunk)
	case node.Deny:
		to = wire.AppendDeny(to, m.Chunk, words)
	}
	d.view = to
	return to
}

// lingering is for how long a source goes on serving after its input has ended: the last
// chunks may have to be asked for.
const lingering = 2 * node.Second

// linger tells until when a source whose input has ended stays.
func (d *Driver) linger(now node.Time) (over bool) {
	s := &d.source
	if s.leaveAt == 0 {
		s.leaveAt = now
		if d.peer.Serves() > 0 {
			s.leaveAt += lingering
		}
		s.at = s.leaveAt
	}
	return now >= s.leaveAt
}
