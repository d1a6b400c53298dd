package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

// subsidyOrder is what a subsidy rollout is made of.
type subsidyOrder struct {
	name, programme, period string
	file, layout            string
	rows                    int
	fen                     int64
	total                   string // in yuan, instead of fen
	by                      string
}

func createSubsidyCommand(s *settings) *cobra.Command {
	var o subsidyOrder
	cmd := &cobra.Command{
		Use:   "subsidy --programme ID --period PERIOD --roster FILE --rows N --fen M --as WHO",
		Short: "Take a roster of people in who are to be paid; prints the rollout's ID",
		Long: `Take a roster in: a workbook made by "onecard template payroll", a CSV file with the same headings in UTF-8 or GB18030, or the
department's own file by --layout. The number of rows and the money are declared with it: when they differ from what the roster
holds, nothing of it is taken in. Every row is checked, against the programme, the cards and everything that was paid before; rows
that fail are refused one by one and can be had back by "rollout errors". No money leaves the hub before the rollout is checked,
submitted, approved and started.`,
		Example: `  onecard rollout create subsidy --programme CA03 --period 2026-01 --roster prices.xlsx --rows 2000 --total 300000.00 --as maker1
  onecard rollout create subsidy --programme CA03 --period 2026-01 --roster prices.txt --layout county.toml --rows 2000 --fen 30000000 --as maker1`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			if err := o.declared(cmd); err != nil {
				return err
			}
			id, err := h.createSubsidy(cmd.Context(), o, progressTo(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if _, err = fmt.Fprintln(cmd.OutOrStdout(), id); err != nil {
				return err
			}
			return h.paidNext(cmd.Context(), id, cmd.ErrOrStderr())
		}),
	}
	o.flags(cmd)
	return cmd
}

func (o *subsidyOrder) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.programme, "programme", "", "ID of the programme, see `onecard programme list`")
	cmd.Flags().StringVar(&o.period, "period", "", "as the programme writes it, such as 2026-01")
	cmd.Flags().StringVar(&o.file, "roster", "", "workbook or CSV file, or the department's own with --layout")
	cmd.Flags().StringVar(&o.layout, "layout", "", "layout of the roster: a TOML file, or the name of one that ships, of the message PAYLIST")
	cmd.Flags().IntVar(&o.rows, "rows", 0, "declared number of rows")
	cmd.Flags().Int64Var(&o.fen, "fen", 0, "declared sum in fen")
	cmd.Flags().StringVar(&o.total, "total", "", "declared sum in yuan, instead of --fen")
	cmd.Flags().StringVar(&o.name, "name", "", "the rollout's name; programme and period when empty")
	cmd.Flags().StringVar(&o.by, "as", "", "who makes it")
	require(cmd, "programme", "period", "roster", "as")
}

// declared reads the control totals.
func (o *subsidyOrder) declared(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case !given("rows"):
		return fmt.Errorf("%w: --rows is missing: how many rows does the roster hold? (缺少 --rows 申报行数)", errUse)
	case given("fen") == given("total"):
		return fmt.Errorf("%w: give the roster's sum by one of --fen and --total (请用 --fen 或 --total 之一申报总金额)", errUse)
	}
	if !given("total") {
		return nil
	}
	var err error
	if o.fen, err = card.ParseYuan(o.total); err != nil {
		return fmt.Errorf("%w: --total: %w", errUse, err)
	}
	return nil
}

// createSubsidy takes the roster in and starts the rollout's workflow.
func (h *hub) createSubsidy(ctx context.Context, o subsidyOrder, p *progress) (card.RolloutID, error) {
	rules, err := h.programme(ctx, o.programme)
	if err != nil {
		return "", err
	}
	if err := rules.CheckPeriod(o.period); err != nil {
		return "", err
	}
	if o.name == "" {
		o.name = rules.Name + " " + o.period
	}
	r, err := openPayments(o)
	if err != nil {
		return "", err
	}
	defer r.close() //nolint:errcheck // read only
	return h.takeIn(ctx, o.file, p, r.warnings, func(digest func() [32]byte) (card.RolloutID, error) {
		return h.ledger.CreatePayout(ctx, h.newPayout(o), payRows(r.rows, p), digest)
	})
}

// newPayout is what a subsidy starts from.
func (h *hub) newPayout(o subsidyOrder) postgres.NewPayout {
	c := h.cfg.Payout
	return postgres.NewPayout{NewRollout: postgres.NewRollout{
		Name: o.name, Roster: filepath.Base(o.file), MadeBy: o.by, BatchRows: c.BatchRows, CanaryRows: c.CanaryRows,
		CanaryThreshold: int(c.CanaryThreshold * 10_000),
	}, Programme: o.programme, Period: o.period, Rows: o.rows, Fen: o.fen}
}

// payroll is a roster of payments that is being read.
type payroll struct {
	rows     iter.Seq2[roster.Payment, error]
	warnings []string
	close    func() error
}

// openPayments opens the roster, in the department's own layout if it has one.
func openPayments(o subsidyOrder) (payroll, error) {
	options := roster.Options{Encodable: encodable}
	if o.layout == "" {
		r, err := roster.OpenPayments(o.file, options)
		if err != nil {
			return payroll{}, err
		}
		return payroll{r.Rows(), r.Warnings(), r.Close}, nil
	}
	l, err := layout.Open(o.layout)
	if err != nil {
		return payroll{}, err
	}
	rows, err := roster.LayoutPayments(o.file, l, options)
	return payroll{rows, nil, func() error { return nil }}, err
}

// payRows hands the roster's rows to the ledger.
func payRows(rows iter.Seq2[roster.Payment, error], p *progress) iter.Seq2[postgres.PayRow, error] {
	return func(yield func(postgres.PayRow, error) bool) {
		for r, err := range rows {
			if !yield(postgres.PayRow{Number: r.Number, SSN: r.SSN, Name: r.Name, Fen: r.Fen, Cells: r.Cells, Reasons: r.Reasons}, err) {
				return
			}
			p.count("rows checked (已检查)", 1)
		}
	}
}

// paidNext says in a line what became of the rows and the money, and what comes next.
func (h *hub) paidNext(ctx context.Context, id card.RolloutID, w io.Writer) error {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return err
	}
	if v.Fen != nil {
		refused := v.Fen.Refused
		_, _ = fmt.Fprintf(w, "金额 %s 元：接收 %s，拒绝 %s。\n%s yuan: %s accepted, %s refused.\n", card.FormatYuan(v.Fen.Intended),
			card.FormatYuan(v.Fen.Intended-refused), card.FormatYuan(refused), card.FormatYuan(v.Fen.Intended),
			card.FormatYuan(v.Fen.Intended-refused), card.FormatYuan(refused))
	}
	return h.whatNow(ctx, id, w)
}

// refusedPayments returns the payments that go back to their maker, counting them.
func (h *hub) refusedPayments(ctx context.Context, id card.RolloutID) iter.Seq2[roster.RefusedRow, error] {
	return func(yield func(roster.RefusedRow, error) bool) {
		for row, err := range h.ledger.RefusedPayments(ctx, id) {
			cells := row.Cells
			if cells == nil {
				cells = roster.PayCells(row.Application.Person, row.Fen)
			}
			if !yield(roster.RefusedRow{Number: row.Number, Cells: cells, Reasons: row.Reasons}, err) {
				return
			}
		}
	}
}
