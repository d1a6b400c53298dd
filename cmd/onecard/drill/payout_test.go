package drill_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/postgres"
	"onecard/connectors/vault"
	"onecard/worker"
	"onecard/workflows"
)

// allowance is a programme without public notice.
const allowance = "CA08"

// payKills are the steps at which a batch of payments loses its worker.
var payKills = []struct {
	name  string
	steps []string
}{
	{"checks", []string{"QueryAccounts", "CollectAccountStates", "FinishChecks"}},
	{"money", []string{"CloseNotice", "ApprovePayout", "OrderFunds", "CollectFunds"}},
	{"payments", []string{"Pay", "CollectPayments"}},
	{"enquiry", []string{"EnquirePayments", "CollectPaymentEnquiry"}},
}

// TestKilledPayer kills the worker in every step of a subsidy and finds by the banks' books that everybody was paid once.
func TestKilledPayer(t *testing.T) {
	enter(t)
	for _, lane := range payKills {
		t.Run(lane.name, func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			k := b.haunt(planFor(lane.steps))
			b.rules("[[rule]]\npartner = \"ICBC\"\nkind = \"PAYREQ\"\ndo = \"omit\"\nshare = 0.1\n")
			b.start()
			b.configure(func(c *config.Config) { c.Issuance.CanaryRows, c.Payout.CanaryRows = 0, 0 })
			roster := b.sample(300, "--banks", "102")
			b.await(b.run(roster), card.RolloutDone)
			id := b.subsidy(b.payroll(roster), "2026-01")
			b.await(id, card.RolloutDone)
			require.Empty(t, k.left(), "moments that never came")
			v := b.show(id)
			b.requirePaidOnce(v)
			require.Equal(t, 300, v.Payout.Money.Paid.Rows)
		})
	}
}

// TestForgedMoney has somebody with access to Temporal, and then also to the ledger, try to have a subsidy paid that nobody has
// approved: no bank is even asked for money. An honest subsidy to the same people then meets the population match.
func TestForgedMoney(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.start()
	roster := b.sample(50, "--banks", "102")
	b.await(b.run(roster), card.RolloutDone)
	people := b.payroll(roster)
	id := b.draft(people, "2026-01")
	b.onecard("approver", "add", "checker1", "--role", "checker", "--as", "security")
	for _, d := range []card.Decision{
		{By: "checker1", Role: card.RoleChecker}, {By: "checker1", Role: card.RoleChecker, Signature: []byte("signed")}, {By: "nobody", Role: card.RoleChecker}, {By: "checker1"},
	} {
		require.Error(t, b.update(id, workflows.UpdateApprove, d))
	}
	require.Error(t, b.update(id, workflows.UpdateStart, card.Decision{By: "checker1"}))
	b.exec(b.ledger(), "insert into approval (rollout, by_whom, hash, at, role, signature) select no, 'checker1', content_hash, now(), 'checker', '\\x00' from rollout where kind = 'subsidy'")
	b.exec(b.ledger(), "update rollout set status = 'running', started_at = now() where kind = 'subsidy'")
	b.terminate(workflows.SubsidyWorkflowID(card.RolloutID(id)))
	b.onecard("rollout", "resume", id, "--as", "maker")
	b.await(id, card.RolloutStopped)
	require.Equal(t, string(card.ReasonNotApproved), b.show(id).Note)
	events := b.tally("ICBC").Events
	require.Zero(t, events["blocked"]+events["paid"], "%v", events)
	b.matchPayees(people, "2026-02")
}

// update takes a decision past the program, as anybody can who reaches Temporal.
func (b *hub) update(id, update string, d card.Decision) error {
	b.Helper()
	c := b.temporal()
	defer c.Close()
	handle, err := c.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.SubsidyWorkflowID(card.RolloutID(id)), UpdateName: update, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(b.Context(), nil)
}

// terminate ends a workflow as an operator can.
func (b *hub) terminate(id string) {
	b.Helper()
	c := b.temporal()
	defer c.Close()
	require.NoError(b, c.TerminateWorkflow(b.Context(), id, "", "forged"))
}

func (b *hub) temporal() client.Client {
	b.Helper()
	st, err := local.Find(b.dir())
	require.NoError(b, err)
	c, err := client.DialContext(b.Context(), client.Options{HostPort: st.TemporalAddress, Namespace: st.Namespace, DataConverter: b.converter()})
	require.NoError(b, err)
	return c
}

// converter seals payloads with the hub's own keys.
func (b *hub) converter() converter.DataConverter {
	b.Helper()
	v, err := vault.Open(filepath.Join(b.dir(), "keys", "vault.toml"))
	require.NoError(b, err)
	return worker.DataConverter(v)
}

// payees is a roster of payments with its control totals.
type payees struct {
	path      string
	rows, fen int
}

// payroll makes a roster of payments of the people of a roster of cards.
func (b *hub) payroll(roster string) payees {
	b.Helper()
	text, err := os.ReadFile(roster)
	require.NoError(b, err)
	people, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	require.NoError(b, err)
	p := payees{path: b.beside("payroll.csv"), rows: len(people) - 1}
	lines := []string{"证件号码,姓名,金额(元),备注"}
	for i, person := range people[1:] {
		fen := 10_000 + i%5000
		p.fen += fen
		lines = append(lines, fmt.Sprintf("%s,%s,%d.%02d,", person[colNumber], person[colName], fen/100, fen%100))
	}
	require.NoError(b, os.WriteFile(p.path, []byte(strings.Join(lines, "\r\n")+"\r\n"), 0o600))
	return p
}

// draft takes a roster of payments in, has it checked and submitted, and returns its ID.
func (b *hub) draft(p payees, period string) string {
	b.Helper()
	out := b.onecard("rollout", "create", "subsidy", "--programme", allowance, "--period", period, "--roster", p.path, "--as", "maker",
		"--rows", fmt.Sprint(p.rows), "--fen", fmt.Sprint(p.fen))
	lines := strings.Split(out, "\n")
	id := slices.IndexFunc(lines, func(line string) bool { return card.RolloutID(line).Valid() })
	require.GreaterOrEqual(b, id, 0, out)
	b.eventually("the roster is checked", func() bool {
		n, ok := b.count("select count(*) from payout p join rollout r on r.no = p.rollout where r.id = $1 and p.checked_at is not null", lines[id])
		return ok && n == 1
	})
	b.onecard("rollout", "submit", lines[id], "--as", "maker")
	return lines[id]
}

// subsidy has a draft approved by everybody who must, and started, and returns its ID.
func (b *hub) subsidy(p payees, period string) string {
	b.Helper()
	id := b.draft(p, period)
	b.approve(id)
	return id
}

// approve has what was submitted approved by everybody who must, and starts it.
func (b *hub) approve(id string) {
	b.Helper()
	for _, role := range b.show(id).Payout.Roles {
		name := "approver-" + string(role)
		b.onecard("approver", "add", name, "--role", string(role), "--as", "security")
		b.onecard("rollout", "approve", id, "--as", name, "--role", string(role))
	}
	b.onecard("rollout", "start", id, "--as", "maker")
}

// requirePaidOnce judges a subsidy by the banks' own ledgers.
func (b *hub) requirePaidOnce(v postgres.View) {
	b.Helper()
	b.eventually("what came back has been told", func() bool {
		v = b.show(string(v.ID))
		return v.Fen.Paid == b.netPaid(v)
	})
	for _, i := range v.Invariants {
		require.True(b, i.Holds, "%s: %s", i.Name, i.Figure)
	}
	m := v.Payout.Money
	require.Zero(b, m.Pending.Rows, "everybody is explained")
	require.Equal(b, m.Intended.Fen, m.Paid.Fen+m.Returned.Fen+m.Refused.Fen)
	require.Equal(b, m.Intended.Rows, m.Paid.Rows+m.Returned.Rows+m.Refused.Rows)
}

// netPaid is what the banks have paid of a rollout by their own books, less what came back. Nobody may be in them twice.
func (b *hub) netPaid(v postgres.View) (fen int64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), filepath.Join(b.program, "partners"), "paid", "--dir", b.partner(), "--rollout", string(v.ID), "-o", "json")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(b, err, "somebody was paid twice: %s", out)
	var books struct {
		Sums []struct {
			NetFen int64 `json:"net_fen"`
		}
		Twice []json.RawMessage
	}
	require.NoError(b, json.Unmarshal(out, &books))
	require.Empty(b, books.Twice)
	for _, s := range books.Sums {
		fen += s.NetFen
	}
	return fen
}
