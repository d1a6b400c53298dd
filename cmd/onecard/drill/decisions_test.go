package drill_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/postgres"
)

// held is how soon a pause takes hold.
const held = 10 * time.Second

// TestPauseAndResume pauses while all banks open accounts: their answers come, and nothing leaves.
func TestPauseAndResume(t *testing.T) {
	banks := []string{"ICBC", "ABC", "CCB"}
	b := enter(t).lodger(t, banks...)
	b.rules(fmt.Sprintf(slow, "*", "ACCTREQ"))
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 0 })
	id := b.run(b.sample(900))
	b.eventually("all banks are asked", func() bool { return b.sent(banks...) == 3 })
	b.onecard("rollout", "pause", id, "--as", "operator1")
	paused := time.Now()
	require.Equal(t, card.RolloutPaused, b.show(id).Status)
	b.eventually("a pause would have shown to be none", func() bool { return time.Since(paused) > held+4*time.Second })
	for _, bank := range banks {
		require.Equal(t, 1, b.tally(bank).Events["answered"], "%s has answered meanwhile", bank)
	}
	b.onecard("rollout", "resume", id, "--as", "operator1")
	resumed := time.Now()
	b.await(id, card.RolloutDone)
	for _, partner := range append(banks, "CIVIL", "BUREAU", "OUTLET") {
		for _, at := range b.processed(partner) {
			require.False(t, at.After(paused.Add(held)) && at.Before(resumed.Add(-time.Second)), "a file left for %s in the pause", partner)
		}
	}
	b.requireComplete(id, banks...)
}

// processed returns when a partner dealt with each of our files.
func (b *hub) processed(partner string) (times []time.Time) {
	b.Helper()
	require.NoError(b, exchange.ScanLedger(b.partner(partner, "ledger.csv"), func(e *exchange.Entry) error {
		if string(e.Event) != "processed" {
			return nil
		}
		at, err := time.Parse(time.RFC3339, string(e.Time))
		times = append(times, at)
		return err
	}))
	return times
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
		return b.tally("ICBC").Events["answered"] == 1 && b.tally("OUTLET").Events["answered"] > 0
	})
	v := b.show(id)
	b.requireSound(v)
	b.requireAccountsListed(id, v, banks...)
	require.Empty(t, v.Waiting)
	require.Equal(t, v.Counts.Rows, b.explained(id), "every row is explained, for nobody has a card")
	b.onecard("rollout", "report", id, "-o", b.beside("report.xlsx"))
	b.requireOnce(banks...)
	require.Equal(t, sent, b.sent(append(banks, "CIVIL", "BUREAU", "OUTLET")...), "no file leaves after a cancel")

	again := b.create(b.beside("roster.csv"))
	require.Equal(t, v.Counts.Accepted, b.show(again).Counts.Accepted, "the people may apply again")
}

// requireAccountsListed checks that every account that a bank has opened for nobody is on the list of those to be closed.
func (b *hub) requireAccountsListed(id string, v postgres.View, banks ...string) {
	b.Helper()
	opened := 0
	for _, bank := range banks {
		opened += b.tally(bank).Events["opened"]
	}
	known, ok := b.count("select count(*) from bank_account where to_close")
	require.True(b, ok)
	require.Equal(b, v.Counts.AccountOpened, known)
	require.Less(b, known, opened, "one bank never told")
}

// TestFailedCanary has a canary of which half fails: the rollout stops, whatever is decided then is done.
func TestFailedCanary(t *testing.T) {
	enter(t)
	for _, decision := range []string{"resume", "cancel"} {
		t.Run(decision, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			b.rules(`[[rule]]
partner = "ICBC"
kind = "ACCTREQ"
do = "refuse"
code = "E01"
share = 0.5
`)
			b.start()
			id := b.run(b.sample(600, "--banks", "102"))
			b.await(id, card.RolloutStopped)
			v := b.show(id)
			require.Equal(t, string(card.ReasonCanaryFailed), v.Note)
			require.Equal(t, 1, b.tally("ICBC").Events["processed"], "the rest has not gone out")
			b.onecard("rollout", decision, id, "--as", "operator1")
			if decision == "resume" {
				b.await(id, card.RolloutDone)
			} else {
				b.await(id, card.RolloutCancelled)
				require.Equal(t, 1, b.tally("ICBC").Events["processed"], "the rest has never gone out")
			}
			v = b.show(id)
			b.requireSound(v)
			b.requireOnce("ICBC")
			require.Equal(t, b.tally("ICBC").Events["opened"], v.Counts.AccountOpened)
			require.Equal(t, b.tally("BUREAU").Events["made"], v.Counts.Made)
			require.Equal(t, v.Counts.Rows-v.Counts.Active, b.explained(id))
		})
	}
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
		for _, stage := range []string{"ICBC", "BUREAU"} {
			t.Run(name+" before "+stage, func(t *testing.T) {
				b := enter(t).lodger(t, "ICBC")
				b.rules(fmt.Sprintf(slow, "CIVIL", "MATCHREQ") + fmt.Sprintf(slow, "ICBC", "ACCTREQ"))
				b.start()
				id := b.run(b.sample(100, "--banks", "102"))
				before := map[string]string{"ICBC": "CIVIL", "BUREAU": "ICBC"}[stage]
				b.eventually(before+" has its file", func() bool { return b.sent(before) == 1 })
				b.exec(b.ledger(), "alter table roster_row disable trigger roster_row_written_once; "+forgery)
				b.await(id, card.RolloutStopped)
				require.Equal(t, string(card.ReasonHashDiffers), b.show(id).Note)
				require.Zero(t, b.sent(stage), "no file leaves with a forged row")
			})
		}
	}
}
