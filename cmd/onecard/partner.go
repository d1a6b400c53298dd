package main

import "github.com/spf13/cobra"

func partnerCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "partner", Short: "Work with the partner agencies (合作单位)"}
	cmd.AddCommand(timetableCommand(s), layoutCommand(s), partnerAddCommand(s), partnerListCommand(s), partnerShowCommand(s), partnerTestCommand(s))
	cmd.AddCommand(partnerDecisions(s)...)
	return cmd
}
