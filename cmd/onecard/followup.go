package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

func followUpCommand(s *settings) *cobra.Command {
	var out string
	var perBook int
	cmd := &cobra.Command{
		Use:   "followup ID",
		Short: "Tell which payments were not made, why, and who can mend it; write the workbook for them (后续处理)",
		Long: `Tell which payments of a subsidy were refused, held, came back or are unknown: by cause, city and bank, in count and yuan, and who can
mend each. With -o FILE.xlsx, write the workbook: its first sheet is a roster of those that may be handed in again, which "rollout create
subsidy" takes once it is corrected; after it comes a sheet for each owner with what to do. What is unknown or held is never handed in
again. More rows than --per-workbook go into several workbooks, FILE.xlsx, FILE-2.xlsx and so on, each with a roster for itself.`,
		Example: `  onecard rollout followup R20261121-002
  onecard rollout followup R20261121-002 -o followup.xlsx
  onecard rollout followup R20261121-002 -o json`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			id := card.RolloutID(args[0])
			if out != "text" && out != "json" {
				p := progressTo(cmd.ErrOrStderr())
				paths, n, err := h.writeFollowUp(cmd.Context(), id, out, perBook, p)
				p.end()
				if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows may be handed in again once corrected: %s (更正后可再报 %d 行)\n", n, strings.Join(paths, ", "), n)
				}
				return err
			}
			groups, err := h.ledger.FollowUps(cmd.Context(), id)
			if err != nil {
				return err
			}
			if out == "json" {
				return writeJSON(cmd.OutOrStdout(), groups)
			}
			return printFollowUps(cmd.OutOrStdout(), groups)
		}),
	}
	cmd.Flags().StringVarP(&out, "output", "o", "text", "text, json, or a workbook to write")
	perWorkbookFlag(cmd, &perBook)
	return cmd
}

// printFollowUps tells the causes owner by owner.
func printFollowUps(w io.Writer, groups []postgres.FollowUp) error {
	if len(groups) == 0 {
		_, err := fmt.Fprintln(w, "没有需要处理的款项 there is nothing to follow up")
		return err
	}
	all := len(groups)
	groups = foldFollowUps(groups)
	_, _ = fmt.Fprint(w, foldedNote(len(groups), all))
	for _, owner := range card.Owners() {
		t := table{{"reason 原因", "state 状态", "city 地市", "bank 银行", "rows 笔", "yuan 元", "paid again since 已补发"}}
		for _, g := range groups {
			if g.Owners[0] == owner {
				t = append(t, []string{string(g.Reason), stateText(g.Status), placeName(cityName, g.City), placeName(bankName, g.Bank),
					strconv.Itoa(g.Sum.Rows), yuan(g.Sum.Fen), strconv.Itoa(g.Followed.Rows)})
			}
		}
		if len(t) == 1 {
			continue
		}
		_, _ = fmt.Fprintf(w, "%s %s\n", owner.Name().ZH, owner.Name().EN)
		if err := t.write(w); err != nil {
			return err
		}
		printRemedies(w, groups, owner)
	}
	return nil
}

// printRemedies says once for each cause what it is and what to do, and who may have to help.
func printRemedies(w io.Writer, groups []postgres.FollowUp, owner card.Owner) {
	told := map[card.Reason]bool{}
	for _, g := range groups {
		if g.Owners[0] != owner || told[g.Reason] {
			continue
		}
		told[g.Reason] = true
		text := g.Reason.Text()
		_, _ = fmt.Fprintf(w, "  %s: %s %s\n    %s %s\n", g.Reason, text.ZH, text.EN, text.MendZH, text.MendEN)
		var others []string
		for _, o := range g.Owners[1:] {
			others = append(others, o.Name().ZH+" "+o.Name().EN)
		}
		if len(others) > 0 {
			_, _ = fmt.Fprintf(w, "    协助 with the help of: %s\n", strings.Join(others, ", "))
		}
	}
	_, _ = fmt.Fprintln(w)
}

func stateText(s card.PayStatus) string { return s.Name().ZH + " " + s.Name().EN }

// placeName names a city or bank, or nothing.
func placeName(name func(string) string, code string) string {
	if code == "" {
		return ""
	}
	return name(code)
}

// writeFollowUp writes the workbooks of the payments that were not made, and returns their names, and how many payments may be handed in
// again. The ledger is read once; the rows of one workbook are kept meanwhile, for each stands in several of its sheets.
func (h *hub) writeFollowUp(ctx context.Context, id card.RolloutID, path string, perBook int, p *progress) (paths []string, again int, err error) {
	failed := counted(p, "rows (行)", h.ledger.FailedPayments(ctx, id))
	paths, _, err = writeWorkbooks(path, perBook, failed, func(w io.Writer, rows iter.Seq2[postgres.FailedPayment, error]) error {
		var kept []postgres.FailedPayment
		for f, err := range rows {
			if err != nil {
				return err
			}
			kept = append(kept, f)
			if f.Again() {
				again++
			}
		}
		return roster.WriteFollowUp(w, payableAgain(kept), ownersOf(kept))
	})
	return paths, again, err
}

// ownersOf are those who can set right some of the payments, or can help with it, each with those payments.
func ownersOf(failed []postgres.FailedPayment) (owners []roster.OwnerRows) {
	for _, o := range card.Owners() {
		if slices.ContainsFunc(failed, func(f postgres.FailedPayment) bool { return slices.Contains(f.Reasons[0].Owners(), o) }) {
			owners = append(owners, roster.OwnerRows{Owner: o, Rows: ownedPayments(failed, o)})
		}
	}
	return owners
}

// payableAgain returns the payments that may be handed in again.
func payableAgain(failed []postgres.FailedPayment) iter.Seq2[roster.RefusedRow, error] {
	return func(yield func(roster.RefusedRow, error) bool) {
		for _, f := range failed {
			if !f.Again() {
				continue
			}
			cells := f.Cells
			if cells == nil {
				cells = roster.PayCells(f.Application.Person, f.Fen)
			}
			if !yield(roster.RefusedRow{Number: f.Number, Cells: cells, Reasons: f.Reasons}, nil) {
				return
			}
		}
	}
}

// ownedPayments returns the payments that an owner can set right, or can help with.
func ownedPayments(failed []postgres.FailedPayment, owner card.Owner) iter.Seq2[roster.FollowUpRow, error] {
	return func(yield func(roster.FollowUpRow, error) bool) {
		for _, f := range failed {
			if slices.Contains(f.Reasons[0].Owners(), owner) && !yield(followUpRow(f), nil) {
				return
			}
		}
	}
}

func followUpRow(f postgres.FailedPayment) roster.FollowUpRow {
	r := roster.FollowUpRow{Number: f.Number, City: placeName(cityName, f.Application.City), Bank: placeName(bankName, f.Application.Bank),
		State: stateText(f.Status), Fen: f.Fen, Person: f.Application.Person, Reasons: f.Reasons}
	if len(f.Cells) > 2 { // as they stood in the roster: type, number, name
		r.Person = card.Person{SSN: f.Cells[1], Name: f.Cells[2]}
	}
	if f.FollowedBy != "" {
		r.Note = "已由后续计划补发 paid again by " + string(f.FollowedBy)
	}
	return r
}
