// Command pushcast simulates epidemic push streaming: many peers, each of which
// periodically pushes a chunk of a live stream to a neighbour.
//
//	pushcast run quickstart
//	pushcast run my.yaml -s loss=5% --seeds 30 --json
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once the first signal has asked for an end, a second one is taken at its
	// word: the default action is back.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
