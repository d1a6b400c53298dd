package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
	"onecard/workflows"
)

func benchCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Measure on this machine (测速)"}
	var b bench
	issue := &cobra.Command{
		Use:   "issue --cards N",
		Short: "Issue N cards through the whole pipeline against the simulated partners, and say how fast",
		Long: `Start what is needed in a folder of its own, issue N cards from roster to activation against the simulated partners, print
figures, and leave nothing behind. The gate is judged by the partners' ledgers.`,
		Example: "  onecard bench issue --cards 100000\n  onecard bench issue --cards 1000000 -o json\n  onecard bench issue --cards 100000 --profile prof/   CPU profiles of the worker and of the intake",
		Args:    cobra.NoArgs,
		RunE: measuring(s, func(ctx context.Context, log io.Writer) (figures, error) {
			b.log = log
			return b.run(ctx)
		}),
	}
	issue.Flags().IntVar(&b.cards, "cards", 100_000, "cards to issue")
	issue.Flags().StringVar(&b.profile, "profile", "", "folder for CPU profiles")
	formatFlag(issue, s)
	cmd.AddCommand(issue, benchPayoutCommand(s), benchExchangeCommand(s))
	return cmd
}

// figures are what a bench has found out.
type figures interface {
	write(w io.Writer) error
	// fault says why the figures do not count, or nil.
	fault() error
}

// measuring makes of run what a bench's command runs: the figures are printed, also those that do not count.
func measuring(s *settings, run func(ctx context.Context, log io.Writer) (figures, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		m, err := run(cmd.Context(), cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if s.json() {
			err = writeJSON(cmd.OutOrStdout(), m)
		} else {
			err = m.write(cmd.OutOrStdout())
		}
		return errors.Join(err, m.fault())
	}
}

// counts says whether a gate holds, and what is wrong if it does not.
func counts(holds bool, otherwise string) error {
	if holds {
		return nil
	}
	return errors.New(otherwise)
}

// bench is one measurement of issuance.
type bench struct {
	trial
	cards int
}

// benchResult is what `bench issue -o json` prints.
type benchResult struct {
	Cards          int     `json:"cards"`
	CardsPerSecond float64 `json:"cards_per_second"` // from the roster to the last activation
	trialFigures
	Gate gate `json:"gate"`
}

func (b *bench) run(ctx context.Context) (r benchResult, err error) {
	r.Cards = b.cards
	r.trialFigures, err = b.measure(ctx, trialPlan{
		prepare: func(context.Context, *hub) error { return b.sample(b.roster()) },
		run:     b.issue,
		judge: func(ctx context.Context, h *hub, id card.RolloutID, partners string) (err error) {
			r.Gate, err = h.judge(ctx, id, b.cards, partners)
			return err
		},
	})
	r.CardsPerSecond = r.perSecond(b.cards)
	return r, err
}

func (b *bench) roster() string { return filepath.Join(b.dir, "roster.csv") }

func (b *bench) sample(file string) error {
	_, _ = fmt.Fprintf(b.log, "make %d people (生成样例)\n", b.cards)
	return writeFile(file, func(w io.Writer) error {
		return roster.Sample(w, roster.SampleOptions{Rows: b.cards, City: "440600", Seed: 1, Format: roster.FormatCSV})
	})
}

// issue runs the whole pipeline and measures its phases.
func (b *bench) issue(ctx context.Context, h *hub, p *phases) (card.RolloutID, error) {
	stop, err := profileTo(b.profile, "intake.prof")
	if err != nil {
		return "", err
	}
	id, err := h.createIssuance(ctx, "bench", b.roster(), "manager1", progressTo(b.log))
	if err = errors.Join(err, stop()); err != nil {
		return id, err
	}
	p.end("intake")
	for _, d := range []struct{ update, by string }{
		{workflows.UpdateSubmit, "manager1"}, {workflows.UpdateApprove, "approver1"}, {workflows.UpdateStart, "manager1"},
	} {
		if _, err := h.decide(ctx, id, d.update, card.Decision{By: d.by}); err != nil {
			return id, err
		}
		p.end(d.update)
	}
	err = b.await(ctx, h, id, func(postgres.View) {})
	p.end("issue")
	return id, err
}

// longestHistory is the number of events in the longest history of the rollout's workflows.
func (h *hub) longestHistory(ctx context.Context, id card.RolloutID) (int, error) {
	v, err := h.show(ctx, id)
	if err != nil {
		return 0, err
	}
	c, err := h.temporal(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	ids, err := workflowsOf(v)
	if err != nil {
		return 0, err
	}
	longest := 0
	for _, id := range ids {
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return 0, err
		}
		longest = max(longest, int(d.GetWorkflowExecutionInfo().GetHistoryLength()))
	}
	return longest, nil
}

// gate compares our counts with what the partners wrote down.
type gate struct {
	Accepted   int  `json:"accepted"`
	Opened     int  `json:"opened"`      // by the banks' ledgers
	Made       int  `json:"made"`        // by the bureau's ledger
	HandedOver int  `json:"handed_over"` // by the outlets' ledger
	Activated  int  `json:"activated"`   // by the banks' ledgers
	Active     int  `json:"active"`      // by ours
	Duplicates int  `json:"duplicates"`  // people whom a partner has served twice
	Invariants bool `json:"invariants"`
	OK         bool `json:"ok"`
}

func (h *hub) judge(ctx context.Context, id card.RolloutID, cards int, partners string) (gate, error) {
	v, err := h.show(ctx, id)
	if err != nil {
		return gate{}, err
	}
	g := gate{Accepted: v.Counts.Accepted, Active: v.Counts.Active, Invariants: true}
	for _, i := range v.Invariants {
		g.Invariants = g.Invariants && i.Holds
	}
	for _, p := range h.cfg.Partners {
		ledger, err := askLedger(ctx, partners, p.Name)
		if err != nil {
			return g, err
		}
		g.Duplicates += len(ledger.Duplicates)
		switch p.Kind {
		case config.Bank:
			g.Opened += ledger.Events["opened"]
			g.Activated += ledger.Events["activated"]
		case config.Bureau:
			g.Made += ledger.Events["made"]
		case config.Outlet:
			g.HandedOver += ledger.Events["handed_over"]
		case config.Civil:
		}
	}
	g.OK = g.Invariants && g.Duplicates == 0 && g.Accepted == cards && g.Opened == cards && g.Made == cards && g.HandedOver == cards &&
		g.Activated == cards && g.Active == cards
	return g, nil
}

func (r benchResult) fault() error {
	return counts(r.Gate.OK, "the partners' ledgers do not agree with ours (对端台账与本方不一致)")
}

func (r benchResult) write(w io.Writer) error {
	t := table{{"figure", "value"}, {"cards", fmt.Sprint(r.Cards)}, {"cards per second", fmt.Sprint(r.CardsPerSecond)}}
	t = append(t, r.lines("intake", "submit", "approve", "start", "issue")...)
	t = append(t, []string{"gate", fmt.Sprintf("%+v", r.Gate)})
	return t.write(w)
}
