package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"onecard/card"
	"onecard/connectors/postgres"
)

// demoPayRules have two of the demo's payments come back: their accounts are dormant.
const demoPayRules = `[[rule]]
partner = "ICBC"
kind = "PAYREQ"
do = "refuse"
code = "ACCT_DORMANT"
rows = 2
times = 1
`

// demoProgramme is paid in the demo: it has no days of public notice.
const demoProgramme = "CA08"

// demonstratePayments pays a subsidy to 2,000 of the people who have cards now, has those whose payments came back seen to, and pays
// them again.
func (h *hub) demonstratePayments(ctx context.Context, dir string, w io.Writer, say func(format string, args ...any)) error {
	rules := filepath.Join(dir, "rules.toml")
	if err := os.WriteFile(rules, []byte(demoPayRules), 0o600); err != nil {
		return fmt.Errorf("write the rules of the partners: %w", err)
	}
	roster := filepath.Join(dir, "payout.csv")
	p, totals, err := h.samplePayout(ctx, payoutOrder{rows: 2000, programme: demoProgramme, seed: 1, out: roster})
	if err != nil {
		return err
	}
	o := subsidyOrder{programme: p.ID, period: "2026-01", file: roster, rows: totals.Rows, fen: totals.Fen, by: "maker1"}
	first, err := h.demonstratePayment(ctx, dir, o, w, say)
	if err != nil {
		return err
	}
	back := first.Payout.Money.Returned
	say("%d payments came back (退票), %s yuan: the accounts are seen to, and the people are paid again", back.Rows, card.FormatYuan(back.Fen))
	if err := os.WriteFile(rules, nil, 0o600); err != nil {
		return fmt.Errorf("write the rules of the partners: %w", err)
	}
	o.file, o.rows, o.fen = filepath.Join(dir, "payout-again.xlsx"), back.Rows, back.Fen
	if _, _, err := h.writeErrors(ctx, first.ID, o.file, rowsPerWorkbook, progressTo(io.Discard)); err != nil {
		return err
	}
	again, err := h.demonstratePayment(ctx, dir, o, w, say)
	if err != nil {
		return err
	}
	if err := printView(w, again); err != nil {
		return err
	}
	if again.Payout.Money.Paid != back {
		return fmt.Errorf("of %d payments that came back %d were paid again", back.Rows, again.Payout.Money.Paid.Rows)
	}
	return writeFile(filepath.Join(dir, "payout.json"), func(w io.Writer) error { return writeJSON(w, []postgres.View{first, again}) })
}

// demonstratePayment pays one roster to its end.
func (h *hub) demonstratePayment(ctx context.Context, dir string, o subsidyOrder, w io.Writer, say func(format string, args ...any)) (postgres.View, error) {
	id, err := h.paySubsidy(ctx, dir, o, progressTo(w), func(phase, by string) { say("%s %s", phase, by) })
	if err != nil {
		return postgres.View{}, err
	}
	v, err := h.follow(ctx, id, func(v postgres.View) { say("%s", watchLine(v)) })
	if err == nil && v.Status != card.RolloutDone {
		err = fmt.Errorf("the rollout ended as %s %s", v.Status, v.Note)
	}
	return v, err
}
