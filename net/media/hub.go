package media

import (
	"context"
	"errors"
	"sync"

	"pushcast/node"
)

// Bounds of a Hub.
const (
	// MaxPlayers is the most players at a time.
	MaxPlayers = 64
	// playerChunks and playerBytes bound what waits for one player: a player that
	// takes no more misses chunks, until it has caught up and a key frame comes.
	playerChunks = 512
	playerBytes  = 4 << 20
)

// ErrFull is that a Hub has MaxPlayers.
var ErrFull = errors.New("media: too many players")

// Hub is an Output that hands the stream to any number of players, each at its own
// pace. Put never waits for one. What a player gets begins at a key frame, unless
// AsReceived is set, and so does what follows a gap.
type Hub struct {
	AsReceived bool

	mu      sync.Mutex
	join    joint
	players map[*Player]bool
	missed  uint64 // chunks that players were too slow for
	closed  bool
}

// Player is one who watches.
type Player struct {
	hub     *Hub
	waiting [][]byte
	bytes   int
	playing bool
	news    chan struct{} // there is something, or the end
}

// Join adds a player; Leave removes it.
func (h *Hub) Join() (*Player, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.players) >= MaxPlayers {
		return nil, ErrFull
	}
	if h.players == nil {
		h.players = map[*Player]bool{}
	}
	p := &Player{hub: h, news: make(chan struct{}, 1)}
	h.players[p] = true
	return p, nil
}

// Leave ends a player.
func (p *Player) Leave() {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	delete(p.hub.players, p)
}

// Put hands a chunk to all players.
func (h *Hub) Put(_ node.ChunkID, payload []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	ready := h.join.ready(payload) || h.AsReceived
	if len(h.players) == 0 {
		return nil
	}
	chunk := append([]byte(nil), payload...) // shared by all players, and not changed again
	for p := range h.players {
		h.hand(p, chunk, ready)
	}
	return nil
}

func (h *Hub) hand(p *Player, chunk []byte, ready bool) {
	if len(p.waiting) >= playerChunks || p.bytes+len(chunk) > playerBytes {
		p.playing = false
		h.missed++
		return
	}
	if !p.playing {
		// A player that was too slow is to have room for more than one chunk.
		if !ready || len(p.waiting) > playerChunks/2 || p.bytes > playerBytes/2 {
			return
		}
		p.playing = true
		if tables := h.join.tables(); !h.AsReceived && len(tables) > 0 {
			p.add(tables)
		}
	}
	p.add(chunk)
}

func (p *Player) add(b []byte) {
	p.waiting = append(p.waiting, b)
	p.bytes += len(b)
	p.tell()
}

func (p *Player) tell() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// Next gives what there is for the player, at least one chunk; it waits for that.
// The error is that ctx has ended, or the stream.
func (p *Player) Next(ctx context.Context) ([][]byte, error) {
	for {
		p.hub.mu.Lock()
		chunks, closed := p.waiting, p.hub.closed
		p.waiting, p.bytes = nil, 0
		p.hub.mu.Unlock()
		if len(chunks) > 0 {
			return chunks, nil
		}
		if closed {
			return nil, errEnd
		}
		select {
		case <-p.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errEnd is that the stream has ended.
var errEnd = errors.New("media: the stream has ended")

// Close ends the stream for all players, when they have had what waits.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for p := range h.players {
		p.tell()
	}
}

// Players is how many there are, Missed how many chunks some were too slow for.
func (h *Hub) Players() (players int, missed uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.players), h.missed
}

// MIME is the content type of the stream, as far as it is known.
func (h *Hub) MIME() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.join.format {
	case TS:
		return "video/mp2t"
	case M4V:
		return "video/mpeg4-generic"
	case H264:
		return "video/h264"
	}
	return "application/octet-stream"
}
