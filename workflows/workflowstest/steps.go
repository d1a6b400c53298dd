package workflowstest

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"onecard/activities"
	"onecard/card"
)

// Activities returns what is to be registered.
func (w *World) Activities() any { return &steps{w} }

// steps has the activities as its methods, for the SDK registers every method.
type steps struct{ w *World }

// begin records the attempt and asks the script.
func (s *steps) begin(ctx context.Context, c Call) error {
	info := activity.GetInfo(ctx)
	c.Activity, c.Attempt = info.ActivityType.Name, int(info.Attempt)
	s.w.mu.Lock()
	key := Call{Activity: c.Activity, Batch: c.Batch}
	s.w.nth[key]++
	c.Nth = s.w.nth[key]
	s.w.calls = append(s.w.calls, c)
	s.w.mu.Unlock()
	if s.w.Script == nil {
		return nil
	}
	s.w.asking.Lock()
	defer s.w.asking.Unlock()
	return s.w.Script(c)
}

// at runs a batch's step: what runs under the world's lock.
func at[T any](ctx context.Context, s *steps, step activities.Step, what func(c *course) T) (result T, err error) {
	if err = s.begin(ctx, Call{Batch: step.Batch, Round: step.Round}); err != nil {
		return result, err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return what(s.w.course(step.Batch)), nil
}

func (s *steps) send(ctx context.Context, step activities.Step) error {
	_, err := at(ctx, s, step, func(*course) bool { return true })
	return err
}

// SubmitRollout and the methods below are the activities; see package activities for what each stands for.
func (s *steps) SubmitRollout(ctx context.Context, _ card.RolloutID, d card.Decision) error {
	if err := s.begin(ctx, Call{By: d.By}); err != nil {
		return err
	}
	return s.w.submit()
}

func (s *steps) ApproveRollout(ctx context.Context, _ card.RolloutID, d card.Decision) error {
	return s.begin(ctx, Call{By: d.By})
}

func (s *steps) SetRolloutStatus(ctx context.Context, _ card.RolloutID, st activities.Standing) error {
	if err := s.begin(ctx, Call{Standing: st, By: st.By}); err != nil {
		return err
	}
	s.w.stand(st.Status)
	return nil
}

func (s *steps) RolloutStatus(ctx context.Context, _ card.RolloutID) (card.RolloutStatus, error) {
	if err := s.begin(ctx, Call{}); err != nil {
		return "", err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.standing == "" {
		return "", Final(card.ReasonNoSuchRollout) // nobody has told this world
	}
	return s.w.standing, nil
}

func (s *steps) AwaitProcess(ctx context.Context, id string) (bool, error) {
	if err := s.begin(ctx, Call{}); err != nil {
		return false, err
	}
	ended, completed, err := s.w.Engine.Ended(ctx, id)
	if err == nil && !ended {
		err = Later(50 * time.Millisecond)
	}
	return completed, err
}

func (s *steps) PlanRollout(ctx context.Context, _ card.RolloutID) (activities.Plan, error) {
	return activities.Plan{Batches: s.w.Batches, Policy: s.w.Policy}, s.begin(ctx, Call{})
}

func (s *steps) JudgeCanary(ctx context.Context, b card.BatchID) (bool, error) {
	return at(ctx, s, activities.Step{Batch: b}, func(c *course) bool { return !c.fate.Canary })
}

func (s *steps) PlanRemake(ctx context.Context, b card.BatchID) (activities.Remake, error) {
	return at(ctx, s, activities.Step{Batch: b}, func(c *course) activities.Remake {
		if c.fate.MakeFailed == 0 {
			return activities.Remake{}
		}
		id, known := s.w.remakes[b]
		if !known {
			id = Batch(b.Bank, len(s.w.Batches)+len(s.w.remakes)+1)
			s.w.remakes[b] = id
		}
		return activities.Remake{Planned: true, Batch: id}
	})
}

func (s *steps) FinishBatch(ctx context.Context, b card.BatchID) error {
	return s.send(ctx, activities.Step{Batch: b})
}

func (s *steps) WithdrawBatch(ctx context.Context, b card.BatchID) error {
	return s.send(ctx, activities.Step{Batch: b})
}

func (s *steps) RequestMatch(ctx context.Context, step activities.Step) error {
	return s.begun(ctx, step)
}

// begun is a step that sends the first file of a production.
func (s *steps) begun(ctx context.Context, step activities.Step) error {
	s.w.mu.Lock()
	s.w.produce(step.Batch, true)
	s.w.mu.Unlock()
	return s.send(ctx, step)
}

func (s *steps) CollectMatch(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		if c.fate.Unmatched {
			s.w.produce(step.Batch, false)
			return card.Tally{Failed: c.fate.Rows}
		}
		return card.Tally{Done: c.fate.Rows}
	})
}

func (s *steps) AllocateNumbers(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally { return card.Tally{Done: c.fate.Rows} })
}

func (s *steps) RequestAccounts(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

func (s *steps) CollectAccounts(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		return card.Tally{Done: c.fate.Rows - c.fate.Unknown, Unknown: c.fate.Unknown}
	})
}

func (s *steps) EnquireAccounts(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

func (s *steps) CollectEnquiry(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally { return card.Tally{Done: c.fate.Rows} })
}

func (s *steps) OrderCards(ctx context.Context, step activities.Step) error {
	return s.begun(ctx, step)
}

func (s *steps) CollectCards(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		if c.fate.Rows == c.fate.MakeFailed {
			s.w.produce(step.Batch, false)
		}
		return card.Tally{Done: c.fate.Rows - c.fate.MakeFailed, Failed: c.fate.MakeFailed}
	})
}

func (s *steps) ReceiveStock(ctx context.Context, step activities.Step) (int, error) {
	return at(ctx, s, step, func(c *course) int { return c.fate.Rows - c.fate.MakeFailed })
}

func (s *steps) DispatchCards(ctx context.Context, step activities.Step) error {
	_, err := at(ctx, s, step, func(c *course) bool {
		c.waiting = c.fate.Rows - c.fate.MakeFailed
		s.w.produce(step.Batch, false)
		return true
	})
	return err
}

// CollectReports brings the next report when nothing is left to be done about the last.
func (s *steps) CollectReports(ctx context.Context, step activities.Step) (card.HandOverProgress, error) {
	p, err := at(ctx, s, step, func(c *course) card.HandOverProgress {
		if c.handed == 0 && len(c.fate.Rounds) > 0 {
			n := c.fate.Rounds[0]
			c.fate.Rounds = c.fate.Rounds[1:]
			c.handed, c.waiting = n, c.waiting-n
		}
		return card.HandOverProgress{HandedOver: c.handed, Waiting: c.waiting, Round: c.round + 1}
	})
	if err == nil && p.HandedOver == 0 && p.Waiting > 0 {
		err = Later(time.Hour)
	}
	return p, err
}

func (s *steps) ActivateCards(ctx context.Context, step activities.Step) (int, error) {
	return at(ctx, s, step, func(c *course) int { return c.handed })
}

func (s *steps) RequestActivations(ctx context.Context, step activities.Step) error {
	return s.send(ctx, step)
}

func (s *steps) CollectActivations(ctx context.Context, step activities.Step) (card.Tally, error) {
	return at(ctx, s, step, func(c *course) card.Tally {
		t := card.Tally{Done: c.handed}
		c.handed, c.round = 0, step.Round
		return t
	})
}
