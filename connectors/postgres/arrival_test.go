package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// arrive has a file come, and requires what the ledger says to it; an empty reason means that it is taken.
func (w *fileWorld) arrive(f card.File, content string, kind card.Kind, reason card.Reason) {
	w.t.Helper()
	err := w.FileArrived(w.t.Context(), f, manifest(f, content), 0)
	require.Equal(w.t, kind, card.KindOf(err), "%v", err)
	require.Equal(w.t, reason, card.ReasonOf(err))
	if kind == card.Invalid {
		found := card.FindingOf(err)
		require.NotEmpty(w.t, found.Found)
		require.NotEmpty(w.t, found.Expected)
		require.NoError(w.t, w.FileRefused(w.t.Context(), nil, card.Verdict{File: f, SM3: manifest(f, content).SM3, Whole: found}))
	}
}

// apply applies a report without rows.
func (w *fileWorld) apply(f card.File, content string) {
	w.t.Helper()
	w.arrive(f, content, 0, "")
	require.NoError(w.t, w.ApplyReport(w.t.Context(), f, nil, nil))
}

func TestReportsComeInTheirTurn(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	w.apply(today(1), "a")
	w.arrive(today(3), "c", card.Invalid, card.ReasonFileSequenceGap)
	w.arrive(today(4), "d", card.Invalid, card.ReasonFileSequenceGap)
	w.apply(today(2), "b")
	w.apply(today(3), "c")
	w.apply(today(4), "d")
	require.Equal(t, 2, one[int](w, "select count(*) from file_verdict where outcome = '02'"))
}

func TestAMissingReportIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	err := w.FileArrived(t.Context(), today(2), manifest(today(2), "b"), time.Hour)
	require.Equal(t, card.Later, card.KindOf(err))
	require.Equal(t, card.ReasonFileSequenceGap, card.ReasonOf(err))
	require.Equal(t, "seen", w.stage(today(2)).Stage)
}

// A refused report has come: the next one need not wait for its correction.
func TestARefusedReportLeavesNoGap(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	w.arrive(today(1), "bad", 0, "")
	require.NoError(t, w.FileRefused(t.Context(), nil, card.Verdict{File: today(1), SM3: manifest(today(1), "bad").SM3, Whole: card.Finding{Reason: card.ReasonFileLayout}}))
	w.apply(today(2), "b")
	w.apply(today(1), "corrected")
}

func TestAUsedNameIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	w.apply(today(1), "a")
	w.arrive(today(1), "a", 0, "")
	w.arrive(today(1), "other", card.Invalid, card.ReasonFileSequenceRepeated)
	r := w.stage(today(1))
	require.Equal(t, "processed", r.Stage)
	require.Equal(t, manifest(today(1), "a").SM3, r.SM3)
	owed, err := w.OwedReceipts(t.Context(), "OUTLET", today(1).Name())
	require.NoError(t, err)
	require.Len(t, owed, 2)
	require.Equal(t, card.RefusedWhole, owed[1].Verdict.Outcome)
}

func TestContentIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	w.apply(today(1), "a")
	err := w.FileArrived(t.Context(), today(2), manifest(today(1), "a"), 0)
	require.Equal(t, card.ReasonFileRepeatedContent, card.ReasonOf(err))
	require.Contains(t, err.Error(), today(1).Name())
}

func TestDatesOfReportsAreBounded(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	for _, days := range []int{-400, -40, 2} {
		f := today(1)
		f.Date = time.Now().In(postgres.Shanghai).AddDate(0, 0, days).Format("20060102")
		w.arrive(f, "a", card.Invalid, card.ReasonFileDate)
	}
	f := today(1)
	f.Date = time.Now().In(postgres.Shanghai).AddDate(0, 0, -20).Format("20060102")
	w.apply(f, "a")
}

// An answer that comes after the agreed time is taken, and its partner is told.
func TestALateAnswerIsTakenAndTold(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	answer := w.send("CIVIL", card.MatchReq).Answer(card.MatchRet)
	w.exec("update batch set waiting_until = now() - interval '1 hour'")
	w.arrive(answer, "a", 0, "")
	_, err := w.ApplyMatches(t.Context(), w.batch, answer, nil, nil)
	require.NoError(t, err)
	owed, err := w.OwedReceipts(t.Context(), "CIVIL", "")
	require.NoError(t, err)
	require.Equal(t, card.Accepted, owed[0].Verdict.Outcome)
	require.Equal(t, card.ReasonFileLate, owed[0].Verdict.Whole.Reason)
}

// An answer about other rows, cards, people or accounts is refused whole, and the place is named.
func TestAStrangeAnswerIsRefusedWhole(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 3)
	request := w.send("CIVIL", card.MatchReq)
	for reason, m := range map[card.Reason]card.MatchAnswer{
		card.ReasonFileUnknownRow:  {Ref: 9, SSN: ssn(9)},
		card.ReasonFileOtherPerson: {Ref: 2, SSN: ssn(9)},
	} {
		_, err := w.ApplyMatches(t.Context(), w.batch, request.Answer(card.MatchRet), []card.MatchAnswer{{Ref: 1, SSN: ssn(1)}, m}, nil)
		require.Equal(t, reason, card.ReasonOf(err))
		require.Equal(t, m.Ref, card.FindingOf(err).Ref)
		require.NotContains(t, err.Error(), ssn(9))
	}
	require.Equal(t, 3, one[int](w, "select count(*) from issuance_item where status = $1", card.Applied))
}

func TestAnAccountOfAnotherCardIsRefused(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	w.matched()
	answer := w.send("ICBC", card.AcctReq).Answer(card.AcctRet)
	numbers := w.numbers()
	open := func(ref int, number card.Number, pan string) card.AccountAnswer {
		return card.AccountAnswer{Ref: ref, Number: number, PAN: pan, Account: "1", Result: card.ResultDone}
	}
	for reason, rows := range map[card.Reason][]card.AccountAnswer{
		card.ReasonFileUsedAccount: {open(1, numbers[0], "6299990000000001"), open(2, numbers[1], "6299990000000001")},
		card.ReasonFileOtherCard:   {open(1, numbers[1], "6299990000000001")},
	} {
		_, err := w.ApplyAccounts(t.Context(), w.batch, answer, rows, nil)
		require.Equal(t, reason, card.ReasonOf(err), "%v", err)
		require.NotZero(t, card.FindingOf(err).Ref)
		require.NotContains(t, err.Error(), "629999")
	}
	w.exec(`insert into bank_account (city, card_no, bank, pan, sealed, status, code, file, at) select 440100, 'E99999999', 102, pan, '', 0, '00', 0, now()
		from (select $1::bytea as pan) x`, one[[]byte](w, "select decode(repeat('ab', 16), 'hex')"))
	_, err := w.ApplyAccounts(t.Context(), w.batch, answer, []card.AccountAnswer{open(1, numbers[0], "6299990000000001"), open(2, numbers[1], "6299990000000019")}, nil)
	require.NoError(t, err)
}

// The first report of a day keeps the promise of that day, and is told when it came too late; the ones after it are free.
func TestAPromisedReportIsDue(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	deadline := time.Now().Add(-time.Minute).Truncate(time.Second)
	w.exec("insert into promise (partner, kind, business_date, cut_off, deadline) values ('OUTLET', 'REPORT', $1, $2, $2)", today(1).Date, deadline)
	w.apply(today(1), "a")
	w.apply(today(2), "b")
	require.WithinDuration(t, deadline, *w.stage(today(1)).Due, 0)
	require.Nil(t, w.stage(today(2)).Due)
	owed, err := w.OwedReceipts(t.Context(), "OUTLET", "")
	require.NoError(t, err)
	require.Equal(t, card.ReasonFileLate, owed[0].Verdict.Whole.Reason)
	require.Empty(t, owed[1].Verdict.Whole.Reason)
}
