package driver_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"pushcast/net/driver"
	"pushcast/net/media"
	"pushcast/net/udp"
	"pushcast/node"
)

// viewer is an Output that has seen enough after three chunks.
type viewer struct {
	seen []node.ChunkID
	stop func()
}

// Put takes the next chunk.
func (v *viewer) Put(id node.ChunkID, payload []byte) error {
	if strings.HasPrefix(string(payload), "Chunk ") {
		v.seen = append(v.seen, id)
	}
	if len(v.seen) == 3 {
		v.stop()
	}
	return nil
}

// A source of text chunks, and a peer that joins through it, on two sockets.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	home, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer home.Close()
	away, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer away.Close()

	source := driver.Config{Local: home.AddrPort(), Peer: driver.Dumbstreamer(), Input: media.Text{}}
	source.Peer.Role, source.Peer.Period, source.Peer.Copies = node.Source, 20*node.Millisecond, 2
	player := &viewer{stop: stop}
	peer := driver.Config{
		Local: away.AddrPort(), Peer: driver.Dumbstreamer(),
		Contacts: []netip.AddrPort{home.AddrPort()}, Output: player,
	}
	a, err := driver.New(home, source)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := driver.New(away, peer)
	if err != nil {
		fmt.Println(err)
		return
	}
	ended := make(chan error)
	go func() { ended <- a.Run(ctx) }()
	go func() { ended <- b.Run(ctx) }()
	err = errors.Join(<-ended, <-ended)
	fmt.Println(len(player.seen) >= 3, slices.IsSorted(player.seen), err)
	// Output: true true <nil>
}
