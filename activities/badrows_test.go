package activities_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/bank"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
)

// badRow is an otherwise good answer whose first row is wrong in itself, in a column.
type badRow struct {
	name   string
	column string
	change
}

func badRows() []badRow {
	return []badRow{
		{"card-number-check-character", "3|card_no", change{text: field(2, "E0000001A")}},
		{"pan-check-digit", "4|pan", change{text: field(3, "6299990000000000011")}},
		{"account-with-a-refusal", "4|pan", change{text: field(5, "E01")}},
		{"account-missing", "5|account", change{text: field(4, "")}},
		{"result-unknown", "6|result", change{text: field(5, "ZZ")}},
		{"formula-in-a-field", "5|account", change{text: field(4, "=1+1")}},
	}
}

// A row that is wrong in itself is refused alone: the partner learns line and column, the other rows are applied, and the bank
// is asked once more about that row.
func TestBadRowsAreRefusedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, len(badRows()), badPath(partnerKey))
	for i, c := range badRows() {
		t.Run(c.name, func(t *testing.T) { w.refusesRow(t, i, c) })
	}
}

func (w *world) refusesRow(t *testing.T, n int, c badRow) {
	ctx := t.Context()
	step, request, orders := w.asked(n)
	f := request.Answer(card.AcctRet)
	w.lay("ICBC", fixture(t, c.name, func() map[string][]byte { return c.letter(t, f, accounts(request, orders), batchRows) }))
	for range 2 { // again changes nothing
		tally, err := w.bank.CollectAccounts(ctx, step)
		require.NoError(t, err)
		require.Equal(t, card.Tally{Done: batchRows - 1, Unknown: 1}, tally)
	}
	w.requireStands(t, f, "acknowledged", "")
	verdicts, err := w.ledger.FileVerdicts(ctx, f)
	require.NoError(t, err)
	require.Len(t, verdicts, 1)
	require.Equal(t, card.AcceptedInPart, verdicts[0].Outcome)
	require.Len(t, verdicts[0].Rows, 1)
	bad := verdicts[0].Rows[0]
	require.Equal(t, []any{card.ReasonFileLayout, orders[0].Ref, 2}, []any{bad.Reason, bad.Ref, bad.Line})
	require.NotEmpty(t, bad.Found)
	require.NotEmpty(t, bad.Expected)
	receipts := w.receipts(f)
	require.Len(t, receipts, 1)
	require.Contains(t, receipts[0], "|F|01|")
	require.Regexp(t, `\|R\|02\|FILE_LAYOUT\|\d+\|2\|`+strings.ReplaceAll(c.column, "|", `\|`)+`\|`, receipts[0])

	require.NoError(t, w.bank.EnquireAccounts(ctx, step))
	asked, err := w.ledger.SentFile(ctx, step.Batch, card.AcctEnq, 0)
	require.NoError(t, err)
	text := accounts(request, orders[:1])
	answer := asked.Answer(card.AcctEnr)
	said := strings.NewReplacer("ACCTRET", "ACCTENR", f.Name(), answer.Name(), request.Name(), asked.Name()).Replace(string(text))
	w.lay("ICBC", change{}.letter(t, answer, []byte(said), 1))
	tally, err := w.bank.CollectEnquiry(ctx, step)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: batchRows}, tally)
}

// An answer of which no row can be understood is refused whole: what is wrong is more than rows.
func TestAnAnswerWithoutAGoodRowIsRefusedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	step, request, orders := w.asked(0)
	f := request.Answer(card.AcctRet)
	swapped := strings.ReplaceAll(string(accounts(request, orders)), "|00|", "|OK|")
	w.lay("ICBC", change{}.letter(t, f, []byte(swapped), batchRows))
	_, err := w.bank.CollectAccounts(t.Context(), step)
	requireWaits(t, err, card.ReasonFileLayout)
	w.requireStands(t, f, "quarantined", card.ReasonFileLayout)
}

// A bank whose files are in GBK cannot be told of everybody: who has a name beyond it is told so and may choose another bank,
// and everybody else gets an account.
func TestANameThatTheBankCannotCarryRefusesItsRowOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey), func(a *card.Application) {
		if a.Row == 2 {
			a.Person.Name = "欧阳𠮷"
		}
	})
	set, err := layout.OpenSet("rural-acctreq", "rural-acctret")
	require.NoError(t, err)
	client := bank.Client{Desk: desk.Desk{Exchange: w.x, Layouts: set}}
	w.bank.Banks["102"] = activities.BankPartner{Opener: client, Activator: client, Terms: card.Terms{Partner: "ICBC", AnswerWithin: time.Hour}}
	step, request, orders := w.asked(0)
	require.Len(t, orders, batchRows-1)
	sent, err := os.ReadFile(filepath.Join(w.roots["ICBC"], "inbox", request.Name()))
	require.NoError(t, err)
	require.Contains(t, string(sent), "|00000002|", "two rows went out")
	verdicts, err := w.ledger.FileVerdicts(t.Context(), request)
	require.NoError(t, err)
	require.Len(t, verdicts, 1)
	require.Equal(t, card.ReasonNameUnencodable, verdicts[0].Rows[0].Reason)
	require.Equal(t, 2, verdicts[0].Rows[0].Ref)
	require.NotContains(t, verdicts[0].Rows[0].String(), "欧阳", "no personal data")

	f := request.Answer(card.AcctRet)
	var text strings.Builder
	for _, o := range orders {
		text.WriteString(strings.Join([]string{ref10(o.Ref), string(o.Number), card.SynthesizePAN("629999", int64(o.Ref)), "A1", "0000", "", ""}, "|") + "\n")
	}
	text.WriteString("END|00000002|\n")
	w.lay("ICBC", change{promise: func(p *promise) { p.layout = "ACCTRET/2" }}.letter(t, f, []byte(text.String()), 2))
	tally, err := w.bank.CollectAccounts(t.Context(), step)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: batchRows - 1, Failed: 1}, tally)
	for r, err := range w.ledger.Refusals(t.Context(), step.Batch.Rollout) {
		require.NoError(t, err)
		require.Equal(t, 2, r.Number)
		require.Equal(t, []card.Reason{card.ReasonNameUnencodable}, r.Reasons)
	}
	w.requireSound(t)
}
