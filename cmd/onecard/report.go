package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

func reportCommand(s *settings) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "report ID -o FILE.xlsx",
		Short:   "Write what was done, per city, bank and outlet, with totals that equal the ledger (报告)",
		Example: "  onecard rollout report R20261121-001 -o report.xlsx",
		Args:    oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			if err := h.writeReport(cmd.Context(), card.RolloutID(args[0]), out); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "report written to %s (报告已写入)\n", out)
			return err
		}),
	}
	fileFlag(cmd, &out)
	return cmd
}

// writeReport writes the workbook of what a rollout did.
func (h *hub) writeReport(ctx context.Context, id card.RolloutID, path string) error {
	v, err := h.show(ctx, id)
	if err != nil {
		return err
	}
	r := reportOf(v)
	for _, fill := range []func(context.Context, card.RolloutID, *roster.Report) error{h.reportParts, h.reportFiles, h.reportApprovals} {
		if err := fill(ctx, id, &r); err != nil {
			return err
		}
	}
	r.Accounts = h.closingAccounts(ctx, id)
	return writeFile(path, func(w io.Writer) error { return roster.WriteReport(w, r) })
}

func reportOf(v postgres.View) roster.Report {
	r := roster.Report{ID: string(v.ID), Name: v.Name, Kind: v.Kind, Status: statusText(v.Status), AsOf: clock(v.AsOf), Counts: reportCounts(v.Counts)}
	for _, b := range v.Batches {
		r.Batches = append(r.Batches, roster.Batch{ID: b.ID, City: cityName(b.City), Bank: bankName(b.Bank), Status: string(b.Status),
			WorkflowID: b.WorkflowID, Counts: reportCounts(b.Counts)})
	}
	for _, i := range v.Invariants {
		r.Invariants = append(r.Invariants, roster.Invariant{Name: i.Name, Figure: i.Figure, Holds: i.Holds})
	}
	return r
}

func reportCounts(c postgres.Counts) roster.Counts {
	return roster.Counts{
		Rows: int64(c.Rows), Accepted: int64(c.Accepted), Refused: int64(c.Refused), Matched: int64(c.Matched),
		AccountOpened: int64(c.AccountOpened), Made: int64(c.Made), InStock: int64(c.InStock), Dispatched: int64(c.Dispatched),
		HandedOver: int64(c.HandedOver), Active: int64(c.Active), Failed: int64(c.Failed), Unknown: int64(c.Unknown),
	}
}

// reportParts divides the counts by city, by bank and by outlet.
func (h *hub) reportParts(ctx context.Context, id card.RolloutID, r *roster.Report) error {
	parts, err := h.ledger.Parts(ctx, id)
	if err != nil {
		return err
	}
	cities, banks, outlets := grouping{}, grouping{}, grouping{}
	for _, p := range parts {
		c, _ := card.FindCity(p.City)
		b, _ := card.FindBank(p.Bank)
		cities.add(roster.Group{Code: p.City, Name: c.ZH}, p.Counts)
		banks.add(roster.Group{Code: p.Bank, Name: b.ZH}, p.Counts)
		outlet := roster.Group{}
		if p.Outlet != "" {
			outlet = roster.Group{Code: p.Outlet, City: c.ZH, Bank: b.ZH}
		}
		outlets.add(outlet, p.Counts)
	}
	r.Cities, r.Banks, r.Outlets = cities.groups(), banks.groups(), outlets.groups()
	p, err := h.ledger.Preview(ctx, id)
	for _, x := range p.Refusals {
		r.Refusals = append(r.Refusals, roster.Refusal{Reason: x.Reason, Rows: int64(x.Rows)})
	}
	return err
}

// grouping adds counts up by group, in the order in which the groups were met.
type grouping struct {
	order []roster.Group
	sums  map[roster.Group]*postgres.Counts
}

func (g *grouping) add(key roster.Group, c postgres.Counts) {
	if g.sums == nil {
		g.sums = map[roster.Group]*postgres.Counts{}
	}
	if g.sums[key] == nil {
		g.sums[key] = &postgres.Counts{}
		g.order = append(g.order, key)
	}
	g.sums[key].Add(c)
}

func (g *grouping) groups() []roster.Group {
	groups := make([]roster.Group, len(g.order))
	for i, key := range g.order {
		groups[i] = key
		groups[i].Counts = reportCounts(*g.sums[key])
	}
	return groups
}

func (h *hub) reportFiles(ctx context.Context, id card.RolloutID, r *roster.Report) error {
	files, err := h.ledger.Files(ctx, id)
	for _, f := range files {
		direction := "发出 out"
		if f.Direction == "in" {
			direction = "收到 in"
		}
		r.Files = append(r.Files, roster.File{Direction: direction, Partner: f.File.Partner, Kind: string(f.File.Kind), Name: f.File.Name(),
			State: f.State, At: clock(f.At), SM3: f.SM3, Rows: int64(f.Rows), Bytes: f.Size})
	}
	return err
}

func (h *hub) reportApprovals(ctx context.Context, id card.RolloutID, r *roster.Report) error {
	approvals, err := h.ledger.Approvals(ctx, id)
	for _, a := range approvals {
		r.Approvals = append(r.Approvals, roster.Approval{Action: "审批 approve", By: a.By, At: clock(a.At), SM3: hex.EncodeToString(a.Hash), Rows: r.Counts.Rows})
	}
	return err
}

func (h *hub) closingAccounts(ctx context.Context, id card.RolloutID) iter.Seq2[roster.Account, error] {
	return func(yield func(roster.Account, error) bool) {
		for c, err := range h.ledger.AccountsToClose(ctx, id) {
			a := roster.Account{Batch: c.Batch.String(), City: cityName(c.Batch.City), Bank: bankName(c.Batch.Bank), CardNumber: string(c.Number),
				Account: c.Account, Note: string(c.Reason)}
			if c.At != nil {
				a.OpenedAt = clock(*c.At)
			} else {
				a.Note = "已申请，结果未知，请向银行查询 requested, outcome unknown: ask the bank"
			}
			if !yield(a, err) {
				return
			}
		}
	}
}
