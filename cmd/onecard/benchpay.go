package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/workflows"
)

func benchPayoutCommand(s *settings) *cobra.Command {
	var b payBench
	cmd := &cobra.Command{
		Use:   "payout --rows N",
		Short: "Pay N people through the whole pipeline against the simulated banks, and say how fast",
		Long: `Start what is needed in a folder of its own, load N holders of cards, pay them from the roster to the reconciled returns, print
figures, and leave nothing behind. The gate is judged by the banks' own books. Loading the holders is not part of the time.`,
		Example: "  onecard bench payout --rows 100000\n  onecard bench payout --rows 2840000 -o json\n  onecard bench payout --rows 100000 --profile prof/",
		Args:    cobra.NoArgs,
		RunE: measuring(s, func(ctx context.Context, log io.Writer) (figures, error) {
			b.log = log
			return b.run(ctx)
		}),
	}
	cmd.Flags().IntVar(&b.rows, "rows", 100_000, "people to pay")
	cmd.Flags().StringVar(&b.profile, "profile", "", "folder for CPU profiles")
	formatFlag(cmd, s)
	return cmd
}

// payBench is one measurement of payments.
type payBench struct {
	trial
	rows  int
	order subsidyOrder
}

// payResult is what `bench payout -o json` prints.
type payResult struct {
	Rows          int     `json:"rows"`
	Delivered     float64 `json:"delivered"` // seconds from the roster until every bank file is at its bank
	RowsPerSecond float64 `json:"rows_per_second"`
	trialFigures
	Gate payGate `json:"gate"`
}

// payGate compares our counts with the banks' own books.
type payGate struct {
	Paid       int          `json:"paid"`
	AtBanks    int          `json:"at_banks"` // credits less what came back, by the banks' books
	Fen        postgres.Fen `json:"fen"`
	FenAtBanks int64        `json:"fen_at_banks"`
	Twice      int          `json:"twice"` // rows of the roster that were credited twice
	Invariants bool         `json:"invariants"`
	OK         bool         `json:"ok"`
}

func (b *payBench) run(ctx context.Context) (r payResult, err error) {
	r.Rows = b.rows
	r.trialFigures, err = b.measure(ctx, trialPlan{
		prepare: b.prepare,
		run: func(ctx context.Context, h *hub, p *phases) (card.RolloutID, error) {
			id, err := h.paySubsidy(ctx, b.dir, b.order, progressTo(b.log), func(name, _ string) { p.end(name) })
			if err == nil {
				r.Delivered, err = b.follow(ctx, h, id, p)
			}
			return id, err
		},
		judge: func(ctx context.Context, h *hub, id card.RolloutID, partners string) (err error) {
			r.Gate, err = h.judgePayments(ctx, id, b.rows, partners)
			return err
		},
	})
	r.RowsPerSecond = r.perSecond(b.rows)
	return r, err
}

// prepare loads the holders and writes their roster.
func (b *payBench) prepare(ctx context.Context, h *hub) error {
	_, _ = fmt.Fprintf(b.log, "load %d holders (装入持卡人)\n", b.rows)
	cities := []string{"440100", "440300", "440600"}
	if _, err := h.loadHolders(ctx, holdersOrder{rows: b.rows, cities: cities, seed: 1, by: "bench"}, progressTo(b.log)); err != nil {
		return err
	}
	file := filepath.Join(b.dir, "payout.csv")
	p, totals, err := h.samplePayout(ctx, payoutOrder{rows: b.rows, programme: demoProgramme, seed: 1, out: file})
	b.order = subsidyOrder{programme: p.ID, period: "2026-01", file: file, rows: totals.Rows, fen: totals.Fen, by: "maker1"}
	return err
}

// follow follows the payments to their end, and returns the seconds after which every file was delivered.
func (b *payBench) follow(ctx context.Context, h *hub, id card.RolloutID, p *phases) (delivered float64, err error) {
	err = b.await(ctx, h, id, func(v postgres.View) {
		if delivered == 0 && v.Payout.Money.Planned.Rows == 0 {
			p.end("deliver")
			delivered = p.total()
		}
	})
	p.end("reconcile")
	return delivered, err
}

func (h *hub) judgePayments(ctx context.Context, id card.RolloutID, rows int, partners string) (payGate, error) {
	v, err := h.show(ctx, id)
	if err != nil {
		return payGate{}, err
	}
	g := payGate{Paid: v.Payout.Money.Paid.Rows, Fen: *v.Fen, Invariants: true}
	for _, i := range v.Invariants {
		g.Invariants = g.Invariants && i.Holds
	}
	books, err := askBooks(ctx, partners, id)
	if err != nil {
		return g, err
	}
	g.AtBanks, g.FenAtBanks = books.net()
	g.Twice = len(books.Twice)
	g.OK = g.Invariants && g.Twice == 0 && g.Paid == rows && g.AtBanks == rows && g.FenAtBanks == g.Fen.Paid && g.Fen.Paid == g.Fen.Intended
	return g, nil
}

func (r payResult) fault() error {
	return counts(r.Gate.OK, "the banks' books do not agree with ours (银行账与本方不一致)")
}

func (r payResult) write(w io.Writer) error {
	t := table{{"figure", "value"}, {"rows", fmt.Sprint(r.Rows)}, {"rows per second", fmt.Sprint(r.RowsPerSecond)}, {"delivered after", fmt.Sprint(r.Delivered)}}
	t = append(t, r.lines("intake", "checks", "submit", "approve", "start", "deliver", "reconcile")...)
	t = append(t, []string{"gate", fmt.Sprintf("%+v", r.Gate)})
	return t.write(w)
}

// workflowsOf are the IDs of the workflows of a rollout.
func workflowsOf(v postgres.View) ([]string, error) {
	ids := []string{workflows.IssuanceWorkflowID(v.ID)}
	of := func(b card.BatchID) []string {
		return []string{workflows.BatchWorkflowID(b), workflows.HandOverWorkflowID(b)}
	}
	if v.Payout != nil {
		ids = []string{workflows.SubsidyWorkflowID(v.ID)}
		of = func(b card.BatchID) []string {
			return []string{workflows.CheckBatchWorkflowID(b), workflows.PayBatchWorkflowID(b)}
		}
	}
	for _, b := range v.Batches {
		batch, err := card.ParseBatchID(b.ID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, of(batch)...)
	}
	return ids, nil
}
