package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// partnerDecisions are the commands by which people decide about a partner.
func partnerDecisions(s *settings) []*cobra.Command {
	return []*cobra.Command{
		partnerDecision(s, "go-live", "Ask for a partner to go live; wants a green report of what is configured now (申请上线)",
			func(ctx context.Context, h *hub, name, by, binding string) error {
				return h.ledger.AskPartnerLive(ctx, name, by, binding)
			}),
		partnerDecision(s, "approve", "Confirm that a partner goes live; never by who asked (批准上线)",
			func(ctx context.Context, h *hub, name, by, binding string) error {
				return h.ledger.ApprovePartnerLive(ctx, name, by, binding)
			}),
		partnerSuspendCommand(s),
	}
}

func partnerDecision(s *settings, verb, short string, decide func(ctx context.Context, h *hub, name, by, binding string) error) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use: verb + " NAME", Short: short, Example: "  onecard partner " + verb + " CCB --as operator1", Args: named("NAME"),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p, err := h.partner(args[0])
			if err != nil {
				return err
			}
			binding, err := bindingOf(h.cfg, p)
			if err != nil {
				return err
			}
			if err := decide(cmd.Context(), h, p.Name, by, binding); err != nil {
				return err
			}
			return h.tellStanding(cmd.Context(), cmd.OutOrStdout(), p)
		}),
	}
	cmd.Flags().StringVar(&by, "as", "", "who decides")
	require(cmd, "as")
	return cmd
}

func partnerSuspendCommand(s *settings) *cobra.Command {
	var by, reason string
	cmd := &cobra.Command{
		Use: "suspend NAME", Short: "Take a partner out: no rollout is submitted, approved or started with it (停用)",
		Example: `  onecard partner suspend CCB --reason "主机密钥泄露" --as operator1`, Args: named("NAME"),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p, err := h.partner(args[0])
			if err != nil {
				return err
			}
			if err := h.ledger.SuspendPartner(cmd.Context(), p.Name, by, reason); err != nil {
				return err
			}
			return h.tellStanding(cmd.Context(), cmd.OutOrStdout(), p)
		}),
	}
	cmd.Flags().StringVar(&by, "as", "", "who decides")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	require(cmd, "as", "reason")
	return cmd
}

func (h *hub) tellStanding(ctx context.Context, w io.Writer, p config.Partner) error {
	state, _, _, err := h.stance(ctx, p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s is %s (%s)\n", p.Name, string(state), standingZH[state])
	return err
}

func partnerListCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "All partners, how they stand, and their last reports (合作单位一览)",
		Example: "  onecard partner list\n  onecard partner list -o json", Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			var list []partnerView
			for _, p := range h.cfg.Partners {
				v, err := h.viewPartner(cmd.Context(), p)
				if err != nil {
					return err
				}
				list = append(list, v)
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), list)
			}
			return partnerTable(list).write(cmd.OutOrStdout())
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

// partnerView is a partner as people see it.
type partnerView struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Way     string   `json:"way"` // address, or that it logs in to us
	State   standing `json:"state"`
	Added   string   `json:"added,omitempty"` // its file, when a command added it
	Contact string   `json:"contact,omitempty"`
	Layouts []string `json:"layouts,omitempty"`
	Binding string   `json:"binding"`
	postgres.PartnerStanding
}

func (h *hub) viewPartner(ctx context.Context, p config.Partner) (partnerView, error) {
	state, s, binding, err := h.stance(ctx, p)
	way := p.Address
	if p.LogsIn() {
		way = "logs in to us 登录我方"
	}
	return partnerView{p.Name, string(p.Kind), way, state, p.Added, p.Contact, p.Layouts, binding, s}, err
}

func partnerTable(list []partnerView) table {
	t := table{{"NAME 名称", "KIND 类型", "WAY 连接", "STATE 状态", "REPORT 最近报告"}}
	for _, v := range list {
		t = append(t, []string{v.Name, v.Kind, v.Way, v.State.String(), v.report()})
	}
	return t
}

func (v partnerView) report() string {
	r := v.Report
	switch {
	case r == nil:
		return "-"
	case r.Binding != v.Binding:
		return clock(r.At) + " stale 已失效"
	case r.Green:
		return clock(r.At) + " green 全绿"
	}
	return fmt.Sprintf("%s %d failed 项未通过", clock(r.At), r.Failed)
}

func partnerShowCommand(s *settings) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "show NAME", Short: "One partner: state, last report, who signed (合作单位详情)",
		Example: "  onecard partner show CCB\n  onecard partner show CCB --report report.xlsx", Args: named("NAME"),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p, err := h.partner(args[0])
			if err != nil {
				return err
			}
			v, err := h.viewPartner(cmd.Context(), p)
			if err != nil {
				return err
			}
			if out != "" {
				r, err := lastReport(v.PartnerStanding)
				if err != nil {
					return err
				}
				return writeReport(cmd, out, r)
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return showPartner(cmd.OutOrStdout(), v)
		}),
	}
	formatFlag(cmd, s)
	cmd.Flags().StringVar(&out, "report", "", "write the last report anew: FILE.xlsx, .md or .json")
	return cmd
}

func showPartner(w io.Writer, v partnerView) error {
	_, _ = fmt.Fprintf(w, "%s  %s  %s\nstate 状态: %s\nfile 配置: %s\nbinding 配置摘要 SM3: %s\nreport 最近报告: %s\n",
		v.Name, v.Kind, v.Way, v.State, cmp.Or(v.Added, "the settings 主配置"), v.Binding, v.report())
	if v.Report != nil {
		_, _ = fmt.Fprintf(w, "  No. %d, by %s, passed 通过 %d, failed 未通过 %d, not applicable 不适用 %d, sm3 %s\n",
			v.Report.No, v.Report.By, v.Report.Passed, v.Report.Failed, v.Report.Idle, v.Report.SM3)
	}
	t := table{{"TIME 时间", "WHAT 事项", "WHO 谁", "REPORT 报告", "WHY 原因"}}
	for _, d := range v.Decisions {
		t = append(t, []string{clock(d.At), d.What, d.By, fmt.Sprint(d.Report), d.Reason})
	}
	return t.write(w)
}
