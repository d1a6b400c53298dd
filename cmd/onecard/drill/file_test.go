package drill_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/postgres"
)

// fileShown is what `file show -o json` prints.
type fileShown struct {
	postgres.FileRecord
	Verdicts  []postgres.FileVerdict
	Decisions []postgres.FileDecision
	RowEvents []postgres.RowEvents `json:"row_events"`
}

// files lists files as `file list -o json` does.
func (b *hub) files(flags ...string) []postgres.FileRecord {
	b.Helper()
	return decode[[]postgres.FileRecord](b.T, b.onecard(append([]string{"file", "list", "-o", "json"}, flags...)...))
}

func (b *hub) file(name string) fileShown {
	b.Helper()
	return decode[fileShown](b.T, b.onecard("file", "show", name, "-o", "json"))
}

// theFile waits for the first file of a kind in a state and returns its name.
func (b *hub) theFile(kind, state string) string {
	b.Helper()
	var name string
	b.eventually(kind+" is "+state, func() bool {
		files := b.files("--kind", kind, "--state", state)
		if len(files) > 0 {
			name = files[len(files)-1].Name
		}
		return name != ""
	})
	return name
}

// carry copies a file and then its manifest.
func (b *hub) carry(from, to string) {
	b.Helper()
	require.NoError(b, os.MkdirAll(filepath.Dir(to), 0o700))
	for _, suffix := range []string{"", ".ok"} {
		text, err := os.ReadFile(from + suffix)
		require.NoError(b, err)
		require.NoError(b, os.WriteFile(to+suffix, text, 0o600))
	}
}

// byDecision is a decision about a file.
func byDecision(what, name, who string) []string {
	return []string{"file", what, name, "--reason", "drill", "--as", who}
}

// move has a partner's server be somewhere else from now on.
func (b *hub) move(partner, address string) (before string) {
	b.Helper()
	b.configure(func(c *config.Config) {
		for i := range c.Partners {
			if c.Partners[i].Name == partner {
				before, c.Partners[i].Address = c.Partners[i].Address, address
			}
		}
	})
	return before
}

// TestFilesCarriedByHand has a bank that cannot be reached: our request is brought to it on a stick and its answer comes
// back on one. The rollout goes on with it, as if the files had gone over the wire.
func TestFilesCarriedByHand(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.start()
	address := b.move("ICBC", "127.0.0.1:1")
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 0 })
	id := b.run(b.sample(200, "--banks", "102"))
	request := b.theFile("ACCTREQ", "written")
	stick := b.beside("stick")
	require.NoError(t, os.MkdirAll(stick, 0o700))
	b.onecard("file", "show", request, "--raw", "-o", filepath.Join(stick, request))
	b.carry(filepath.Join(stick, request), b.partner("ICBC", "root", "inbox", request))
	require.Contains(t, b.onecard(byDecision("rejoin", request, "operator1")...), "recorded as brought by hand")
	require.Contains(t, b.onecard(byDecision("rejoin", request, "operator1")...), "nothing was changed")

	answer := strings.Replace(request, "ACCTREQ", "ACCTRET", 1)
	outbox := b.partner("ICBC", "root", "outbox", answer)
	b.eventually("the bank has answered", func() bool {
		_, err := os.Stat(outbox + ".ok")
		return err == nil
	})
	require.Equal(t, card.RolloutRunning, b.show(id).Status)
	letter := filepath.Join(stick, "attachment.txt")
	b.carry(outbox, letter)
	rejoin := append(byDecision("rejoin", letter, "operator1"), "--partner", "ICBC")
	require.Contains(t, b.onecard(rejoin...), "passed the checks")
	require.Contains(t, b.onecard(rejoin...), "nothing was changed")
	b.eventually("the answer is applied", func() bool { return b.file(answer).Processed != nil })
	shown := b.file(answer)
	require.Equal(t, []postgres.RowEvents{{What: shown.RowEvents[0].What, Rows: shown.Rows}}, shown.RowEvents, "every row has its event")
	require.NotNil(t, shown.Joined)
	require.Contains(t, b.onecard(rejoin...), "applied already")
	b.eventually("the cards are made", func() bool { return b.show(id).Counts.Made > 0 })

	b.move("ICBC", address)
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	require.Equal(t, 1, b.tally("ICBC").Events["prepared"]-b.answersOf("ACTRET"), "the bank dealt with its request once")
	b.eventually("the bank has the receipt", func() bool { return len(b.receiptsOf("ICBC", answer)) > 0 })
	require.Equal(t, []string{"00"}, b.receiptsOf("ICBC", answer))
}

// answersOf counts the answers of a kind that were applied.
func (b *hub) answersOf(kind string) int {
	b.Helper()
	return len(b.files("--kind", kind, "--direction", "in"))
}

// receiptsOf are the results of the receipts that a partner has about a file.
func (b *hub) receiptsOf(partner, file string) (results []string) {
	b.Helper()
	require.NoError(b, exchange.ScanLedger(b.partner(partner, "ledger.csv"), func(e *exchange.Entry) error {
		if string(e.Event) == exchange.EventReceipt && string(e.File) == file {
			results = append(results, string(e.Result))
		}
		return nil
	}))
	return results
}

// TestHeldFileIsReleased holds an answer before it comes: nothing of it is applied before two people release it.
func TestHeldFileIsReleased(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules(fmt.Sprintf(mute, "CIVIL", "MATCHREQ"))
	b.start()
	id := b.run(b.sample(100, "--banks", "102"))
	b.eventually("civil affairs is asked", func() bool { return b.sent("CIVIL") == 1 })
	answer := strings.Replace(b.theFile("MATCHREQ", "acknowledged"), "MATCHREQ", "MATCHRET", 1)
	b.onecard(byDecision("quarantine", answer, "operator1")...)
	b.rules("")
	b.eventually("the answer has come and is held", func() bool { return b.file(answer).SM3 != "" })
	require.Zero(t, b.show(id).Counts.Matched)
	require.Contains(t, b.onecard(byDecision("release", answer, "operator1")...), "another person confirms it")
	b.refused(card.ReasonSecondPerson, byDecision("release", answer, "operator1")...)
	require.Equal(t, "quarantined", b.file(answer).Stage)
	require.Contains(t, b.onecard(byDecision("release", answer, "operator2")...), "it is released")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	b.refused(card.ReasonFileApplied, byDecision("quarantine", answer, "operator1")...)
	b.eventually("civil affairs knows both", func() bool { return len(b.receiptsOf("CIVIL", answer)) == 2 })
	require.Equal(t, []string{"02", "00"}, b.receiptsOf("CIVIL", answer))
	raw := b.onecard("file", "show", answer, "--raw")
	require.Contains(t, raw, answer, "the archived bytes")
	timeline := b.onecard("rollout", "timeline", id)
	require.Contains(t, timeline, "被人工隔离")
	require.Contains(t, timeline, "经两人同意放行")
}

// TestRefusedFileIsReissued has civil affairs refuse a request for its signature; the same rows go under the next number.
func TestRefusedFileIsReissued(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.start()
	other := b.beside("other.pem")
	_, err := exchange.SignKey(other)
	require.NoError(t, err)
	var right string
	b.configure(func(c *config.Config) { right, c.Exchange.SignKeyFile = c.Exchange.SignKeyFile, other })
	id := b.run(b.sample(100, "--banks", "102"))
	request := b.theFile("MATCHREQ", "quarantined")
	require.Equal(t, card.ReasonFileSignature, b.file(request).Reason)
	b.configure(func(c *config.Config) { c.Exchange.SignKeyFile = right })
	b.onecard(byDecision("reissue", request, "operator1")...)
	b.refused(card.ReasonSecondPerson, byDecision("reissue", request, "operator1")...)
	b.onecard(byDecision("reissue", request, "operator2")...)
	next := b.file(request).ReplacedBy
	require.NotEmpty(t, next)
	require.Equal(t, request, b.file(next).Replaces)
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	require.Equal(t, "processed", b.file(next).Stage)
	b.refused(card.ReasonWrongState, byDecision("reissue", request, "operator1")...)
	b.refused(card.ReasonFileApplied, byDecision("reissue", next, "operator1")...)
}
