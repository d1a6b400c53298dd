package workflowstest

import (
	"context"
	"time"

	"onecard/activities"
	"onecard/card"
)

// ApprovePayout and the methods below are the activities of subsidies. The second approval completes the two that the miniature
// programme needs.
func (s *steps) ApprovePayout(ctx context.Context, _ card.RolloutID, d card.Decision) (card.RolloutStatus, error) {
	if err := s.begin(ctx, Call{By: d.By}); err != nil {
		return "", err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.approvals++; s.w.approvals < 2 {
		return card.RolloutSubmitted, nil
	}
	s.w.standing = card.RolloutApproved
	return card.RolloutApproved, nil
}

// CloseNotice tells how long the notice runs, and from then on that it is over.
func (s *steps) CloseNotice(ctx context.Context, _ card.RolloutID) (time.Duration, error) {
	if err := s.begin(ctx, Call{}); err != nil {
		return 0, err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.noticed {
		return 0, nil
	}
	s.w.noticed = true
	return s.w.Notice, nil
}

func (s *steps) FinishChecks(ctx context.Context, _ card.RolloutID) error {
	return s.begin(ctx, Call{})
}

func (s *steps) QueryAccounts(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

func (s *steps) CollectAccountStates(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		s.w.produce(step.Batch, false)
		return card.Tally{Done: c.fate.Rows}
	})
}

func (s *steps) OrderFunds(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

func (s *steps) CollectFunds(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		if step.Round < 2*c.fate.Short {
			return card.Tally{Failed: 1}
		}
		return card.Tally{Done: 1}
	})
}

func (s *steps) Pay(ctx context.Context, step activities.Step) error {
	_, err := at(ctx, s, step, func(c *course) bool {
		c.left = true
		s.w.produce(step.Batch, true)
		return true
	})
	return err
}

// PayWindowOpen says no to a batch that comes late, until it has waited.
func (s *steps) PayWindowOpen(ctx context.Context, b card.BatchID) (bool, error) {
	return at(ctx, s, activities.Step{Batch: b}, func(c *course) bool { return !c.fate.Late || c.waited })
}

func (s *steps) AwaitPayWindow(ctx context.Context, b card.BatchID) error {
	_, err := at(ctx, s, activities.Step{Batch: b}, func(c *course) bool {
		c.waited = true
		return true
	})
	return err
}

func (s *steps) HasLeft(ctx context.Context, b card.BatchID) (bool, error) {
	return at(ctx, s, activities.Step{Batch: b}, func(c *course) bool { return c.left })
}

func (s *steps) CollectPayments(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		s.w.produce(step.Batch, false)
		return card.Tally{Done: c.fate.Rows - c.fate.Unknown, Unknown: c.fate.Unknown}
	})
}

func (s *steps) EnquirePayments(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

// CollectPaymentEnquiry tells of one more payment in each round.
func (s *steps) CollectPaymentEnquiry(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		left := max(c.fate.Unknown-step.Round, 0)
		return card.Tally{Done: c.fate.Rows - left, Unknown: left}
	})
}
