package drill_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// held is how soon a pause takes hold.
const held = 10 * time.Second

// TestPauseAndResume pauses while all banks open accounts: their answers come, and nothing leaves.
func TestPauseAndResume(t *testing.T) {
	banks := []string{"ICBC", "ABC", "CCB"}
	b := enter(t).lodger(t, banks...)
	b.rules(fmt.Sprintf(mute, "*", "ACCTREQ"))
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 0 })
	id := b.run(b.sample(900))
	b.eventually("all banks are asked", func() bool { return b.sent(banks...) == 3 })
	b.onecard("rollout", "pause", id, "--as", "operator1")
	paused := time.Now()
	require.Equal(t, card.RolloutPaused, b.show(id).Status)
	b.rules("")
	b.eventually("a pause would have shown to be none", func() bool { return time.Since(paused) > held+4*time.Second })
	b.eventually("all banks have answered", func() bool {
		return !slices.ContainsFunc(banks, func(bank string) bool { return len(b.times(bank, "answered")) != 1 })
	})
	resumed := time.Now()
	b.onecard("rollout", "resume", id, "--as", "operator1")
	b.await(id, card.RolloutDone)
	for _, partner := range append(banks, "CIVIL", "BUREAU", "OUTLET") {
		for _, at := range b.times(partner, "processed") {
			require.False(t, at.After(paused.Add(held)) && at.Before(resumed), "a file left for %s in the pause", partner)
		}
	}
	b.requireComplete(id, banks...)
}

// requireComplete checks a rollout of which nothing went wrong, by all ledgers.
func (b *hub) requireComplete(id string, banks ...string) {
	b.Helper()
	v := b.show(id)
	b.requireSound(v)
	b.requireAgreed(v, banks...)
	b.requireOnce(banks...)
	require.Equal(b, v.Counts.Rows, v.Counts.Active+v.Counts.Refused)
	require.Equal(b, v.Counts.Refused, b.explained(id))
}

// TestCancelInMidRun cancels while one bank keeps silent about accounts, one about the rows it left out, and the outlets
// about the cards of the third.
func TestCancelInMidRun(t *testing.T) {
	banks := []string{"ICBC", "ABC", "CCB"}
	b := enter(t).lodger(t, banks...)
	b.rules(fmt.Sprintf(mute, "ICBC", "ACCTREQ") + `
[[rule]]
partner = "ABC"
kind = "ACCTREQ"
do = "omit"
share = 0.3
` + fmt.Sprintf(mute, "ABC", "ACCTENQ") + fmt.Sprintf(mute, "OUTLET", "DISPATCH"))
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 0 })
	id := b.run(b.sample(900, "--bad", "0.02"))
	b.eventually("everybody is where somebody is silent", func() bool {
		return b.sent("ICBC") == 1 && b.sent("ABC") == 2 && b.sent("OUTLET") == 1 && len(b.show(id).Waiting) == 3
	})
	b.onecard("rollout", "cancel", id, "--as", "maker", "--reason", "演练")
	b.await(id, card.RolloutCancelled)
	sent := b.sent(append(banks, "CIVIL", "BUREAU", "OUTLET")...)
	b.rules("")
	b.eventually("the partners have answered after all", func() bool {
		return len(b.times("ICBC", "answered")) == 1 && len(b.times("OUTLET", "answered")) > 0
	})
	v := b.show(id)
	b.requireSound(v)
	b.requireAccountsListed(id, v, banks...)
	require.Empty(t, v.Waiting)
	require.Equal(t, v.Counts.Rows, b.explained(id), "every row is explained, for nobody has a card")
	b.requireOnce(banks...)
	require.Equal(t, sent, b.sent(append(banks, "CIVIL", "BUREAU", "OUTLET")...), "no file leaves after a cancel")

	again := b.create(b.beside("roster.csv"))
	require.Equal(t, v.Counts.Accepted, b.show(again).Counts.Accepted, "the people may apply again")
}

// requireAccountsListed checks that the report lists every account that a bank has opened for nobody as to be closed, those
// of which the bank never told us too.
func (b *hub) requireAccountsListed(id string, v postgres.View, banks ...string) {
	b.Helper()
	opened := 0
	for _, bank := range banks {
		opened += b.tally(bank).Events["opened"]
	}
	require.Less(b, v.Counts.AccountOpened, opened, "one bank never told")
	path := b.beside("report.xlsx")
	b.onecard("rollout", "report", id, "-o", path)
	book, err := excelize.OpenFile(path)
	require.NoError(b, err)
	defer func() { require.NoError(b, book.Close()) }()
	sheet := slices.IndexFunc(book.GetSheetList(), func(name string) bool { return strings.HasSuffix(name, "Accounts") })
	rows, err := book.GetRows(book.GetSheetName(sheet))
	require.NoError(b, err)
	rows = slices.DeleteFunc(rows, func(row []string) bool {
		return !slices.ContainsFunc(row, func(cell string) bool { return card.Number(cell).Valid() })
	})
	require.Len(b, rows, opened)
}

// TestFailedCanary has two rollouts of whose canaries half fails: both stop; one is cancelled, the other resumed.
func TestFailedCanary(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules(`[[rule]]
partner = "ICBC"
kind = "ACCTREQ"
do = "refuse"
code = "E01"
share = 0.5
`)
	b.start()
	cancelled := b.canaryFails("1")
	require.Equal(t, 1, b.tally("ICBC").Events["processed"], "the rest has not gone out")
	b.onecard("rollout", "cancel", cancelled, "--as", "operator1")
	b.await(cancelled, card.RolloutCancelled)
	ended := b.show(cancelled)
	b.requireSound(ended)
	require.Equal(t, 600-ended.Counts.Active, b.explained(cancelled), "cards that were handed over before the cancel work")
	require.Equal(t, 1, b.tally("ICBC").Events["processed"], "the rest has never gone out")

	resumed := b.canaryFails("2")
	b.onecard("rollout", "resume", resumed, "--as", "operator1")
	b.await(resumed, card.RolloutDone)
	v := b.show(resumed)
	b.requireSound(v)
	require.Equal(t, v.Counts.Rows-v.Counts.Active, b.explained(resumed))
	require.Equal(t, b.tally("ICBC").Events["opened"], v.Counts.AccountOpened+ended.Counts.AccountOpened)
	require.Equal(t, b.tally("ICBC").Events["activated"], v.Counts.Active+ended.Counts.AccountActive)
	b.requireOnce("ICBC")
}

// canaryFails runs a rollout up to its stop.
func (b *hub) canaryFails(seed string) (id string) {
	b.Helper()
	id = b.run(b.sample(600, "--banks", "102", "--seed", seed))
	b.await(id, card.RolloutStopped)
	require.Equal(b, string(card.ReasonCanaryFailed), b.show(id).Note)
	return id
}

// TestApprovalByAnother has the wrong people approve and start.
func TestApprovalByAnother(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.start()
	id := b.create(b.sample(50, "--banks", "102"))
	b.refused(card.ReasonNotSubmitted, "rollout", "approve", id, "--as", "approver")
	b.onecard("rollout", "submit", id, "--as", "submitter")
	b.refused(card.ReasonSamePerson, "rollout", "approve", id, "--as", "maker")
	b.refused(card.ReasonSamePerson, "rollout", "approve", id, "--as", "submitter")
	b.refused(card.ReasonNotApproved, "rollout", "start", id, "--as", "maker")
	require.Zero(t, b.sent("CIVIL", "ICBC", "BUREAU", "OUTLET"))
	b.onecard("rollout", "approve", id, "--as", "approver")
	b.onecard("rollout", "start", id, "--as", "maker")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
}

// refused runs a command line that must be refused for the reason.
func (b *hub) refused(reason card.Reason, args ...string) {
	b.Helper()
	out, code := b.try("", args...)
	require.Equal(b, 3, code, out)
	require.Contains(b, out, string(reason))
}

// forgeries are what somebody with the database's password could do to an approved row.
var forgeries = map[string]string{
	"outlet":  "update roster_row set outlet = '4406001029999' where row_no = (select min(row_no) from roster_row)",
	"person":  "update roster_row r set sealed = o.sealed, person = o.person from roster_row o where r.row_no = (select min(row_no) from roster_row) and o.row_no = (select max(row_no) from roster_row)",
	"removed": "delete from roster_row where row_no = (select min(row_no) from roster_row)",
}

// TestForgedRow changes an approved row by hand: no file with it leaves, before the accounts or after.
func TestForgedRow(t *testing.T) {
	enter(t)
	for name, forgery := range forgeries {
		t.Run(name, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			b.start()
			id := b.create(b.sample(100, "--banks", "102"))
			b.onecard("rollout", "submit", id, "--as", "maker")
			b.onecard("rollout", "approve", id, "--as", "approver")
			b.forgeRow(forgery)
			b.onecard("rollout", "start", id, "--as", "maker")
			b.requireHeld(id, "ICBC")
		})
	}
	t.Run("later", func(t *testing.T) {
		b := enter(t).lodger(t, "ICBC")
		b.rules(fmt.Sprintf(mute, "ICBC", "ACCTREQ"))
		b.start()
		id := b.run(b.sample(100, "--banks", "102"))
		b.eventually("the bank has its file", func() bool { return b.sent("ICBC") == 1 })
		b.forgeRow(forgeries["outlet"])
		b.rules("")
		b.requireHeld(id, "BUREAU")
	})
}

func (b *hub) forgeRow(sql string) {
	b.Helper()
	b.exec(b.ledger(), "alter table roster_row disable trigger roster_row_written_once; "+sql)
}

// requireHeld checks that a rollout stops before a partner gets forged rows.
func (b *hub) requireHeld(id, partner string) {
	b.Helper()
	b.await(id, card.RolloutStopped)
	require.Equal(b, string(card.ReasonHashDiffers), b.show(id).Note)
	require.Zero(b, b.sent(partner), "no file leaves with a forged row")
}
