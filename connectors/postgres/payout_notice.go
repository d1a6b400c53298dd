package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// openNotice begins the days of public notice of a subsidy rollout that is being submitted, which all checks must precede.
func (l *Ledger) openNotice(ctx context.Context, tx pgx.Tx, r rollout) error {
	if r.kind != KindSubsidy {
		return nil
	}
	var checked bool
	var rules card.Programme
	if err := tx.QueryRow(ctx, "select checked_at is not null, rules from payout where rollout = $1", r.no).Scan(&checked, &rules); err != nil {
		return err
	}
	if err := expect(checked, card.ReasonChecksRunning); err != nil {
		return err
	}
	until := l.now().AddDate(0, 0, rules.Notice)
	if _, err := tx.Exec(ctx, "update payout set notice_until = $2 where rollout = $1", r.no, until); err != nil {
		return err
	}
	return l.tell(ctx, tx, r.no, event{What: EventNotice, Args: map[string]any{"until": until, "days": rules.Notice}, Key: EventNotice})
}

// mayStart refuses to start a subsidy rollout before its public notice is over.
func (l *Ledger) mayStart(ctx context.Context, tx pgx.Tx, r rollout, status card.RolloutStatus) error {
	if r.kind != KindSubsidy || status != card.RolloutRunning || r.started {
		return nil
	}
	var over bool
	if err := tx.QueryRow(ctx, "select coalesce(notice_until <= $2, false) from payout where rollout = $1", r.no, l.now()).Scan(&over); err != nil {
		return err
	}
	return expect(over, card.ReasonNoticeRunning)
}
