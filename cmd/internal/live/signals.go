package live

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interrupted gives the context of a program: SIGINT or SIGTERM ends it, once; by
// then the default action is back, so that a second one ends the program at once.
func Interrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-came
		signal.Stop(came)
		cancel()
	}()
	return ctx
}
