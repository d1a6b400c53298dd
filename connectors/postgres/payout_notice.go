package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// openNotice begins the days of public notice of a subsidy rollout that is being submitted, which all checks must precede. A day
// of notice is 24 hours from the submission.
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

// mayStart refuses to start a subsidy rollout before its public notice is over, and says when it will be.
func (l *Ledger) mayStart(ctx context.Context, tx pgx.Tx, r rollout, status card.RolloutStatus) error {
	if r.kind != KindSubsidy || status != card.RolloutRunning || r.started {
		return nil
	}
	until, err := noticeUntil(ctx, tx, r.no)
	if err != nil {
		return err
	}
	if until == nil || until.After(l.now()) {
		return card.E(card.Conflict, "start the rollout", card.ReasonNoticeRunning, noticeEnds(until))
	}
	return l.tellNoticeOver(ctx, tx, r.no, *until)
}

// noticeEnds says when a notice ends; one of a rollout that has not been submitted has no end yet.
func noticeEnds(until *time.Time) error {
	if until == nil {
		return nil
	}
	return fmt.Errorf("the notice ends at %s (公示期至 %[1]s)", until.In(Shanghai).Format("2006-01-02 15:04:05"))
}

// noticeUntil returns when the public notice ends, nil before the submission.
func noticeUntil(ctx context.Context, q querier, no int32) (until *time.Time, err error) {
	err = q.QueryRow(ctx, "select notice_until from payout where rollout = $1", no).Scan(&until)
	return until, err
}

// CloseNotice records that the public notice of a subsidy rollout is over, once, or returns how long it still runs. That of a
// rollout that has ended meanwhile is nobody's business any more.
func (l *Ledger) CloseNotice(ctx context.Context, id card.RolloutID) (left time.Duration, err error) {
	err = l.tx(ctx, "close the public notice", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil || r.status.Ended() {
			return err
		}
		until, err := noticeUntil(ctx, tx, r.no)
		if err != nil || until == nil {
			return err
		}
		if left = max(until.Sub(l.now()), 0); left > 0 {
			return nil
		}
		return l.tellNoticeOver(ctx, tx, r.no, *until)
	})
	return left, err
}

func (l *Ledger) tellNoticeOver(ctx context.Context, tx pgx.Tx, no int32, until time.Time) error {
	return l.tell(ctx, tx, no, event{What: EventNoticeOver, Args: map[string]any{"until": until}, Key: EventNoticeOver})
}

// waitForNotice tells those who look at the rollout until when it cannot be started.
func (v *View) waitForNotice(until *time.Time) {
	if until == nil || !until.After(v.AsOf) || v.Status != card.RolloutSubmitted && v.Status != card.RolloutApproved {
		return
	}
	v.Waiting = append(v.Waiting, Waiting{For: WaitPublic, What: WaitNotice, Until: *until})
}
