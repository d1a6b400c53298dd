package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func programmeCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "programme",
		Short: "The subsidies that are paid: payer, purpose, period, amounts, notice, approval (补贴项目)",
		Example: `  onecard programme list
  onecard programme show CA03
  onecard programme export -o programmes.toml
  onecard programme put programmes.toml --as manager1`,
	}
	cmd.AddCommand(listProgrammesCommand(s), showProgrammeCommand(s), putProgrammesCommand(s), exportProgrammesCommand(s))
	return cmd
}

func listProgrammesCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the programmes", Example: "  onecard programme list", Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			all, err := h.ledger.Programmes(cmd.Context())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			t := table{{"ID", "name 名称", "period 发放周期", "yuan a person 每人金额", "notice 公示天数", "group 互斥组"}}
			for _, p := range all {
				t = append(t, []string{p.ID, p.Name, p.Period, amountRule(p), fmt.Sprint(p.Notice), p.Group})
			}
			return t.write(cmd.OutOrStdout())
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

// amountRule says what a person gets.
func amountRule(p card.Programme) string {
	switch {
	case p.Fixed > 0:
		return card.FormatYuan(p.Fixed)
	case p.Limit > 0:
		return "<= " + card.FormatYuan(p.Limit)
	}
	return "as the roster says 按名册"
}

func showProgrammeCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one programme, and how its periods are written", Example: "  onecard programme show CA03", Args: cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p, err := h.programme(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), p)
			}
			return printProgramme(cmd.OutOrStdout(), p)
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

// programme finds a programme in the ledger.
func (h *hub) programme(ctx context.Context, id string) (card.Programme, error) {
	all, err := h.ledger.Programmes(ctx)
	if err != nil {
		return card.Programme{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return card.Programme{}, card.E(card.NotFound, "find programme "+id, card.ReasonProgrammeUnknown, nil)
}

func printProgramme(w io.Writer, p card.Programme) error {
	t := table{
		{p.ID, p.Name + "  " + p.English}, {"department 部门", p.Department}, {"payer 付款方", p.Payer}, {"purpose 用途", p.Purpose},
		{"period 发放周期", p.Period + ", such as 例如 " + p.PeriodExample()}, {"yuan a person 每人金额", amountRule(p)},
		{"days of notice 公示天数", fmt.Sprint(p.Notice)}, {"excludes 互斥组", p.Group},
	}
	for _, tier := range p.Tiers {
		t = append(t, []string{"approval 审批", tierText(tier)})
	}
	return t.write(w)
}

// tierText says who approves what.
func tierText(t card.Tier) string {
	var limits []string
	if t.Rows > 0 {
		limits = append(limits, fmt.Sprintf("%d people 人", t.Rows))
	}
	if t.Fen > 0 {
		limits = append(limits, card.FormatYuan(t.Fen)+" yuan 元")
	}
	text := "any number and amount 不限"
	if len(limits) > 0 {
		text = "up to 不超过 " + strings.Join(limits, ", ")
	}
	text += ": " + string(card.RoleMaker) + " " + roleZH(card.RoleMaker)
	for _, r := range t.Roles {
		text += ", " + string(r) + " " + roleZH(r)
	}
	return text
}

func putProgrammesCommand(s *settings) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:   "put FILE.toml --as WHO",
		Short: "Keep the programmes of a file under their IDs; all of them, or none",
		Long: `Keep the programmes of a file, in the format of "programme export", under their IDs. Rollouts that were made before keep the rules
that they were made under. A file with one wrong programme changes nothing.`,
		Example: "  onecard programme put programmes.toml --as manager1",
		Args:    cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			all, err := readProgrammes(args[0])
			if err != nil {
				return err
			}
			if err := putProgrammes(cmd.Context(), h.ledger, all, by); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d programmes kept (已保存 %d 个补贴项目)\n", len(all), len(all))
			return err
		}),
	}
	cmd.Flags().StringVar(&by, "as", "", "who changes them")
	require(cmd, "as")
	return cmd
}

func putProgrammes(ctx context.Context, l *postgres.Ledger, all []card.Programme, by string) error {
	for _, p := range all {
		if err := l.PutProgramme(ctx, p, by); err != nil {
			return err
		}
	}
	return nil
}

func exportProgrammesCommand(s *settings) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "export -o FILE.toml", Short: "Write all programmes to a file, to be changed and put back", Args: cobra.NoArgs,
		Example: "  onecard programme export -o programmes.toml",
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			all, err := h.ledger.Programmes(cmd.Context())
			if err != nil {
				return err
			}
			return writeFile(out, func(w io.Writer) error { return writeProgrammes(w, all) })
		}),
	}
	fileFlag(cmd, &out)
	return cmd
}

// firstProgrammes gives the ledger the programmes that a hub begins with. Those that are there already stay as they are.
func firstProgrammes(ctx context.Context, l *postgres.Ledger) error {
	known, err := l.Programmes(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, p := range known {
		there[p.ID] = true
	}
	all, err := card.Subsidies()
	if err != nil {
		return err
	}
	for _, p := range all {
		if there[p.ID] {
			continue
		}
		if err := l.PutProgramme(ctx, p, "onecard"); err != nil {
			return err
		}
	}
	return nil
}
