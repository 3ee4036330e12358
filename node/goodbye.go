package node

// A goodbye among those who push to each other without standing in each other's view:
// children look for other parents at once, and nobody offers to who is gone. It is the
// goodbye of views, so that there is one word for it.

// leaveFriends says goodbye to partners and contacts that the sends from first on do not
// tell it as neighbours.
func (p *Peer) leaveFriends(first int, out *Outbox) {
	told := out.Sends[first:]
	tell := func(id PeerID) {
		if id == NoPeer {
			return
		}
		for i := range told {
			if told[i].To == id {
				return
			}
		}
		p.sendSelf(Reply, id, Gone, out)
	}
	if p.mesh != nil {
		for i := range p.mesh.partners {
			tell(p.mesh.partners[i].id)
		}
	}
	if p.circle != nil {
		for i := range p.circle.contacts {
			tell(p.circle.contacts[i].id)
		}
	}
}

// friendLeft forgets a partner or contact that has said goodbye.
func (p *Peer) friendLeft(now Time, id PeerID, out *Outbox) {
	if p.mesh != nil {
		if i := p.mesh.find(id); i >= 0 {
			p.lose(now, i, out)
		}
	}
	if p.circle != nil {
		if f := p.circle.find(id); f != nil {
			p.part(f)
		}
	}
}
