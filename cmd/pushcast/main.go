// Command pushcast is epidemic push streaming, simulated and real: many peers, each
// of which periodically pushes a chunk of a live stream to a neighbour.
//
//	pushcast run quickstart
//	pushcast run my.yaml -s loss=5% --seeds 30 --json
//	pushcast trace my.yaml --only seed=3 -o pairs.parquet
//	pushcast peer --interface lo --join 127.0.0.1:6666 | ffplay -
package main

import (
	"os"
	"os/signal"
	"syscall"

	"pushcast/cmd/internal/live"
)

func main() {
	// A reader that closes the pipe is a normal end: the write is to fail, not to
	// kill.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(live.Interrupted(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
