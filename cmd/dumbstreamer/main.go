// Command dumbstreamer is one peer, or the source, of a push streaming overlay,
// with the command line and the wire format of the original of January 2010.
//
//	dumbstreamer -I lo                                  # a source of text chunks
//	dumbstreamer -I lo -P 5555 -i 127.0.0.1 -p 6666     # a peer
//
// Standard output is the stream and nothing else; all text goes to standard
// error.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"pushcast/cmd/internal/live"
)

func main() {
	// A player that closes the pipe is a normal end: the write is to fail, not
	// to kill.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(live.Interrupted(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
