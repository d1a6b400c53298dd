package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// tested keeps a report about the bank.
func tested(t *testing.T, l *office, green bool) postgres.PartnerReport {
	t.Helper()
	r, err := l.KeepPartnerReport(t.Context(), postgres.PartnerReport{Partner: "CCB", By: "anna", Binding: "a", Green: green, Passed: 41, Text: `{"partner":"CCB"}`})
	require.NoError(t, err)
	require.Positive(t, r.No)
	require.Len(t, r.SM3, 64)
	return r
}

func TestPartnerGoesLiveByTwoPeopleAndAGreenReport(t *testing.T) {
	t.Parallel()
	l := newOffice(t)
	ask := func(by, binding string) error { return l.AskPartnerLive(t.Context(), "CCB", by, binding) }
	approve := func(by, binding string) error { return l.ApprovePartnerLive(t.Context(), "CCB", by, binding) }
	refused := func(err error, reason card.Reason) {
		t.Helper()
		require.Equal(t, reason, card.ReasonOf(err))
	}
	refused(ask("anna", "a"), card.ReasonPartnerUntested)
	tested(t, l, false)
	refused(ask("anna", "a"), card.ReasonPartnerFailed)
	tested(t, l, true)
	refused(ask("anna", "b"), card.ReasonPartnerStale)
	refused(approve("bo", "a"), card.ReasonPartnerNotAsked)
	require.NoError(t, ask("anna", "a"))
	require.NoError(t, ask("anna", "a"), "asking twice is harmless")
	refused(approve("anna", "a"), card.ReasonSecondPerson)
	refused(approve("bo", "b"), card.ReasonPartnerStale)
	tested(t, l, false)
	refused(approve("bo", "a"), card.ReasonPartnerFailed)
	last := tested(t, l, true)
	require.NoError(t, approve("bo", "a"))
	require.NoError(t, approve("bo", "a"), "approving twice is harmless")

	s, err := l.PartnerStanding(t.Context(), "CCB")
	require.NoError(t, err)
	require.Equal(t, postgres.PartnerLive, s.Last().What)
	require.Equal(t, last.No, s.Last().Report)
	require.Len(t, s.Decisions, 2)
	require.NoError(t, l.SuspendPartner(t.Context(), "CCB", "bo", "key lost"))
	require.NoError(t, l.SuspendPartner(t.Context(), "CCB", "bo", "key lost"))
	refused(approve("anna", "a"), card.ReasonPartnerNotAsked)
}

// TestPartnerReportsCannotBeChanged holds the tables and the chain to what was written.
func TestPartnerReportsCannotBeChanged(t *testing.T) {
	t.Parallel()
	l := newOffice(t)
	r := tested(t, l, true)
	require.NoError(t, l.AskPartnerLive(t.Context(), "CCB", "anna", "a"))
	for _, change := range []string{
		"update partner_report set green = true", "delete from partner_report", "truncate partner_report cascade",
		"update partner_decision set by_whom = 'bo'", "delete from partner_decision", "truncate partner_decision",
	} {
		_, err := l.conn.Exec(t.Context(), change)
		require.ErrorContains(t, err, "written once", change)
	}
	entries, err := l.Audit(t.Context())
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "partner.tested", entries[0].Action)
	require.Contains(t, entries[0].Detail, r.SM3)
	require.Equal(t, "partner.asked", entries[1].Action)
}
