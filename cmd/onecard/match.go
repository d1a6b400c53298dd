package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"onecard/activities"
	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/worker"
	"onecard/workflows"
)

// population wires the population match.
func (h *hub) population(civil *activities.Civil) *activities.Population {
	m := h.cfg.Match
	return &activities.Population{Plans: h.ledger, Deadlines: h.ledger, Civil: civil, Within: m.AnswerWithin, PaidMonths: m.PaidMonths, PageRows: m.PageRows}
}

// civilAffairs says whether there is a partner to match with.
func (h *hub) civilAffairs() bool {
	for _, p := range h.cfg.Partners {
		if p.Kind == config.Civil {
			return true
		}
	}
	return false
}

// scheduleMatch has the population match begin every month, when there is civil affairs and the settings name a day.
func (h *hub) scheduleMatch(ctx context.Context, c client.Client) error {
	m := h.cfg.Match
	if m.Day == 0 || !h.civilAffairs() {
		return worker.UnscheduleMatch(ctx, c)
	}
	at, err := card.ParseClock(m.At)
	if err != nil {
		return err
	}
	return worker.ScheduleMatch(ctx, c, worker.MonthlyTime{Day: m.Day, At: at})
}

func matchCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "match",
		Short: "The monthly population match with civil affairs: deaths, other names, paid but not registered (人口比对)",
		Example: `  onecard match run --as operator1
  onecard match list
  onecard match show 2026-11`,
	}
	cmd.AddCommand(runMatchCommand(s), listMatchesCommand(s), showMatchCommand(s))
	return cmd
}

func runMatchCommand(s *settings) *cobra.Command {
	var month, by string
	cmd := &cobra.Command{
		Use:   "run --as WHO",
		Short: "Begin the population match of a month now, unless it has begun (立即开始人口比对)",
		Long: `Begin the population match of a month now; otherwise its schedule begins it on the day that the settings name ([match]). There is one
match a month: running it again tells how it stands.

立即开始某月的人口比对。平时由计划任务按设置中的日期自动开始；每月一次，重复执行只显示进展。`,
		Example: `  onecard match run --as operator1
  onecard match run --month 2026-11 --as operator1`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			m, err := pastMonth(month)
			if err != nil {
				return err
			}
			return h.runMatch(cmd.Context(), m, by, cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&month, "month", "", "YYYY-MM; this month when empty")
	cmd.Flags().StringVar(&by, "as", "", "who begins it")
	require(cmd, "as")
	return cmd
}

// pastMonth reads a month that has begun; an empty text is this month.
func pastMonth(s string) (card.Month, error) {
	now := card.MonthOf(time.Now())
	if s == "" {
		return now, nil
	}
	m, err := card.ParseMonth(s)
	if err == nil && m > now {
		err = card.E(card.Invalid, "match "+s, card.ReasonMonthShape, nil)
	}
	return m, err
}

// runMatch starts the match of a month, or finds it running or over.
func (h *hub) runMatch(ctx context.Context, m card.Month, by string, w io.Writer) error {
	if !h.civilAffairs() {
		return card.E(card.NotFound, "find civil affairs among the partners", card.ReasonPartnerUnknown, nil)
	}
	v, err := h.ledger.Match(ctx, m)
	if err == nil && v.Status == card.RolloutDone {
		_, err = fmt.Fprintf(w, "the match of %s is over: onecard match show %s (%s 的人口比对已结束，每月一次)\n", m, m, m)
		return err
	}
	if err != nil && card.KindOf(err) != card.NotFound {
		return err
	}
	c, err := h.temporal(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.PopulationMatchWorkflowID(m), TaskQueue: worker.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflows.PopulationMatch, workflows.MatchInput{Month: m, By: by}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "the match of %s is running: onecard match show %s (%s 的人口比对进行中)\n", m, m, m)
	return err
}

func listMatchesCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the population matches, the newest first (列出人口比对)",
		Example: "  onecard match list\n  onecard match list -o json",
		Args:    cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			all, err := h.ledger.Matches(cmd.Context())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			t := table{append([]string{"month 月份", "status 状态"}, matchHeadings...)}
			for _, v := range all {
				t = append(t, append([]string{string(v.Month), statusText(v.Status)}, matchCells(v.MatchFigures)...))
			}
			return t.write(cmd.OutOrStdout())
		}),
	}
	formatFlag(cmd, s)
	return cmd
}
