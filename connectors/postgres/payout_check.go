package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// matchPayments returns the people of the batch who are to be compared with civil affairs, as the card programme knows them.
func (l *Ledger) matchPayments(ctx context.Context, b card.BatchID, yield func(card.MatchRow, error) bool) error {
	return l.readPayments(ctx, b, forPeople, func(r paymentRow) error {
		if r.status != card.PayPlanned {
			return nil
		}
		p := r.person
		return proceed(yield(card.MatchRow{Ref: r.row, DocType: p.DocType, SSN: p.SSN, Name: p.Name, Birth: p.Birth}, nil))
	})
}

// AccountQueries returns the accounts whose state is asked for before the batch is paid.
func (l *Ledger) AccountQueries(ctx context.Context, b card.BatchID) iter.Seq2[card.AccountQuery, error] {
	return func(yield func(card.AccountQuery, error) bool) {
		finish(l.readPayments(ctx, b, forAccounts, func(r paymentRow) error {
			if r.status != card.PayPlanned {
				return nil
			}
			pan, _, err := l.openAccount(r.account, r.number)
			if err != nil {
				return err
			}
			return proceed(yield(card.AccountQuery{Ref: r.row, Number: r.number, PAN: pan, Name: r.person.Name}, nil))
		}), yield)
	}
}

// ApplyAccountStates takes the bank's word about the accounts of a batch that is about to be paid: who cannot be credited is
// refused, who was left out is held. What the bank says of an account is kept.
func (l *Ledger) ApplyAccountStates(ctx context.Context, b card.BatchID, f card.File, told []card.AccountState, refused []card.Finding) (t card.Tally, err error) {
	a := newAnswers(len(told), refused)
	states := make([]int16, 0, len(told))
	for _, s := range told {
		reason := s.Reason
		if reason == "" && s.Status != card.Active && s.Status != card.Lost {
			reason = card.ReasonAccountNotPayable
		}
		a.add(s.Ref, s.Number, reason)
		states = append(states, known(s))
	}
	err = l.step(ctx, b, string(f.Kind), func(tx pgx.Tx, s scope) error {
		return l.applyChecks(ctx, tx, s, f, a, func(file int64) error {
			_, err := tx.Exec(ctx, `
				update bank_account b set status = a.status, file = $4, at = $5 from unnest($2::text[], $3::smallint[]) as a(card_no, status)
				where b.city = $1 and b.card_no = a.card_no and a.status >= 0 and b.status <> a.status`, s.city, a.numbers, states, file, l.now())
			return err
		})
	})
	if err != nil {
		return t, err
	}
	return l.tallyChecks(ctx, b)
}

// known is the status that the bank tells, or -1 where it tells none.
func known(s card.AccountState) int16 {
	if s.Known {
		return int16(s.Status)
	}
	return -1
}

// applyChecks takes an answer to a check before payment: rows that it refuses are refused, rows that it left out are held.
func (l *Ledger) applyChecks(ctx context.Context, tx pgx.Tx, s scope, f card.File, a *answers, more func(file int64) error) error {
	file, applied, err := l.takeFile(ctx, tx, &s, f, a.size())
	if err != nil || applied {
		return err
	}
	asked, err := checkedPayments(ctx, tx, s)
	if err != nil {
		return err
	}
	if err := a.within(asked); err != nil {
		return err
	}
	if err := more(file); err != nil {
		return err
	}
	if err := refusePayments(ctx, tx, s, a, file); err != nil {
		return err
	}
	if err := holdUnanswered(ctx, tx, s, a.unanswered(asked)); err != nil {
		return err
	}
	return l.close(ctx, tx, s, f, file, a)
}

// tallyChecks tells how a batch stands among its checks.
func (l *Ledger) tallyChecks(ctx context.Context, b card.BatchID) (card.Tally, error) {
	m, err := l.countedPayments(ctx, b)
	return card.Tally{Done: m.Planned.Rows, Failed: m.Refused.Rows, Unknown: m.Held.Rows}, err
}

// checkedPayments are the payments about which may have been asked: also those that were held or stopped since, by an objection or
// because of their card.
func checkedPayments(ctx context.Context, q querier, s scope) (map[int32]string, error) {
	rows, err := q.Query(ctx, `
		select i.row_no, r.card_no from payout_item i join payout_row r using (city, rollout, batch, row_no)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status in ($4, $5, $6)`, s.args(card.PayPlanned, card.PayHeld, card.PayRefused)...)
	if err != nil {
		return nil, err
	}
	all := map[int32]string{}
	var row int32
	var number string
	_, err = pgx.ForEachRow(rows, []any{&row, &number}, func() error {
		all[row] = number
		return nil
	})
	return all, err
}

// refusePayments refuses the payments that the answer gives a reason against, which are few.
func refusePayments(ctx context.Context, tx pgx.Tx, s scope, a *answers, file int64) error {
	var rows []int32
	var reasons []string
	for i, reason := range a.reasons {
		if reason != "" {
			rows, reasons = append(rows, a.rows[i]), append(reasons, reason)
		}
	}
	_, err := tx.Exec(ctx, `
		update payout_item i set status = $6, reason = a.reason, file = $7 from unnest($4::integer[], $5::text[]) as a(row_no, reason)
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.row_no = a.row_no and i.status in ($8, $9)`,
		s.args(rows, reasons, card.PayRefused, file, card.PayPlanned, card.PayHeld)...)
	return err
}

// unanswered returns the rows that were asked about and that the answer leaves out.
func (a *answers) unanswered(asked map[int32]string) []int32 {
	told := make(map[int32]bool, len(a.rows))
	for _, row := range a.rows {
		told[row] = true
	}
	var rows []int32
	for row := range asked {
		if !told[row] {
			rows = append(rows, row)
		}
	}
	return rows
}

func holdUnanswered(ctx context.Context, tx pgx.Tx, s scope, rows []int32) error {
	_, err := tx.Exec(ctx, `
		update payout_item set status = $5, reason = $6 where city = $1 and rollout = $2 and batch = $3 and row_no = any($4) and status = $7`,
		s.args(rows, card.PayHeld, string(card.ReasonNoAnswer), card.PayPlanned)...)
	return err
}

// FinishChecks records that every batch of a subsidy rollout has been checked, so that it may be submitted.
func (l *Ledger) FinishChecks(ctx context.Context, id card.RolloutID) error {
	return l.tx(ctx, "finish the checks", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			update payout p set checked_at = coalesce(p.checked_at, $2) from rollout r where r.no = p.rollout and r.id = $1`, string(id), l.now())
		return err
	})
}
