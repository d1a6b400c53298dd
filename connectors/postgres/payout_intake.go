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
		select $9::integer as rollout, s.row_no, s.person, 1::smallint as version, s.fen, coalesce(p.city, 0) as city, coalesce(c.bank, 0::smallint) as bank, c.card_no, case
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
		card.Active, card.Lost, string(card.ReasonAccountNotPayable), p.no); err != nil {
		return fmt.Errorf("find the cards: %w", err)
	}
	if _, err := tx.Exec(ctx, "analyze judged"); err != nil {
		return err
	}
	if err := entitle(ctx, tx, p); err != nil {
		return fmt.Errorf("claim the entitlements: %w", err)
	}
	_, err := tx.Exec(ctx, `
		insert into roster_refusal (rollout, row_no, city, bank, person, reasons, sealed, fen)
		select j.rollout, row_no, j.city, j.bank, j.person, array[j.reason], s.sealed, j.fen from judged j join staged s using (row_no) where j.reason is not null`)
	return err
}

// entitle claims each person's entitlement for the programme and period, once and for all files: a claim that is there already
// refuses the row, unless its payment came back and nobody has taken it up since; then this row follows that one. Rosters of
// one programme and period claim one after the other.
func entitle(ctx context.Context, tx pgx.Tx, p payout) error {
	if err := refuseConflicting(ctx, tx, p); err != nil {
		return err
	}
	if err := inTurn(ctx, tx, fmt.Sprintf("entitlement %d %s", p.programme, p.period)); err != nil {
		return err
	}
	for _, c := range []struct {
		statement string
		args      []any
	}{
		{takeUpFree, []any{p.programme, p.period}},
		{refusePaid, []any{p.programme, p.period, string(card.ReasonAlreadyPaid)}},
		{moveClaims, []any{p.programme, p.period}},
		{nextVersions, []any{card.MaxInstructionVersion}},
		{newClaims, []any{p.programme, p.period}},
	} {
		if _, err := tx.Exec(ctx, c.statement, c.args...); err != nil {
			return err
		}
	}
	// The planner must know how many there are before the next roster looks among them.
	_, err := tx.Exec(ctx, "analyze entitlement")
	return err
}

// The parts of claiming, in their order; $1 is the programme and $2 the period where nothing else is said.
const (
	// A row follows the payment whose entitlement is free again.
	takeUpFree = `
		insert into payout_follow (rollout, row_no, of_rollout, of_row)
		select j.rollout, j.row_no, e.rollout, e.row_no from judged j join entitlement e on e.programme = $1 and e.period = $2 and e.person = j.person
		where j.reason is null and e.free for update of e`
	refusePaid = `
		update judged j set reason = $3 from entitlement e where e.programme = $1 and e.period = $2 and e.person = j.person and j.reason is null
		and not exists (select from payout_follow f where f.rollout = j.rollout and f.row_no = j.row_no)`
	moveClaims = `
		update entitlement e set rollout = j.rollout, row_no = j.row_no, free = false from judged j
		where e.programme = $1 and e.period = $2 and e.person = j.person and j.reason is null`
	// A payment that follows another is its next version; $1 is the last that an instruction number can carry.
	nextVersions = `
		update judged j set version = least(r.version + 1, $1) from payout_follow f join batch b on b.rollout = f.of_rollout
		join payout_row r on r.city = b.city and r.rollout = b.rollout and r.batch = b.number and r.row_no = f.of_row
		where f.rollout = j.rollout and f.row_no = j.row_no`
	newClaims = `
		insert into entitlement (programme, period, person, rollout, row_no)
		select $1, $2, person, j.rollout, row_no from judged j where j.reason is null
		and not exists (select from payout_follow f where f.rollout = j.rollout and f.row_no = j.row_no) order by person`
)

// refuseConflicting refuses who is paid in the period by another programme of the same group. Rosters of one group are
// taken in one after the other, so that neither misses the other's claims.
func refuseConflicting(ctx context.Context, tx pgx.Tx, p payout) error {
	if p.rules.Group == "" {
		return nil
	}
	if err := inTurn(ctx, tx, "conflict group "+p.rules.Group); err != nil {
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
			(select coalesce(sum(fen), 0)::bigint as fen from batch where rollout = $1) i where rollout = $1`, no)
	return err
}
