package driver

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"

	"pushcast/node"
	"pushcast/node/wire"
)

// On level debug the log shows what the original's debug build did. What came
// from the network stands in attributes, bounded and quoted.

// maxLogged bounds the bytes of a payload or datagram that a line shows.
const maxLogged = 32

func quoted(b []byte) string { return strconv.QuoteToASCII(string(b[:min(len(b), maxLogged)])) }

func (d *Driver) trace(text string, attributes ...slog.Attr) {
	d.log.LogAttrs(context.Background(), slog.LevelDebug, text, attributes...)
}

func id(c node.ChunkID) slog.Attr { return slog.Uint64("chunk", uint64(c)) }

func (d *Driver) logGenerated(c node.ChunkID, timestamp uint64, payload []byte) {
	if d.debug {
		d.trace("generate chunk", id(c), slog.Uint64("timestamp", timestamp), slog.String("data", quoted(payload)))
	}
}

func (d *Driver) logPush() {
	if d.debug && !d.striped {
		d.trace("send chunk", slog.Uint64("neighbours", uint64(d.peer.Neighbours())), slog.Uint64("chunks", uint64(d.peer.Chunks())))
	}
}

func (d *Driver) logSent(m *node.Message, to netip.AddrPort) {
	if !d.debug {
		return
	}
	attributes := []slog.Attr{slog.String("to", to.String())}
	if m.Kind.IsChunk() || m.Kind == node.Ask || m.Kind == node.Deny {
		attributes = append(attributes, id(m.Chunk))
	} else {
		attributes = append(attributes, slog.Int("entries", int(m.Count)))
	}
	d.trace("sending "+m.Kind.String(), attributes...)
}

func (d *Driver) logReceived(c node.ChunkID, o node.Outcome, from netip.AddrPort) {
	if d.debug {
		d.trace("chunk delivered", id(c), slog.String("outcome", o.String()), slog.String("from", from.String()))
	}
}

func (d *Driver) logOut(c node.ChunkID) {
	if d.debug {
		_, payload := d.store.get(c)
		d.trace("out chunk", id(c), slog.String("data", quoted(payload)))
	}
}

func (d *Driver) logView(t *wire.Topology, from netip.AddrPort) {
	if d.debug {
		d.trace("view", slog.Bool("query", t.Query()), slog.Int("entries", t.Len()), slog.String("from", from.String()))
	}
}

// logTold shows a message of stripes other than a chunk.
func (d *Driver) logTold(m *node.Message, from netip.AddrPort) {
	if d.debug {
		d.trace(m.Kind.String(), id(m.Chunk), slog.String("from", from.String()))
	}
}

func (d *Driver) logRefused(why error, datagram []byte, from netip.AddrPort) {
	if d.debug {
		d.trace("refused", slog.String("why", why.Error()), slog.Int("bytes", len(datagram)),
			slog.String("datagram", quoted(datagram)), slog.String("from", from.String()))
	}
}
