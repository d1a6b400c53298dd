package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

func templateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "template", Short: "Write the workbooks that people fill in (模板)"}
	var out string
	sheet := &cobra.Command{
		Use: "roster -o FILE.xlsx", Short: "The workbook in which a city hands in its people (名册模板)",
		Example: "  onecard template roster -o roster.xlsx", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return writeFile(out, func(w io.Writer) error { return roster.WriteTemplate(w, roster.TemplateOptions{}) })
		},
	}
	fileFlag(sheet, &out)
	payroll := &cobra.Command{
		Use: "payroll -o FILE.xlsx", Short: "The workbook in which a department hands in whom to pay (补贴名册模板)",
		Example: "  onecard template payroll -o payroll.xlsx", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return writeFile(out, roster.WritePayTemplate) },
	}
	fileFlag(payroll, &out)
	cmd.AddCommand(sheet, payroll)
	return cmd
}

func fileFlag(cmd *cobra.Command, out *string) {
	cmd.Flags().StringVarP(out, "output", "o", "", "file to write")
	require(cmd, "output")
}

// writeFile writes a private file in one step: there is the whole file, or none.
func writeFile(path string, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".onecard-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // renamed away when all went well
	if err := errors.Join(write(temp), temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func sampleCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "sample", Short: "Make synthetic data (样例数据)"}
	var o roster.SampleOptions
	var out string
	people := &cobra.Command{
		Use:   "roster --rows N -o FILE.xlsx|FILE.csv",
		Short: "A roster of invented people that pass every check, and at the rate of --bad ones that fail each check in turn",
		Example: `  onecard sample roster --rows 5000 --city 440600 --seed 1 --bad 0.02 -o foshan.xlsx
  onecard sample roster --rows 1000000 --city 440600 --seed 2 -o big.csv`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			o.Format = formatOf(out)
			return writeFile(out, func(w io.Writer) error { return roster.Sample(w, o) })
		},
	}
	people.Flags().IntVar(&o.Rows, "rows", 5000, "rows, bad ones included")
	people.Flags().StringVar(&o.City, "city", "440600", "city, by code or Chinese name")
	people.Flags().StringSliceVar(&o.Banks, "banks", nil, "banks by prefix or Chinese name; ICBC, ABC and CCB when empty")
	people.Flags().Uint64Var(&o.Seed, "seed", 1, "other seeds make other people")
	people.Flags().Float64Var(&o.Bad, "bad", 0, "share of rows that fail a check, 0 to 1")
	fileFlag(people, &out)
	cmd.AddCommand(people, sampleHoldersCommand(s), samplePayoutCommand(s), sampleCardChangesCommand(s))
	return cmd
}

// formatOf tells by its name how a roster is to be written.
func formatOf(file string) string {
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		return roster.FormatCSV
	}
	return roster.FormatXLSX
}

func errorsCommand(s *settings) *cobra.Command {
	var out string
	var perBook int
	cmd := &cobra.Command{
		Use:   "errors ID -o FILE.xlsx",
		Short: "Write the refused rows, why, and how to mend them; corrected, the workbook can be handed in (退回名册)",
		Long: `Write the refused rows with the reasons and how to mend them. Corrected, the workbook can be handed in as it stands. More rows than
--per-workbook go into several, FILE.xlsx, FILE-2.xlsx and so on, each of which is handed in for itself.`,
		Example: "  onecard rollout errors R20261121-001 -o errors.xlsx",
		Args:    oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			if !strings.HasSuffix(out, ".xlsx") {
				return fmt.Errorf("%w: -o names a workbook, FILE.xlsx (导出的是工作簿，文件名须以 .xlsx 结尾)", errUse)
			}
			p := progressTo(cmd.ErrOrStderr())
			paths, n, err := h.writeErrors(cmd.Context(), card.RolloutID(args[0]), out, perBook, p)
			p.end()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows written to %s (已导出 %d 行)\n", n, strings.Join(paths, ", "), n)
			return err
		}),
	}
	fileFlag(cmd, &out)
	perWorkbookFlag(cmd, &perBook)
	return cmd
}

// perWorkbookFlag is how many rows a workbook takes.
func perWorkbookFlag(cmd *cobra.Command, n *int) {
	cmd.Flags().IntVar(n, "per-workbook", rowsPerWorkbook, "rows of a workbook (每个工作簿的行数)")
}

// writeErrors writes the workbooks of the rows that go back to their maker, in the form in which they came.
func (h *hub) writeErrors(ctx context.Context, id card.RolloutID, path string, perBook int, p *progress) (paths []string, n int, err error) {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return nil, 0, err
	}
	rows, write := h.refusedRows(ctx, id), roster.WriteErrors
	if v.Kind == postgres.KindSubsidy {
		rows, write = h.refusedPayments(ctx, id), roster.WritePayErrors
	}
	return writeWorkbooks(path, perBook, counted(p, "rows (行)", rows), write)
}

// refusedRows returns the rows that go back to their maker.
func (h *hub) refusedRows(ctx context.Context, id card.RolloutID) iter.Seq2[roster.RefusedRow, error] {
	return func(yield func(roster.RefusedRow, error) bool) {
		for row, err := range h.ledger.Refusals(ctx, id) {
			if !yield(refusedRow(row), err) {
				return
			}
		}
	}
}

func refusedRow(row postgres.Row) roster.RefusedRow {
	cells := row.Cells
	if cells == nil {
		cells = roster.Cells(row.Application)
	}
	return roster.RefusedRow{Number: row.Number, Cells: cells, Reasons: row.Reasons}
}
