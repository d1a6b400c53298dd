package activities_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/activities"
	"onecard/card"
)

// prepare lays a report that a card came back, which its partner had numbered earlier, into a folder.
func (w *world) prepare(t *testing.T, dir string, f, dispatch card.File, n int, number card.Number) {
	t.Helper()
	text := bytes.Replace(report(f, dispatch, n, number), []byte("|A|"), []byte("|R|"), 1)
	for name, text := range (change{}).letter(t, f, text, 1) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
}

// A partner numbers its reports when it prepares them and sends some late. Those that overtook the others are set aside, and
// are taken by themselves as soon as the missing ones have come: nobody releases them, and nothing is lost.
func TestReportsThatOvertookOthersAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, badPath(partnerKey))
	step, first, numbers := w.dispatched(0)
	_, second, more := w.dispatched(1)
	outbox := filepath.Join(w.roots["OUTLET"], "outbox")
	send := func(seq int) {
		d, n := first, seq
		if seq > batchRows {
			d, n = second, seq-batchRows
		}
		w.prepare(t, outbox, reportFile(seq), d, refOf(d, first, n), append(numbers, more...)[seq-1])
		_, err := w.outlets.CollectReports(t.Context(), step)
		if err != nil { // cards of the batch are on their way still
			requireWaits(t, err, card.ReasonNoAnswer)
		}
	}
	for _, seq := range []int{1, 3, 5, 6} {
		send(seq)
	}
	w.requireStands(t, reportFile(1), "acknowledged", "")
	for _, seq := range []int{3, 5, 6} {
		w.requireStands(t, reportFile(seq), "quarantined", card.ReasonFileSequenceGap)
	}
	send(4)
	w.requireStands(t, reportFile(4), "quarantined", card.ReasonFileSequenceGap)
	send(2)
	for seq := 1; seq <= 2*batchRows; seq++ {
		w.requireStands(t, reportFile(seq), "acknowledged", "")
		events, err := w.ledger.FileRowEvents(t.Context(), reportFile(seq))
		require.NoError(t, err)
		require.Len(t, events, 1)
		require.Equal(t, 1, events[0].Rows, "each row once")
		decisions, err := w.ledger.FileDecisions(t.Context(), reportFile(seq))
		require.NoError(t, err)
		require.Empty(t, decisions, "nobody had to do anything")
	}
	require.Len(t, w.receipts(reportFile(2)), 1)
	require.Len(t, w.receipts(reportFile(6)), 2, "set aside, then taken")
}

// refOf is the number of the n-th row of a batch in the roster.
func refOf(d, first card.File, n int) int {
	if d == first {
		return n
	}
	return batchRows + n
}

// Reports that come by hand are applied also while the outlets cannot be reached, each in its turn.
func TestReportsByHandAreTakenWithoutTheirPartner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	step, dispatch, numbers := w.dispatched(0)
	require.NoError(t, w.servers["OUTLET"].Close())
	stick := t.TempDir()
	bring := func(seq int) {
		f := reportFile(seq)
		w.prepare(t, stick, f, dispatch, seq, numbers[seq-1])
		path := filepath.Join(stick, f.Name())
		m, err := w.x.Rejoin(t.Context(), f, path, path+".ok")
		require.NoError(t, err)
		err = w.ledger.FileArrived(t.Context(), f, m, 0)
		if seq != 1 {
			require.Equal(t, card.ReasonFileSequenceGap, card.ReasonOf(err))
			require.NoError(t, w.outlets.Desk.Refuse(t.Context(), f, err))
		}
		_, err = w.ledger.FileJoined(t.Context(), f, ann)
		require.NoError(t, err)
	}
	bring(2)
	bring(1)
	_, err := w.outlets.CollectReports(t.Context(), step)
	requireWaits(t, err, card.ReasonPartnerUnreachable)
	for seq := 1; seq <= 2; seq++ {
		r, err := w.ledger.FindFile(t.Context(), reportFile(seq))
		require.NoError(t, err)
		require.NotNil(t, r.Processed, "%s", r.Name)
		events, err := w.ledger.FileRowEvents(t.Context(), reportFile(seq))
		require.NoError(t, err)
		require.Equal(t, 1, events[0].Rows)
	}
}

// A file by hand is judged as one that came over the wire: what is wrong is set aside and told, what is held waits.
func TestAFileByHandIsAdmittedOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, badPath(partnerKey))
	_, request, orders := w.asked(0)
	f := request.Answer(card.AcctRet)
	admit := func(c change, read error) error {
		stick := t.TempDir()
		for name, text := range c.letter(t, f, accounts(request, orders), batchRows) {
			require.NoError(t, os.WriteFile(filepath.Join(stick, name), text, 0o600))
		}
		path := filepath.Join(stick, f.Name())
		_, err := w.x.Rejoin(t.Context(), f, path, path+".ok")
		require.NoError(t, err)
		return w.bank.Desk.Admit(t.Context(), f, w.x, func(context.Context) error { return read })
	}
	wrong := card.Refuse("read", card.Finding{Reason: card.ReasonFileLayout, Line: 2, Column: 3, Found: "x", Expected: "y"})
	require.Equal(t, card.ReasonFileLayout, card.ReasonOf(admit(change{}, wrong)))
	w.requireStands(t, f, "quarantined", card.ReasonFileLayout)
	require.Contains(t, w.receipts(f)[0], "|F|02|FILE_LAYOUT|")
	require.NoError(t, w.ledger.HoldFile(t.Context(), f, ann))
	require.Equal(t, card.ReasonFileHeld, card.ReasonOf(admit(change{}, nil)))
	w.releases(t, f)
	require.NoError(t, admit(change{}, nil))
	tally, err := w.bank.CollectAccounts(t.Context(), activities.Step{Batch: w.batches[0].ID})
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: batchRows}, tally)
}
