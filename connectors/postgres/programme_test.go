package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
	"onecard/connectors/vault"
)

// TestMain draws twenty times for each property, unless told otherwise: every draw is many transactions on a real server.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// tester is what testing and rapid have in common.
type tester interface {
	require.TestingT
	Helper()
	Context() context.Context
}

// programme is a ledger on a real server with real keys, and a connection past it, by which a test looks or corrupts.
type programme struct {
	*postgres.Ledger
	tester
	seal postgres.Sealer
	conn *pgx.Conn
	born int // people so far
}

// newProgramme is empty but for a range of card numbers.
func newProgramme(t *testing.T) *programme {
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
	p := &programme{Ledger: l, tester: t, seal: v, conn: conn}
	require.NoError(t, p.AddRange(t.Context(), postgres.Range{City: "440600", Prefix: "E", First: 1, Last: 1_000_000}))
	return p
}

// exec changes the tables past the ledger; triggers that forbid it are off meanwhile.
func (p *programme) exec(sql string, args ...any) {
	p.Helper()
	_, err := p.conn.Exec(p.Context(), "set session_replication_role = replica")
	require.NoError(p, err)
	_, err = p.conn.Exec(p.Context(), sql, args...)
	require.NoError(p, err)
}

// ask reads one value past the ledger.
func ask[T any](p *programme, sql string, args ...any) (v T) {
	p.Helper()
	require.NoError(p, p.conn.QueryRow(p.Context(), sql, args...).Scan(&v))
	return v
}

// person makes up somebody new.
func (p *programme) person() card.Person {
	p.born++
	birth := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, p.born/999).Format("20060102")
	return card.Person{DocType: card.DocResidentID, SSN: card.SynthesizeSSN("440601", birth, p.born%999+1), Name: fmt.Sprintf("测·试%d", p.born),
		Sex: card.Male, Ethnic: "01", Birth: birth, Phone: "13800000000", Address: fmt.Sprintf("测试路%d号", p.born), Postcode: "528000"}
}

// row is an accepted row of somebody new at ICBC, who collects the card at an outlet.
func (p *programme) row(number int) postgres.Row {
	return postgres.Row{Number: number, Application: card.Application{Row: number, City: "440600", Bank: "102", Outlet: "44060001", Mode: card.Outlet, Person: p.person()}}
}

// people is n such rows.
func (p *programme) people(n int) []postgres.Row {
	rows := make([]postgres.Row, n)
	for i := range rows {
		rows[i] = p.row(i + 1)
	}
	return rows
}

func sequence(rows []postgres.Row, fail error) iter.Seq2[postgres.Row, error] {
	return func(yield func(postgres.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if fail != nil {
			yield(postgres.Row{}, fail)
		}
	}
}

func noDigest() [32]byte { return [32]byte{1} }

// draft takes a roster in.
func (p *programme) draft(rows []postgres.Row, o ...func(*postgres.NewRollout)) card.RolloutID {
	p.Helper()
	n := postgres.NewRollout{Name: "名", Roster: "r.xlsx", MadeBy: "manager1", BatchRows: 20_000, CanaryThreshold: 500}
	for _, set := range o {
		set(&n)
	}
	id, err := p.CreateRollout(p.Context(), n, sequence(rows, nil), noDigest)
	require.NoError(p, err)
	return id
}

// approved brings a draft to running and returns its batches.
func (p *programme) approved(id card.RolloutID) []card.BatchID {
	p.Helper()
	_, err := p.Submit(p.Context(), id, "manager1")
	require.NoError(p, err)
	require.NoError(p, p.Approve(p.Context(), id, "approver1"))
	require.NoError(p, p.SetStatus(p.Context(), id, card.RolloutRunning, "manager1", ""))
	return p.batches(id)
}

func (p *programme) batches(id card.RolloutID) (all []card.BatchID) {
	p.Helper()
	planned, err := p.Batches(p.Context(), id)
	require.NoError(p, err)
	for _, b := range planned {
		all = append(all, b.ID)
	}
	return all
}

// lot is a running rollout of one batch of n people.
func (p *programme) lot(n int) *lot {
	p.Helper()
	return p.lotOf(p.people(n))
}

func (p *programme) lotOf(rows []postgres.Row) *lot {
	p.Helper()
	batches := p.approved(p.draft(rows))
	require.Len(p, batches, 1)
	return &lot{programme: p, id: batches[0], rows: rows}
}

// requireKind asserts the kind and the reason of an error.
func requireKind(t require.TestingT, err error, kind card.Kind, reason card.Reason) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	require.Error(t, err)
	require.Equal(t, kind.String(), card.KindOf(err).String(), "%v", err)
	require.Equal(t, reason, card.ReasonOf(err), "%v", err)
}

// requireSound asserts that all invariants of the rollout hold.
func (p *programme) requireSound(id card.RolloutID) {
	p.Helper()
	all, err := p.Invariants(p.Context(), id)
	require.NoError(p, err)
	require.GreaterOrEqual(p, len(all), 6)
	for _, i := range all {
		require.True(p, i.Holds, "%s: %s", i.Name, i.Figure)
	}
}

// all reads a sequence to its end.
func all[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var got []T
	for row, err := range rows {
		if err != nil {
			return got, err
		}
		got = append(got, row)
	}
	return got, nil
}

var errReader = errors.New("the reader failed")
