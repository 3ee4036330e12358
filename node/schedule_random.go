package node

// Random pushes a random chunk to a random neighbour, blindly: the original's
// way (there -t, -c and -b are all that one can choose). "rb/rp" in the
// literature.
var Random = enlist(random{})

type random struct{}

func (random) Name() string  { return "random" }
func (random) About() string { return "a random chunk of the buffer to a random neighbour, blindly" }

func (random) Pick(p *Peer) (PeerID, ChunkID, bool) {
	n, held := p.Neighbours(), p.Chunks()
	if n == 0 || held == 0 {
		return NoPeer, 0, false
	}
	// Neighbour first, then chunk: the original's order of draws.
	to := p.Neighbour(p.DrawPush(n))
	return to, p.ChunkAt(p.DrawPush(held)), true
}
