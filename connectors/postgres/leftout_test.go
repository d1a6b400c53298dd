package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// sendWithout has the file of a step published and proved, but for one row that it could not carry.
func (b *lot) sendWithout(partner string, kind card.FileKind, row int) card.File {
	b.Helper()
	f, _, err := b.ReserveFile(b.Context(), b.id, partner, kind, 0)
	require.NoError(b, err)
	proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: strings.Repeat("0", 64)}, ConfirmedAt: time.Now(),
		Refused: []card.Finding{{Reason: card.ReasonNameUnencodable, Ref: row, Line: 2, Column: 5, Name: "name", Found: "a character"}}}
	require.NoError(b, b.ConfirmFile(b.Context(), b.id, f, proof, time.Now().Add(time.Hour)))
	return f
}

// A row that the file of any step cannot carry ends with its reason, is told with its place, and holds up nobody.
func TestRowsThatAFileCannotCarry(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(6)
	match := b.sendWithout("CIVIL", card.MatchReq, 1)
	require.Equal(t, card.Tally{Done: 5, Failed: 1}, b.match(nil))
	b.number()
	b.sendWithout("ICBC", card.AcctReq, 2)
	require.Equal(t, card.Tally{Done: 4, Failed: 1}, b.open(nil))
	b.sendWithout("BUREAU", card.CardReq, 3)
	require.Equal(t, card.Tally{Done: 2, Failed: 2}, b.make(answers{4: "M01"}))
	remake, planned, err := p.PlanRemake(t.Context(), b.id, 3)
	require.NoError(t, err)
	require.True(t, planned)
	again := &lot{programme: p, id: remake}
	require.Equal(t, map[card.ItemStatus]int{card.AccountOpened: 1}, again.status(), "a card whose data do not fit is not tried again")
	b.stock()
	b.sendWithout("OUTLET", card.Dispatch, 5)
	require.Equal(t, map[card.ItemStatus]int{card.Refused: 1, card.AccountFailed: 1, card.MakeFailed: 1, card.InStock: 1, card.Dispatched: 1}, b.status())

	refused, err := all(p.Refusals(t.Context(), b.id.Rollout))
	require.NoError(t, err)
	require.Len(t, refused, 4)
	for _, r := range refused {
		require.Equal(t, []card.Reason{card.ReasonNameUnencodable}, r.Reasons)
	}
	verdicts, err := p.FileVerdicts(t.Context(), match)
	require.NoError(t, err)
	require.Len(t, verdicts, 1)
	require.Equal(t, 5, verdicts[0].Rows[0].Column)
	owed, err := p.OwedReceipts(t.Context(), "CIVIL", match.Name())
	require.NoError(t, err)
	require.Empty(t, owed, "nobody is owed a receipt for a file of ours")
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 0}, []int{v.Counts.Refused, v.Counts.Failed, v.Counts.Unknown})
	p.requireSound(b.id.Rollout)
}

// A row whose answer is refused is unknown, and the bank is asked about it once more.
func TestRowsWhoseAnswersAreRefused(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	b := p.lot(3)
	b.match(nil)
	b.number()
	f := b.send("ICBC", card.AcctReq, 0).Answer(card.AcctRet)
	told := b.accountAnswers(answers{2: ""})
	wrong := []card.Finding{{Reason: card.ReasonFileLayout, Ref: 2, Line: 3, Column: 4}, {Reason: card.ReasonFileLayout, Ref: 9_000_000_000, Line: 5}}
	tally, err := p.ApplyAccounts(t.Context(), b.id, f, told, wrong)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: 2, Unknown: 1}, tally)
	refused, err := all(p.Refusals(t.Context(), b.id.Rollout))
	require.NoError(t, err)
	require.Equal(t, []card.Reason{card.ReasonAnswerRefused}, refused[0].Reasons)
	v, err := p.Show(t.Context(), b.id.Rollout, false)
	require.NoError(t, err)
	require.Equal(t, 1, v.Counts.Unknown)
	verdicts, err := p.FileVerdicts(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, card.AcceptedInPart, verdicts[0].Outcome)
	require.Equal(t, wrong, verdicts[0].Rows)
	require.Equal(t, card.Tally{Done: 3}, b.enquire(nil))
	p.requireSound(b.id.Rollout)
}
