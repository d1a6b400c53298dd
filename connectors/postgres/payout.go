package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// The kinds of rollouts.
const (
	KindIssuance = "issuance"
	KindSubsidy  = "subsidy"
	KindMatch    = "match" // a population match, whose batches are its pages
)

// PayRow is one row of a subsidy roster as it was read and checked.
type PayRow struct {
	Number  int    // the row's number in the roster
	SSN     string // number of the identity document, normalised
	Name    string // normalised
	Fen     int64  // 0 where it could not be read
	Cells   []string
	Reasons []card.Reason // empty: accepted so far
}

// NewPayout is what a subsidy rollout starts from.
type NewPayout struct {
	NewRollout
	Programme string
	Period    string
	Rows      int   // declared with the roster
	Fen       int64 // declared with the roster
}

// CreatePayout takes a subsidy roster in: control totals must match; rows that failed a check, repeat a person, name nobody
// with a live card and a payable account, or somebody whom the programme or one that excludes it pays in the period already,
// are refused one by one; what remains claims its people's entitlement and is planned into batches by the bank of each
// card. All of it happens in one transaction: an intake that was cut off has never been. digest is called after the last row.
func (l *Ledger) CreatePayout(ctx context.Context, n NewPayout, rows iter.Seq2[PayRow, error], digest func() [32]byte) (card.RolloutID, error) {
	var id card.RolloutID
	err := l.tx(ctx, "take the roster in", func(tx pgx.Tx) error {
		p, err := l.newPayout(ctx, tx, n, &id)
		if err != nil {
			return err
		}
		if err := l.stagePayments(ctx, tx, p, rows); err != nil {
			return err
		}
		if err := checkTotals(ctx, tx, n, p.no); err != nil {
			return err
		}
		if err := judgePayments(ctx, tx, p); err != nil {
			return err
		}
		if err := planBatches(ctx, tx, p.no, n.NewRollout, payoutPlan); err != nil {
			return err
		}
		sum := digest()
		if err := countPayoutIntake(ctx, tx, p.no, sum[:]); err != nil {
			return err
		}
		if err := l.tell(ctx, tx, p.no, event{What: EventCreated, Who: n.MadeBy, Args: map[string]any{"name": n.Name}, Key: EventCreated}); err != nil {
			return err
		}
		return l.audit(ctx, tx, n.MadeBy, "rollout.create", string(id), fmt.Sprintf("roster sm3 %x, %s %s", sum, n.Programme, n.Period))
	})
	return id, err
}

// payout is a subsidy rollout that is being taken in.
type payout struct {
	no        int32
	programme int32
	rules     card.Programme
	period    string
}

func (l *Ledger) newPayout(ctx context.Context, tx pgx.Tx, n NewPayout, id *card.RolloutID) (payout, error) {
	p := payout{period: n.Period}
	rules, programme, err := findProgramme(ctx, tx, n.Programme)
	if err != nil {
		return p, err
	}
	p.rules, p.programme = rules, programme
	if err := p.rules.CheckPeriod(n.Period); err != nil {
		return p, err
	}
	if p.no, err = l.insertRollout(ctx, tx, KindSubsidy, n.NewRollout, id); err != nil {
		return p, err
	}
	text, err := json.Marshal(p.rules)
	if err != nil {
		return p, err
	}
	_, err = tx.Exec(ctx, "insert into payout (rollout, programme, rules, period, declared_rows, declared_fen) values ($1, $2, $3, $4, $5, $6)",
		p.no, n.Programme, text, n.Period, n.Rows, n.Fen)
	return p, err
}

// checkTotals compares what was handed in with what was declared.
func checkTotals(ctx context.Context, tx pgx.Tx, n NewPayout, no int32) error {
	var rows int
	var fen int64
	err := tx.QueryRow(ctx, `
		select s.n + r.n, s.fen + r.fen from (select count(*) as n, coalesce(sum(fen), 0)::bigint as fen from staged) s,
			(select count(*) as n, coalesce(sum(fen), 0)::bigint as fen from roster_refusal where rollout = $1) r`, no).Scan(&rows, &fen)
	if err != nil || rows == n.Rows && fen == n.Fen {
		return err
	}
	return card.E(card.Invalid, "compare the control totals", card.ReasonTotalsDiffer,
		fmt.Errorf("declared %d rows and %d fen, found %d rows and %d fen", n.Rows, n.Fen, rows, fen))
}

// PutProgramme keeps a programme under its ID; rollouts made before keep the rules that they were made under.
func (l *Ledger) PutProgramme(ctx context.Context, p card.Programme, by string) error {
	if err := p.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the programme: %w", err)
	}
	return l.tx(ctx, "keep a programme", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			insert into programme as p (id, rules, at) values ($1, $2, $3)
			on conflict (id) do update set rules = excluded.rules, at = excluded.at where p.rules <> excluded.rules`, p.ID, text, l.now())
		if err != nil || done.RowsAffected() == 0 {
			return err
		}
		return l.audit(ctx, tx, by, "programme.put", p.ID, string(text))
	})
}

// Programmes returns the programmes by ID.
func (l *Ledger) Programmes(ctx context.Context) ([]card.Programme, error) {
	rows, err := l.pool.Query(ctx, "select rules from programme order by id")
	if err != nil {
		return nil, fault("list the programmes", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[card.Programme])
	return all, fault("list the programmes", err)
}

func findProgramme(ctx context.Context, q querier, id string) (p card.Programme, no int32, err error) {
	err = q.QueryRow(ctx, "select rules, no from programme where id = $1", id).Scan(&p, &no)
	if errors.Is(err, pgx.ErrNoRows) {
		err = card.E(card.NotFound, "find programme "+id, card.ReasonProgrammeUnknown, nil)
	}
	return p, no, err
}
