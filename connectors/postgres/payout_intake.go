package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// stagePayments streams the rows in: those that passed the reader's checks into a table of this transaction, the others to the
// refusals.
func (l *Ledger) stagePayments(ctx context.Context, tx pgx.Tx, p payout, rows iter.Seq2[PayRow, error]) error {
	if _, err := tx.Exec(ctx, `
		create temp table staged (row_no integer not null, person bytea not null, named bytea not null, fen bigint not null, sealed bytea not null) on commit drop`); err != nil {
		return err
	}
	return copyPages(ctx, tx, rows, func() *payPage { return &payPage{} }, func(page *payPage, row PayRow) {
		if reason := p.rules.CheckAmount(row.Fen); reason != "" && len(row.Reasons) == 0 {
			row.Reasons = append(row.Reasons, reason)
		}
		page.add(l, p.no, row)
	})
}

// payPage is a part of a subsidy roster, sealed and ready to be copied.
type payPage struct {
	good, refused [][]any
}

func (p *payPage) size() int { return len(p.good) + len(p.refused) }

func (p *payPage) add(l *Ledger, no int32, row PayRow) {
	var person []byte
	if row.SSN != "" {
		person = l.personIndex(row.SSN)
	}
	aad := refusalAAD(person, no, row.Number)
	sealed := l.seal.Seal(packCells(row.Cells), aad)
	if len(row.Reasons) > 0 {
		p.refused = append(p.refused, []any{no, int32(row.Number), int32(0), int16(0), person, codesOf(row.Reasons), sealed, row.Fen}) //nolint:gosec // a row number
		return
	}
	p.good = append(p.good, []any{int32(row.Number), person, l.namedIndex(row.SSN, row.Name), row.Fen, sealed}) //nolint:gosec // a row number
}

func (p *payPage) copyTo(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"staged"}, []string{"row_no", "person", "named", "fen", "sealed"}, pgx.CopyFromRows(p.good)); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"roster_refusal"},
		[]string{"rollout", "row_no", "city", "bank", "person", "reasons", "sealed", "fen"}, pgx.CopyFromRows(p.refused))
	return err
}

// namedIndex is the blind index of a number and the name of its bearer together.
func (l *Ledger) namedIndex(ssn, name string) []byte {
	index := l.seal.Index("named", ssn+"\x1f"+name)
	return index[:]
}

// judgePayments finds each row's card and account and decides whether it is paid: all rows of a person but the first, people
// without a card, with another name, dead, with an account that takes no money, and those who are paid already are refused.
func judgePayments(ctx context.Context, tx pgx.Tx, p payout) error {
	if _, err := tx.Exec(ctx, "analyze staged"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		create temp table judged on commit drop as
		select s.row_no, s.person, s.fen, s.sealed, coalesce(p.city, 0) as city, coalesce(c.bank, 0::smallint) as bank, c.card_no, case
			when row_number() over (partition by s.person order by s.row_no) > 1 then $1
			when c.card_no is null or c.app_status = $2 then $3
			when p.died then $4
			when p.named <> s.named then $5
			when a.status is distinct from $6 and a.status is distinct from $7 then $8
			end as reason
		from staged s left join person p on p.person = s.person
		left join card c on c.city = p.city and c.card_no = p.card_no
		left join bank_account a on a.city = p.city and a.card_no = p.card_no`,
		string(card.ReasonDuplicateInFile), card.Cancelled, string(card.ReasonNoCard), string(card.ReasonMatchDeceased), string(card.ReasonNotRegistered),
		card.Active, card.Lost, string(card.ReasonAccountNotPayable)); err != nil {
		return fmt.Errorf("find the cards: %w", err)
	}
	if _, err := tx.Exec(ctx, "analyze judged"); err != nil {
		return err
	}
	if err := entitle(ctx, tx, p); err != nil {
		return fmt.Errorf("claim the entitlements: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		insert into payout_row (city, rollout, row_no, bank, person, card_no, fen)
		select city, $1, row_no, bank, person, card_no, fen from judged where reason is null order by city, row_no`, p.no); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into roster_refusal (rollout, row_no, city, bank, person, reasons, sealed, fen)
		select $1, row_no, city, bank, person, array[reason], sealed, fen from judged where reason is not null`, p.no)
	return err
}

// entitle claims each person's entitlement for the programme and period, once and for all files: a claim that is there already
// refuses the row, unless its payment came back and nobody has taken it up since; then this row follows that one.
func entitle(ctx context.Context, tx pgx.Tx, p payout) error {
	if err := refuseConflicting(ctx, tx, p); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into payout_follow (rollout, row_no, of_rollout, of_row)
		select $3, j.row_no, e.rollout, e.row_no from judged j join entitlement e on e.programme = $1 and e.period = $2 and e.person = j.person and e.free
		where j.reason is null`, p.programme, p.period, p.no); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		with claimed as (
			insert into entitlement as e (programme, period, person, rollout, row_no)
			select $1, $2, person, $3, row_no from judged where reason is null order by person
			on conflict (programme, period, person) do update set rollout = excluded.rollout, row_no = excluded.row_no, free = false where e.free
			returning person)
		update judged j set reason = $4 where j.reason is null and not exists (select from claimed c where c.person = j.person)`,
		p.programme, p.period, p.no, string(card.ReasonAlreadyPaid)); err != nil {
		return err
	}
	// The planner must know how many there are before the next roster looks among them.
	if _, err := tx.Exec(ctx, "analyze entitlement"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "delete from payout_follow f using judged j where f.rollout = $1 and f.row_no = j.row_no and j.reason is not null", p.no)
	return err
}

// refuseConflicting refuses who is paid in the period by another programme of the same group. Rosters of one group are
// taken in one after the other, so that neither misses the other's claims.
func refuseConflicting(ctx context.Context, tx pgx.Tx, p payout) error {
	if p.rules.Group == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext('conflict group ' || $1))", p.rules.Group); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		update judged j set reason = $4 from entitlement e join programme o on o.no = e.programme and o.rules->>'group' = $3
		where j.reason is null and e.programme <> $1 and e.period = $2 and e.person = j.person and not e.free`,
		p.programme, p.period, p.rules.Group, string(card.ReasonConflicting))
	return err
}

func countPayoutIntake(ctx context.Context, tx pgx.Tx, no int32, digest []byte) error {
	if err := countIntake(ctx, tx, no, digest); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		update payout set refused_fen = r.fen, fen = r.fen + i.fen from
			(select coalesce(sum(fen), 0)::bigint as fen from roster_refusal where rollout = $1) r,
			(select coalesce(sum(fen), 0)::bigint as fen from payout_item where rollout = $1) i where rollout = $1`, no)
	return err
}
