package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

func (w *fileWorld) stage(f card.File) postgres.FileRecord {
	w.t.Helper()
	r, err := w.FindFile(w.t.Context(), f)
	require.NoError(w.t, err)
	return r
}

// A file of ours is written, confirmed, acknowledged and processed, each with its time.
func TestAFileOfOursPassesItsStages(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 3)
	ctx := t.Context()
	f, _, err := w.ReserveFile(ctx, w.batch, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.Equal(t, "reserved", w.stage(f).Stage)
	require.NoError(t, w.FileWritten(ctx, f, manifest(f, "draft")))
	require.Equal(t, "written", w.stage(f).Stage)
	require.NoError(t, w.ConfirmFile(ctx, w.batch, f, proof(f, "final"), time.Now().Add(time.Hour)))
	require.NoError(t, w.FileWritten(ctx, f, manifest(f, "draft")), "a repetition after the proof changes nothing")
	r := w.stage(f)
	require.Equal(t, "confirmed", r.Stage)
	require.Equal(t, manifest(f, "final").SM3, r.SM3)
	untaken, err := w.UntakenFiles(ctx, "CIVIL")
	require.NoError(t, err)
	require.Equal(t, []card.File{f}, untaken)
	require.NoError(t, w.FileTaken(ctx, f, false))
	require.Equal(t, "acknowledged", w.stage(f).Stage)
	require.Equal(t, "done", w.stage(f).AcknowledgedBy)

	answer := f.Answer(card.MatchRet)
	require.NoError(t, w.FileArrived(ctx, answer, manifest(answer, "a"), 0))
	require.Equal(t, "confirmed", w.stage(answer).Stage)
	require.Equal(t, f.Name(), w.stage(answer).Answers)
	require.NotNil(t, w.stage(answer).Due)
	_, err = w.ApplyMatches(ctx, w.batch, answer, []card.MatchAnswer{{Ref: 1, SSN: ssn(1), Result: "00"}}, nil)
	require.NoError(t, err)
	require.Equal(t, "processed", w.stage(answer).Stage)
	r = w.stage(f)
	require.Equal(t, "processed", r.Stage)
	require.Equal(t, answer.Name(), r.AnsweredBy)
	for _, at := range []*time.Time{r.Written, r.Confirmed, r.Acknowledged, r.Processed} {
		require.NotNil(t, at)
	}

	owed, err := w.OwedReceipts(ctx, "CIVIL", "")
	require.NoError(t, err)
	require.Len(t, owed, 1)
	require.Equal(t, card.Verdict{File: answer, SM3: manifest(answer, "a").SM3, Outcome: card.Accepted}, owed[0].Verdict)
	require.NoError(t, w.ReceiptSent(ctx, owed[0].File, proof(owed[0].File, "r")))
	require.Equal(t, "acknowledged", w.stage(answer).Stage)
	require.Equal(t, "receipt", w.stage(answer).AcknowledgedBy)
	files, err := w.FindFiles(ctx, postgres.FileFilter{Partner: "CIVIL", Kind: "RECEIPT", Stage: "confirmed"})
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Equal(t, answer.Name(), files[0].Answers)
}

// A file that the ledger has not named may not leave.
func TestAnUnnamedFileIsNotWritten(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	f := card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 9}
	require.Equal(t, card.Internal, card.KindOf(w.FileWritten(t.Context(), f, manifest(f, "x"))))
}

// However many ask for them at once, a verdict has one receipt under one name.
func TestAReceiptIsNamedOnce(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	for seq := range 3 {
		f := today(seq + 1)
		require.NoError(t, w.FileArrived(ctx, f, manifest(f, "r"), 0))
		require.NoError(t, w.FileRefused(ctx, nil, card.Verdict{File: f, SM3: manifest(f, "r").SM3, Whole: card.Finding{Reason: card.ReasonFileLayout}}))
	}
	var wait sync.WaitGroup
	names := make([][]card.OwedReceipt, 8)
	for i := range names {
		wait.Go(func() {
			var err error
			names[i], err = w.OwedReceipts(ctx, "OUTLET", "")
			require.NoError(t, err)
		})
	}
	wait.Wait()
	require.Len(t, names[0], 3)
	for _, other := range names {
		require.Equal(t, names[0], other)
	}
	require.Equal(t, 3, one[int](w, "select count(*) from exchange_file where kind = 'RECEIPT'"))
	one, err := w.OwedReceipts(ctx, "OUTLET", today(2).Name())
	require.NoError(t, err)
	require.Equal(t, names[0][1:2], one)
}

// The same refusal told again is one refusal; a corrected edition is judged anew.
func TestEditionsOfAFileAreJudgedOneByOne(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	f := w.send("CIVIL", card.MatchReq).Answer(card.MatchRet)
	found := card.Finding{Reason: card.ReasonFileLayout, Ref: 2, Line: 3, Column: 4, Name: "result", Found: `"9"`, Expected: "2 digits"}
	for range 3 {
		require.NoError(t, w.FileArrived(ctx, f, manifest(f, "bad"), 0))
		require.NoError(t, w.FileRefused(ctx, &w.batch, card.Verdict{File: f, SM3: manifest(f, "bad").SM3, Whole: found}))
	}
	require.Equal(t, "quarantined", w.stage(f).Stage)
	require.NoError(t, w.FileArrived(ctx, f, manifest(f, "good"), 0))
	_, err := w.ApplyMatches(ctx, w.batch, f, nil, nil)
	require.NoError(t, err)
	require.NoError(t, w.FileRefused(ctx, &w.batch, card.Verdict{File: f, SM3: manifest(f, "good").SM3, Whole: found}),
		"what was applied is not refused afterwards")
	verdicts, err := w.FileVerdicts(ctx, f)
	require.NoError(t, err)
	require.Len(t, verdicts, 2)
	require.Equal(t, found, verdicts[0].Whole)
	require.Equal(t, card.Accepted, verdicts[1].Outcome)
	events, err := w.Timeline(ctx, w.batch.Rollout)
	require.NoError(t, err)
	refused := 0
	for _, e := range events {
		if e.What == postgres.EventFileRefused {
			refused++
		}
	}
	require.Equal(t, 1, refused)
}

// A partner that refuses a file of ours is heard, unless it has answered it.
func TestAPartnersRefusalIsHeard(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	f := w.send("CIVIL", card.MatchReq)
	for range 2 {
		require.NoError(t, w.FileRefusedThere(t.Context(), f, card.ReasonFileDigest))
	}
	r := w.stage(f)
	require.Equal(t, "quarantined", r.Stage)
	require.Equal(t, card.ReasonFileDigest, r.Reason)
	require.Equal(t, 1, one[int](w, "select count(*) from rollout_event where what = $1", postgres.EventFileRefusedThere))

	other := newFileWorld(t, 2)
	other.matched()
	f, err := other.SentFile(t.Context(), other.batch, card.MatchReq, 0)
	require.NoError(t, err)
	require.NoError(t, other.FileRefusedThere(t.Context(), f, card.ReasonFileDigest))
	require.Equal(t, "processed", other.stage(f).Stage)
}

// What the proof of a file of ours is worth is kept beside it.
func TestAProofBySizeAloneIsKept(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	f, _, err := w.ReserveFile(t.Context(), w.batch, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	p := proof(f, "ours")
	p.SizeOnly = true
	require.NoError(t, w.ConfirmFile(t.Context(), w.batch, f, p, time.Now().Add(time.Hour)))
	require.True(t, w.stage(f).SizeOnly)
}
