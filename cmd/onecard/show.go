package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/workflows"
)

func listCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the rollouts, the newest first",
		Example: "  onecard rollout list",
		Args:    cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			views, err := h.ledger.List(cmd.Context())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), views)
			}
			t := table{{"ID", "kind 类别", "status 状态", "made by 创建人", "name 名称"}}
			for _, v := range views {
				t = append(t, []string{string(v.ID), v.Kind, statusText(v.Status), v.MadeBy, v.Name})
			}
			return t.write(cmd.OutOrStdout())
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

func showCommand(s *settings) *cobra.Command {
	var watch, recount bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show where a rollout stands, and who is being waited for until when",
		Long: `Show where a rollout stands, who is being waited for until when, and whether the invariants hold. Those of a subsidy are counted from
its rows, at the first look of all batches, later of eight at a time: those that have moved on, and those that were counted longest ago.
Each says when the oldest count that it rests on was made; --recount counts every row anew, which takes some seconds a million rows, as "rollout report" always does.`,
		Example: `  onecard rollout show R20261121-001
  onecard rollout show R20261121-001 --watch
  onecard rollout show R20261121-002 --recount
  onecard rollout show R20261121-001 -o json`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			id := card.RolloutID(args[0])
			if watch {
				if err := h.watch(cmd.Context(), id, cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			v, err := h.showAs(cmd.Context(), id, recount, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return printView(cmd.OutOrStdout(), v)
		}),
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "follow the rollout until it ends or stops")
	cmd.Flags().BoolVar(&recount, "recount", false, "count the invariants from every row (逐行重新核算不变量)")
	formatFlag(cmd, s)
	return cmd
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// showAs returns the view for a person, who is told what is done when it takes long.
func (h *hub) showAs(ctx context.Context, id card.RolloutID, recount bool, told io.Writer) (postgres.View, error) {
	defer tellIfLong(told, "counting the invariants from the rows (正在逐行核算不变量)…")()
	if recount {
		return h.show(ctx, id)
	}
	v, err := h.ledger.Show(ctx, id, true)
	nameWorkflows(v)
	return v, err
}

// show returns the whole view, its invariants counted from every row and its workflows named.
func (h *hub) show(ctx context.Context, id card.RolloutID) (postgres.View, error) {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return v, err
	}
	nameWorkflows(v)
	v.Invariants, err = h.ledger.Invariants(ctx, id)
	return v, err
}

func nameWorkflows(v postgres.View) {
	for i, b := range v.Batches {
		if batch, err := card.ParseBatchID(b.ID); err == nil {
			v.Batches[i].WorkflowID = workflows.BatchWorkflowID(batch)
			if v.Payout != nil {
				v.Batches[i].WorkflowID = workflows.PayBatchWorkflowID(batch)
			}
		}
	}
}

// watch follows a rollout until it ends, stops by itself or is still waiting for a decision.
func (h *hub) watch(ctx context.Context, id card.RolloutID, w io.Writer) error {
	p := progressTo(w)
	defer p.end()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		v, err := h.ledger.Show(ctx, id, false)
		if err != nil {
			return err
		}
		p.show(watchLine(v))
		if v.Status != card.RolloutRunning && v.Status != card.RolloutPaused {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func watchLine(v postgres.View) string {
	if v.Payout != nil {
		return payoutLine(v)
	}
	c := v.Counts
	line := fmt.Sprintf("%s %s  matched %d  accounts %d  made %d  dispatched %d  handed over %d  active %d/%d  failed %d  unknown %d",
		v.ID, v.Status, c.Matched, c.AccountOpened, c.Made, c.Dispatched, c.HandedOver, c.Active, c.Accepted, c.Failed, c.Unknown)
	if len(v.Waiting) > 0 {
		line += fmt.Sprintf("  waiting for %s (等待)", v.Waiting[0].For)
	}
	return line
}

func printView(w io.Writer, v postgres.View) error {
	_, _ = fmt.Fprintf(w, "%s  %s  %s\n", v.ID, v.Name, statusText(v.Status))
	if v.Note != "" {
		_, _ = fmt.Fprintf(w, "  %s\n", noteText(v.Note))
	}
	_, _ = fmt.Fprintf(w, "  as of %s   content %.16s…\n\n", clock(v.AsOf), v.ContentHash)
	if err := printCounts(w, v); err != nil {
		return err
	}
	if len(v.Waiting) > 0 {
		_, _ = fmt.Fprintln(w, "\nwaiting (等待)")
		if err := foldWaits(v.Waiting).write(w); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(w, "\ninvariants (不变量)")
	t := table{{"holds", "name", "counted 核算于", "figure"}}
	for _, i := range v.Invariants {
		at := v.AsOf
		if i.CountedAt != nil {
			at = *i.CountedAt
		}
		t = append(t, []string{yesNo(i.Holds), i.Name, clock(at), i.Figure})
	}
	return t.write(w)
}

// printCounts shows how far the rows have come, and the batches.
func printCounts(w io.Writer, v postgres.View) error {
	counts := countTable(v.Counts).write
	if v.Payout != nil {
		counts = func(w io.Writer) error { return printPayout(w, v) }
	}
	if err := counts(w); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w)
	if v.Payout != nil {
		for _, t := range foldBatches(v.Batches) {
			if err := t.write(w); err != nil {
				return err
			}
		}
		return nil
	}
	return batchTable(v.Batches).write(w)
}

// noteText puts a reason code into words; what a person wrote is shown as it is.
func noteText(note string) string {
	reason := card.Reason(note)
	if !slices.Contains(card.Reasons(), reason) {
		return note
	}
	text := reason.Text()
	return fmt.Sprintf("%s: %s %s\n  %s %s", note, text.ZH, text.EN, text.MendZH, text.MendEN)
}

// countTable shows the stages on the left, which every row passes in turn, and the outcomes on the right.
func countTable(c postgres.Counts) table {
	line := func(stage string, n int, outcome string, m int) []string {
		return []string{stage, strconv.Itoa(n), "   " + outcome, strconv.Itoa(m)}
	}
	return table{
		line("rows 名册行", c.Rows, "accepted 接收", c.Accepted),
		line("matched 比对通过", c.Matched, "refused 拒绝", c.Refused),
		line("account opened 已开户", c.AccountOpened, "failed 失败", c.Failed),
		line("made 已制卡", c.Made, "unknown 结果未知", c.Unknown),
		line("in stock 已入库", c.InStock, "withdrawn 撤销", c.Withdrawn),
		line("dispatched 已分拨", c.Dispatched, "pending 在途", c.Pending),
		line("handed over 已领卡", c.HandedOver, "active 社保已启用", c.Active),
		{"", "", "   account active 账户已激活", strconv.Itoa(c.AccountActive)},
	}
}

func batchTable(batches []postgres.BatchView) table {
	t := table{{"batch 批次", "kind 类别", "status 状态", "step 步骤", "rows 行", "refused 拒绝", "made 制卡", "active 启用", "failed 失败", "unknown 未知"}}
	for _, b := range batches {
		c := b.Counts
		t = append(t, append([]string{b.ID, string(b.Kind), string(b.Status), b.Step}, numbers(c.Rows, c.Refused, c.Made, c.Active, c.Failed, c.Unknown)...))
	}
	return t
}
