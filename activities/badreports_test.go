package activities_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/postgres"
)

var (
	ann = card.Decision{By: "ann", Note: "the partner confirmed by telephone"}
	ben = card.Decision{By: "ben", Note: "seen"}
)

// dispatched brings a batch to where its cards are on their way, and returns the step, the dispatch and the cards.
func (w *world) dispatched(n int) (activities.Step, card.File, []card.Number) {
	w.t.Helper()
	w.goodAnswer(n)
	ctx, l, b := w.t.Context(), w.ledger, w.batches[n].ID
	f, _, err := l.ReserveFile(ctx, b, "BUREAU", card.CardReq, 0)
	require.NoError(w.t, err)
	var made []card.OrderAnswer
	var numbers []card.Number
	for o, err := range l.CardOrders(ctx, b, f) {
		require.NoError(w.t, err)
		numbers = append(numbers, o.Number)
		made = append(made, card.OrderAnswer{Ref: o.Ref, Number: o.Number, Ident: card.MakeIdentCode("440600", uint32(o.Ref), 7),
			ATR: card.AtrHistory(fmt.Sprintf("0081544B31869B44%010d", o.Ref)), Position: fmt.Sprintf("01-0001-%03d", o.Ref), Result: card.ResultDone})
	}
	require.NoError(w.t, l.ConfirmFile(ctx, b, f, card.Proof{ConfirmedAt: day.Add(time.Hour)}, day.Add(time.Hour)))
	_, err = l.ApplyCards(ctx, b, f, f.Answer(card.CardRet), made, nil)
	require.NoError(w.t, err)
	step := activities.Step{Batch: b}
	_, err = w.outlets.ReceiveStock(ctx, step)
	require.NoError(w.t, err)
	require.NoError(w.t, w.outlets.DispatchCards(ctx, step))
	d, err := l.SentFile(ctx, b, card.Dispatch, 0)
	require.NoError(w.t, err)
	return step, d, numbers
}

func reportFile(seq int) card.File {
	return card.File{Partner: "OUTLET", Kind: card.Report, Date: "20261121", Seq: seq}
}

// report is a good report: the card arrived at its outlet.
func report(f, dispatch card.File, ref int, number card.Number) []byte {
	return fmt.Appendf(nil, "H|REPORT|1|%s|%s|\nD|%d|%s|A|%s100000||C%04d|%s\nT|1|0\n", f.Name(), f.Date, ref, number, f.Date, f.Seq, dispatch.Name())
}

// layReport lays a fixture of one file.
func (w *world) layReport(t *testing.T, name string, f card.File, text []byte) {
	t.Helper()
	w.lay("OUTLET", fixture(t, name, func() map[string][]byte { return change{}.letter(t, f, text, bytes.Count(text, []byte("\nD|"))) }))
}

// collects lets the hub look at the outlets; cards are still on their way, so it goes on waiting.
func (w *world) collects(t *testing.T, step activities.Step) {
	t.Helper()
	_, err := w.outlets.CollectReports(t.Context(), step)
	requireWaits(t, err, card.ReasonNoAnswer)
}

func (w *world) requireStands(t *testing.T, f card.File, stage string, reason card.Reason) {
	t.Helper()
	r, err := w.ledger.FindFile(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, stage, r.Stage, f.Name())
	require.Equal(t, reason, r.Reason)
}

// Reports that are good in themselves and stand oddly among the others are set aside, told, and lose no row: what was
// missing lets them go, or two people do.
func TestBadReportsAreQuarantined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	step, dispatch, numbers := w.dispatched(0)
	first := report(reportFile(1), dispatch, 1, numbers[0])
	w.lay("OUTLET", change{}.letter(t, reportFile(1), first, 1))
	w.collects(t, step)
	w.requireStands(t, reportFile(1), "acknowledged", "")

	t.Run("sequence-gap", func(t *testing.T) {
		w.layReport(t, "sequence-gap", reportFile(3), report(reportFile(3), dispatch, 3, numbers[2]))
		w.collects(t, step)
		w.requireStands(t, reportFile(3), "quarantined", card.ReasonFileSequenceGap)
		require.Contains(t, w.receipts(reportFile(3))[0], reportFile(2).Name())
		w.lay("OUTLET", change{}.letter(t, reportFile(2), report(reportFile(2), dispatch, 2, numbers[1]), 1))
		w.collects(t, step)
		w.requireStands(t, reportFile(2), "acknowledged", "")
		w.requireStands(t, reportFile(3), "acknowledged", "")
		require.Len(t, w.receipts(reportFile(3)), 2)
	})
	t.Run("sequence-repeated", func(t *testing.T) {
		w.layReport(t, "sequence-repeated", reportFile(1), report(reportFile(1), dispatch, 2, numbers[1]))
		w.collects(t, step)
		w.collects(t, step)
		w.requireStands(t, reportFile(1), "acknowledged", "")
		receipts := w.receipts(reportFile(1))
		require.Len(t, receipts, 2)
		require.Contains(t, receipts[1], "|F|02|FILE_SEQUENCE_REPEATED|")
		w.clear("OUTLET")
	})
	t.Run("content-repeated", func(t *testing.T) {
		w.layReport(t, "content-repeated", reportFile(4), first)
		w.collects(t, step)
		w.requireStands(t, reportFile(4), "quarantined", card.ReasonFileRepeatedContent)
		w.lay("OUTLET", change{}.letter(t, reportFile(4), report(reportFile(4), dispatch, 1, numbers[0]), 1))
		w.collects(t, step)
		w.requireStands(t, reportFile(4), "acknowledged", "")
	})
	for name, date := range map[string]string{"date-long-ago": "20260801", "date-in-the-future": "20261125"} {
		t.Run(name, func(t *testing.T) {
			f := reportFile(1)
			f.Date = date
			w.layReport(t, name, f, report(f, dispatch, 1, numbers[0]))
			w.collects(t, step)
			w.requireStands(t, f, "quarantined", card.ReasonFileDate)
			w.releases(t, f)
			w.collects(t, step)
			w.requireStands(t, f, "acknowledged", "")
		})
	}
	t.Run("rows-of-other-cards", func(t *testing.T) {
		text := report(reportFile(5), dispatch, 1, numbers[0])
		text = bytes.Replace(text, []byte("\nT|1|"), fmt.Appendf(nil, "\nD|2|%s|A|20261121100000||C1|%s\nD|900|%s|A|20261121100000||C1|%s\nT|3|",
			numbers[0], dispatch.Name(), numbers[1], dispatch.Name()), 1)
		w.layReport(t, "rows-of-other-cards", reportFile(5), text)
		w.collects(t, step)
		w.requireStands(t, reportFile(5), "acknowledged", "")
		receipt := w.receipts(reportFile(5))[0]
		require.Contains(t, receipt, "|F|01|")
		require.Contains(t, receipt, "|R|02|FILE_OTHER_CARD|2|")
		require.Contains(t, receipt, "|R|02|FILE_UNKNOWN_ROW|900|")
	})
	t.Run("dispatch-unknown", func(t *testing.T) {
		other := dispatch
		other.Seq = 77
		w.layReport(t, "dispatch-unknown", reportFile(6), report(reportFile(6), other, 1, numbers[0]))
		w.collects(t, step)
		w.requireStands(t, reportFile(6), "quarantined", card.ReasonFileUnknownDispatch)
	})
	w.requireSound(t)
}

// releases has two people let a file go whose bytes lie in quarantine.
func (w *world) releases(t *testing.T, f card.File) {
	t.Helper()
	r, err := w.ledger.ReleaseFile(t.Context(), f, ann)
	require.NoError(t, err)
	require.False(t, r.Done)
	_, err = w.ledger.ReleaseFile(t.Context(), f, ann)
	require.Equal(t, card.ReasonSecondPerson, card.ReasonOf(err))
	r, err = w.ledger.ReleaseFile(t.Context(), f, ben)
	require.NoError(t, err)
	require.True(t, r.Done)
	require.NoError(t, w.x.Restore(f, r.SM3))
}

// What lies at a partner and no step takes is refused too, and its partner is told.
func TestWhatNobodyTakesIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, badPath(partnerKey))
	_, request, orders := w.asked(0)
	f := request.Answer(card.AcctRet)
	good := accounts(request, orders)
	none, halfless, lost := f, f, f
	none.Seq, halfless.Seq, lost.Seq = 500, 501, 502
	for _, c := range []struct {
		name  string
		file  card.File
		files func(map[string][]byte) map[string][]byte
		want  card.Reason
	}{
		{"unexpected", none, func(m map[string][]byte) map[string][]byte { return m }, card.ReasonFileUnexpected},
		{"manifest-missing", halfless, func(m map[string][]byte) map[string][]byte { delete(m, halfless.Name()+".ok"); return m }, card.ReasonFileNoManifest},
		{"data-missing", lost, func(m map[string][]byte) map[string][]byte { delete(m, lost.Name()); return m }, card.ReasonFileNoData},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := bytes.ReplaceAll(good, []byte(f.Name()), []byte(c.file.Name()))
			w.lay("ICBC", fixture(t, c.name, func() map[string][]byte { return c.files(change{}.letter(t, c.file, text, batchRows)) }))
			w.looks(t)
			w.requireStands(t, c.file, "quarantined", c.want)
			receipts := w.receipts(c.file)
			require.Len(t, receipts, 1)
			require.Contains(t, receipts[0], "|F|02|"+string(c.want)+"|")
		})
	}
	w.requireNothingApplied(t, w.batches[0].ID)
}

// looks has the hub watch a partner twice.
func (w *world) looks(t *testing.T) {
	t.Helper()
	for range 2 {
		requireWaits(t, w.watch.WatchFiles(t.Context(), "ICBC"), "later")
	}
}

// Names that are none of the exchange, path tricks among them, reach nothing outside the outbox; their bytes are kept and the
// partner is told what their names look like.
func TestStrangeNamesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	names := []string{"..%2f..%2fetc%2fpasswd", "ICBC_ACCTRET_20261121_000001.txt;rm -rf", "icbc_acctret_20261121_000001.txt", "张三440100199001010015.xlsx",
		"ICBC_ACCTRET_20261321_000001.txt", "ICBC_ACCTRET_20261121_000000.txt", "ABC_ACCTRET_20261121_000001.txt", "ICBC_ACCTREQ_20261121_000009.txt", "CON.txt", "-rf"}
	text := fixture(t, "strange-name", func() map[string][]byte { return map[string][]byte{"stray.txt": []byte("some bytes\n")} })["stray.txt"]
	for _, name := range names {
		files := map[string][]byte{name: text}
		if strings.HasPrefix(name, "ICBC_ACCTREQ") {
			files[name+".ok"] = text
		}
		w.lay("ICBC", files)
	}
	w.looks(t)
	strays, err := w.ledger.FindFiles(t.Context(), postgres.FileFilter{Kind: "STRAY"})
	require.NoError(t, err)
	require.Len(t, strays, len(names))
	for _, s := range strays {
		require.Equal(t, "quarantined", s.Stage)
		require.Equal(t, card.ReasonFileName, s.Reason)
		require.NotContains(t, s.Called, "440100", "no personal data")
		copies, err := w.x.Copies(s.File())
		require.NoError(t, err)
		require.Len(t, copies, 1)
		require.Equal(t, s.SM3, copies[0].SM3)
	}
	told, err := filepath.Glob(filepath.Join(w.roots["ICBC"], "inbox", "ICBC_RECEIPT_*.txt"))
	require.NoError(t, err)
	require.Len(t, told, len(names))
}

// An answer after the agreed time is taken, and its partner is told so.
func TestALateAnswerIsTakenAndTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	p := w.bank.Banks["102"]
	p.Terms.AnswerWithin = -100 * 365 * 24 * time.Hour
	w.bank.Banks["102"] = p
	step, request, orders := w.asked(0)
	f := request.Answer(card.AcctRet)
	w.lay("ICBC", fixture(t, "late", func() map[string][]byte { return change{}.letter(t, f, accounts(request, orders), batchRows) }))
	tally, err := w.bank.CollectAccounts(t.Context(), step)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: batchRows}, tally)
	require.Contains(t, w.receipts(f)[0], "|F|00|FILE_LATE|")
}

// The partner's notice that it refuses a file of ours is heard, and its taking one is seen.
func TestOurFilesAreFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, badPath(partnerKey))
	_, refused, _ := w.asked(0)
	_, taken, _ := w.asked(1)
	w.lay("ICBC", map[string][]byte{refused.Name() + ".err": []byte("name=" + refused.Name() + "\nreason=FILE_DIGEST\n")})
	for _, suffix := range []string{".ok", ""} {
		inbox := filepath.Join(w.roots["ICBC"], "inbox")
		require.NoError(t, os.Rename(filepath.Join(inbox, taken.Name()+suffix), filepath.Join(inbox, "done", taken.Name()+suffix)))
	}
	w.requireStands(t, taken, "confirmed", "")
	w.looks(t)
	w.requireStands(t, refused, "quarantined", card.ReasonFileDigest)
	w.requireStands(t, taken, "acknowledged", "")
}
