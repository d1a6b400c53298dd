package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func reviewCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "People about whom the population match found something, until a person has decided (人工复核)",
		Example: `  onecard review list --cause deceased
  onecard review show 17
  onecard review decide 17 --stop --reason "家属确认已死亡" --as reviewer1
  onecard review list -o reviews.xlsx
  onecard review decide --from reviews.xlsx --as reviewer1`,
	}
	cmd.AddCommand(listReviewsCommand(s), showReviewCommand(s), decideReviewCommand(s))
	return cmd
}

func listReviewsCommand(s *settings) *cobra.Command {
	var by postgres.ReviewFilter
	var out string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the reviews that wait for a decision, the oldest first (待复核清单)",
		Long: `List the reviews that wait for a decision, the oldest first. -o F.xlsx writes them to a workbook with a column for the decision, which
"onecard review decide --from F.xlsx" carries out: all of them, up to 100,000, unless --limit says otherwise. The workbook holds names.

列出待复核的人。-o F.xlsx 写成工作簿，在“决定”“理由”“新姓名”三列填写后，用onecard review decide --from执行；工作簿含姓名，用毕请删除。`,
		Example: `  onecard review list
  onecard review list --city 440600 --cause deceased
  onecard review list --cause renamed -o reviews.xlsx
  onecard review list --closed -o json`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			if by.Cause != "" && by.Cause.Name().ZH == "" {
				return fmt.Errorf("%w: --cause is deceased, renamed or unregistered", errUse)
			}
			book := strings.HasSuffix(out, ".xlsx")
			if !book && out != "text" && out != "json" {
				return fmt.Errorf("%w: -o is text, json or a workbook to write, F.xlsx", errUse)
			}
			if book && by.Closed {
				return fmt.Errorf("%w: what is decided cannot be decided again; leave --closed out", errUse)
			}
			if book && !cmd.Flags().Changed("limit") {
				by.Limit = maxListed
			}
			all, err := h.ledger.Reviews(cmd.Context(), by)
			switch {
			case err != nil:
				return err
			case book:
				return h.writeReviews(cmd.Context(), out, all, cmd.OutOrStdout())
			case out == "json":
				return writeJSON(cmd.OutOrStdout(), all)
			}
			return printReviews(cmd.OutOrStdout(), all)
		}),
	}
	cmd.Flags().StringVar(&by.City, "city", "", "only of this city (GB/T 2260)")
	cmd.Flags().StringVar((*string)(&by.Cause), "cause", "", "deceased, renamed or unregistered")
	cmd.Flags().BoolVar(&by.Closed, "closed", false, "also those that are decided")
	cmd.Flags().IntVar(&by.Limit, "limit", 200, "at most so many")
	cmd.Flags().StringVarP(&out, "output", "o", "text", "text, json, or the workbook to write, F.xlsx")
	return cmd
}

func printReviews(w io.Writer, all []postgres.Review) error {
	t := table{{"no 编号", "month 月份", "city 地市", "cause 事由", "card 卡号", "held 暂缓笔数", "yuan 元", "state 状态"}}
	for _, r := range all {
		t = append(t, []string{strconv.Itoa(r.No), string(r.Month), cityName(r.City), nameText(r.Cause.Name()), string(r.Card),
			strconv.Itoa(r.Held.Rows), yuan(r.Held.Fen), reviewState(r)})
	}
	return t.write(w)
}

func nameText(n card.Name) string { return n.ZH + " " + n.EN }

// reviewState says for whom a review waits, or how it was decided.
func reviewState(r postgres.Review) string {
	switch {
	case r.Outcome != "":
		return nameText(r.Outcome.Name()) + "（" + r.DecidedBy + "）"
	case r.AskedBy != "" && r.Cause == card.ReviewRenamed:
		return "待第二人确认“更正姓名” another name, says " + r.AskedBy + "; a second person confirms"
	case r.AskedBy != "":
		return "待第二人确认“继续发放” to be paid on, says " + r.AskedBy + "; a second person confirms"
	}
	return "待复核 open"
}

func showReviewCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show N",
		Short: "Tell of one review: who, what civil affairs said, and the payments that it met (复核详情)",
		Long: `Tell of one review: the person, what civil affairs said and in which file, the payments that it met and what became of each. It shows
the person's name.`,
		Example: "  onecard review show 17\n  onecard review show 17 -o json",
		Args:    cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			no, err := reviewNo(args[0])
			if err != nil {
				return err
			}
			c, err := h.ledger.Review(cmd.Context(), no)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), c)
			}
			return printReview(cmd.OutOrStdout(), c)
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

func reviewNo(s string) (int, error) {
	no, err := strconv.ParseInt(s, 10, 32)
	if err != nil || no < 1 {
		return 0, fmt.Errorf("%w: %q is no number of a review, such as 17", errUse, s)
	}
	return int(no), nil
}

func printReview(w io.Writer, c postgres.ReviewCase) error {
	_, _ = fmt.Fprintf(w, "review 复核 %d: %s   %s   card 卡号 %s   %s\n", c.No, nameText(c.Cause.Name()), c.Name, c.Card, cityName(c.City))
	_, _ = fmt.Fprintf(w, "  told in 来源 %s row 第%d行, %s\n", c.File, c.Row, clock(c.OpenedAt))
	if c.Died != "" {
		_, _ = fmt.Fprintf(w, "  date of death 死亡日期 %s\n", card.Day(c.Died).Dashed())
	}
	if c.Alive != "" {
		_, _ = fmt.Fprintf(w, "  civil affairs found nothing any more in %s (%s 比对已一致)\n", c.Alive, c.Alive)
	}
	switch {
	case c.Asked != "":
		_, _ = fmt.Fprintf(w, "  asked to be named 提出更正姓名为 %s by %s %s: %s\n", c.Asked, c.AskedBy, short(c.AskedAt), c.AskedWhy)
	case c.AskedBy != "" && c.Cause == card.ReviewDeceased:
		_, _ = fmt.Fprintf(w, "  asked to be paid on by 提出继续发放 %s %s: %s\n", c.AskedBy, short(c.AskedAt), c.AskedWhy)
	case c.AskedBy != "":
		_, _ = fmt.Fprintf(w, "  another name was asked for by 提出更正姓名 %s %s: %s\n", c.AskedBy, short(c.AskedAt), c.AskedWhy)
	}
	if c.Before != "" {
		_, _ = fmt.Fprintf(w, "  named before 原姓名 %s\n", c.Before)
	}
	if c.Outcome != "" {
		_, _ = fmt.Fprintf(w, "  decided 结论 %s: %s %s: %s\n", nameText(c.Outcome.Name()), c.DecidedBy, short(c.ClosedAt), c.DecidedWhy)
	}
	_, _ = fmt.Fprintln(w)
	t := table{{"rollout 计划", "row 行", "yuan 元", "state 状态", "reason 原因", "last action 最近处理"}}
	for _, p := range c.Payments {
		action := nameText(p.Action.Name())
		if !p.Done {
			action += "（未变动 no change）"
		}
		t = append(t, []string{string(p.Rollout), strconv.Itoa(p.Row), yuan(p.Fen), stateText(p.Status), string(p.Reason), action})
	}
	return t.write(w)
}
