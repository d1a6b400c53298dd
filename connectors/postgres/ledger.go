// Package postgres is the ledger: the truth about people, cards, files and rollouts, in PostgreSQL.
//
// Every step of a process is one transaction that moves a whole batch, locks the batch first, ends with the batch's
// counts taken from its rows and the invariants checked, and does nothing the second time. Personal data is sealed before
// it leaves this process and found by blind indexes.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"onecard/card"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Sealer keeps personal data unreadable at rest.
type Sealer interface {
	// Seal returns plain enciphered and bound to aad.
	Seal(plain, aad []byte) []byte
	// Open returns what Seal was given; another aad is an error.
	Open(sealed, aad []byte) ([]byte, error)
	// Index returns a keyed digest of value by which equal values are found; purposes do not mix.
	Index(purpose, value string) [16]byte
}

// Ledger is the programme's ledger in one PostgreSQL database. It is safe for concurrent use.
type Ledger struct {
	pool *pgxpool.Pool
	seal Sealer
	now  func() time.Time
}

// Open connects to the database at url (a PostgreSQL connection string, see also InSchema). Personal data is sealed by s.
func Open(ctx context.Context, url string, s Sealer) (*Ledger, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, card.E(card.Invalid, "read the ledger's address", card.ReasonLedgerUnreachable, errors.New("not a connection string"))
	}
	// Batches differ in size by four orders of magnitude: every statement is planned for the batch at hand.
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	// Many batches run beside each other: workers of one statement would only take the processors from the others.
	cfg.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, card.E(card.Unavailable, "open the ledger", card.ReasonLedgerUnreachable, err)
	}
	l := &Ledger{pool: pool, seal: s, now: time.Now}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, card.E(card.Unavailable, "open the ledger", card.ReasonLedgerUnreachable, err)
	}
	if err := l.ourSchema(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return l, nil
}

// WithClock returns the same ledger with another clock, for drills and tests on days of their own.
func (l *Ledger) WithClock(now func() time.Time) *Ledger {
	other := *l
	other.now = now
	return &other
}

// Close gives the connections back.
func (l *Ledger) Close() { l.pool.Close() }

// Migrate brings the schema up to date. Migrations go forward only; several processes may call it at once.
func (l *Ledger) Migrate(ctx context.Context) error {
	db := stdlib.OpenDBFromPool(l.pool)
	defer db.Close() //nolint:errcheck // the pool stays open
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fault("migrate", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	const lock = 0x6f6e6563617264
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock($1)", lock); err != nil {
		return fault("migrate", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", lock) //nolint:errcheck // the connection's end unlocks too
	// Numbers are given out before the work is done, so that a lower one may come later; none depends on one that is not there.
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fault("migrate", err)
	}
	return nil
}

// tx runs work in one transaction.
func (l *Ledger) tx(ctx context.Context, op string, work func(tx pgx.Tx) error) error {
	return fault(op, pgx.BeginFunc(ctx, l.pool, work))
}

// fault tells the kind of a database error: what may pass when it is tried again, and what will not. PostgreSQL's
// detail texts can quote a row's values and are left out.
func fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *card.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return card.E(card.Unavailable, op, card.ReasonLedgerUnreachable, err)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return card.E(card.Unavailable, op, card.ReasonLedgerUnreachable, err)
	}
	switch pg.Code[:2] {
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, locks, shutdown, system
		return card.E(card.Unavailable, op, card.ReasonLedgerUnreachable, fmt.Errorf("PostgreSQL %s: %s", pg.Code, pg.Message))
	case "23": // a constraint held where two raced or data is not what was thought
		return card.E(card.Conflict, op, card.ReasonConstraintHeld, fmt.Errorf("PostgreSQL %s: %s %s", pg.Code, pg.TableName, pg.ConstraintName))
	}
	return card.E(card.Internal, op, card.ReasonLedgerFault, fmt.Errorf("PostgreSQL %s: %s", pg.Code, pg.Message))
}

// inTurn lets the transactions that name the same thing go on one after the other.
func inTurn(ctx context.Context, tx pgx.Tx, thing string) error {
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext($1))", thing)
	return err
}
