package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

func previewCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview ID",
		Short: "Show what a rollout would do: per city, bank and outlet, refusals by reason, files and time expected",
		Example: `  onecard rollout preview R20261121-001
  onecard rollout preview R20261121-001 -o json`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p, err := h.ledger.Preview(cmd.Context(), card.RolloutID(args[0]))
			if err != nil {
				return err
			}
			if p.Kind == postgres.KindSubsidy {
				return h.previewPayout(cmd.Context(), p.ID, s.json(), cmd.OutOrStdout())
			}
			missing, err := h.lacking(cmd.Context(), p.View)
			if err != nil {
				return err
			}
			expected := h.outlook(p)
			expected.NotLive = missing
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), struct {
					postgres.Preview
					Outlook outlook `json:"outlook"`
				}{p, expected})
			}
			return printPreview(cmd.OutOrStdout(), p, expected)
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

// outlook is what a rollout will need of the partners.
type outlook struct {
	FilesOut int      `json:"files_out"`
	FilesIn  int      `json:"files_in"`
	NotLive  []absent `json:"not_live,omitempty"` // partners without which it cannot be submitted
	Agreed   string   `json:"agreed_time"`        // until the cards are dispatched, when each partner takes all the time that was agreed
}

// Files that a batch sends and gets when nothing has to be asked or made again.
const (
	filesOut = 5 // match, accounts, cards, dispatch, activations
	filesIn  = 5 // match, accounts, cards, reports, activations
)

func (h *hub) outlook(p postgres.Preview) outlook {
	var civil, bank, bureau time.Duration
	for _, x := range h.cfg.Partners {
		switch x.Kind {
		case config.Civil:
			civil = x.AnswerWithin
		case config.Bank:
			bank = max(bank, x.AnswerWithin)
		case config.Bureau:
			bureau = x.AnswerWithin
		case config.Outlet:
		}
	}
	waves := 1
	if len(p.Batches) > 0 && p.Batches[0].Kind == card.CanaryBatch {
		waves++ // the rest waits for the canary
	}
	if extra := len(p.Batches) - waves + 1; extra > h.cfg.Issuance.Concurrency {
		waves += (extra - 1) / h.cfg.Issuance.Concurrency
	}
	return outlook{FilesOut: filesOut * len(p.Batches), FilesIn: filesIn * len(p.Batches), Agreed: (time.Duration(waves) * (civil + bank + bureau)).String()}
}

func printPreview(w io.Writer, p postgres.Preview, o outlook) error {
	c := p.Counts
	_, _ = fmt.Fprintf(w, "%s  %s  %s\n  rows %d = accepted %d + refused %d (名册 %d 行，接收 %d，拒绝 %d)\n\n", p.ID, p.Name, statusText(p.Status),
		c.Rows, c.Accepted, c.Refused, c.Rows, c.Accepted, c.Refused)
	t := table{{"city 城市", "bank 银行", "way 领卡方式", "outlet 网点", "cards 张"}}
	for _, g := range p.Groups {
		t = append(t, append([]string{cityName(g.City), bankName(g.Bank), g.Mode.Name().ZH, g.Outlet}, numbers(g.Rows)...))
	}
	if err := t.write(w); err != nil {
		return err
	}
	if len(p.Refusals) > 0 {
		_, _ = fmt.Fprintln(w, "\nrefusals by reason (拒绝原因; a row may have several)")
		t = table{{"rows 行", "code", "reason 原因"}}
		for _, r := range p.Refusals {
			t = append(t, append(numbers(r.Rows), string(r.Reason), r.Reason.Text().ZH+" "+r.Reason.Text().EN))
		}
		if err := t.write(w); err != nil {
			return err
		}
	}
	for _, a := range o.NotLive {
		_, _ = fmt.Fprintf(w, "\n%s\n", a)
	}
	_, err := fmt.Fprintf(w, "\nbatches (批次): %d   files out (发出文件): %d   files in (收回文件): %d\n"+
		"cards dispatched within (最迟分拨): %s, when every partner takes all its agreed time\n"+
		"content to approve (待审批内容 SM3): %s\n", len(p.Batches), o.FilesOut, o.FilesIn, o.Agreed, orNone(p.ContentHash))
	return err
}

func orNone(hash string) string {
	if hash == "" {
		return "taken on submission (提交时生成)"
	}
	return hash
}

func cityName(code string) string {
	c, _ := card.FindCity(code)
	return code + " " + c.ZH
}

func bankName(prefix string) string {
	b, _ := card.FindBank(prefix)
	return prefix + " " + b.ZH
}
