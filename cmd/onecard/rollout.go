package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/emmansun/gmsm/sm3"
	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

func rolloutCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollout",
		Short: "Launch, approve, run and follow a rollout (发放计划)",
		Example: `  onecard rollout create issuance --name "佛山首批" --roster roster.xlsx --as manager1
  onecard rollout preview R20261121-001
  onecard rollout submit R20261121-001 --as manager1
  onecard rollout approve R20261121-001 --as approver1
  onecard rollout start R20261121-001
  onecard rollout show R20261121-001 --watch`,
	}
	create := &cobra.Command{Use: "create", Short: "Take a roster in as a new rollout, in draft"}
	create.AddCommand(createIssuanceCommand(s), createSubsidyCommand(s))
	cmd.AddCommand(create, listCommand(s), previewCommand(s), showCommand(s), timelineCommand(s), errorsCommand(s), reportCommand(s))
	cmd.AddCommand(decisionCommands(s)...)
	cmd.AddCommand(holdCommands(s)...)
	cmd.AddCommand(followUpCommand(s), payRowCommand(s), paySampleCommand(s), rolloutEvidenceCommand(s), rehearseCommand(s))
	return cmd
}

func createIssuanceCommand(s *settings) *cobra.Command {
	var name, file, by string
	cmd := &cobra.Command{
		Use:   "issuance --name NAME --roster FILE --as WHO",
		Short: "Take a roster of people in who are to get their cards; prints the rollout's ID",
		Long: `Take a roster in: a workbook made by "onecard template roster", or a CSV file with the same headings in UTF-8 or
GB18030. Every row is checked; rows that fail are refused one by one with all their reasons and can be had back, with how to mend
them, by "rollout errors". Nothing leaves the hub before the rollout is submitted, approved and started.`,
		Example: `  onecard rollout create issuance --name "佛山2026首批" --roster foshan.xlsx --as manager1`,
		Args:    cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			id, err := h.createIssuance(cmd.Context(), name, file, by, progressTo(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if _, err = fmt.Fprintln(cmd.OutOrStdout(), id); err != nil {
				return err
			}
			return h.whatNow(cmd.Context(), id, cmd.ErrOrStderr())
		}),
	}
	cmd.Flags().StringVar(&name, "name", "", "the rollout's name")
	cmd.Flags().StringVar(&file, "roster", "", "workbook or CSV file of people")
	cmd.Flags().StringVar(&by, "as", "", "who makes it")
	require(cmd, "name", "roster", "as")
	return cmd
}

// require marks flags without which the command line cannot be meant.
func require(cmd *cobra.Command, names ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range names {
			if f := cmd.Flags().Lookup(name); f != nil && (f.Value.String() == "" || f.Value.String() == "0" && !f.Changed) {
				return fmt.Errorf("%w: --%s is missing (缺少 --%s)", errUse, name, name)
			}
		}
		return nil
	}
}

// createIssuance takes the roster in and starts the rollout's workflow, which waits for decisions.
func (h *hub) createIssuance(ctx context.Context, name, file, by string, p *progress) (card.RolloutID, error) {
	absent, err := h.absentees(ctx)
	if err != nil {
		return "", err
	}
	r, err := roster.Open(file, roster.Options{Encodable: encodable, Admit: h.admit(absent)})
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // read only
	return h.takeIn(ctx, file, p, r.Warnings(), func(digest func() [32]byte) (card.RolloutID, error) {
		return h.ledger.CreateRollout(ctx, h.newRollout(name, file, by), h.rows(r, p), digest)
	})
}

// newRollout is what a rollout of cards starts from.
func (h *hub) newRollout(name, file, by string) postgres.NewRollout {
	i := h.cfg.Issuance
	return postgres.NewRollout{
		Name: name, Roster: filepath.Base(file), MadeBy: by, BatchRows: i.BatchRows, CanaryRows: i.CanaryRows,
		CanaryThreshold: int(i.CanaryThreshold * 10_000),
	}
}

// takeIn has create take the roster in file in, and starts the rollout's workflow.
func (h *hub) takeIn(ctx context.Context, file string, p *progress, warnings []string, create func(digest func() [32]byte) (card.RolloutID, error)) (card.RolloutID, error) {
	var digestErr error
	id, err := create(func() (sum [32]byte) {
		sum, digestErr = digestOf(file)
		return sum
	})
	p.end()
	if err = errors.Join(err, digestErr); err != nil {
		return "", err
	}
	for _, warning := range warnings {
		p.line("note (提示): %s", warning)
	}
	if err := h.startWorkflow(ctx, id); err != nil {
		// Nothing is lost: the first decision starts it.
		p.line("note (提示): Temporal cannot be reached yet; the rollout waits in the ledger (流程引擎暂不可用，计划已存入台账): %v", err)
	}
	return id, nil
}

// whatNow says in a line what became of the rows, and what comes next.
func (h *hub) whatNow(ctx context.Context, id card.RolloutID, w io.Writer) error {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return err
	}
	c := v.Counts
	_, _ = fmt.Fprintf(w, "名册 %d 行：接收 %d，拒绝 %d。下一步：onecard rollout preview %s\n"+
		"%d rows: %d accepted, %d refused. Next: onecard rollout preview %s\n", c.Rows, c.Accepted, c.Refused, id, c.Rows, c.Accepted, c.Refused, id)
	if c.Refused > 0 {
		_, _ = fmt.Fprintf(w, "被拒绝的行 the refused rows: onecard rollout errors %s -o errors.xlsx\n", id)
	}
	return nil
}

// rows hands the roster's rows to the ledger.
func (h *hub) rows(r *roster.Reader, p *progress) iter.Seq2[postgres.Row, error] {
	return func(yield func(postgres.Row, error) bool) {
		for row, err := range r.Rows() {
			if !yield(postgres.Row{Number: row.Number, Application: row.Application, Cells: row.Cells, Reasons: row.Reasons}, err) {
				return
			}
			p.count("rows checked (已检查)", 1)
		}
	}
}

// encodable says whether every partner file, and the chip, can carry the name.
func encodable(name string) bool {
	text, err := layout.GB18030.Encode(name)
	if err != nil {
		return false
	}
	_, err = card.EF06(card.EF06Data{}, text)
	return card.ReasonOf(err) != card.ReasonNameTooLong
}

// admit refuses rows of banks with which nothing has been agreed, or that are not live.
func (h *hub) admit(missing []absent) func(card.Application) []card.Reason {
	var serving []string
	for _, p := range h.cfg.Partners {
		if p.Kind == config.Bank {
			serving = append(serving, p.Bank)
		}
	}
	return func(a card.Application) []card.Reason {
		if slices.ContainsFunc(missing, func(m absent) bool { return m.bank == a.Bank && m.bank != "" }) {
			return []card.Reason{card.ReasonPartnerNotLive}
		}
		if slices.Contains(serving, a.Bank) {
			return nil
		}
		return []card.Reason{card.ReasonBankNotServing}
	}
}

func digestOf(file string) (sum [32]byte, err error) {
	f, err := os.Open(file) //nolint:gosec // the user names the file
	if err != nil {
		return sum, fmt.Errorf("read the file again: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	digest := sm3.New()
	if _, err := io.Copy(digest, f); err != nil {
		return sum, fmt.Errorf("read the file again: %w", err)
	}
	return [32]byte(digest.Sum(nil)), nil
}
