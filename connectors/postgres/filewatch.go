package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// KindStray is the kind under which the hub keeps files whose names are none of the exchange.
const KindStray card.FileKind = "STRAY"

// FileStanding tells how a file that lies at a partner stands: somebody waits for it, or it was applied, or neither.
func (l *Ledger) FileStanding(ctx context.Context, f card.File) (card.FileStanding, error) {
	var awaited, applied bool
	err := l.pool.QueryRow(ctx, `
		select exists (select from exchange_file q where q.partner = $1 and q.direction = 'out' and q.replaced_by is null and (
				q.kind = $5 and q.business_date = $3 and q.sequence = $4 or $2 = 'REPORT' and q.kind = 'DISPATCH' or $2 = 'PAYBACK' and q.kind = 'PAYREQ')),
			exists (select from exchange_file where partner = $1 and kind = $2 and business_date = $3 and sequence = $4
				and direction = 'in' and state = 'processed')`,
		f.Partner, string(f.Kind), f.Date, f.Seq, string(f.Kind.Request())).Scan(&awaited, &applied)
	switch {
	case applied:
		return card.FileApplied, fault("look a file up", err)
	case awaited:
		return card.FileAwaited, fault("look a file up", err)
	}
	return card.FileUnexpected, fault("look a file up", err)
}

// SeeFile notes that something of a file lies at its partner, and returns since when. A file that was applied, or refused for
// reason already, needs no more to be said about: settled is then true.
func (l *Ledger) SeeFile(ctx context.Context, f card.File, reason card.Reason) (since time.Time, settled bool, err error) {
	err = l.pool.QueryRow(ctx, `
		insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at)
		values ($1, 'in', $2, $3, $4, 'reserved', $5)
		on conflict (partner, kind, business_date, sequence) do update set reserved_at = exchange_file.reserved_at
		returning reserved_at, direction <> 'in' or state = 'processed' or state = 'quarantined' and reason = $6`,
		f.Partner, string(f.Kind), f.Date, f.Seq, l.now(), string(reason)).Scan(&since, &settled)
	return since, settled, fault("note a file", err)
}

// SeeStray notes that a file lies at a partner whose name is none of the exchange, and returns the name under which the hub
// keeps it, since when, and whether it was refused already. Of the partner's own name the ledger keeps shape and digest.
func (l *Ledger) SeeStray(ctx context.Context, partner, name string) (s card.Stray, err error) {
	digest := sm3.Sum([]byte(name))
	alias := hex.EncodeToString(digest[:])
	s = card.Stray{File: card.File{Partner: partner, Kind: KindStray, Date: l.now().In(Shanghai).Format(dateFormat)}, Called: shapeOf(name)}
	err = l.tx(ctx, "note a stray file", func(tx pgx.Tx) error {
		if err := lockSequence(ctx, tx, s.File); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			select business_date, sequence, reserved_at, state = 'quarantined' from exchange_file where partner = $1 and alias = $2`,
			partner, alias).Scan(&s.File.Date, &s.File.Seq, &s.Since, &s.Settled)
		if !isNoRows(err) {
			return err
		}
		s.Since = l.now()
		return tx.QueryRow(ctx, `
			insert into exchange_file (partner, direction, kind, business_date, sequence, state, reserved_at, alias, called)
			select $1, 'in', $2, $3, coalesce(max(sequence), 0) + 1, 'reserved', $4, $5, $6
			from exchange_file where partner = $1 and kind = $2 and business_date = $3 returning sequence`,
			partner, string(KindStray), s.File.Date, s.Since, alias, s.Called).Scan(&s.File.Seq)
	})
	return s, err
}

// shapeOf tells what a name looks like without telling what it says, for it may be somebody's: runs of 9 (a digit), A, a
// (a letter), 字 (a character beyond ASCII) and the signs themselves.
func shapeOf(name string) string {
	var b strings.Builder
	last, n := rune(0), 0
	flush := func() {
		switch {
		case n == 1:
			b.WriteRune(last)
		case n > 1:
			fmt.Fprintf(&b, "%c{%d}", last, n)
		}
	}
	for _, r := range name {
		if c := classOf(r); c != last {
			flush()
			last, n = c, 0
		}
		n++
	}
	flush()
	shape := []rune(b.String())
	return fmt.Sprintf("a name of %d characters %s", len([]rune(name)), string(shape[:min(len(shape), 100)]))
}

func classOf(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return '9'
	case r >= 'A' && r <= 'Z':
		return 'A'
	case r >= 'a' && r <= 'z':
		return 'a'
	case r >= 0x80:
		return '字'
	case r < ' ' || r == 0x7F:
		return '·'
	}
	return r
}
