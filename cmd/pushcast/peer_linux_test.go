package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pushcast/cmd/internal/proctest"
)

const smallFilm = "../../net/media/testdata/small.m4v"

// smallBytes is the film: two seconds, 50 frames.
func smallBytes(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(smallFilm)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// watch reads so many bytes of a film that is looped, from a key frame on, and
// tells how many of its 50-frame rounds are in it whole.
func watch(t *testing.T, from io.Reader, n int) (rounds int) {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(from, b); err != nil {
		t.Fatal(err)
	}
	whole := smallBytes(t)
	if !bytes.HasPrefix(b, []byte{0, 0, 1, 0xb0}) {
		t.Errorf("begins % x, which is no key frame's header", b[:8])
	}
	return bytes.Count(b, whole)
}

// TestPeer: a film through a peer's standard output, file and HTTP, along stripes and
// pushed blindly, over IPv4 and IPv6, on a link that is worse than loopback; it begins at
// a key frame, and the end is orderly.
func TestPeer(t *testing.T) {
	lossy := []string{"--link", "loss=5%,latency=10ms,jitter=10ms"}
	random := []string{"--push", "random"}
	for name, flags := range map[string][]string{
		"IPv4":         nil,
		"IPv6":         {"--inet6"},
		"link":         lossy,
		"upload":       {"--upload", "20Mbit"},
		"random, IPv4": random,
		"random, IPv6": append(random, "--inet6"),
		"random, link": append(random, lossy...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := func(more ...string) []string { return append(more, flags...) }
			var copies, rate []string
			if strings.HasPrefix(name, "random") {
				copies, rate = []string{"--copies", "6"}, []string{"--rate", "600"}
			}
			source := startPeer(t, append(with("--input", smallFilm, "--loop", "--period", "10ms"), copies...)...)
			contact := source.addr
			if strings.HasSuffix(name, "IPv4") { // by name
				contact = strings.Replace(contact, "127.0.0.1", "localhost", 1)
			}
			peer := startPeer(t, append(with("--join", contact), rate...)...)
			file := filepath.Join(t.TempDir(), "film.m4v")
			other := startPeer(t, append(with("--join", source.addr+","+peer.addr, "--http", "127.0.0.1:0", "--output", file), rate...)...)
			if rounds := watch(t, peer.Out, 4*len(smallBytes(t))); rounds < 2 {
				t.Errorf("four rounds of the film, and %d are whole", rounds)
			}
			r, err := http.Get(other.page + "stream")
			if err != nil {
				t.Fatal(err)
			}
			watch(t, r.Body, len(smallBytes(t)))
			_ = r.Body.Close()
			go func() { _, _ = io.Copy(io.Discard, peer.Out) }() // until the process ends
			for _, p := range []*realPeer{other, peer, source} {
				if code := p.stop(); code != exitFine {
					t.Errorf("exit %d: %s", code, p.Said())
				}
			}
			if last := peer.Last(); !strings.Contains(last, "msg=ended") || !strings.Contains(last, " duplicates=") || !strings.Contains(last, " startup.p95=") {
				t.Errorf("says at last %s", last)
			}
			if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte{0, 0, 1, 0xb0}) {
				t.Errorf("the file: %d bytes, %v", len(b), err)
			}
		})
	}
}

// TestJoinIsRetried: a peer that is there before its contact joins it within a few
// gossip periods.
func TestJoinIsRetried(t *testing.T) {
	source := startPeer(t, "--input", smallFilm, "--loop", "--period", "10ms")
	addr := source.addr
	_, port, _ := strings.Cut(addr, ":")
	if code := source.stop(); code != exitFine {
		t.Fatalf("exit %d", code)
	}
	peer := startPeer(t, "--join", addr, "--gossip", "200ms", "--log-level", "debug")
	peer.WaitFor("sending query")
	peer.WaitFor("sending query") // in vain
	startPeer(t, "--port", port, "--input", smallFilm, "--loop", "--period", "10ms")
	watch(t, peer.Out, len(smallBytes(t)))
}

// TestNothingIsHalfWritten: a peer that cannot begin leaves the file alone that it
// would write to.
func TestNothingIsHalfWritten(t *testing.T) {
	running := startPeer(t, "--http", "127.0.0.1:0")
	busy := strings.TrimSuffix(strings.TrimPrefix(running.page, "http://"), "/")
	file := filepath.Join(t.TempDir(), "film.m4v")
	if err := os.WriteFile(file, []byte("the film of yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(running.addr, ":")
	for want, flags := range map[string][]string{
		"--http " + busy + ": the port is in use: give another one":              {"--port", "0", "--http", busy},
		"port " + port + " of 127.0.0.1 is in use: give another one with --port": {"--port", port},
	} {
		cmd := proctest.Command(append([]string{"peer", "--interface", "lo", "--join", "127.0.0.1:9", "--output", file}, flags...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		_ = cmd.Run() // what it says is in the code
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || stderr.String() != "pushcast: "+want+"\n" {
			t.Errorf("exit %d: %s", code, &stderr)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != "the film of yesterday" {
			t.Errorf("the file has %q in it, %v", b, err)
		}
	}
}
