package main

import (
	"errors"

	"github.com/spf13/cobra"

	"pushcast/cmd/internal/stage"
)

// stageCommand is what a run with --processes starts for each peer; see stage.Peer.
func stageCommand() *cobra.Command {
	return &cobra.Command{
		Use:                stage.Command,
		Short:              "One peer of run --live --processes, which starts it",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			number := ""
			if len(args) == 1 {
				number = args[0]
			}
			err := stage.Peer(cmd.Context(), number, cmd.InOrStdin(), cmd.OutOrStdout())
			switch {
			case err == nil:
				return nil
			case errors.Is(err, stage.ErrByHand):
				return &failure{exitWrong, err}
			}
			return exitWith(exitFailed) // the stage has been told, and says so
		},
	}
}
