package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

var (
	ann = card.Decision{By: "ann", Note: "checked by telephone"}
	ben = card.Decision{By: "ben", Note: "agreed"}
)

func TestTwoPeopleReleaseWhatIsOnlyOdd(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	w.arrive(today(5), "e", card.Invalid, card.ReasonFileSequenceGap)
	r, err := w.ReleaseFile(ctx, today(5), ann)
	require.NoError(t, err)
	require.False(t, r.Done)
	_, err = w.ReleaseFile(ctx, today(5), ann)
	require.Equal(t, card.ReasonSecondPerson, card.ReasonOf(err))
	w.arrive(today(5), "e", card.Invalid, card.ReasonFileSequenceGap)
	r, err = w.ReleaseFile(ctx, today(5), ben)
	require.NoError(t, err)
	require.Equal(t, postgres.Release{Done: true, Reason: card.ReasonFileSequenceGap, SM3: manifest(today(5), "e").SM3}, r)
	w.arrive(today(5), "altered since", card.Invalid, card.ReasonFileSequenceGap)
	w.apply(today(5), "e")
	_, err = w.ReleaseFile(ctx, today(5), ann)
	require.Equal(t, card.ReasonFileApplied, card.ReasonOf(err))
	decisions, err := w.FileDecisions(ctx, today(5))
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	require.Equal(t, "ann", decisions[0].By)
	require.Equal(t, "ben", decisions[0].Second)
	require.Equal(t, ben.Note, decisions[0].Agreed)
	trail, err := w.Audit(ctx)
	require.NoError(t, err)
	require.Equal(t, "file.release", trail[len(trail)-1].Action)
}

func TestNobodyReleasesAFaultOfTheFileItself(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	for _, reason := range []card.Reason{card.ReasonFileLayout, card.ReasonFileDigest, card.ReasonFileSignature, card.ReasonFileUnknownRow} {
		require.NoError(t, w.FileRefused(t.Context(), nil, card.Verdict{File: today(1), SM3: string(reason), Whole: card.Finding{Reason: reason}}))
		_, err := w.ReleaseFile(t.Context(), today(1), ann)
		require.Equal(t, card.ReasonFileStructural, card.ReasonOf(err))
	}
	_, err := w.ReleaseFile(t.Context(), today(7), ann)
	require.Equal(t, card.ReasonNoSuchFile, card.ReasonOf(err))
}

// A file can be held before it comes; nothing of it is applied until two people let it go.
func TestAHeldFileIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	answer := w.send("CIVIL", card.MatchReq).Answer(card.MatchRet)
	for range 2 {
		require.NoError(t, w.HoldFile(ctx, answer, ann))
	}
	w.arrive(answer, "a", card.Later, card.ReasonFileHeld)
	_, err := w.ApplyMatches(ctx, w.batch, answer, nil, nil)
	require.Equal(t, card.ReasonFileHeld, card.ReasonOf(err))
	owed, err := w.OwedReceipts(ctx, "CIVIL", "")
	require.NoError(t, err)
	require.Equal(t, card.ReasonFileHeld, owed[0].Verdict.Whole.Reason)

	_, err = w.ReleaseFile(ctx, answer, ann)
	require.NoError(t, err)
	_, err = w.ReleaseFile(ctx, answer, ben)
	require.NoError(t, err)
	w.arrive(answer, "a", 0, "")
	_, err = w.ApplyMatches(ctx, w.batch, answer, nil, nil)
	require.NoError(t, err)
	require.Equal(t, card.ReasonFileApplied, card.ReasonOf(w.HoldFile(ctx, answer, ann)))
	require.Equal(t, card.ReasonNoSuchFile, card.ReasonOf(w.HoldFile(ctx, card.File{Partner: "ICBC", Kind: card.AcctRet, Date: "20261121", Seq: 8}, ann)))
	require.Equal(t, card.ReasonWrongState, card.ReasonOf(w.HoldFile(ctx, answer.Answer(card.MatchReq), ann)))
}

func TestAFileIsSentAgainOnlyWhenThePartnerDidNothing(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	old := w.send("CIVIL", card.MatchReq)
	r, err := w.AskReissue(ctx, old, ann)
	require.NoError(t, err)
	require.True(t, r.Withdraw)
	require.False(t, r.Confirmed)
	_, err = w.AskReissue(ctx, old, ann)
	require.Equal(t, card.ReasonSecondPerson, card.ReasonOf(err))
	require.NoError(t, w.FileWithdrawn(ctx, old, ann))
	require.Equal(t, "withdrawn", w.stage(old).Stage)
	sent, err := w.SentFile(ctx, w.batch, card.MatchReq, 0)
	require.NoError(t, err)
	require.Equal(t, old, sent, "the batch waits for the old answer until the new file is proved")

	r, err = w.AskReissue(ctx, old, ben)
	require.NoError(t, err)
	require.True(t, r.Confirmed)
	require.False(t, r.Withdraw)
	require.Equal(t, w.batch, r.Batch)
	next, err := w.NameSuccessor(ctx, old)
	require.NoError(t, err)
	again, err := w.NameSuccessor(ctx, old)
	require.NoError(t, err)
	require.Equal(t, next, again)
	require.NotEqual(t, old, next)
	for range 2 {
		require.NoError(t, w.SucceedFile(ctx, old, next, proof(next, "same rows"), time.Now().Add(time.Hour), ben))
	}
	sent, err = w.SentFile(ctx, w.batch, card.MatchReq, 0)
	require.NoError(t, err)
	require.Equal(t, next, sent)
	require.Equal(t, next.Name(), w.stage(old).ReplacedBy)
	require.Equal(t, old.Name(), w.stage(next).Replaces)
	w.arrive(old.Answer(card.MatchRet), "late after all", card.Invalid, card.ReasonFileWithdrawn)
	w.arrive(next.Answer(card.MatchRet), "a", 0, "")
	_, err = w.AskReissue(ctx, old, ann)
	require.Equal(t, card.ReasonWrongState, card.ReasonOf(err))
}

func TestAFileThatWasTakenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	f := w.send("CIVIL", card.MatchReq)
	require.NoError(t, w.FileTaken(ctx, f, false))
	_, err := w.AskReissue(ctx, f, ann)
	require.Equal(t, card.ReasonFileOutcomeUnknown, card.ReasonOf(err))
	require.NoError(t, w.FileRefusedThere(ctx, f, card.ReasonFileSize))
	_, err = w.AskReissue(ctx, f, ann)
	require.NoError(t, err, "the partner refused it: nothing was done")
}

// A file that lies nowhere any more goes again as it was, under its own name.
func TestAFileThatVanishedIsSentAgainAsItWas(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	f := w.send("CIVIL", card.MatchReq)
	require.NoError(t, w.FileTaken(ctx, f, true))
	_, err := w.AskReissue(ctx, f, ann)
	require.NoError(t, err)
	r, err := w.AskReissue(ctx, f, ben)
	require.NoError(t, err)
	require.True(t, r.Same)
	require.False(t, r.Withdraw)
	for range 2 {
		require.NoError(t, w.FileResent(ctx, f, proof(f, "ours"), ben))
	}
	require.Equal(t, "confirmed", w.stage(f).Stage)
	untaken, err := w.UntakenFiles(ctx, "CIVIL")
	require.NoError(t, err)
	require.Equal(t, []card.File{f}, untaken, "it is followed again")
	sent, err := w.SentFile(ctx, w.batch, card.MatchReq, 0)
	require.NoError(t, err)
	require.Equal(t, f, sent)
}

// Nothing is sent again, or told to be delivered, while the rollout stands still.
func TestNothingIsSentAgainInAPause(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	f := w.send("CIVIL", card.MatchReq)
	next, _, err := w.ReserveFile(ctx, w.batch, "ICBC", card.AcctReq, 0)
	require.NoError(t, err)
	require.NoError(t, w.FileWritten(ctx, next, manifest(next, "ours")))
	require.NoError(t, w.SetStatus(ctx, w.batch.Rollout, card.RolloutPaused, "maker", ""))
	_, err = w.AskReissue(ctx, f, ann)
	require.Equal(t, card.ReasonWrongState, card.ReasonOf(err))
	_, err = w.FileDelivered(ctx, next, []int64{1, 2}, time.Now().Add(time.Hour), ann)
	require.Equal(t, card.ReasonWrongState, card.ReasonOf(err))
	require.Equal(t, "written", w.stage(next).Stage)
}

// A file of ours that was carried to its partner counts as confirmed and taken, and its batch waits for the answer.
func TestAFileThatWasBroughtByHandIsRecorded(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 2)
	ctx := t.Context()
	f, _, err := w.ReserveFile(ctx, w.batch, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	_, err = w.FileDelivered(ctx, f, []int64{1, 2}, time.Now().Add(time.Hour), ann)
	require.Equal(t, card.ReasonWrongState, card.ReasonOf(err), "nothing was written yet")
	require.NoError(t, w.FileWritten(ctx, f, manifest(f, "ours")))
	for _, first := range []bool{true, false} {
		fresh, err := w.FileDelivered(ctx, f, []int64{1, 2}, time.Now().Add(time.Hour), ann)
		require.NoError(t, err)
		require.Equal(t, first, fresh)
	}
	r := w.stage(f)
	require.Equal(t, "acknowledged", r.Stage)
	require.Equal(t, "hand", r.AcknowledgedBy)
	_, sent, err := w.ReserveFile(ctx, w.batch, "CIVIL", card.MatchReq, 0)
	require.NoError(t, err)
	require.True(t, sent, "its step does not send it again")
	untaken, err := w.UntakenFiles(ctx, "CIVIL")
	require.NoError(t, err)
	require.Empty(t, untaken, "nobody looks for it at the partner")
	_, err = w.AskReissue(ctx, f, ann)
	require.Equal(t, card.ReasonFileOutcomeUnknown, card.ReasonOf(err))
}

// What a first person asked for does not hold for other bytes.
func TestAReleaseIsBoundToTheBytes(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	answer := w.send("CIVIL", card.MatchReq).Answer(card.MatchRet)
	require.NoError(t, w.HoldFile(ctx, answer, ann))
	w.arrive(answer, "a", card.Later, card.ReasonFileHeld)
	_, err := w.ReleaseFile(ctx, answer, ann)
	require.NoError(t, err)
	w.arrive(answer, "altered", card.Later, card.ReasonFileHeld)
	_, err = w.ReleaseFile(ctx, answer, ben)
	require.Equal(t, card.ReasonFileChanged, card.ReasonOf(err))
	require.Equal(t, "quarantined", w.stage(answer).Stage)
	r, err := w.ReleaseFile(ctx, answer, ben)
	require.NoError(t, err)
	require.False(t, r.Done, "two people must look at the new bytes")
	for range 2 {
		r, err = w.ReleaseFile(ctx, answer, ann)
		require.NoError(t, err)
		require.True(t, r.Done, "again changes nothing")
		require.Equal(t, manifest(answer, "altered").SM3, r.SM3)
	}
	w.arrive(answer, "altered", 0, "")
}

// A report that came by hand and waits for one before it is taken when that has come, wherever it lies.
func TestAReportThatCameByHandWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	w.arrive(today(2), "two", card.Invalid, card.ReasonFileSequenceGap)
	require.NoError(t, w.FileRefused(ctx, nil, card.Verdict{File: today(2), SM3: manifest(today(2), "two").SM3,
		Whole: card.Finding{Reason: card.ReasonFileSequenceGap}}))
	_, err := w.FileJoined(ctx, today(2), ann)
	require.NoError(t, err)
	joined, err := w.JoinedFiles(ctx, "OUTLET", card.Report)
	require.NoError(t, err)
	require.Equal(t, []card.File{today(2)}, joined)
	w.arrive(today(1), "one", 0, "")
	w.arrive(today(2), "two", 0, "")
}

func TestAFileThatCameByHandIsRecorded(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	ctx := t.Context()
	answer := w.send("CIVIL", card.MatchReq).Answer(card.MatchRet)
	w.arrive(answer, "a", 0, "")
	for _, first := range []bool{true, false} {
		fresh, err := w.FileJoined(ctx, answer, ann)
		require.NoError(t, err)
		require.Equal(t, first, fresh)
	}
	require.NotNil(t, w.stage(answer).Joined)
	events, err := w.Timeline(ctx, w.batch.Rollout)
	require.NoError(t, err)
	require.Equal(t, postgres.EventFileRejoined, events[len(events)-1].What)
	joined, err := w.JoinedFiles(ctx, "CIVIL", card.MatchRet)
	require.NoError(t, err)
	require.Equal(t, []card.File{answer}, joined)
}

// A report that waits for one before it says so.
func TestAReportThatWaitsSaysForWhat(t *testing.T) {
	t.Parallel()
	w := newFileWorld(t, 1)
	err := w.FileArrived(t.Context(), today(2), manifest(today(2), "two"), time.Hour)
	require.Equal(t, card.Later, card.KindOf(err))
	require.Equal(t, "seen", w.stage(today(2)).Stage)
	require.Equal(t, card.ReasonFileSequenceGap, w.stage(today(2)).Reason)
	w.arrive(today(1), "one", 0, "")
	w.arrive(today(2), "two", 0, "")
	require.Empty(t, w.stage(today(2)).Reason)
}
