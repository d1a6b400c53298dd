package postgres_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
	"onecard/connectors/vault"
)

// fileWorld is a ledger with one running rollout of one batch, whose files a test sends and receives by hand.
type fileWorld struct {
	t *testing.T
	*postgres.Ledger
	conn  *pgx.Conn
	batch card.BatchID
	rows  int
}

func newFileWorld(t *testing.T, rows int) *fileWorld {
	t.Helper()
	url, key := pgtest.New(t), filepath.Join(t.TempDir(), "vault.toml")
	require.NoError(t, vault.Generate(key))
	v, err := vault.Open(key)
	require.NoError(t, err)
	l, err := postgres.Open(t.Context(), url, v)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	require.NoError(t, l.Migrate(t.Context()))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	w := &fileWorld{t: t, Ledger: l, conn: conn, rows: rows}
	w.batch = w.rollout(rows)
	return w
}

// rollout makes, approves and starts a rollout of invented people and returns its only batch.
func (w *fileWorld) rollout(n int) card.BatchID {
	w.t.Helper()
	require.NoError(w.t, w.AddRange(w.t.Context(), postgres.Range{City: "440600", Prefix: "E", First: 1, Last: 100_000}))
	id, err := w.CreateRollout(w.t.Context(), postgres.NewRollout{Name: "files", Roster: "r.xlsx", MadeBy: "maker", BatchRows: 20_000},
		func(yield func(postgres.Row, error) bool) {
			for i := range n {
				if !yield(postgres.Row{Number: i + 1, Application: invented(i + 1)}, nil) {
					return
				}
			}
		}, func() [32]byte { return [32]byte{} })
	require.NoError(w.t, err)
	_, err = w.Submit(w.t.Context(), id, "maker")
	require.NoError(w.t, err)
	require.NoError(w.t, w.Approve(w.t.Context(), id, "approver"))
	require.NoError(w.t, w.SetStatus(w.t.Context(), id, card.RolloutRunning, "maker", ""))
	batches, err := w.Batches(w.t.Context(), id)
	require.NoError(w.t, err)
	require.Len(w.t, batches, 1)
	return batches[0].ID
}

func invented(row int) card.Application {
	return card.Application{Row: row, City: "440600", Bank: "102", Outlet: "44060001", Mode: card.Outlet, Person: card.Person{
		DocType: card.DocResidentID, SSN: ssn(row), Name: fmt.Sprintf("测试%d", row), Sex: card.Male, Ethnic: "01", Birth: "19900101",
	}}
}

func ssn(row int) string { return card.SynthesizeSSN("440100", "19900101", row) }

// send reserves and confirms a file of the batch.
func (w *fileWorld) send(partner string, kind card.FileKind) card.File {
	w.t.Helper()
	f, sent, err := w.ReserveFile(w.t.Context(), w.batch, partner, kind, 0)
	require.NoError(w.t, err)
	require.False(w.t, sent)
	require.NoError(w.t, w.FileWritten(w.t.Context(), f, manifest(f, "ours")))
	require.NoError(w.t, w.ConfirmFile(w.t.Context(), w.batch, f, proof(f, "ours"), time.Now().Add(time.Hour)))
	return f
}

// matched brings the batch to where its accounts are to be opened.
func (w *fileWorld) matched() {
	w.t.Helper()
	w.send("CIVIL", card.MatchReq)
	var answers []card.MatchAnswer
	for i := range w.rows {
		answers = append(answers, card.MatchAnswer{Ref: i + 1, SSN: ssn(i + 1), Result: card.ResultDone})
	}
	request, err := w.SentFile(w.t.Context(), w.batch, card.MatchReq, 0)
	require.NoError(w.t, err)
	_, err = w.ApplyMatches(w.t.Context(), w.batch, request.Answer(card.MatchRet), answers, nil)
	require.NoError(w.t, err)
	_, err = w.AllocateNumbers(w.t.Context(), w.batch)
	require.NoError(w.t, err)
}

// numbers returns the card numbers of the batch by row.
func (w *fileWorld) numbers() []card.Number {
	w.t.Helper()
	var numbers []card.Number
	for o, err := range w.AccountOrders(w.t.Context(), w.batch) {
		require.NoError(w.t, err)
		numbers = append(numbers, o.Number)
	}
	return numbers
}

func (w *fileWorld) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.conn.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
}

// one reads one value of the ledger.
func one[T any](w *fileWorld, sql string, args ...any) T {
	w.t.Helper()
	var v T
	require.NoError(w.t, w.conn.QueryRow(w.t.Context(), sql, args...).Scan(&v))
	return v
}

// manifest is what a partner, or we, would say about a file with this content.
func manifest(f card.File, content string) card.Manifest {
	sum := sm3.Sum([]byte(f.Name() + content))
	return card.Manifest{Name: f.Name(), Layout: string(f.Kind) + "/1", Date: f.Date, Sequence: f.Seq, Size: 100, Rows: 1, SM3: hex.EncodeToString(sum[:])}
}

func proof(f card.File, content string) card.Proof {
	return card.Proof{Manifest: manifest(f, content), RemoteSize: 100, ConfirmedAt: time.Now().UTC()}
}

// today is a report of the outlets of today.
func today(seq int) card.File {
	return card.File{Partner: "OUTLET", Kind: card.Report, Date: time.Now().In(postgres.Shanghai).Format("20060102"), Seq: seq}
}
