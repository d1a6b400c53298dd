package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// TestMatches applies an answer with every outcome, twice.
func TestMatches(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(6)
	told := b.matchAnswers(answers{2: "01", 3: "02", 4: "03", 5: ""})
	f := b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet)
	for _, rows := range [][]card.MatchAnswer{told, told, nil} {
		tally, err := p.ApplyMatches(t.Context(), b.id, f, rows, nil)
		require.NoError(t, err)
		require.Equal(t, card.Tally{Done: 2, Failed: 3, Unknown: 1}, tally)
	}
	require.Equal(t, map[card.ItemStatus]int{card.Matched: 2, card.Refused: 3, card.Applied: 1}, b.status())
	refused, err := all(p.Refusals(t.Context(), b.id.Rollout))
	require.NoError(t, err)
	var reasons []card.Reason
	for _, r := range refused {
		reasons = append(reasons, r.Reasons...)
		require.Equal(t, b.rows[r.Number-1].Application, r.Application)
	}
	require.Equal(t, []card.Reason{card.ReasonMatchUnknown, card.ReasonMatchNameDiffers, card.ReasonMatchDeceased, card.ReasonNoAnswer}, reasons)
	require.Equal(t, card.Tally{Done: 2, Failed: 3}, b.number(), "who is unknown gets no number")
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Equal(t, []int{3, 3, 2, 1, 2}, []int{v.Counts.Accepted, v.Counts.Refused, v.Counts.Matched, v.Counts.Unknown, v.Counts.Pending})
	p.requireSound(b.id.Rollout)
}

// TestStrangeAnswers refuses answers whole that speak of what was not asked, and takes the right one afterwards.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(3)
	told := b.matchAnswers(nil)
	f := b.send("CIVIL", card.MatchReq, 0).Answer(card.MatchRet)
	another := append(told[:2:2], card.MatchAnswer{Ref: 99, Result: "00"})
	_, err := p.ApplyMatches(t.Context(), b.id, f, another, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileUnknownRow)
	mixed := append([]card.MatchAnswer(nil), told...)
	mixed[0].SSN, mixed[1].SSN = mixed[1].SSN, mixed[0].SSN
	_, err = p.ApplyMatches(t.Context(), b.id, f, mixed, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileOtherPerson)
	require.NoError(t, p.FileRefused(t.Context(), &b.id, card.Verdict{File: f, Whole: card.Finding{Reason: card.ReasonFileOtherPerson}}))
	require.Equal(t, 3, b.status()[card.Applied], "nothing was applied")
	b.match(nil)
	b.number()

	accounts := b.accountAnswers(nil)
	a := b.send("ICBC", card.AcctReq, 0).Answer(card.AcctRet)
	for reason, spoil := range map[card.Reason]func([]card.AccountAnswer){
		card.ReasonFileOtherCard:   func(told []card.AccountAnswer) { told[0].Number, told[1].Number = told[1].Number, told[0].Number },
		card.ReasonFileUnknownRow:  func(told []card.AccountAnswer) { told[2].Ref = 4 },
		card.ReasonFileUsedAccount: func(told []card.AccountAnswer) { told[2].PAN = told[1].PAN },
	} {
		spoilt := append([]card.AccountAnswer(nil), accounts...)
		spoil(spoilt)
		_, err = p.ApplyAccounts(t.Context(), b.id, a, spoilt, nil)
		requireKind(t, err, card.Invalid, reason)
		require.NotContains(t, err.Error(), spoilt[1].PAN)
	}
	require.Equal(t, 3, b.status()[card.AccountRequested])
	require.Zero(t, ask[int](p, "select count(*) from bank_account"))
	b.open(nil)
	p.requireSound(b.id.Rollout)
}

func TestAnAccountBelongsToOneCard(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	first, second := p.lot(2), p.lot(2)
	for _, b := range []*lot{first, second} {
		b.match(nil)
		b.number()
	}
	first.open(nil)
	told := second.accountAnswers(nil)
	told[1].PAN = first.accountAnswersOpened()[0]
	_, err := p.ApplyAccounts(t.Context(), second.id, second.send("ICBC", card.AcctReq, 0).Answer(card.AcctRet), told, nil)
	requireKind(t, err, card.Invalid, card.ReasonFileUsedAccount)
	require.Equal(t, 2, second.status()[card.AccountRequested])
}

// accountAnswersOpened returns the PANs that the bureau is told.
func (b *lot) accountAnswersOpened() (pans []string) {
	b.Helper()
	orders, err := all(b.CardOrders(b.Context(), b.id, card.File{Date: "20261121"}))
	require.NoError(b, err)
	for _, o := range orders {
		pans = append(pans, o.PAN)
	}
	return pans
}

// TestAccountsAndEnquiry leaves rows out, asks about them, and applies every answer twice.
func TestAccountsAndEnquiry(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(7)
	b.match(nil)
	b.number()
	orders, err := all(p.AccountOrders(t.Context(), b.id))
	require.NoError(t, err)
	require.Equal(t, b.rows[3].Application.Person, orders[3].Person)
	require.Equal(t, "44060001", orders[3].Outlet)

	told := b.accountAnswers(answers{2: "E01", 4: "", 5: "", 6: "", 7: ""})
	f := b.send("ICBC", card.AcctReq, 0).Answer(card.AcctRet)
	for range 2 {
		tally, err := p.ApplyAccounts(t.Context(), b.id, f, told, nil)
		require.NoError(t, err)
		require.Equal(t, card.Tally{Done: 2, Failed: 1, Unknown: 4}, tally)
	}
	asked, err := all(p.UnansweredAccounts(t.Context(), b.id))
	require.NoError(t, err)
	require.Len(t, asked, 4)
	require.Equal(t, b.rows[3].Application.Person.SSN, asked[0].SSN)
	require.Equal(t, card.Tally{Done: 3, Failed: 3, Unknown: 1}, b.enquire(answers{5: "E04", 6: card.ResultNeverReceived, 7: ""}))

	applied, err := p.Processed(t.Context(), f)
	require.NoError(t, err)
	require.True(t, applied)
	require.Equal(t, map[card.ItemStatus]int{card.AccountOpened: 3, card.AccountFailed: 3, card.AccountRequested: 1}, b.status())
	require.Equal(t, card.ReasonNeverReceived, card.Reason(ask[string](p, "select reason from issuance_item where row_no = 6")))
	p.requireSound(b.id.Rollout)

	require.Equal(t, card.Tally{Done: 3}, b.make(nil))
	require.NoError(t, p.FinishBatch(t.Context(), b.id, card.BatchDone))
	again := p.draft(b.rows)
	v, err := p.Show(t.Context(), again, false)
	require.NoError(t, err)
	require.Equal(t, []int{3, 4}, []int{v.Counts.Accepted, v.Counts.Refused}, "who failed may apply again; who is unknown may not")
}

// TestCards applies the bureau's answer with every outcome, twice.
func TestCards(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(5)
	b.match(nil)
	b.number()
	b.open(nil)
	f, _, err := p.ReserveFile(t.Context(), b.id, "BUREAU", card.CardReq, 0)
	require.NoError(t, err)
	orders, err := all(p.CardOrders(t.Context(), b.id, card.File{Date: "20240229"}))
	require.NoError(t, err)
	require.Equal(t, []string{"20240229", "20340228"}, []string{orders[0].Issued, orders[0].ValidUntil}, "a day that there is")
	told := b.cardAnswers(f, answers{2: "M01", 3: "M03", 4: ""})
	request := b.send("BUREAU", card.CardReq, 0)
	for range 2 {
		tally, err := p.ApplyCards(t.Context(), b.id, request, request.Answer(card.CardRet), told, nil)
		require.NoError(t, err)
		require.Equal(t, card.Tally{Done: 2, Failed: 2, Unknown: 1}, tally)
	}
	require.Equal(t, 2, ask[int](p, "select count(*) from card where app_status = $1 and valid_until = issued_on + interval '10 years'", card.Sealed))
	require.Equal(t, 2, ask[int](p, "select count(*) from card_event where what = 'sealed'"))
	p.requireSound(b.id.Rollout)
}

func TestAChipBelongsToOneCard(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(3)
	b.match(nil)
	b.number()
	b.open(nil)
	request := b.send("BUREAU", card.CardReq, 0)
	told := b.cardAnswers(request, nil)
	told[2].Ident = told[0].Ident
	_, err := p.ApplyCards(t.Context(), b.id, request, request.Answer(card.CardRet), told, nil)
	requireKind(t, err, card.Conflict, card.ReasonConstraintHeld)
	require.Equal(t, 3, b.status()[card.SentToVendor])
	require.Zero(t, ask[int](p, "select count(*) from card"))
}

// TestRemakes makes failed cards again, twice, and leaves those whose data was refused.
func TestRemakes(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(6)
	b.match(nil)
	b.number()
	b.open(nil)
	require.Equal(t, card.Tally{Done: 2, Failed: 4}, b.make(answers{1: "M01", 2: "M02", 3: "M03", 4: "M09"}))
	plan := func(of *lot, tries int) (*lot, bool) {
		id, planned, err := p.PlanRemake(t.Context(), of.id, tries)
		require.NoError(t, err)
		return &lot{programme: p, id: id}, planned
	}
	_, planned := plan(b, 0)
	require.False(t, planned, "not at all")
	first, planned := plan(b, 2)
	require.True(t, planned)
	again, planned := plan(b, 2)
	require.True(t, planned)
	require.Equal(t, first.id, again.id, "once for each batch")
	require.Equal(t, 2, first.id.Number)
	require.Equal(t, map[card.ItemStatus]int{card.AccountOpened: 3}, first.status())
	require.Equal(t, map[card.ItemStatus]int{card.Made: 2, card.MakeFailed: 1}, b.status())

	require.Equal(t, card.Tally{Done: 1, Failed: 2}, first.make(answers{1: "M01", 2: "M01"}))
	second, planned := plan(first, 2)
	require.True(t, planned)
	require.Equal(t, card.Tally{Done: 1, Failed: 1}, second.make(answers{1: "M01"}))
	_, planned = plan(second, 2)
	require.False(t, planned, "tried often enough")
	for _, of := range []*lot{b, first, second} {
		of.stock()
		of.dispatch()
	}
	ids, err := p.Batches(t.Context(), b.id.Rollout)
	require.NoError(t, err)
	require.Len(t, ids, 1, "remakes are nobody's plan")
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Equal(t, []int{6, 6, 4, 4, 2}, []int{v.Counts.Rows, v.Counts.AccountOpened, v.Counts.Made, v.Counts.Dispatched, v.Counts.Failed})
	p.requireSound(b.id.Rollout)

	p.exec("update roster_row set outlet = 'x' where row_no = 2")
	second.requireHeld()
}

// TestFiles names files once, in a sequence without gaps, and remembers what became of them.
func TestFiles(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b, other := p.lot(1), p.lot(1)
	_, err := p.SentFile(t.Context(), b.id, card.MatchReq, 0)
	requireKind(t, err, card.Conflict, card.ReasonWrongState)
	first, sent, err := p.ReserveFile(t.Context(), b.id, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.False(t, sent)
	again, sent, err := p.ReserveFile(t.Context(), b.id, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.False(t, sent)
	require.Equal(t, first, again)
	second, _, err := p.ReserveFile(t.Context(), other.id, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, []int{first.Seq, second.Seq})
	_, err = p.SentFile(t.Context(), b.id, card.MatchReq, 0)
	requireKind(t, err, card.Conflict, card.ReasonWrongState)
	require.Equal(t, first, b.send("CIVIL", card.MatchReq, 0))
	f, sent, err := p.ReserveFile(t.Context(), b.id, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.True(t, sent)
	require.Equal(t, first, f)
	for round := 1; round <= 2; round++ {
		require.Equal(t, round, b.send("ICBC", card.ActReq, round).Seq, "a file for each round")
	}

	answer := first.Answer(card.MatchRet)
	require.NoError(t, p.FileRefused(t.Context(), &b.id, card.Verdict{File: answer, Whole: card.Finding{Reason: card.ReasonFileRows}}))
	require.NoError(t, p.FileRefused(t.Context(), &b.id, card.Verdict{File: answer, Whole: card.Finding{Reason: card.ReasonFileRows}}))
	applied, err := p.Processed(t.Context(), answer)
	require.NoError(t, err)
	require.False(t, applied)
	b.match(nil)
	require.NoError(t, p.FileRefused(t.Context(), &b.id, card.Verdict{File: answer, Whole: card.Finding{Reason: card.ReasonFileRows}}), "too late to refuse")
	applied, err = p.Processed(t.Context(), answer)
	require.NoError(t, err)
	require.True(t, applied)
	fresh, err := p.NewFiles(t.Context(), []card.File{answer, second})
	require.NoError(t, err)
	require.Equal(t, []card.File{second}, fresh)
}

// TestWaiting tells who is waited for, until when, and when that is over.
func TestWaiting(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(2)
	f, _, err := p.ReserveFile(t.Context(), b.id, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	until := time.Now().Add(-time.Minute).Truncate(time.Second)
	require.NoError(t, p.ConfirmFile(t.Context(), b.id, f, card.Proof{ConfirmedAt: time.Now()}, until))
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Len(t, v.Waiting, 1)
	require.Equal(t, []string{b.id.String(), "CIVIL", f.Answer(card.MatchRet).Name()}, []string{v.Waiting[0].Batch, v.Waiting[0].For, v.Waiting[0].What})
	require.True(t, v.Waiting[0].Overdue)
	require.True(t, until.Equal(v.Waiting[0].Until))
	b.match(nil)
	v, err = p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Empty(t, v.Waiting)
}
