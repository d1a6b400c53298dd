package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Entry is one line of the audit chain: who did what to which subject. Hash is SM3 over the hash of the line before
// and this line's text, so that no line can be altered, removed or put in without all later hashes changing.
type Entry struct {
	No      int64
	At      time.Time
	Who     string
	Action  string
	Subject string
	Detail  string
	Hash    []byte
}

func (e Entry) link(prev []byte) []byte {
	h := sm3.New()
	h.Write(prev)
	_, _ = fmt.Fprintf(h, "%d\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s", e.No, e.At.UTC().Format(time.RFC3339Nano), e.Who, e.Action, e.Subject, e.Detail)
	return h.Sum(nil)
}

// audit appends one line. The lock makes the chain a line also when several decide at once.
func (l *Ledger) audit(ctx context.Context, tx pgx.Tx, who, action, subject, detail string) error {
	if _, err := tx.Exec(ctx, "lock table audit in exclusive mode"); err != nil {
		return err
	}
	var prev []byte
	e := Entry{At: l.now().UTC().Truncate(time.Microsecond), Who: who, Action: action, Subject: subject, Detail: detail}
	err := tx.QueryRow(ctx, "select no, hash from audit order by no desc limit 1").Scan(&e.No, &prev)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	e.No++
	_, err = tx.Exec(ctx, "insert into audit (no, at, who, action, subject, detail, hash) values ($1, $2, $3, $4, $5, $6, $7)",
		e.No, e.At, e.Who, e.Action, e.Subject, e.Detail, e.link(prev))
	return err
}

// Audit returns the chain from its first line. An error of kind Breach names the first line that does not follow
// from the line before.
func (l *Ledger) Audit(ctx context.Context) ([]Entry, error) {
	rows, err := l.pool.Query(ctx, "select no, at, who, action, subject, detail, hash from audit order by no")
	if err != nil {
		return nil, fault("read the audit chain", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, fault("read the audit chain", err)
	}
	var prev []byte
	for i, e := range entries {
		if e.No != int64(i+1) || !bytes.Equal(e.Hash, e.link(prev)) {
			return entries, card.E(card.Breach, fmt.Sprintf("follow the audit chain to line %d", i+1), card.ReasonInvariantBreach, nil)
		}
		prev = e.Hash
	}
	return entries, nil
}
