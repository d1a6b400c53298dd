package drill_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"onecard/card"
	"onecard/connectors/postgres"
)

// rehearsed is what the drill reads of a rehearsal's report.
type rehearsed struct {
	Result     string
	Money      postgres.Money
	Exceptions []struct {
		State  string
		Reason card.Reason
		Bank   string
		Sum    postgres.Sum
	}
	Enquiries  struct{ Rows int }
	Invariants []postgres.Invariant
	Books      struct {
		Rows, Twice int
		Agrees      bool
	}
	Kept postgres.Rehearsal
}

// rehearsalFaults have three payments come back, leave two out of the answer, and have a fourth come back two hours later: the first
// of the file after the canary, whose own first is refused.
const rehearsalFaults = `[[rule]]
partner = "ICBC"
kind = "PAYREQ"
do = "refuse"
code = "ACCT_DORMANT"
rows = 3
times = 1

[[rule]]
partner = "ABC"
kind = "PAYREQ"
do = "omit"
rows = 2

[[rule]]
partner = "ICBC"
kind = "PAYREQ"
do = "payback"
code = "ACCT_CLOSED"
rows = 1
after = "2h"
`

// TestRehearsal rehearses a subsidy with faults, finds exactly these and everything real untouched, and then pays it really. A
// rehearsal that is killed leaves what the next one removes.
func TestRehearsal(t *testing.T) {
	b := enter(t).lodger(t, "ICBC", "ABC")
	b.start()
	b.onecard("sample", "holders", "--rows", "300")
	id := b.sampledDraft(300)
	b.onecard("rollout", "object", id, "--row", "7", "--reason", "drill", "--as", "clerk1")
	b.killRehearsal(id)
	before := b.settled()

	faults := b.beside("faults.toml")
	require.NoError(t, os.WriteFile(faults, []byte(rehearsalFaults), 0o600))
	out := b.onecard("rollout", "rehearse", id, "--faults", faults, "--as", "maker", "--deadline", "1m", "--keep", "-o", "json")
	require.Contains(t, out, "清理中断的演练")
	r := b.requireRehearsed(out)
	require.Equal(t, before, b.real(), "nothing real has changed")
	require.Contains(t, b.onecard("rollout", "timeline", id), "rehearsed (done, faults faults.toml): 4 returned")
	require.DirExists(t, r.Kept.Folder)
	b.requireRemoved(id, r)

	_, code := b.try("", "rollout", "start", id, "--as", "maker")
	require.Equal(t, 3, code, "what was approved in the rehearsal is not approved")
	b.approve(id)
	b.await(id, card.RolloutDone)
	v := b.show(id)
	b.requirePaidOnce(v)
	require.Equal(t, 299, v.Payout.Money.Paid.Rows)
	b.requireInEvidence(id)
}

// requireInEvidence makes sure that the evidence of the rollout tells of its rehearsal, and holds.
func (b *hub) requireInEvidence(id string) {
	b.Helper()
	pack := b.beside("evidence.zip")
	b.onecard("rollout", "evidence", id, "-o", pack)
	b.onecard("evidence", "verify", pack, "--key", filepath.Join(b.dir(), "keys", "sign.pem.pub"))
	z, err := zip.OpenReader(pack)
	require.NoError(b, err)
	defer func() { require.NoError(b, z.Close()) }()
	f, err := z.Open("timeline.jsonl")
	require.NoError(b, err)
	text, err := io.ReadAll(f)
	require.NoError(b, err)
	require.Contains(b, string(text), postgres.EventRehearsed)
}

// sampledDraft makes a roster of people who hold cards, and has it checked and submitted.
func (b *hub) sampledDraft(rows int) string {
	b.Helper()
	p := payees{path: b.beside("payroll.csv"), rows: rows}
	flags := b.onecard("sample", "payout", "--rows", fmt.Sprint(rows), "--programme", allowance, "-o", p.path)
	_, fen, found := strings.Cut(flags, "--fen ")
	require.True(b, found, flags)
	_, err := fmt.Sscan(fen, &p.fen)
	require.NoError(b, err)
	return b.draft(p, "2026-01")
}

// killRehearsal begins a rehearsal and kills it when it has made its schema.
func (b *hub) killRehearsal(id string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), filepath.Join(b.program, "onecard"), "--dir", b.dir(), "rollout", "rehearse", id, "--as", "maker")
	cmd.Env = b.environment()
	require.NoError(b, cmd.Start())
	b.eventually("the rehearsal is under way", func() bool {
		n, ok := b.count("select count(*) from pg_namespace where starts_with(nspname, 'rehearsal_')")
		return ok && n == 1
	})
	require.NoError(b, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(b, cmd.Wait())
	b.eventually("its lock is free", func() bool {
		n, ok := b.count("select count(*) from pg_locks where locktype = 'advisory' and classid = hashtext('rehearsal')::oid")
		return ok && n == 0
	})
}

// settled is what real tells once the last receipts are out.
func (b *hub) settled() (now map[string]string) {
	b.Helper()
	b.eventually("nothing real moves any more", func() bool {
		before := now
		now = b.real()
		n, ok := b.count("select count(*) from exchange_file where acknowledged_at is null")
		return ok && n == 0 && maps.Equal(before, now)
	})
	return now
}

// real is all that a rehearsal must leave alone: the ledger but for its line in the timeline, and the partners' books and files.
func (b *hub) real() map[string]string {
	b.Helper()
	all := map[string]string{}
	conn := b.connect(b.ledger())
	defer func() { require.NoError(b, conn.Close(b.Context())) }()
	for _, table := range []string{"rollout", "payout", "payout_row", "payout_item", "batch", "approval", "approver", "entitlement", "fund_block", "exchange_file",
		"person", "card", "bank_account", "programme"} {
		var sum string
		require.NoError(b, conn.QueryRow(b.Context(), "select count(*) || ' ' || coalesce(md5(string_agg(x::text, ';' order by x::text)), '') from "+table+" x").Scan(&sum))
		all[table] = sum
	}
	for _, pattern := range []string{b.partner("*", "ledger.csv"), filepath.Join(b.dir(), "exchange", "*", "*"), filepath.Join(b.dir(), "approvers", "*")} {
		paths, err := filepath.Glob(pattern)
		require.NoError(b, err)
		for _, path := range paths {
			info, err := os.Stat(path)
			require.NoError(b, err)
			all[path] = fmt.Sprint(info.Size(), info.ModTime())
		}
	}
	return all
}

// requireRehearsed makes sure that a rehearsal found what its faults file says, and nothing else.
func (b *hub) requireRehearsed(out string) (r rehearsed) {
	b.Helper()
	require.NoError(b, json.NewDecoder(strings.NewReader(out)).Decode(&r), out)
	require.Equal(b, "done", r.Result)
	found := map[string]int{}
	for _, e := range r.Exceptions {
		if e.Reason == card.ReasonObjection {
			e.Bank = "" // of whoever stands in that row
		}
		found[fmt.Sprint(e.State, " ", e.Reason, " ", e.Bank)] += e.Sum.Rows
	}
	require.Equal(b, map[string]int{"Returned ACCT_DORMANT 102": 3, "Returned ACCT_CLOSED 102": 1, "Refused OBJECTION ": 1}, found)
	require.Equal(b, 2, r.Enquiries.Rows)
	require.Equal(b, 295, r.Money.Paid.Rows)
	require.Equal(b, 295, r.Books.Rows)
	require.Zero(b, r.Books.Twice)
	require.True(b, r.Books.Agrees)
	for _, i := range r.Invariants {
		require.True(b, i.Holds, "%s: %s", i.Name, i.Figure)
	}
	return r
}

// requireRemoved removes what a rehearsal has kept, and makes sure that nothing is left of it.
func (b *hub) requireRemoved(id string, r rehearsed) {
	b.Helper()
	require.Contains(b, b.onecard("rollout", "rehearse", id, "--remove"), r.Kept.Schema)
	n, ok := b.count("select count(*) from pg_namespace where starts_with(nspname, 'rehearsal_')")
	require.True(b, ok)
	require.Zero(b, n)
	require.NoDirExists(b, r.Kept.Folder)
	c := b.temporal()
	defer c.Close()
	_, err := c.WorkflowService().DescribeNamespace(b.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: r.Kept.Namespace})
	require.Error(b, err, "the namespace is gone")
}
