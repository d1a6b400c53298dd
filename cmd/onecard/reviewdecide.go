package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func decideReviewCommand(s *settings) *cobra.Command {
	var keep, stop bool
	d := postgres.ReviewDecision{}
	cmd := &cobra.Command{
		Use:   "decide N [--keep|--stop] --reason TEXT --as WHO",
		Short: "Decide a review: pay on, or pay no more (复核结论)",
		Long: `Decide a review. --stop: civil affairs is right; payments that wait are refused, those that are out are to be recovered. --keep: it is
wrong (误报), or has been mended; what the review holds goes on, unless the bank file of its batch has left meanwhile: such rows are
refused when their batch ends, and may be handed in again. That somebody who is said to be dead is paid on takes two people: the
second one runs the same command. The card itself is cancelled at a card desk, never by this.

复核结论：--stop 停止发放，--keep 继续发放（误报或已更正）。被登记为死亡的人要继续发放，须两人先后执行同一条命令。`,
		Example: `  onecard review decide 17 --stop --reason "家属确认已死亡" --as reviewer1
  onecard review decide 18 --keep --reason "民政误报，本人已到场核实" --as reviewer1
  onecard review decide 18 --keep --reason "已复核现场照片" --as reviewer2`,
		Args: cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			no, err := reviewNo(args[0])
			if err != nil {
				return err
			}
			if keep == stop {
				return fmt.Errorf("%w: give either --keep or --stop", errUse)
			}
			d.Outcome = card.ReviewStop
			if keep {
				d.Outcome = card.ReviewKeep
			}
			result, err := h.ledger.DecideReview(cmd.Context(), no, d)
			if err != nil {
				return err
			}
			return printDecision(cmd.OutOrStdout(), no, d.Outcome, result)
		}),
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "pay on")
	cmd.Flags().BoolVar(&stop, "stop", false, "pay no more")
	cmd.Flags().StringVar(&d.Why, "reason", "", "why, for the audit")
	cmd.Flags().StringVar(&d.By, "as", "", "who decides")
	require(cmd, "reason", "as")
	return cmd
}

// printDecision tells what a decision has come to, and what became of the payments.
func printDecision(w io.Writer, no int, o card.ReviewOutcome, r postgres.ReviewResult) error {
	if !r.Closed {
		_, err := fmt.Fprintf(w, "review %d waits for a second person, who runs the same command (复核 %d 待第二人确认)\n", no, no)
		return err
	}
	_, _ = fmt.Fprintf(w, "review %d is closed: %s (复核 %d 已办结：%s)\n", no, o.Name().EN, no, o.Name().ZH)
	if r.Traces == nil { // it was closed before, or nothing is open
		return nil
	}
	changed := 0
	for _, t := range r.Traces {
		if t.Done {
			changed++
		}
	}
	_, err := fmt.Fprintf(w, "payments open %d, changed %d: onecard review show %d (未结款项 %d 笔，变动 %d 笔)\n", len(r.Traces), changed, no, len(r.Traces), changed)
	return err
}
