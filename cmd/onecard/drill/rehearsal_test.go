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
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// rehearsed is what the drill reads of a rehearsal's report.
type rehearsed struct {
	Result string
	Money  postgres.Money
	Stops  []struct {
		Reason  card.Reason
		Bank    string
		Bad     int
		Rows    int
		Lacking int64 `json:"lacking_fen"`
		Resumed bool
	}
	Banks []struct {
		Bank    string
		Blocked int64
	}
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
	left int // payments that the river bank's layouts cannot carry
}

// rehearsalFaults have the payer short of money at one bank, three payments of its canary come back, leave two of each file out of the
// answer, and have a fourth come back two hours later: the first of the file after the canary, whose own first is refused.
const rehearsalFaults = `[[account]]
partner = "ICBC"
account = "102880000000000001"
fen = 1000000

[[rule]]
partner = "ICBC"
kind = "PAYREQ"
do = "refuse"
code = "ACCT_DORMANT"
rows = 3
times = 1

[[rule]]
partner = "*"
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
	b.argv = append(b.argv, named("ICBC=", b.riverLayouts()...)...)
	b.argv = append(b.argv, named("ABC=", "coastal-payreq", "coastal-payret")...)
	b.start()
	b.configure(func(c *config.Config) { c.Payout.CanaryRows = 40 })
	b.onecard("sample", "holders", "--rows", "300")
	payroll := b.sampledPayroll(300)
	b.widen(&payroll)
	id := b.draft(payroll, "2026-01")
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
	require.Equal(t, 299-r.left, v.Payout.Money.Paid.Rows, "what the rehearsal told is what the layouts leave out")
	require.Equal(t, b.tally("ICBC").Events["paid"], b.requireRiverFiles(payroll))
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

// sampledPayroll makes a roster of payments to people who hold cards.
func (b *hub) sampledPayroll(rows int) payees {
	b.Helper()
	p := payees{path: b.beside("payroll.csv"), rows: rows}
	flags := b.onecard("sample", "payout", "--rows", fmt.Sprint(rows), "--programme", allowance, "-o", p.path)
	_, fen, found := strings.Cut(flags, "--fen ")
	require.True(b, found, flags)
	_, err := fmt.Sscan(fen, &p.fen)
	require.NoError(b, err)
	return p
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
	require.Len(b, r.Stops, 2)
	require.Equal(b, card.ReasonFundsShort, r.Stops[0].Reason)
	require.Equal(b, r.Banks[0].Blocked-1_000_000, r.Stops[0].Lacking)
	require.Equal(b, card.ReasonCanaryFailed, r.Stops[1].Reason)
	require.GreaterOrEqual(b, r.Stops[1].Bad, 3)
	require.Equal(b, 40, r.Stops[1].Rows)
	for _, s := range r.Stops {
		require.True(b, s.Bank == "102" && s.Resumed)
	}
	found := map[string]int{}
	for _, e := range r.Exceptions {
		if e.Reason == card.ReasonObjection {
			e.Bank = "" // of whoever stands in that row
		}
		found[fmt.Sprint(e.State, " ", e.Reason, " ", e.Bank)] += e.Sum.Rows
	}
	for _, layout := range []card.Reason{card.ReasonNameUnencodable, card.ReasonFieldTooLong} {
		key := fmt.Sprint("Refused ", layout, " 102")
		require.Positive(b, found[key], "%v", found)
		r.left += found[key]
		delete(found, key)
	}
	require.Equal(b, map[string]int{"Returned ACCT_DORMANT 102": 3, "Returned ACCT_CLOSED 102": 1, "Refused OBJECTION ": 1}, found)
	require.Equal(b, 8, r.Enquiries.Rows)
	require.Equal(b, 295-r.left, r.Money.Paid.Rows)
	require.Equal(b, 295-r.left, r.Books.Rows)
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
