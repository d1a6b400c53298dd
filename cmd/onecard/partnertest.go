package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/conformance"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
)

// testedBy is the kind of file that a partner of each kind is tested with.
var testedBy = map[config.Kind]card.FileKind{
	config.Bank: card.AcctReq, config.Bureau: card.CardReq, config.Civil: card.MatchReq, config.Outlet: card.Dispatch,
}

func partnerTestCommand(s *settings) *cobra.Command {
	var out, by string
	var wait, list time.Duration
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Run the conformance checks in the partner's folder test/, and keep the report (一致性测试)",
		Long: `Run the conformance checks: connection and keys, folders and rights, names, manifests, publish with proof, habits of the server
against what was declared, layouts and encodings, totals, sequences, receipts, and every kind of bad file, which the partner must refuse.
All happens in the folder test/ of the partner's account, where by the convention its test system works: no card is made, no money moves.
The report is in Chinese first, holds no secrets, is kept in the ledger, and can be handed to the partner: -o FILE.xlsx, .md or .json.

在合作单位账户的 test/ 文件夹内做一致性测试，不制卡、不动账。报告以中文为主，存入台账，可直接交给合作单位。`,
		Example: "  onecard partner test CCB --as operator1\n  onecard partner test CCB -o report.xlsx --as operator1\n  onecard partner test CCB -o report.md --wait 10m",
		Args:    named("NAME"),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			told := func(r conformance.Result) { tellCheck(cmd.ErrOrStderr(), r) }
			r, err := h.testPartner(cmd.Context(), args[0], by, conformance.Options{Wait: wait, List: list, Told: told})
			if err != nil {
				return err
			}
			if err := writeReport(cmd, out, r); err != nil {
				return err
			}
			if !r.Green() {
				return card.E(card.Conflict, "test partner "+args[0], card.ReasonPartnerFailed, fmt.Errorf("%s", r.Verdict().EN))
			}
			return nil
		}),
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file for the report: .xlsx, .md or .json; standard output, as .md, when empty")
	cmd.Flags().StringVar(&by, "as", "operator", "who tests")
	cmd.Flags().DurationVar(&wait, "wait", 2*time.Minute, "how long the partner's test system may take over what it is sent")
	cmd.Flags().DurationVar(&list, "listing", 5*time.Second, "how long a listing may take")
	return cmd
}

// tellCheck says on the terminal how a check ended.
func tellCheck(w io.Writer, r conformance.Result) {
	marks := map[conformance.Outcome]string{conformance.Passed: "通过", conformance.Failed: "未通过 FAIL", conformance.Idle: "不适用"}
	_, _ = fmt.Fprintf(w, "%s %s %s: %s\n", marks[r.Outcome], r.Code, r.Name.ZH, r.Found.ZH)
}

// testPartner tests a partner and keeps the report.
func (h *hub) testPartner(ctx context.Context, name, by string, o conformance.Options) (conformance.Report, error) {
	p, err := h.partner(name)
	if err != nil {
		return conformance.Report{}, err
	}
	binding, err := bindingOf(h.cfg, p)
	if err != nil {
		return conformance.Report{}, err
	}
	set, err := layout.OpenSet(p.Layouts...)
	if err != nil {
		return conformance.Report{}, err
	}
	r, err := conformance.Run(ctx, conformance.Subject{Endpoint: endpoint(h.cfg, p), Request: testedBy[p.Kind], Layouts: set, Known: p.Server.Known}, o)
	if err != nil {
		return r, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return r, fmt.Errorf("keep the report: %w", err)
	}
	_, err = h.ledger.KeepPartnerReport(ctx, postgres.PartnerReport{Partner: name, By: by, Binding: binding, Green: r.Green(),
		Passed: r.Count(conformance.Passed), Failed: r.Count(conformance.Failed), Idle: r.Count(conformance.Idle), Text: string(text)})
	return r, err
}

func writeReport(cmd *cobra.Command, out string, r conformance.Report) error {
	write := r.Markdown
	switch filepath.Ext(out) {
	case ".xlsx":
		write = r.Workbook
	case ".json":
		write = func(w io.Writer) error { return writeJSON(w, r) }
	case ".md", "":
	default:
		return fmt.Errorf("%w: -o FILE.xlsx, FILE.md or FILE.json", errUse)
	}
	if err := writeTo(cmd, out, write); err != nil || out == "" {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s\n%s\n", out, r.Verdict().ZH, r.Verdict().EN)
	return err
}

// lastReport is the report that the ledger keeps, as it was.
func lastReport(s postgres.PartnerStanding) (conformance.Report, error) {
	var r conformance.Report
	if s.Report == nil {
		return r, card.E(card.NotFound, "read the report", card.ReasonPartnerUntested, os.ErrNotExist)
	}
	err := json.Unmarshal([]byte(s.Report.Text), &r)
	return r, err
}
