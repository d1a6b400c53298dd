package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"onecard/card"
)

// holdCommands keep single rows of a subsidy rollout back, and let them go.
func holdCommands(s *settings) []*cobra.Command {
	object := rowCommand(s, "object", "Hold a row of a subsidy that somebody objects to during public notice (登记异议，暂缓该行)", "held",
		func(ctx context.Context, h *hub, id card.RolloutID, row int, by, note string) error {
			return h.ledger.HoldPayment(ctx, id, row, card.ReasonObjection, by, note)
		})
	lift := rowCommand(s, "lift", "Let a row go out after all that was held (解除暂缓)", "lifted",
		func(ctx context.Context, h *hub, id card.RolloutID, row int, by, note string) error {
			return h.ledger.LiftPayment(ctx, id, row, by, note)
		})
	return []*cobra.Command{object, lift}
}

func rowCommand(s *settings, use, short, done string, run func(ctx context.Context, h *hub, id card.RolloutID, row int, by, note string) error) *cobra.Command {
	var row int
	var by, note string
	cmd := &cobra.Command{
		Use:     use + " ID --row N --reason TEXT --as WHO",
		Short:   short,
		Example: fmt.Sprintf("  onecard rollout %s R20261121-002 --row 17 --reason \"群众反映已迁出\" --as zhang3", use),
		Args:    oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			if err := run(cmd.Context(), h, card.RolloutID(args[0]), row, by, note); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "row %d of %s is %s (第 %d 行已处理)\n", row, args[0], done, row)
			return err
		}),
	}
	cmd.Flags().IntVar(&row, "row", 0, "the row's number in the roster")
	cmd.Flags().StringVar(&note, "reason", "", "why, for the audit")
	cmd.Flags().StringVar(&by, "as", "", "who decides")
	require(cmd, "row", "reason", "as")
	return cmd
}
