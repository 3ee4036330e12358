package node

// Latest pushes the newest chunk to a random neighbour, blindly: "lb/rp"
// (Bonald, Massoulié, Mathieu, Perino, Twigg: Epidemic Live Streaming,
// SIGMETRICS 2008).
var Latest = enlist(latest{})

type latest struct{}

func (latest) Name() string  { return "latest" }
func (latest) About() string { return "the newest chunk of the buffer to a random neighbour, blindly" }

func (latest) Pick(p *Peer) (PeerID, ChunkID, bool) {
	n, held := p.Neighbours(), p.Chunks()
	if n == 0 || held == 0 {
		return NoPeer, 0, false
	}
	return p.Neighbour(p.DrawPush(n)), p.Newest(), true
}
