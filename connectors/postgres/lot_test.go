package postgres_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// lot is a batch whose partners a test plays. Each partner answers every row well but those that it is told otherwise of, by
// row number: a result code, or "" for a row that it leaves out.
type lot struct {
	*programme
	id   card.BatchID
	rows []postgres.Row
}

type answers map[int]string

// codeOf returns the result for a row, and whether the partner answers it at all.
func (a answers) codeOf(row int) (code string, answered bool) {
	code, other := a[row]
	if !other {
		return card.ResultDone, true
	}
	return code, code != ""
}

// send has the file of a step published and proved.
func (b *lot) send(partner string, kind card.FileKind, round int) card.File {
	b.Helper()
	f, sent, err := b.ReserveFile(b.Context(), b.id, partner, kind, round)
	require.NoError(b, err)
	if sent {
		return f
	}
	proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: strings.Repeat("0", 64)}, ConfirmedAt: time.Now()}
	require.NoError(b, b.ConfirmFile(b.Context(), b.id, f, proof, time.Now().Add(time.Hour)))
	return f
}

// status counts the batch's rows by status.
func (b *lot) status() map[card.ItemStatus]int {
	b.Helper()
	rows, err := b.conn.Query(b.Context(), `
		select i.status, count(*) from issuance_item i join rollout r on r.no = i.rollout where r.id = $1 and i.batch = $2 group by 1`,
		string(b.id.Rollout), b.id.Number)
	require.NoError(b, err)
	counts := map[card.ItemStatus]int{}
	for rows.Next() {
		var s card.ItemStatus
		var n int
		require.NoError(b, rows.Scan(&s, &n))
		counts[s] = n
	}
	require.NoError(b, rows.Err())
	return counts
}

func (b *lot) matchAnswers(a answers) (told []card.MatchAnswer) {
	b.Helper()
	people, err := all(b.MatchRows(b.Context(), b.id))
	require.NoError(b, err)
	for _, m := range people {
		if code, ok := a.codeOf(m.Ref); ok {
			told = append(told, card.MatchAnswer{Ref: m.Ref, SSN: m.SSN, Result: code, Reason: matchReasons[code]})
		}
	}
	return told
}

var matchReasons = map[string]card.Reason{"01": card.ReasonMatchUnknown, "02": card.ReasonMatchNameDiffers, "03": card.ReasonMatchDeceased}

// match asks civil affairs.
func (b *lot) match(a answers) card.Tally {
	b.Helper()
	told := b.matchAnswers(a)
	t, err := b.ApplyMatches(b.Context(), b.id, b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet), told, nil)
	require.NoError(b, err)
	return t
}

func (b *lot) number() card.Tally {
	b.Helper()
	t, err := b.AllocateNumbers(b.Context(), b.id)
	require.NoError(b, err)
	return t
}

func (b *lot) accountAnswers(a answers) (told []card.AccountAnswer) {
	b.Helper()
	orders, err := all(b.AccountOrders(b.Context(), b.id))
	require.NoError(b, err)
	for _, o := range orders {
		if code, ok := a.codeOf(o.Ref); ok {
			told = append(told, accountAnswer(o.Ref, o.Number, code))
		}
	}
	return told
}

func accountAnswer(row int, number card.Number, code string) card.AccountAnswer {
	told := card.AccountAnswer{Ref: row, Number: number, Result: code}
	switch code {
	case card.ResultDone:
		told.PAN, told.Account = "6214"+string(number), "6222"+string(number)
	case card.ResultNeverReceived:
	default:
		told.Reason = card.Reason("ACCOUNT_REFUSED_" + code)
	}
	return told
}

// open asks the bank for accounts.
func (b *lot) open(a answers) card.Tally {
	b.Helper()
	told := b.accountAnswers(a)
	t, err := b.ApplyAccounts(b.Context(), b.id, b.send("ICBC", card.AcctReq, 0).Answer(card.AcctRet), told, nil)
	require.NoError(b, err)
	return t
}

// enquire asks the bank once more about the rows that it left out.
func (b *lot) enquire(a answers) card.Tally {
	b.Helper()
	asked, err := all(b.UnansweredAccounts(b.Context(), b.id))
	require.NoError(b, err)
	var told []card.AccountAnswer
	for _, e := range asked {
		if code, ok := a.codeOf(e.Ref); ok {
			told = append(told, accountAnswer(e.Ref, e.Number, code))
		}
	}
	t, err := b.ApplyAccounts(b.Context(), b.id, b.send("ICBC", card.AcctEnq, 0).Answer(card.AcctEnr), told, nil)
	require.NoError(b, err)
	return t
}

func (b *lot) cardAnswers(request card.File, a answers) (told []card.OrderAnswer) {
	b.Helper()
	orders, err := all(b.CardOrders(b.Context(), b.id, request))
	require.NoError(b, err)
	for _, o := range orders {
		code, ok := a.codeOf(o.Ref)
		if !ok {
			continue
		}
		m := card.OrderAnswer{Ref: o.Ref, Number: o.Number, Result: code}
		if code == card.ResultDone {
			m.Ident, m.ATR, m.Position = card.IdentCode(fmt.Sprintf("%032x", []byte(o.Number)[:9])), "0073C8400000000000000000", fmt.Sprintf("03-0017-%03d", o.Ref)
		} else {
			m.Reason = card.Reason("MAKE_FAILED_" + code)
		}
		told = append(told, m)
	}
	return told
}

// make asks the bureau for cards.
func (b *lot) make(a answers) card.Tally {
	b.Helper()
	f, _, err := b.ReserveFile(b.Context(), b.id, "BUREAU", card.CardReq, 0)
	require.NoError(b, err)
	told := b.cardAnswers(f, a)
	t, err := b.ApplyCards(b.Context(), b.id, b.send("BUREAU", card.CardReq, 0), f.Answer(card.CardRet), told, nil)
	require.NoError(b, err)
	return t
}

func (b *lot) stock() int {
	b.Helper()
	n, err := b.ReceiveStock(b.Context(), b.id)
	require.NoError(b, err)
	return n
}

// dispatch sends the cards away and returns the file that tells of them, and what it tells.
func (b *lot) dispatch() (card.File, []card.DispatchRow) {
	b.Helper()
	rows, err := all(b.DispatchRows(b.Context(), b.id))
	require.NoError(b, err)
	return b.send("OUTLET", card.Dispatch, 0), rows
}

// produced is a lot that has come as far as its cards' dispatch.
func (p *programme) produced(n int) (*lot, card.File, []card.DispatchRow) {
	p.Helper()
	b := p.lot(n)
	b.match(nil)
	b.number()
	b.open(nil)
	b.make(nil)
	b.stock()
	f, rows := b.dispatch()
	return b, f, rows
}

// event is a report's row about a card of a dispatch.
func event(what card.ReportEvent, dispatch card.File, r card.DispatchRow) card.ReportRow {
	row := card.ReportRow{Ref: r.Ref, Number: r.Number, Event: what, At: time.Now().UTC().Truncate(time.Second), Clerk: "C01", Dispatch: dispatch}
	if what == card.ReportHanded {
		row.Proof = card.ProofIDCard
	}
	return row
}

// report applies a report of its own number.
func (p *programme) report(seq int, rows ...card.ReportRow) error {
	return p.ApplyReport(p.Context(), card.File{Partner: "OUTLET", Kind: card.Report, Date: "20261125", Seq: seq}, rows, nil)
}

// activate runs one round of activations: the bank answers all rows well but those told otherwise.
func (b *lot) activate(a answers) (cards int, t card.Tally) {
	b.Helper()
	p, err := b.HandOvers(b.Context(), b.id)
	require.NoError(b, err)
	cards, err = b.ActivateCards(b.Context(), b.id, p.Round)
	require.NoError(b, err)
	orders, err := all(b.ActivationOrders(b.Context(), b.id, p.Round))
	require.NoError(b, err)
	var told []card.ActivationAnswer
	for _, o := range orders {
		code, ok := a.codeOf(o.Ref)
		if !ok {
			continue
		}
		answer := card.ActivationAnswer{Ref: o.Ref, Number: o.Number, Result: code}
		if code == card.ResultDone {
			answer.At = time.Now().UTC()
		} else {
			answer.Reason = card.Reason("ACTIVATE_" + code)
		}
		told = append(told, answer)
	}
	t, err = b.ApplyActivations(b.Context(), b.id, b.send("ICBC", card.ActReq, p.Round).Answer(card.ActRet), told, nil)
	require.NoError(b, err)
	return cards, t
}
