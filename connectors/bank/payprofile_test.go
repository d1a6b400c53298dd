package bank_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bank"
	banksim "onecard/connectors/bank/sim"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/layout"
)

// Through a server of every profile all files about money pass, both ways, and by the bank's own ledger everybody is paid once.
func TestMoneyThroughEveryServer(t *testing.T) {
	t.Parallel()
	rules := fmt.Sprintf(rule, "PAYREQ", "omit") + "share = 0.2\n" +
		fmt.Sprintf(rule, "PAYREQ", "payback") + "share = 0.2\ncode = \"ACCT_CLOSED\"\nafter = \"1ms\"\n"
	for _, p := range sim.Profiles() {
		if p.HostKeyChanged {
			continue // such a server is not to be spoken to
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			client, ledger := faceServer(t, rules, func(cfg *sim.PartnerConfig) { cfg.Profile = p })
			v := visit{t, client, payees(40)}
			v.askForStates()
			require.Equal(t, int64(400_000), v.orderFunds(1, card.FundBlock).Blocked)
			paid, returned := v.pay()
			require.Zero(t, v.orderFunds(2, card.FundRelease).Blocked)
			require.Equal(t, map[string]int{"paid": 40, "returned": returned}, moneyLines(t, ledger))
			require.Equal(t, 40, paid+returned)
		})
	}
}

// In layouts of its own, of which some are standard, a bank tells and is told the same; so does one whose files come without
// manifests, whose end and totals the layout alone tells.
func TestMoneyInOwnLayouts(t *testing.T) {
	t.Parallel()
	rules := fmt.Sprintf(rule, "PAYREQ", "omit") + "share = 0.2\n" + fmt.Sprintf(rule, "PAYREQ", "refuse") + "share = 0.2\ncode = \"ACCT_FROZEN\"\n" +
		fmt.Sprintf(rule, "PAYREQ", "payback") + "share = 0.2\ncode = \"ACCT_CLOSED\"\nafter = \"1ms\"\n"
	river := []string{"river-payreq", "river-payret", "river-payback", "river-payenq", "river-payenr", "river-acctqry", "river-acctsta"}
	for name, own := range map[string]struct {
		layouts []string
		profile sim.Profile
	}{
		"fixed": {river, sim.Profile{}}, "several signs, and fixed": {[]string{"coastal-payreq", "coastal-payret"}, sim.Profile{}},
		"without manifests": {river, sim.Profile{NoManifests: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, ledger := faceServer(t, rules, func(cfg *sim.PartnerConfig) { cfg.Profile, cfg.Forms = own.profile, forms(t, own.layouts) })
			var err error
			client.Layouts, err = layout.OpenSet(own.layouts...)
			require.NoError(t, err)
			v := visit{t, client, payees(40)}
			for i := range v.orders {
				v.orders[i].Name = "欧阳测·试"
			}
			v.askForStates()
			require.Equal(t, int64(400_000), v.orderFunds(1, card.FundBlock).Blocked)
			paid, returned := v.pay()
			lines := moneyLines(t, ledger)
			require.Equal(t, paid+returned, lines["paid"])
			require.Positive(t, paid)
			require.Positive(t, returned)
			require.Less(t, paid+returned, 40, "some were refused")
		})
	}
}

// forms are the layouts as the partner's side reads them.
func forms(t *testing.T, names []string) (read []*sim.Form) {
	for _, name := range names {
		text, err := layout.Source(name)
		require.NoError(t, err)
		form, err := sim.ParseForm(text)
		require.NoError(t, err)
		read = append(read, form)
	}
	return read
}

// visit is a hub's dealings with a bank about some payments.
type visit struct {
	*testing.T
	client bank.Client
	orders []card.PayOrder
}

// dealWith sends a request as an activity does, again and again until it is there, and reads the answer and puts it away.
func dealWith[T, A any](v visit, request card.File, rows []T, send func(context.Context, card.File, iter.Seq2[T, error]) (card.Proof, error),
	read func(context.Context, card.File) (iter.Seq2[A, error], error)) []A {
	exchangetest.Await(v, func() (card.Proof, error) { return send(v.Context(), request, exchangetest.Rows(rows, nil)) })
	return take(v, request.Answer(request.Kind.Answer()), read)
}

func take[A any](v visit, f card.File, read func(context.Context, card.File) (iter.Seq2[A, error], error)) []A {
	answers, err := answered(v.T, f, read)
	require.NoError(v, err)
	exchangetest.Await(v, func() (struct{}, error) { return struct{}{}, v.client.Done(v.Context(), f) })
	return answers
}

func (v visit) askForStates() {
	var queries []card.AccountQuery
	for _, o := range v.orders {
		queries = append(queries, card.AccountQuery{Ref: o.Ref, Number: o.Number, PAN: o.PAN, Name: o.Name})
	}
	require.Len(v, dealWith(v, request.Answer(card.AcctQry), queries, v.client.QueryAccounts, v.client.AccountStates), len(queries))
}

// orderFunds blocks the money that the payments need, or releases what is left of it.
func (v visit) orderFunds(seq int, action card.FundAction) card.FundAnswer {
	block := card.FundOrderNumber(subsidy, "ICBC", card.FundBlock, 1)
	o := card.FundOrder{Ref: 1, Order: block, Action: action, Account: banksim.PayerAccount("ICBC"), Fen: 10_000 * int64(len(v.orders))}
	if action == card.FundRelease {
		o.Order, o.Block, o.Fen = card.FundOrderNumber(subsidy, "ICBC", action, 1), block, 0
	}
	f := request.Answer(card.FundReq)
	f.Seq = seq
	answers := dealWith(v, f, []card.FundOrder{o}, v.client.OrderFunds, v.client.FundAnswers)
	require.Len(v, answers, 1)
	require.Empty(v, answers[0].Reason)
	return answers[0]
}

// pay pays, asks about what the bank's answer leaves out, waits for what comes back, and returns how many were paid for good.
func (v visit) pay() (paid, returned int) {
	known := map[int]string{}
	for _, a := range dealWith(v, request.Answer(card.PayReq), v.orders, v.client.Pay, v.client.Payments) {
		known[a.Ref] = a.Result
	}
	require.Less(v, len(known), len(v.orders))
	var missing []card.PayEnquiry
	for _, o := range v.orders {
		if known[o.Ref] == "" {
			missing = append(missing, card.PayEnquiry{Ref: o.Ref, Instruction: o.Instruction, Number: o.Number, Fen: o.Fen})
		}
	}
	for _, a := range dealWith(v, request.Answer(card.PayEnq), missing, v.client.EnquirePayments, v.client.PaymentEnquiries) {
		known[a.Ref] = a.Result
	}
	require.Len(v, known, len(v.orders))
	for _, f := range exchangetest.Await(v, v.paybacks) {
		for _, a := range take(v, f, v.client.Paybacks) {
			known[a.Ref] = string(a.Reason)
			returned++
		}
	}
	for _, result := range known {
		if result == card.ResultDone {
			paid++
		}
	}
	return paid, returned
}

// paybacks are the files about what came back, once there are any.
func (v visit) paybacks() ([]card.File, error) {
	files, err := v.client.NewPaybacks(v.Context(), "ICBC")
	if err == nil && len(files) == 0 {
		err = card.E(card.Later, "list", "", nil)
	}
	return files, err
}

// moneyLines counts what a bank's ledger says of payments.
func moneyLines(t *testing.T, ledger string) map[string]int {
	t.Helper()
	lines := map[string]int{}
	require.NoError(t, sim.ScanLedger(ledger, func(e *sim.Entry) error {
		if event := string(e.Event); event == banksim.EventPaid || event == banksim.EventReturned || event == banksim.EventPayRepeated {
			lines[event]++
		}
		return nil
	}))
	return lines
}
