package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// ReviewDecision is what a person decides about a review.
type ReviewDecision struct {
	Outcome card.ReviewOutcome
	Name    string // that the person is to have, normalised; for ReviewRename
	By      string
	Why     string
	// Stamp is Review.Stamp as whoever decides has seen it; empty for whatever the review has become.
	Stamp string
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
	askedName  []byte // sealed
	outcome    card.ReviewOutcome
	stamp      string
	diedBefore bool
}

// DecideReview records what a person decides. That somebody who is said to be dead is paid on takes two people: the first asks for it,
// another confirms it; so does another name, which both give. Stopping takes one. What the review held then goes on, unless its batch
// has left meanwhile, or is stopped; under another name it goes on when the bank is still to be asked about the account, and is else held
// until the bank knows the name.
//
// Deciding the same again changes nothing; the error is Conflict with REVIEW_CLOSED when it was decided otherwise, Denied with
// SECOND_PERSON when whoever asked would confirm, Conflict with NAMES_DIFFER when the two give different names, and Conflict with
// REVIEW_CHANGED when it is no more what d.Stamp says. With a stamp, whoever asked and asks the same again is told to wait, for a list
// is carried out anew from its beginning.
func (l *Ledger) DecideReview(ctx context.Context, no int, d ReviewDecision) (out ReviewResult, err error) {
	err = l.tx(ctx, "decide a review", func(tx pgx.Tx) error {
		r, err := lockReview(ctx, tx, no)
		if err != nil {
			return err
		}
		if r.outcome != "" {
			out.Closed = true
			return l.decidedSo(r, d)
		}
		if !slices.Contains(r.cause.ReviewOutcomes(), d.Outcome) {
			return card.E(card.Invalid, fmt.Sprintf("decide review %d", no), card.ReasonOutcomeOther, nil)
		}
		if r.cause.SecondPerson(d.Outcome) {
			if confirmed, err := l.confirm(ctx, tx, r, d); err != nil || !confirmed {
				return err
			}
		} else if err := r.unchanged(d); err != nil {
			return err
		}
		out.Closed = true
		out.Traces, err = l.closeReview(ctx, tx, r, d)
		return err
	})
	return out, err
}

// confirm says whether d is the word of a second person; the first one's is recorded.
func (l *Ledger) confirm(ctx context.Context, tx pgx.Tx, r reviewLock, d ReviewDecision) (bool, error) {
	same := true
	if r.askedBy != "" && d.Outcome == card.ReviewRename {
		var err error
		if same, err = l.sameName(r, d.Name); err != nil {
			return false, err
		}
	}
	switch {
	case r.askedBy == d.By && same && d.Stamp != "":
		return false, nil
	case r.askedBy == d.By && same:
		return false, card.E(card.Denied, fmt.Sprintf("confirm the outcome of review %d", r.no), card.ReasonSecondPerson, nil)
	}
	if err := r.unchanged(d); err != nil {
		return false, err
	}
	switch {
	case r.askedBy == "", r.askedBy == d.By:
		return false, l.askReview(ctx, tx, r, d)
	case !same:
		return false, card.E(card.Conflict, fmt.Sprintf("confirm the outcome of review %d", r.no), card.ReasonNamesDiffer, nil)
	}
	return true, nil
}

func lockReview(ctx context.Context, tx pgx.Tx, no int) (r reviewLock, err error) {
	var v Review
	err = tx.QueryRow(ctx, `
		select person, cause, asked_by, asked_name, asked_at, outcome, died_before, alive from review where no = $1 for update`, no).Scan(
		&r.person, &r.cause, &r.askedBy, &r.askedName, &v.AskedAt, &r.outcome, &r.diedBefore, &v.Alive)
	v.No, v.AskedBy = no, r.askedBy
	r.no, r.stamp = no, v.Stamp()
	return r, noReview(err, no)
}

// unchanged makes sure that the review is what whoever decides has seen.
func (r reviewLock) unchanged(d ReviewDecision) error {
	if d.Stamp == "" || d.Stamp == r.stamp {
		return nil
	}
	return card.E(card.Conflict, fmt.Sprintf("decide review %d", r.no), card.ReasonReviewChanged, nil)
}

func noReview(err error, no int) error {
	if isNoRows(err) {
		return card.E(card.NotFound, fmt.Sprintf("find review %d", no), card.ReasonNoSuchReview, nil)
	}
	return err
}

// decidedSo makes sure that a closed review was decided as d says; of a rename, with the same name.
func (l *Ledger) decidedSo(r reviewLock, d ReviewDecision) error {
	same := r.outcome == d.Outcome
	if same && d.Outcome == card.ReviewRename {
		var err error
		if same, err = l.sameName(r, d.Name); err != nil {
			return err
		}
	}
	if same {
		return nil
	}
	return card.E(card.Conflict, fmt.Sprintf("decide review %d", r.no), card.ReasonReviewClosed, nil)
}

// askReview records what a first person wants a second one to confirm.
func (l *Ledger) askReview(ctx context.Context, tx pgx.Tx, r reviewLock, d ReviewDecision) error {
	if d.Outcome == card.ReviewRename {
		if err := l.askName(ctx, tx, r, d); err != nil {
			return err
		}
	}
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
	if d.Outcome == card.ReviewRename {
		if err := l.rename(ctx, tx, r, d.Name); err != nil {
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
