package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"pushcast/scenarios"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Long: `Schema prints the JSON Schema of scenario files, draft 07. Editors that speak to the
YAML language server complete keys, show what they mean, and mark mistakes, where the
first line of a scenario says where the schema lies:

  # yaml-language-server: $schema=scenario.schema.json

What a scenario means is decided by run, which is stricter than the schema.

Exit codes: 0 printed, 1 the tool failed, 2 a flag is wrong.`,
		Example: "  pushcast schema >scenario.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := json.MarshalIndent(scenarios.JSONSchema(), "", "  ")
			if err == nil {
				_, err = cmd.OutOrStdout().Write(append(text, '\n'))
			}
			if err != nil {
				return &failure{exitFailed, err}
			}
			return nil
		},
	}
}
