package udp_test

import (
	"fmt"
	"net/netip"

	"pushcast/net/udp"
)

// A socket that sends a datagram to itself.
func Example() {
	conn, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	_, err = conn.WriteToUDPAddrPort([]byte("Chunk 1"), conn.AddrPort())
	if err != nil {
		fmt.Println(err)
		return
	}
	buf := make([]byte, 100)
	n, from, err := conn.ReadFromUDPAddrPort(buf)
	fmt.Println(string(buf[:n]), from == conn.AddrPort(), err)
	// Output: Chunk 1 true <nil>
}
