package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func payRowCommand(s *settings) *cobra.Command {
	var row int
	cmd := &cobra.Command{
		Use:   "row ID --row N",
		Short: "Tell all that happened to one payment: files and their proofs, holds, returns, what it follows (单笔追踪)",
		Example: `  onecard rollout row R20261121-002 --row 17
  onecard rollout row R20261121-002 --row 17 -o json`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			history, err := h.ledger.PayHistory(cmd.Context(), card.RolloutID(args[0]), row)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), history)
			}
			return printPayHistory(cmd.OutOrStdout(), history)
		}),
	}
	cmd.Flags().IntVar(&row, "row", 0, "the row's number in the roster")
	formatFlag(cmd, s)
	require(cmd, "row")
	return cmd
}

// moment is something that happened to a payment.
type moment struct {
	at     time.Time
	zh, en string
}

// printPayHistory tells a payment's history in the order of time.
func printPayHistory(w io.Writer, h postgres.PayHistory) error {
	_, _ = fmt.Fprintf(w, "%s row %d 第%d行  %s  %s 元 yuan  %s\n", h.Rollout, h.Row, h.Row, h.Card, yuan(h.Fen), stateText(h.Status))
	if h.Reason != "" {
		_, _ = fmt.Fprintf(w, "  %s\n", noteText(string(h.Reason)))
	}
	_, _ = fmt.Fprintf(w, "  batch 批次 %s   instruction 指令号 %s\n", h.Batch, h.Instruction)
	for _, f := range h.Follows {
		_, _ = fmt.Fprintf(w, "  补发自 makes good for %s row 第%d行\n", f.OfRollout, f.OfRow)
	}
	for _, f := range h.FollowedBy {
		_, _ = fmt.Fprintf(w, "  已由后续补发 made good by %s row 第%d行: %s\n", f.Rollout, f.Row, stateText(f.Status))
	}
	_, _ = fmt.Fprintln(w)
	moments := slices.Concat(eventMoments(h.Events), traceMoments(h.Traces))
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range moments {
		_, _ = fmt.Fprintf(w, "%s  %s\n%21s%s\n", clock(m.at), m.zh, "", m.en)
	}
	_, _ = fmt.Fprintln(w)
	return proofTable(h.Files).write(w)
}

func eventMoments(events []postgres.Event) (all []moment) {
	for _, e := range events {
		zh, en := tell(e)
		if e.Who != "" {
			zh, en = zh+"（"+e.Who+"）", en+" ("+e.Who+")"
		}
		all = append(all, moment{e.At, zh, en})
	}
	return all
}

func traceMoments(traces []postgres.PayTrace) (all []moment) {
	for _, t := range traces {
		where := [2]string{"待发放", "waiting"}
		if t.Sent {
			where = [2]string{"已送银行", "out"}
		}
		event, action := t.Event.Name(), t.Action.Name()
		all = append(all, moment{t.At, fmt.Sprintf("卡或账户变动：%s（本笔%s）→ %s", event.ZH, where[0], action.ZH),
			fmt.Sprintf("the card changed: %s, while the payment was %s: %s", event.EN, where[1], action.EN)})
	}
	return all
}

// proofTable shows the files of a payment with the proof that each arrived.
func proofTable(files []postgres.FileRecord) table {
	t := table{{"file 文件", "state 状态", "rows 行", "proved 送达/收妥", "sm3"}}
	for _, f := range files {
		t = append(t, []string{f.Name, stageText(f), fmt.Sprint(f.Rows), short(f.Confirmed), strings.TrimSpace(fmt.Sprintf("%.16s", f.SM3))})
	}
	return t
}
