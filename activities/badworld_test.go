package activities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/bank"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	"onecard/connectors/outlet"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
	"onecard/connectors/receipt"
	"onecard/connectors/vault"
)

// day is the day on which the fixtures were made.
var day = time.Date(2026, 11, 21, 10, 0, 0, 0, postgres.Shanghai)

// batchRows is how many rows each batch has, and so each file.
const batchRows = 3

// world is a hub with a real ledger, a real file exchange and two real SFTP servers, on which a test lays files.
type world struct {
	t       *testing.T
	ledger  *postgres.Ledger
	x       *exchange.Exchange
	roots   map[string]string // of the partners' accounts
	servers map[string]*sim.Server
	bank    *activities.Bank
	outlets *activities.Outlets
	watch   *activities.FileWatch
	batches []card.PlannedBatch
}

// newWorld makes a world with so many batches, whose fixtures are signed with the key in signer. change changes its people.
func newWorld(t *testing.T, batches int, signer string, change ...func(*card.Application)) *world {
	t.Helper()
	if updating() {
		_, err := sim.SignKey(signer)
		require.NoError(t, err)
	}
	w := &world{t: t, roots: map[string]string{}, servers: map[string]*sim.Server{}}
	w.ledger = openLedger(t)
	w.open(signer)
	files := &activities.FileDesk{Arrivals: w.ledger, Owing: w.ledger, Post: w.x, Sender: receipt.Client{Exchange: w.x}, Patience: -1}
	client := bank.Client{Desk: desk.Desk{Exchange: w.x}}
	w.bank = &activities.Bank{Ledger: w.ledger, Desk: files, Banks: map[string]activities.BankPartner{"102": {
		Opener: client, Activator: client, Terms: card.Terms{Partner: "ICBC", AnswerWithin: 24 * time.Hour, Poll: time.Second}}}}
	w.outlets = &activities.Outlets{Ledger: w.ledger, HandOvers: w.ledger, Network: outlet.Client{Desk: desk.Desk{Exchange: w.x}, Lister: w.x}, Desk: files,
		Terms: card.Terms{Partner: "OUTLET", AnswerWithin: 24 * time.Hour}}
	w.watch = &activities.FileWatch{Desk: files, Sightings: w.ledger, Sendings: w.ledger, Shelves: w.x, Notices: w.x, Payments: &activities.Payments{}}
	w.plan(batches, change)
	return w
}

func openLedger(t *testing.T) *postgres.Ledger {
	t.Helper()
	key := filepath.Join(t.TempDir(), "vault.toml")
	require.NoError(t, vault.Generate(key))
	v, err := vault.Open(key)
	require.NoError(t, err)
	l, err := postgres.Open(t.Context(), pgtest.New(t), v)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	require.NoError(t, l.Migrate(t.Context()))
	begin := time.Now()
	return l.WithClock(func() time.Time { return day.Add(time.Since(begin)) })
}

// open starts the partners' servers and the hub's exchange with them.
func (w *world) open(signer string) {
	w.t.Helper()
	verify, err := exchange.PublicKey(signer)
	require.NoError(w.t, err)
	hub := exchangetest.NewHub(w.t)
	var ends []exchange.Endpoint
	for _, partner := range []string{"ICBC", "OUTLET"} {
		dir := w.t.TempDir()
		server, err := sim.Listen(sim.Config{Address: "127.0.0.1:0", Root: filepath.Join(dir, "root"),
			HostKeyFile: filepath.Join(dir, "host"), User: "hub", AuthorizedKeys: hub.Login})
		require.NoError(w.t, err)
		w.t.Cleanup(func() { require.NoError(w.t, server.Close()) })
		w.roots[partner], w.servers[partner] = filepath.Join(dir, "root"), server
		ends = append(ends, exchange.Endpoint{Partner: partner, Address: server.Addr(), User: "hub", HostKey: server.HostKey(), VerifyKey: verify})
	}
	w.x = hub.Open(w.t, ends[0], func(c *exchange.Config) {
		c.Written, c.MaxBytes = w.ledger.FileWritten, 1<<20
		ends[1].KeyFile, ends[1].SignKeyFile = c.Endpoints[0].KeyFile, c.Endpoints[0].SignKeyFile
		c.Endpoints = append(c.Endpoints, ends[1])
	})
}

// plan makes, approves and starts a rollout of so many batches of invented people.
func (w *world) plan(batches int, change []func(*card.Application)) {
	w.t.Helper()
	ctx, l := w.t.Context(), w.ledger
	require.NoError(w.t, l.AddRange(ctx, postgres.Range{City: "440600", Prefix: "E", First: 1, Last: 100_000}))
	id, err := l.CreateRollout(ctx, postgres.NewRollout{Name: "bad files", Roster: "r.xlsx", MadeBy: "maker", BatchRows: batchRows},
		func(yield func(postgres.Row, error) bool) {
			for i := 1; i <= batches*batchRows && yield(postgres.Row{Number: i, Application: applicant(i, change)}, nil); i++ {
				continue
			}
		}, func() [32]byte { return [32]byte{} })
	require.NoError(w.t, err)
	_, err = l.Submit(ctx, id, "maker")
	require.NoError(w.t, err)
	require.NoError(w.t, l.Approve(ctx, id, "approver"))
	require.NoError(w.t, l.SetStatus(ctx, id, card.RolloutRunning, "maker", ""))
	w.batches, err = l.Batches(ctx, id)
	require.NoError(w.t, err)
	require.Len(w.t, w.batches, batches)
}

func applicant(row int, change []func(*card.Application)) card.Application {
	a := card.Application{Row: row, City: "440600", Bank: "102", Outlet: "44060001", Mode: card.Outlet, Person: card.Person{
		DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440100", "19900101", row), Name: fmt.Sprintf("测试%d", row),
		Sex: card.Male, Ethnic: "01", Birth: "19900101"}}
	for _, edit := range change {
		edit(&a)
	}
	return a
}

// requireSound asserts that every invariant of the ledger holds.
func (w *world) requireSound(t *testing.T) {
	t.Helper()
	v, err := w.ledger.Show(t.Context(), w.batches[0].ID.Rollout, true)
	require.NoError(t, err)
	for _, i := range v.Invariants {
		require.True(t, i.Holds, "%s: %s", i.Name, i.Figure)
	}
}

// asked brings a batch to where the bank has been asked to open its accounts, and returns the step and what it asked for.
func (w *world) asked(n int) (activities.Step, card.File, []card.AccountOrder) {
	w.t.Helper()
	ctx, l, b := w.t.Context(), w.ledger, w.batches[n].ID
	f, _, err := l.ReserveFile(ctx, b, "CIVIL", card.MatchReq, 0)
	require.NoError(w.t, err)
	require.NoError(w.t, l.ConfirmFile(ctx, b, f, card.Proof{ConfirmedAt: day.Add(time.Hour)}, day.Add(time.Hour)))
	var matched []card.MatchAnswer
	for i := range batchRows {
		matched = append(matched, card.MatchAnswer{Ref: n*batchRows + i + 1, Result: card.ResultDone})
	}
	_, err = l.ApplyMatches(ctx, b, f.Answer(card.MatchRet), matched, nil)
	require.NoError(w.t, err)
	_, err = l.AllocateNumbers(ctx, b)
	require.NoError(w.t, err)
	step := activities.Step{Batch: b}
	require.NoError(w.t, w.bank.RequestAccounts(ctx, step))
	request, err := l.SentFile(ctx, b, card.AcctReq, 0)
	require.NoError(w.t, err)
	var orders []card.AccountOrder
	for o, err := range l.AccountOrders(ctx, b) {
		require.NoError(w.t, err)
		orders = append(orders, o)
	}
	return step, request, orders
}

// lay puts files into a partner's outbox.
func (w *world) lay(partner string, files map[string][]byte) {
	w.t.Helper()
	for name, text := range files {
		require.NoError(w.t, os.WriteFile(filepath.Join(w.roots[partner], "outbox", name), text, 0o600))
	}
}

// clear takes everything out of a partner's outbox.
func (w *world) clear(partner string) {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.roots[partner], "outbox"))
	require.NoError(w.t, err)
	for _, e := range entries {
		if !e.IsDir() {
			require.NoError(w.t, os.Remove(filepath.Join(w.roots[partner], "outbox", e.Name())))
		}
	}
}

// receipts returns what lies in a partner's inbox of receipts that answer a file, oldest first.
func (w *world) receipts(answered card.File) []string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.roots[answered.Partner], "inbox", answered.Partner+"_RECEIPT_*.txt"))
	require.NoError(w.t, err)
	var texts []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(w.t, err)
		if receiptAnswers(string(text)) == answered.Name() {
			texts = append(texts, string(text))
			_, err := os.Stat(name + ".ok")
			require.NoError(w.t, err, "a receipt is declared like every file")
		}
	}
	return texts
}

// requireWaits asserts that a step goes on waiting, and why.
func requireWaits(t *testing.T, err error, reason card.Reason) {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.False(t, failed.NonRetryable(), "%v", err)
	require.Equal(t, string(reason), failed.Type(), "%v", err)
}
