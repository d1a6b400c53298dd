package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

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

// payBench is one measurement.
type payBench struct {
	rows    int
	profile string
	log     io.Writer
	dir     string
}

// payResult is what `bench payout -o json` prints.
type payResult struct {
	Rows             int                `json:"rows"`
	Seconds          float64            `json:"seconds"`   // from the roster to the last return
	Delivered        float64            `json:"delivered"` // from the roster until every bank file is at its bank
	RowsPerSecond    float64            `json:"rows_per_second"`
	Phases           map[string]float64 `json:"phases"` // seconds
	PeakRSSMiB       map[string]int     `json:"peak_rss_mib"`
	HistoryEventsMax int                `json:"history_events_max"`
	Gate             payGate            `json:"gate"`
	Machine          machine            `json:"machine"`
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
	if b.dir, err = os.MkdirTemp("", "onecard-bench-"); err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	st, err := startStack(ctx, upOptions{dir: b.dir, banks: []string{"ICBC", "ABC", "CCB"}, profile: b.profile, log: b.log})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, st.Stop()) }()
	h, err := openHub(ctx, &settings{dir: b.dir})
	if err != nil {
		return r, err
	}
	defer h.close()
	o, err := b.prepare(ctx, h)
	if err != nil {
		return r, err
	}
	peak := watchMemory(st)
	r = payResult{Rows: b.rows, Phases: map[string]float64{}, Machine: thisMachine()}
	id, err := b.pay(ctx, h, o, &r)
	r.PeakRSSMiB = peak()
	if err != nil {
		return r, err
	}
	if r.HistoryEventsMax, err = h.longestHistory(ctx, id); err != nil {
		return r, err
	}
	r.Gate, err = h.judgePayments(ctx, id, b.rows, filepath.Join(b.dir, "partners"))
	return r, err
}

// prepare loads the holders and writes their roster.
func (b *payBench) prepare(ctx context.Context, h *hub) (subsidyOrder, error) {
	_, _ = fmt.Fprintf(b.log, "load %d holders (装入持卡人)\n", b.rows)
	cities := []string{"440100", "440300", "440600"}
	if _, err := h.loadHolders(ctx, holdersOrder{rows: b.rows, cities: cities, seed: 1, by: "bench"}, progressTo(b.log)); err != nil {
		return subsidyOrder{}, err
	}
	file := filepath.Join(b.dir, "payout.csv")
	p, totals, err := h.samplePayout(ctx, payoutOrder{rows: b.rows, programme: demoProgramme, seed: 1, out: file})
	return subsidyOrder{programme: p.ID, period: "2026-01", file: file, rows: totals.Rows, fen: totals.Fen, by: "maker1"}, err
}

// pay runs the whole pipeline and measures its phases.
func (b *payBench) pay(ctx context.Context, h *hub, o subsidyOrder, r *payResult) (card.RolloutID, error) {
	began := time.Now()
	last := began
	phase := func(name string) {
		now := time.Now()
		r.Phases[name] += seconds(now.Sub(last))
		last = now
	}
	id, err := h.paySubsidy(ctx, b.dir, o, progressTo(b.log), func(name, _ string) { phase(name) })
	if err != nil {
		return id, err
	}
	p := progressTo(b.log)
	v, err := h.follow(ctx, id, func(v postgres.View) {
		p.show(watchLine(v))
		if r.Delivered == 0 && v.Payout.Money.Planned.Rows == 0 {
			phase("deliver")
			r.Delivered = seconds(time.Since(began))
		}
	})
	p.end()
	phase("reconcile")
	if err == nil && v.Status != card.RolloutDone {
		err = fmt.Errorf("the rollout ended as %s %s", v.Status, v.Note)
	}
	total := time.Since(began)
	r.Seconds, r.RowsPerSecond = seconds(total), float64(int(float64(b.rows)/total.Seconds()*10))/10
	return id, err
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
	t := table{{"figure", "value"}, {"rows", fmt.Sprint(r.Rows)}, {"seconds", fmt.Sprint(r.Seconds)}, {"delivered after", fmt.Sprint(r.Delivered)},
		{"rows per second", fmt.Sprint(r.RowsPerSecond)}}
	for _, name := range []string{"intake", "checks", "submit", "approve", "start", "deliver", "reconcile"} {
		t = append(t, []string{"  " + name, fmt.Sprint(r.Phases[name])})
	}
	for name, mib := range r.PeakRSSMiB {
		t = append(t, []string{"peak MiB " + name, fmt.Sprint(mib)})
	}
	t = append(t, []string{"longest history", fmt.Sprint(r.HistoryEventsMax)}, []string{"gate", fmt.Sprintf("%+v", r.Gate)}, []string{"machine", fmt.Sprintf("%+v", r.Machine)})
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
