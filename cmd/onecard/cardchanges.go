package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func sampleCardChangesCommand(s *settings) *cobra.Command {
	var id, by string
	var share float64
	var seed int64
	cmd := &cobra.Command{
		Use:   "card-changes --rollout ID",
		Short: "Let cards change whose payments wait or are out: loss, replacement, closed account, bank switch, death (样例卡变动)",
		Long: `Let the cards of a share of the payees change while their payments wait or are out, with each event of the rule table in turn. What
becomes of each payment is the table's; "rollout row" shows the trace.`,
		Example: `  onecard sample card-changes --rollout R20261121-002 --share 0.02 --seed 3`,
		Args:    cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			if !(share > 0 && share <= 1) {
				return fmt.Errorf("%w: --share is above 0 and at most 1", errUse)
			}
			p := progressTo(cmd.ErrOrStderr())
			defer p.end()
			return h.changeCards(cmd.Context(), card.RolloutID(id), share, seed, by, cmd.OutOrStdout(), p)
		}),
	}
	cmd.Flags().StringVar(&id, "rollout", "", "ID of the subsidy rollout")
	cmd.Flags().Float64Var(&share, "share", 0.02, "share of the payments that wait or are out")
	cmd.Flags().Int64Var(&seed, "seed", 1, "other seeds pick other payments")
	cmd.Flags().StringVar(&by, "as", "sample", "who tells the events")
	require(cmd, "rollout")
	return cmd
}

// changeCards has the events meet the payments one after the other, and shows what became of them.
func (h *hub) changeCards(ctx context.Context, id card.RolloutID, share float64, seed int64, by string, w io.Writer, p *progress) error {
	open, err := h.ledger.OpenPayments(ctx, id, share, seed)
	if err != nil {
		return err
	}
	events := card.PayEvents()
	t := table{{"row 行", "event 变动", "payment 款项", "action 处理"}}
	for i, payment := range open {
		p.show(fmt.Sprintf("%d of %d cards (张卡)", i+1, len(open)))
		traces, err := h.ledger.CardChanged(ctx, payment.Card, events[i%len(events)], by)
		if err != nil {
			return err
		}
		for _, trace := range traces {
			t = append(t, traceLine(trace))
		}
	}
	return t.write(w)
}

func traceLine(t postgres.PayTrace) []string {
	where := "waiting 待发放"
	if t.Sent {
		where = "out 已送银行"
	}
	event, action := t.Event.Name(), t.Action.Name()
	return []string{fmt.Sprint(t.Row), event.ZH + " " + event.EN, where, action.ZH + " " + action.EN}
}
