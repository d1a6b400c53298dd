package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onecard/card"
)

// rehearsalPrefix begins the name of every schema of a rehearsal; no other schema is ever dropped.
const rehearsalPrefix = "rehearsal_"

// Rehearsal is a rehearsal of a subsidy rollout: what it has of its own. It stands as the comment of its schema, so that what a
// killed one has left is found.
type Rehearsal struct {
	Schema    string         `json:"schema"`
	Rollout   card.RolloutID `json:"rollout"`
	Namespace string         `json:"namespace"` // of Temporal
	Folder    string         `json:"folder"`    // of its files, on Host
	Host      string         `json:"host"`
	By        string         `json:"by"`
	At        time.Time      `json:"at"`
	Kept      bool           `json:"kept"` // for somebody to look at
}

// RehearsalSchema is the schema of the rehearsal that begins at a time.
func RehearsalSchema(id card.RolloutID, at time.Time) string {
	return rehearsalPrefix + strings.ToLower(strings.ReplaceAll(string(id), "-", "_")) + at.UTC().Format("_20060102t150405")
}

// InSchema returns the connection string of the ledger that lies in a schema of the same database.
func InSchema(database, schema string) (string, error) {
	if !strings.HasPrefix(database, "postgres://") && !strings.HasPrefix(database, "postgresql://") {
		return strings.TrimSpace(database + " search_path=" + schema), nil
	}
	u, err := url.Parse(database)
	if err != nil {
		return "", card.E(card.Invalid, "read the ledger's address", card.ReasonLedgerUnreachable, errors.New("not a connection string"))
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// ourSchema makes sure that a connection which asks for a schema is in it, also when something between drops what it asks for: a
// rehearsal must never write into the real ledger.
func (l *Ledger) ourSchema(ctx context.Context) error {
	wanted := l.pool.Config().ConnConfig.RuntimeParams["search_path"]
	if wanted == "" {
		return nil
	}
	var schema *string
	if err := l.pool.QueryRow(ctx, "select current_schema()").Scan(&schema); err != nil {
		return fault("find the schema", err)
	}
	if schema == nil || *schema != wanted {
		return card.E(card.Internal, "find the schema "+wanted, card.ReasonLedgerFault, nil)
	}
	return nil
}

// HoldRehearsals makes sure that nobody else rehearses the rollout until release is called, or this process ends; while somebody
// does, it is a Conflict.
func (l *Ledger) HoldRehearsals(ctx context.Context, id card.RolloutID) (release func(), err error) {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return nil, fault("begin a rehearsal", err)
	}
	var free bool
	err = conn.QueryRow(ctx, "select pg_try_advisory_lock("+rehearsalLock+")", string(id)).Scan(&free)
	if err == nil && !free {
		err = card.E(card.Conflict, "begin a rehearsal", card.ReasonRehearsalRunning, nil)
	}
	if err != nil {
		conn.Release()
		return nil, fault("begin a rehearsal", err)
	}
	return func() { unlockRehearsals(context.WithoutCancel(ctx), conn, id) }, nil
}

// unlockRehearsals gives the connection back; one that cannot be asked any more ends, and its lock with it.
func unlockRehearsals(ctx context.Context, conn *pgxpool.Conn, id card.RolloutID) {
	if _, err := conn.Exec(ctx, "select pg_advisory_unlock("+rehearsalLock+")", string(id)); err != nil {
		_ = conn.Hijack().Close(ctx)
		return
	}
	conn.Release()
}

// rehearsalLock is the lock of the rehearsals of the rollout $1. It is the database's, whatever the schema.
const rehearsalLock = "hashtext('rehearsal'), hashtext($1)"

// Rehearsals returns those that there are, that were kept and that killed ones have left, of all rollouts.
func (l *Ledger) Rehearsals(ctx context.Context) ([]Rehearsal, error) {
	rows, err := l.pool.Query(ctx, `
		select n.nspname, coalesce(obj_description(n.oid, 'pg_namespace'), '') from pg_namespace n where starts_with(n.nspname, $1) order by n.nspname`, rehearsalPrefix)
	if err != nil {
		return nil, fault("list the rehearsals", err)
	}
	var all []Rehearsal
	var schema, comment string
	_, err = pgx.ForEachRow(rows, []any{&schema, &comment}, func() error {
		var r Rehearsal
		if json.Unmarshal([]byte(comment), &r) == nil && r.Schema == schema { // else it is somebody else's
			all = append(all, r)
		}
		return nil
	})
	return all, fault("list the rehearsals", err)
}

// MarkRehearsal makes the rehearsal's schema unless it is there, and keeps beside it what the rehearsal has of its own.
func (l *Ledger) MarkRehearsal(ctx context.Context, r Rehearsal) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the rehearsal down: %w", err)
	}
	name := pgx.Identifier{r.Schema}.Sanitize()
	return l.tx(ctx, "make the rehearsal's schema", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "create schema if not exists "+name); err != nil {
			return err
		}
		var comment string
		if err := tx.QueryRow(ctx, "select quote_literal($1)", string(text)).Scan(&comment); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "comment on schema "+name+" is "+comment)
		return err
	})
}

// DropRehearsal removes the rehearsal's schema and everything in it.
func (l *Ledger) DropRehearsal(ctx context.Context, r Rehearsal) error {
	if !strings.HasPrefix(r.Schema, rehearsalPrefix) {
		return card.E(card.Internal, "remove the schema "+r.Schema, card.ReasonLedgerFault, nil)
	}
	_, err := l.pool.Exec(ctx, "drop schema if exists "+pgx.Identifier{r.Schema}.Sanitize()+" cascade")
	return fault("remove the rehearsal's schema", err)
}

// TellRehearsal puts into the rollout's timeline that it was rehearsed, by whom and with what result, once.
func (l *Ledger) TellRehearsal(ctx context.Context, r Rehearsal, args map[string]any) error {
	return l.tx(ctx, "tell of the rehearsal", func(tx pgx.Tx) error {
		no, err := rolloutNo(ctx, tx, r.Rollout)
		if err != nil {
			return err
		}
		text, err := json.Marshal(args)
		if err != nil {
			return err
		}
		if err := l.tell(ctx, tx, no, event{What: EventRehearsed, Who: r.By, Args: args, Key: EventRehearsed + "/" + r.Schema}); err != nil {
			return err
		}
		return l.audit(ctx, tx, r.By, "rollout."+EventRehearsed, string(r.Rollout), string(text))
	})
}
