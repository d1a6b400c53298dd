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

func demoCommand(s *settings) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run whole rollouts on this machine: start everything, issue a roster of cards, pay a subsidy, report, stop",
		Long: `Start everything in DIR/demo, issue the cards of a roster from intake to activation against the simulated partners, pay a subsidy
to 2,000 of the people, two of whose payments come back and are paid again, print what was done, and stop what was started. What an earlier demo left there is deleted first.`,
		Example: "  onecard demo\n  onecard demo --roster roster.xlsx",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), filepath.Join(s.dir, "demo"), file, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&file, "roster", "testdata/rosters/foshan-5000.xlsx", "roster of people")
	return cmd
}

// demoRules make the partners of the demo as imperfect as real ones.
const demoRules = `# A few people are unknown to civil affairs, a few accounts are refused, a few cards fail in making.
[[rule]]
partner = "CIVIL"
kind = "MATCHREQ"
do = "refuse"
code = "02"
share = 0.004

[[rule]]
partner = "*"
kind = "ACCTREQ"
do = "refuse"
code = "E01"
share = 0.003

[[rule]]
partner = "BUREAU"
kind = "CARDREQ"
do = "refuse"
code = "M01"
share = 0.01
times = 2
`

func demo(ctx context.Context, dir, file string, w io.Writer) (err error) {
	if err := clean(dir); err != nil {
		return err
	}
	rules := filepath.Join(dir, "rules.toml")
	if err := os.WriteFile(rules, []byte(demoRules), 0o600); err != nil {
		return fmt.Errorf("write the rules of the partners: %w", err)
	}
	st, err := startStack(ctx, upOptions{dir: dir, rules: rules, banks: []string{"ICBC", "ABC", "CCB"}, log: w})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Stop()) }()
	h, err := openHub(ctx, &settings{dir: dir})
	if err != nil {
		return err
	}
	defer h.close()
	return h.demonstrate(ctx, dir, file, w)
}

// clean makes dir an empty folder.
func clean(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("delete what the last run left: %w", err)
	}
	return os.MkdirAll(dir, 0o700)
}

func (h *hub) demonstrate(ctx context.Context, dir, file string, w io.Writer) error {
	began := time.Now()
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintf(w, "%6.1fs  "+format+"\n", append([]any{time.Since(began).Seconds()}, args...)...)
	}
	id, err := h.createIssuance(ctx, "演示 demo", file, "manager1", progressTo(w))
	if err != nil {
		return err
	}
	say("roster taken in as %s (名册已受理)", id)
	for _, d := range []struct{ update, by string }{
		{workflows.UpdateSubmit, "manager1"}, {workflows.UpdateApprove, "approver1"}, {workflows.UpdateStart, "manager1"},
	} {
		status, err := h.decide(ctx, id, d.update, card.Decision{By: d.by})
		if err != nil {
			return err
		}
		say("%s by %s: %s (%s)", d.update, d.by, status, statusZH(status))
	}
	v, err := h.follow(ctx, id, func(v postgres.View) { say("%s", watchLine(v)) })
	if err != nil {
		return err
	}
	if err := h.conclude(ctx, v, dir, w); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w, "\na subsidy to 2,000 of them (向其中 2000 人发放补贴)")
	return h.demonstratePayments(ctx, dir, w, say)
}

// follow waits until the rollout has ended or stopped, and says when something has changed.
func (h *hub) follow(ctx context.Context, id card.RolloutID, changed func(postgres.View)) (postgres.View, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var last postgres.Counts
	for {
		v, err := h.ledger.Show(ctx, id, false)
		if err != nil {
			return v, err
		}
		if v.Counts != last {
			changed(v)
			last = v.Counts
		}
		if v.Status.Ended() || v.Status == card.RolloutStopped {
			return h.show(ctx, id)
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-tick.C:
		}
	}
}

// conclude prints the summary, writes the reports, and fails when the rollout did not end well.
func (h *hub) conclude(ctx context.Context, v postgres.View, dir string, w io.Writer) error {
	_, _ = fmt.Fprintln(w)
	if err := printView(w, v); err != nil {
		return err
	}
	report := filepath.Join(dir, "report.json")
	if err := writeFile(report, func(w io.Writer) error { return writeJSON(w, v) }); err != nil {
		return err
	}
	workbook := filepath.Join(dir, "report.xlsx")
	if err := h.writeReport(ctx, v.ID, workbook); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "\nreport (报告): %s, %s\n", report, workbook)
	if v.Status != card.RolloutDone {
		return fmt.Errorf("the rollout ended as %s %s", v.Status, v.Note)
	}
	for _, i := range v.Invariants {
		if !i.Holds {
			return card.E(card.Breach, i.Name, card.ReasonInvariantBreach, errors.New(i.Figure))
		}
	}
	return nil
}
