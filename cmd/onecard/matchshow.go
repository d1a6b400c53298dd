package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func showMatchCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show MONTH",
		Short: "Tell what a population match found, per city, and what money it stopped (人口比对结果)",
		Long: `Tell what the population match of a month found: how many people were asked about, are alive, deceased, known by another name, not
registered, or unknown because nothing was answered about them; the reviews that came of it; and the payments that it stopped, each
once, also when a review has let them go since.`,
		Example: "  onecard match show 2026-11\n  onecard match show 2026-11 -o json",
		Args:    cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			month, err := card.ParseMonth(args[0])
			if err != nil {
				return err
			}
			v, err := h.ledger.Match(cmd.Context(), month)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return printMatch(cmd.OutOrStdout(), v)
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

func printMatch(w io.Writer, v postgres.MatchView) error {
	_, _ = fmt.Fprintf(w, "人口比对 population match %s: %s   begun by 发起人 %s %s", v.Month, statusText(v.Status), v.By, clock(v.StartedAt))
	if v.FinishedAt != nil {
		_, _ = fmt.Fprintf(w, "   over 结束 %s", clock(*v.FinishedAt))
	}
	_, _ = fmt.Fprintf(w, "\nfiles 文件 %d   answered 已回 %d   overdue 逾期未回 %d\n\n", v.Files, v.Answered, v.Overdue)
	t := table{append([]string{"city 地市"}, matchHeadings...)}
	for _, c := range v.Cities {
		t = append(t, append([]string{cityName(c.City)}, matchCells(c.MatchFigures)...))
	}
	t = append(t, append([]string{"all 合计"}, matchCells(v.MatchFigures)...))
	if err := t.write(w); err != nil || v.Open == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d reviews are open 项待复核: onecard review list\n", v.Open)
	return err
}

var matchHeadings = []string{"asked 比对", "alive 一致", "deceased 死亡", "renamed 姓名不符", "unregistered 查无此人", "unknown 未知", "open reviews 待复核",
	"stopped 拦截笔数", "yuan 元"}

func matchCells(f postgres.MatchFigures) []string {
	return append(numbers(f.Asked, f.Alive, f.Deceased, f.Renamed, f.Unregistered, f.Unknown, f.Open, f.Stopped.Rows), yuan(f.Stopped.Fen))
}
