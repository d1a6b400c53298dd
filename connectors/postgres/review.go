package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ReviewDecision is what a person decides about a review.
type ReviewDecision struct {
	Outcome card.ReviewOutcome
	By      string
	Why     string
}

// ReviewResult is what a decision has come to.
type ReviewResult struct {
	Closed bool       // else a second person has to confirm it
	Traces []PayTrace // what became of the person's payments
}

// reviewLock is a review under the lock of whoever decides it.
type reviewLock struct {
	no         int
	person     []byte
	cause      card.ReviewCause
	askedBy    string
	outcome    card.ReviewOutcome
	diedBefore bool
}

// DecideReview records what a person decides. That somebody who is said to be dead is paid on takes two people: the first asks for it,
// another confirms it. Stopping takes one. What the review held then goes on, unless its batch has left meanwhile, or is stopped.
// Deciding the same again changes nothing; the error is Conflict with REVIEW_CLOSED when it was decided otherwise, and Denied with
// SECOND_PERSON when whoever asked would confirm.
func (l *Ledger) DecideReview(ctx context.Context, no int, d ReviewDecision) (out ReviewResult, err error) {
	err = l.tx(ctx, "decide a review", func(tx pgx.Tx) error {
		r, err := lockReview(ctx, tx, no)
		if err != nil {
			return err
		}
		if r.outcome != "" {
			out.Closed = true
			return r.decidedSo(d)
		}
		if r.cause.SecondPerson(d.Outcome) {
			if r.askedBy == "" {
				return l.askReview(ctx, tx, r, d)
			}
			if r.askedBy == d.By {
				return card.E(card.Denied, fmt.Sprintf("confirm the outcome of review %d", no), card.ReasonSecondPerson, nil)
			}
		}
		out.Closed = true
		out.Traces, err = l.closeReview(ctx, tx, r, d)
		return err
	})
	return out, err
}

func lockReview(ctx context.Context, tx pgx.Tx, no int) (r reviewLock, err error) {
	r.no = no
	err = tx.QueryRow(ctx, "select person, cause, asked_by, outcome, died_before from review where no = $1 for update", no).Scan(
		&r.person, &r.cause, &r.askedBy, &r.outcome, &r.diedBefore)
	return r, noReview(err, no)
}

func noReview(err error, no int) error {
	if isNoRows(err) {
		return card.E(card.NotFound, fmt.Sprintf("find review %d", no), card.ReasonNoSuchReview, nil)
	}
	return err
}

func (r reviewLock) decidedSo(d ReviewDecision) error {
	if r.outcome == d.Outcome {
		return nil
	}
	return card.E(card.Conflict, fmt.Sprintf("decide review %d", r.no), card.ReasonReviewClosed, nil)
}

// askReview records what a first person wants a second one to confirm.
func (l *Ledger) askReview(ctx context.Context, tx pgx.Tx, r reviewLock, d ReviewDecision) error {
	if _, err := tx.Exec(ctx, "update review set asked_by = $2, asked_at = $3, asked_why = $4 where no = $1", r.no, d.By, l.now(), d.Why); err != nil {
		return err
	}
	return l.audit(ctx, tx, d.By, "review."+string(d.Outcome)+".ask", fmt.Sprintf("%s%d", reviewSource, r.no), d.Why)
}

// closeReview ends a review and tells the person's payments. It is closed before they are told, for nothing is let go under review.
func (l *Ledger) closeReview(ctx context.Context, tx pgx.Tx, r reviewLock, d ReviewDecision) ([]PayTrace, error) {
	if _, err := tx.Exec(ctx, "update review set outcome = $2, decided_by = $3, decided_why = $4, closed_at = $5 where no = $1",
		r.no, string(d.Outcome), d.By, d.Why, l.now()); err != nil {
		return nil, err
	}
	if r.cause == card.ReviewDeceased {
		if _, err := tx.Exec(ctx, "update person set died = $2 where person = $1", r.person, r.diedBefore || d.Outcome == card.ReviewStop); err != nil {
			return nil, err
		}
	}
	source := fmt.Sprintf("%s%d", reviewSource, r.no)
	traces, err := l.tellPayments(ctx, tx, []payeeEvent{{r.person, d.Outcome.Event(r.cause), source}}, "")
	if err != nil {
		return nil, err
	}
	return traces, l.audit(ctx, tx, d.By, "review."+string(d.Outcome), source, fmt.Sprintf("%s: %d payments open: %s", r.cause, len(traces), d.Why))
}
