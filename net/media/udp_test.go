package media_test

import (
	"net"
	"strings"
	"testing"

	"pushcast/net/media"
)

// TestUDP: a chunk is a datagram; that nobody listens is no error.
func TestUDP(t *testing.T) {
	player, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	to := player.LocalAddr().String()
	out, err := media.NewUDP(to)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2000)
	for _, text := range []string{"chunk 1", "chunk 2"} {
		if err := out.Put(0, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if n, err := player.Read(buf); err != nil || string(buf[:n]) != text {
			t.Errorf("%q, %v", buf[:n], err)
		}
	}
	if err := player.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := out.Put(0, []byte("to nobody")); err != nil {
			t.Errorf("nobody listens: %v", err)
		}
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
	for _, to := range []string{"nowhere", "127.0.0.1:port", "127.0.0.1:70000"} {
		if _, err := media.NewUDP(to); err == nil || !strings.HasPrefix(err.Error(), "udp://"+to+": ") {
			t.Errorf("%s: %v", to, err)
		}
	}
}
