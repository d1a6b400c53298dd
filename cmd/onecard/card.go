package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/workflows"
)

func cardCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "card", Short: "Serve one card (卡服务)"}
	var number, by, proof string
	handover := &cobra.Command{
		Use:   "handover --card NUMBER --as WHO",
		Short: "Record that a card was handed to its holder; its activation follows by itself (领卡)",
		Example: `  onecard card handover --card D00000128 --as clerk1
  onecard card handover --card D00000128 --as clerk1 --proof 02     a proxy with the holder's letter`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			if proof != string(card.ProofIDCard) && proof != string(card.ProofProxy) {
				return fmt.Errorf("%w: --proof is 01 (holder's document seen) or 02 (proxy with letter)", errUse)
			}
			b, err := h.handOver(cmd.Context(), card.Number(number), proof, by)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "card %s handed over; activation goes on in %s (已登记领卡，随后自动启用)\n", number, workflows.HandOverWorkflowID(b))
			return err
		}),
	}
	handover.Flags().StringVar(&number, "card", "", "card number (社保卡号)")
	handover.Flags().StringVar(&by, "as", "", "the clerk")
	handover.Flags().StringVar(&proof, "proof", "01", "01 the holder's document was seen, 02 a proxy with the holder's letter")
	require(handover, "card", "as")
	cmd.AddCommand(handover)
	return cmd
}

// handOver records the hand-over and wakes the batch's process.
func (h *hub) handOver(ctx context.Context, number card.Number, proof, clerk string) (card.BatchID, error) {
	b, err := h.ledger.HandOver(ctx, number, proof, clerk)
	if err != nil {
		return b, err
	}
	c, err := h.temporal(ctx)
	if err != nil {
		return b, err
	}
	defer c.Close()
	err = c.SignalWorkflow(ctx, workflows.HandOverWorkflowID(b), "", workflows.SignalHandedOver, nil)
	var ended *serviceerror.NotFound
	if errors.As(err, &ended) {
		return b, nil // the process has ended: the card was active already
	}
	return b, err
}

func numbersCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "numbers", Short: "Card-number ranges (卡号段)"}
	list := &cobra.Command{
		Use: "list", Short: "List the ranges and what is left of them", Example: "  onecard numbers list", Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			ranges, err := h.ledger.Ranges(cmd.Context())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), ranges)
			}
			t := table{{"city 城市", "prefix 前缀", "first 起", "last 止", "next 下一个", "left 剩余"}}
			for _, r := range ranges {
				t = append(t, append([]string{r.City, r.Prefix}, numbers(int(r.First), int(r.Last), int(r.Next), int(r.Last-r.Next+1))...))
			}
			return t.write(cmd.OutOrStdout())
		}),
	}
	formatFlag(list, s)
	var r postgres.Range
	add := &cobra.Command{
		Use: "add", Short: "Give a city another range", Args: cobra.NoArgs,
		Example: "  onecard numbers add --city 440600 --prefix X --first 1 --last 9999999",
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			return h.ledger.AddRange(cmd.Context(), r)
		}),
	}
	add.Flags().StringVar(&r.City, "city", "", "GB/T 2260 code of the city")
	add.Flags().StringVar(&r.Prefix, "prefix", "", "one to three digits or capitals")
	add.Flags().Int64Var(&r.First, "first", 1, "first serial")
	add.Flags().Int64Var(&r.Last, "last", 0, "last serial")
	require(add, "city", "prefix")
	cmd.AddCommand(list, add)
	return cmd
}
