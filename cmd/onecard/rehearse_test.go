package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

const (
	firstBatch = "R20261121-001/440600/102/001"
	otherBatch = "R20261121-001/440600/103/002"
)

// played is a rehearsal whose partners have two days, of which one takes ten seconds.
func played(began time.Time) *rehearsing {
	partners := []config.Partner{{Name: "CIVIL", Kind: config.Civil, AnswerWithin: 48 * time.Hour}}
	for name, bank := range map[string]string{"ICBC": "102", "ABC": "103"} {
		partners = append(partners, config.Partner{Name: name, Kind: config.Bank, Bank: bank, Concurrency: 1, AnswerWithin: 48 * time.Hour})
	}
	theirs, own := &hub{cfg: config.Config{Partners: partners}}, &hub{}
	st := &stage{real: theirs, factor: 8640, Rehearsal: postgres.Rehearsal{At: began}}
	own.cfg.Partners = append(own.cfg.Partners, partners...)
	st.adjust(&own.cfg)
	before := postgres.View{Payout: &postgres.Payout{}, Batches: []postgres.BatchView{{ID: firstBatch, Bank: "102", Kind: card.CanaryBatch}, {ID: otherBatch, Bank: "103"}}}
	return &rehearsing{stage: st, own: own, before: before, began: began, checked: began.Add(10 * time.Second), started: began.Add(12 * time.Second)}
}

// sent is a request that was sent and answered so many seconds after the beginning; a negative answer has not come.
func sent(began time.Time, partner, batch string, kind card.FileKind, round, at, answered int) postgres.FileRecord {
	out := began.Add(time.Duration(at) * time.Second)
	f := postgres.FileRecord{Partner: partner, Batch: batch, Kind: kind, Round: round, Rows: 3, Confirmed: &out}
	if answered >= 0 {
		back := began.Add(time.Duration(answered) * time.Second)
		f.Processed = &back
	}
	return f
}

// accounted is a rehearsal in which one bank answers late to the canary, and another leaves the payments unanswered.
func accounted() (*rehearsing, *account) {
	began := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	p := played(began)
	over := began.Add(50 * time.Second)
	v := postgres.View{AsOf: began.Add(95 * time.Second), Payout: &postgres.Payout{}, Batches: p.before.Batches}
	v.Batches[0].FinishedAt = &over
	v.Payout.Banks = []postgres.BankMoney{{Bank: "102"}, {Bank: "103"}}
	v.Payout.Funds = []postgres.Fund{{Bank: "102", Fen: 500, Blocked: 500, Released: 20}, {Bank: "103", Fen: 300, Blocked: 300}}
	v.Payout.Money.Released.Rows = 6
	return p, p.accountOf(v, []postgres.FileRecord{
		sent(began, "CIVIL", firstBatch, card.MatchReq, 0, 0, 5), sent(began, "ICBC", firstBatch, card.AcctQry, 0, 5, 10),
		sent(began, "ICBC", firstBatch, card.FundReq, 0, 12, 14), sent(began, "ABC", otherBatch, card.FundReq, 0, 14, 16),
		sent(began, "ICBC", firstBatch, card.PayReq, 0, 18, 48), sent(began, "ABC", otherBatch, card.PayReq, 0, 51, -1),
		sent(began, "ABC", otherBatch, card.PayEnq, 1, 72, 75), sent(began, "ICBC", firstBatch, card.FundReq, 1, 80, 82),
		{Kind: card.PayReq}, // named and not sent
	})
}

func TestRehearsedTimeTellsSecondsAndDaysApart(t *testing.T) {
	t.Parallel()
	p, a := accounted()
	must.Equal(t, rehearsedEnquiries{Files: 1, Rows: 3, Rounds: 1}, a.enquiries)
	must.Equal(t, []rehearsedLate{{Partner: "ABC", Kind: card.PayReq, Never: 1}, {Partner: "ICBC", Kind: card.PayReq, Late: 1, Days: 1}}, a.late)
	told := a.time(p, resultDone)
	must.Equal(t, []rehearsedPhase{
		{Phase: "checks", Seconds: 10, Reached: true, Days: 4},
		{Phase: "block", Seconds: 4, Reached: true, Days: 2},
		{Phase: "canary", Seconds: 34, Reached: true, Days: 2, Late: 1},
		{Phase: "delivered", Seconds: 1, Reached: true},
		{Phase: "answered", Seconds: 24, Reached: true, Days: 4},
	}, told.Phases)
	must.InDelta(t, 13, told.Days, 0.01)
	must.Equal(t, p.began.Add(13*24*time.Hour), *told.FinishedBy)
	must.Nil(t, a.time(p, resultWaiting).FinishedBy, "nobody knows when it ends")
}

func TestRehearsedMoneyIsHeldFromTheBlockToTheRelease(t *testing.T) {
	t.Parallel()
	_, a := accounted()
	must.Equal(t, []rehearsedBank{
		{Bank: "102", MustStand: 500, Blocked: 500, Released: 20, Seconds: 68, Days: 11},
		{Bank: "103", MustStand: 300, Blocked: 300, Seconds: 79, Days: 11, Open: true},
	}, a.banks())
}

func TestRehearsalIsHeldAgainstTheBanksBooks(t *testing.T) {
	t.Parallel()
	m := postgres.Money{Paid: postgres.Sum{Fen: 100}, Pending: postgres.Sum{Fen: 20}}
	for _, tc := range []struct {
		books  rehearsedBooks
		result string
		agrees bool
	}{
		{rehearsedBooks{Fen: 100}, resultDone, true},
		{rehearsedBooks{Fen: 100, Twice: 1}, resultDone, false},
		{rehearsedBooks{Fen: 99}, resultDone, false},
		{rehearsedBooks{Fen: 99}, resultWaiting, true},   // a return that nobody has told of yet
		{rehearsedBooks{Fen: 120}, resultPatience, true}, // credits that nobody has told of yet
		{rehearsedBooks{Fen: 121}, resultPatience, false},
	} {
		must.Equal(t, tc.agrees, tc.books.agree(tc.result, m), "%+v", tc)
	}
}

func TestStopsAreDated(t *testing.T) {
	t.Parallel()
	time := rehearsedTime{NoticeDays: 3, Phases: []rehearsedPhase{{Phase: "checks", Days: 2}, {Phase: "block", Days: 4, Late: 0.5}, {Phase: "canary", Days: 2}, {Phase: "delivered", Days: 9}}}
	dated := stopsOf([]rehearsedStop{{Phase: "block"}, {Phase: "canary"}}, time)
	must.Equal(t, []float64{9.5, 11.5}, []float64{dated[0].Days, dated[1].Days})
	must.NotNil(t, stopsOf(nil, time))
}

func TestRehearsalReportSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	p, a := accounted()
	r := rehearsalReport{Rollout: "R20261121-001", Status: card.RolloutDraft, Result: resultStopped, Note: string(card.ReasonCanaryFailed), Time: a.time(p, resultStopped),
		Banks: a.banks(), Late: a.late, Books: rehearsedBooks{Agrees: true}, Faults: rehearsedFaults{File: "f.toml", Rules: 1}, Kept: &postgres.Rehearsal{Schema: "rehearsal_x"},
		Waiting: []postgres.Waiting{{For: "ABC", What: "ABC_PAYRET"}},
		Stops: []rehearsedStop{{Reason: card.ReasonFundsShort, Bank: "102", Lacking: 12345, TodoZH: "补足", TodoEN: "provide", Resumed: true},
			{Reason: card.ReasonCanaryFailed, Bank: "103", Bad: 3, Rows: 40}},
		Exceptions: []rehearsedException{{Reason: card.ReasonPayClosed, Bank: "102", Sum: postgres.Sum{Rows: 2, Fen: 300}, status: card.PayReturned}},
		Answers:    []postgres.AnswerFault{{Partner: "ICBC", Kind: card.PayRet, Reason: card.ReasonWrongAmount, Count: 1}, {Partner: "ICBC", Kind: card.PayRet, Reason: card.ReasonFileRows, Whole: true, Count: 1}}}
	var out bytes.Buffer
	must.NoError(t, r.write(&out))
	for _, text := range []string{"CANARY_FAILED", "发放会自动停止", "would stop by itself", "waiting for ABC", "canary 首批", "still blocked 未解冻", "退票 Returned", "whole files 整份",
		"rehearsal_x", "sm3", "123.45 yuan lacking 元不足", "3 of 40 rows", "怎么办: 补足", "what now: provide", "resumed 已继续", "到此为止", "credited twice: 0"} {
		must.Contains(t, out.String(), text)
	}
	must.NotContains(t, out.String(), "by the calendar")
	must.NoError(t, r.fault())
	must.Equal(t, "f.toml", r.event()["faults"])
	r.Result = resultPatience
	must.Error(t, r.fault())
	r.Books.Agrees = false
	must.Equal(t, card.Breach, card.KindOf(r.fault()))
}

func TestRehearsalIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	dir, h := payHub(t, 30)
	o := subsidyOrder{programme: demoProgramme, period: "2026-01", file: filepath.Join(dir, "payout.csv")}
	_, totals, err := h.samplePayout(t.Context(), payoutOrder{rows: 30, programme: o.programme, seed: 1, out: o.file})
	must.NoError(t, err)
	o.rows, o.fen = totals.Rows, totals.Fen
	id, err := take(t, h, o)
	must.NoError(t, err)
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"rehearse", "R20990101-001", "--as", "maker1"}, 3, string(card.ReasonNoSuchRollout)},
		{[]string{"rehearse", string(id), "--as", "maker1"}, 3, string(card.ReasonChecksRunning)},
		{[]string{"rehearse", string(id)}, 2, "--as"},
		{[]string{"rehearse", string(id), "--as", "maker1", "--deadline", "1s"}, 2, "--deadline"},
		{[]string{"rehearse", string(id), "--as", "maker1", "--patience", "3s"}, 2, "--patience"},
		{[]string{"rehearse", string(id), "--remove"}, 0, ""},
	} {
		out, problem, code := onecard(t, dir, append([]string{"rollout"}, tc.args...)...)
		must.Equal(t, tc.code, code, problem)
		must.Contains(t, out+problem, tc.says, fmt.Sprint(tc.args))
	}
}

// TestShortBanksAreToldTogether tells every bank where money is short, and none again whose order is still the one that was told of.
func TestShortBanksAreToldTogether(t *testing.T) {
	t.Parallel()
	holds := int64(70)
	p := &rehearsing{last: postgres.View{Payout: &postgres.Payout{Funds: []postgres.Fund{
		{Bank: "102", Order: "R.ICBC.B01", Fen: 100, Balance: &holds, Reason: card.ReasonFundsShort},
		{Bank: "103", Order: "R.ABC.B01", Fen: 100},
		{Bank: "105", Order: "R.CCB.B01", Fen: 90, Balance: &holds, Reason: card.ReasonFundsShort},
	}}}}
	p.stops = p.shortAt(rehearsedStop{Reason: card.ReasonFundsShort})
	must.Len(t, p.stops, 2)
	must.Equal(t, []int64{30, 20}, []int64{p.stops[0].Lacking, p.stops[1].Lacking})
	p.last.Payout.Funds[0].Order = "R.ICBC.B02"
	again := p.shortAt(rehearsedStop{Reason: card.ReasonFundsShort})
	must.Len(t, again, 1, "the other is about to be ordered anew")
	must.Equal(t, "102", again[0].Bank)
}
