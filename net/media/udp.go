package media

import (
	"fmt"
	"net"

	"pushcast/node"
)

// UDP is an Output that sends every chunk as a datagram to a player, as many of
// them take transport streams. What the network refuses is lost.
type UDP struct{ conn net.Conn }

// NewUDP sends to a host and port. The error says what is wrong with the address.
func NewUDP(to string) (*UDP, error) {
	conn, err := net.Dial("udp", to)
	if err != nil {
		return nil, fmt.Errorf("udp://%s: %w", to, err)
	}
	return &UDP{conn}, nil
}

// Put sends a chunk.
func (u *UDP) Put(_ node.ChunkID, payload []byte) error {
	_, _ = u.conn.Write(payload) // nobody may be listening yet
	return nil
}

// Close closes the socket.
func (u *UDP) Close() error { return u.conn.Close() }
