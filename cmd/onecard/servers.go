package main

import (
	"github.com/spf13/cobra"

	"onecard/cmd/onecard/internal/local"
)

// buildServersCommand is for the Makefile: tests and the demo must not begin with a build that takes minutes.
func buildServersCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "build-servers",
		Short:   "Build Temporal and its Web UI into bin/ of this checkout, unless they are there",
		Example: "  onecard build-servers",
		Hidden:  true,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			repo, err := local.FindRepo()
			if err != nil {
				return err
			}
			_, err = local.Build(cmd.Context(), repo, cmd.OutOrStdout())
			return err
		},
	}
}
