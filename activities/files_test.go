package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
)

const (
	requestName = "CIVIL_MATCHREQ_20261121_000017.txt"
	answerName  = "CIVIL_MATCHRET_20261121_000017.txt"
)

var answerFile = card.File{Partner: "CIVIL", Kind: card.MatchRet, Date: "20261121", Seq: 17}

func TestSend(t *testing.T) {
	t.Parallel()
	c, l, p := civilWorld(t)
	before := time.Now()
	require.NoError(t, c.RequestMatch(t.Context(), step1))
	require.NoError(t, c.RequestMatch(t.Context(), step1))
	require.Equal(t, []string{"reserve " + requestName, "publish " + requestName, "confirm " + requestName, "reserve " + requestName}, l.journal,
		"what is proved is not sent again")
	require.WithinRange(t, l.until, before.Add(terms.AnswerWithin), time.Now().Add(terms.AnswerWithin))
	require.Len(t, p.sent, 1)
}

// TestSendKilled dies at every point; repeated, it sends one file under one name.
func TestSendKilled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"reserve ", "publish ", "confirm "} {
		c, l, p := civilWorld(t)
		l.kill = at + requestName
		require.ErrorIs(t, c.RequestMatch(t.Context(), step1), errKilled)
		require.False(t, l.sent[requestName])
		require.NoError(t, c.RequestMatch(t.Context(), step1))
		require.True(t, l.sent[requestName])
		require.Len(t, p.sent, 1, at)
	}
}

// requireWaiting asserts that an activity is tried again after the partner's poll.
func requireWaiting(t *testing.T, err error, reason card.Reason) {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.False(t, failed.NonRetryable())
	require.Equal(t, terms.Poll, failed.NextRetryDelay())
	require.Equal(t, string(reason), failed.Type())
}

func TestReceive(t *testing.T) {
	t.Parallel()
	c, l, p := civilWorld(t)
	_, err := c.CollectMatch(t.Context(), step1)
	requireWaiting(t, err, card.ReasonNoAnswer)
	require.Empty(t, l.journal, "waiting touches nothing")

	p.outbox[answerFile] = nil
	tally, err := c.CollectMatch(t.Context(), step1)
	require.NoError(t, err)
	require.Equal(t, l.processed, tally)
	require.Equal(t, 2, l.answers)
	require.Equal(t, []string{"apply " + answerName, "done " + answerName}, l.journal)
}

// TestReceiveKilledBeforePuttingAway applied the answer and dies: the next attempt takes the ledger's word, reads nothing,
// and puts the file away, also when the partner has cleared its outbox meanwhile.
func TestReceiveKilledBeforePuttingAway(t *testing.T) {
	t.Parallel()
	for _, cleared := range []bool{false, true} {
		c, l, p := civilWorld(t)
		p.outbox[answerFile] = nil
		l.kill = "done " + answerName
		_, err := c.CollectMatch(t.Context(), step1)
		require.ErrorIs(t, err, errKilled)
		if cleared {
			delete(p.outbox, answerFile)
		}
		for range 2 {
			tally, err := c.CollectMatch(t.Context(), step1)
			require.NoError(t, err)
			require.Equal(t, l.processed, tally, "the same tally")
		}
		require.Equal(t, 2, l.answers, "applied once")
		require.Equal(t, []card.File{answerFile, answerFile}, p.done)
	}
}

// TestReceiveRefuses sets a bad answer aside, whoever finds it bad, and takes the better one that comes under its name.
func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ledger, *partner){
		"unreadable": func(_ *ledger, p *partner) {
			p.outbox[answerFile] = card.E(card.Invalid, "read", card.ReasonFileRows, nil)
		},
		"not what was asked": func(l *ledger, p *partner) {
			p.outbox[answerFile] = nil
			l.applyErr = card.E(card.Invalid, "match", card.ReasonFileRows, nil)
		},
		"contradicts the ledger": func(l *ledger, p *partner) {
			p.outbox[answerFile] = nil
			l.applyErr = card.E(card.Conflict, "apply", card.ReasonFileRows, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, l, p := civilWorld(t)
			spoil(l, p)
			_, err := c.CollectMatch(t.Context(), step1)
			requireWaiting(t, err, card.ReasonFileRows)
			require.Equal(t, []card.File{answerFile}, p.refused)
			require.Equal(t, "quarantined", l.states[answerFile])
			require.Len(t, p.receipts, 1, "the partner is told")
			require.Empty(t, l.owed)
			require.Empty(t, p.done)

			_, err = c.CollectMatch(t.Context(), step1)
			requireWaiting(t, err, card.ReasonNoAnswer)
			p.outbox[answerFile], l.applyErr = nil, nil
			tally, err := c.CollectMatch(t.Context(), step1)
			require.NoError(t, err)
			require.Equal(t, l.processed, tally)
		})
	}
}

// TestReceiveLeavesOtherFaultsAlone refuses no file for what is not its fault.
func TestReceiveLeavesOtherFaultsAlone(t *testing.T) {
	t.Parallel()
	for _, kind := range []card.Kind{card.Unavailable, card.Breach, card.Internal, card.NotFound} {
		c, l, p := civilWorld(t)
		p.outbox[answerFile] = nil
		l.applyErr = card.E(kind, "apply", "", nil)
		_, err := c.CollectMatch(t.Context(), step1)
		require.ErrorIs(t, err, l.applyErr)
		require.Empty(t, p.refused)
		require.Empty(t, l.journal)
	}
}

// TestReceiveKilledWhileRefusing dies between the two places that remember a refusal.
func TestReceiveKilledWhileRefusing(t *testing.T) {
	t.Parallel()
	c, l, p := civilWorld(t)
	p.outbox[answerFile] = card.E(card.Invalid, "read", card.ReasonFileRows, nil)
	l.kill = "set aside " + answerName
	_, err := c.CollectMatch(t.Context(), step1)
	require.ErrorIs(t, err, errKilled)
	p.outbox[answerFile] = nil
	_, err = c.CollectMatch(t.Context(), step1)
	require.NoError(t, err)
}

func TestUnknownBank(t *testing.T) {
	t.Parallel()
	b := &Bank{Banks: map[string]BankPartner{}}
	err := b.RequestAccounts(t.Context(), step1)
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.NonRetryable())
	require.Equal(t, string(card.ReasonPartnerUnknown), failed.Type())
	for _, collect := range []func() error{
		func() error { _, err := b.CollectAccounts(t.Context(), step1); return err },
		func() error { return b.EnquireAccounts(t.Context(), step1) },
		func() error { _, err := b.CollectEnquiry(t.Context(), step1); return err },
		func() error { return b.RequestActivations(t.Context(), step1) },
		func() error { _, err := b.CollectActivations(t.Context(), step1); return err },
	} {
		require.ErrorAs(t, collect(), &failed)
	}
}
